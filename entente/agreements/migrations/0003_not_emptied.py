"""Nor are all versions emptied away at once, except by who empties a database of tests and says so."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION agreements_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('entente.erasing', true), '') <> 'on' THEN
        RAISE EXCEPTION 'the versions of the agreement are immutable: % of % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'Adopt a new version instead.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER version_not_emptied BEFORE TRUNCATE ON agreements_agreementversion
    FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_emptying();
"""
BACKWARD = """
DROP TRIGGER version_not_emptied ON agreements_agreementversion;
DROP FUNCTION agreements_refuse_emptying();
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0002_immutable")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
