"""All that hand-offs are made of lies in one index, so that deriving a person's reads none of their page views.

The types are those of `handoffs.history.TYPES`; a test holds the two together.
"""

from django.db import migrations

INDEX = """
DROP INDEX event_of_opening;
CREATE INDEX event_of_handoffs ON events_event (identity) WHERE mark = '' AND type IN
    ('identify', 'group', 'owner_assigned', 'call', 'email_sent', 'meeting', 'message', 'stage_changed', 'accepted',
     'paused', 'resumed', 'released', 'deal_opened', 'rejected', 'recycled', 'deal_lost', 'deal_won');
"""
BACK = """
DROP INDEX event_of_handoffs;
CREATE INDEX event_of_opening ON events_event (identity) WHERE mark = '' AND type IN
    ('owner_assigned', 'stage_changed', 'accepted', 'rejected');
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0004_openers")]
    operations = [migrations.RunSQL(INDEX, BACK)]
