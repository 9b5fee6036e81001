"""A hand-off takes only facts that fit it, whoever writes them; and the log finds the events that make hand-offs."""

from django.db import migrations

FACTS = ("assignment", "touch", "acceptance", "rejection", "pause", "closure")

REFUSE = """
CREATE FUNCTION handoffs_refuse_misfit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    opened timestamptz;
    closed timestamptz;
    answered boolean := false;
BEGIN
    -- The lock makes two facts of one hand-off wait for each other, so that neither misses the other.
    SELECT opened_at, closed_at INTO opened, closed FROM handoffs_handoff
        WHERE id = NEW.handoff_id FOR NO KEY UPDATE;
    IF NEW.at < opened THEN
        RAISE check_violation USING CONSTRAINT = 'fact_not_before_opening',
            MESSAGE = format('%s of hand-off %s lies before its opening', TG_ARGV[0], NEW.handoff_id);
    END IF;
    IF NEW.at > closed THEN
        RAISE check_violation USING CONSTRAINT = 'fact_not_after_end',
            MESSAGE = format('%s of hand-off %s lies after its end', TG_ARGV[0], NEW.handoff_id);
    END IF;
    IF TG_ARGV[0] IN ('acceptance', 'closure') THEN
        answered := EXISTS (SELECT 1 FROM handoffs_rejection WHERE handoff_id = NEW.handoff_id);
    ELSIF TG_ARGV[0] = 'rejection' THEN
        answered := EXISTS (SELECT 1 FROM handoffs_acceptance WHERE handoff_id = NEW.handoff_id)
            OR EXISTS (SELECT 1 FROM handoffs_closure WHERE handoff_id = NEW.handoff_id);
    END IF;
    IF answered THEN
        RAISE check_violation USING CONSTRAINT = 'handoff_answered_one_way',
            MESSAGE = format('hand-off %s has another answer than this %s', NEW.handoff_id, TG_ARGV[0]);
    END IF;
    RETURN NEW;
END $$;
"""
TRIGGERS = "".join(
    f"CREATE TRIGGER {fact}_fits BEFORE INSERT OR UPDATE ON handoffs_{fact} "
    f"FOR EACH ROW EXECUTE FUNCTION handoffs_refuse_misfit('{fact}');\n"
    for fact in FACTS
)
DROP = "".join(f"DROP TRIGGER {fact}_fits ON handoffs_{fact};\n" for fact in FACTS)

# Partial indexes: page views, the bulk of the log, pay nothing for them.
INDEXES = """
CREATE INDEX event_of_sales ON events_event (type, identity) WHERE type IN
    ('owner_assigned', 'call', 'email_sent', 'meeting', 'message', 'stage_changed', 'accepted', 'rejected', 'recycled',
     'deal_opened', 'deal_won', 'deal_lost');
CREATE INDEX event_of_deal ON events_event ((properties ->> 'deal')) WHERE type IN
    ('stage_changed', 'deal_opened', 'deal_won', 'deal_lost');
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0001_initial"), ("events", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE + TRIGGERS, DROP + "DROP FUNCTION handoffs_refuse_misfit();"),
        migrations.RunSQL(INDEXES, "DROP INDEX event_of_sales; DROP INDEX event_of_deal;"),
    ]
