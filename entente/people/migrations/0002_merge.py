"""An aggregate that lays JSON objects over each other in order: the latest value of each key wins."""

from django.db import migrations

FORWARD = "CREATE AGGREGATE people_latest(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}')"


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, "DROP AGGREGATE people_latest(jsonb)")]
