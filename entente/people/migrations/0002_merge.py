"""What Django's models cannot say: an aggregate, and an index that is not wanted.

The aggregate lays JSON objects over each other in order: the latest value of each key wins. The index is the one for
LIKE that Django gives to every text that is a primary key; identifiers are only ever looked up whole.
"""

from django.db import migrations

LATEST = "CREATE AGGREGATE people_latest(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}')"
NO_LIKE = "DROP INDEX people_identifier_value_5826fd3a_like"
LIKE = "CREATE INDEX people_identifier_value_5826fd3a_like ON people_identifier (value text_pattern_ops)"


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [
        migrations.RunSQL(LATEST, "DROP AGGREGATE people_latest(jsonb)"),
        migrations.RunSQL(NO_LIKE, LIKE),
    ]
