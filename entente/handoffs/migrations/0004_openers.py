"""Who may have hand-offs is asked of every batch: the events that open one lie in an index of their own."""

from django.db import migrations

INDEX = """
CREATE INDEX event_of_opening ON events_event (identity) WHERE mark = '' AND type IN
    ('owner_assigned', 'stage_changed', 'accepted', 'rejected');
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0003_disputed"), ("events", "0001_initial")]
    operations = [migrations.RunSQL(INDEX, "DROP INDEX event_of_opening;")]
