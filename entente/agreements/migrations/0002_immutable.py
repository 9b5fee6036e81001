"""A version that was signed never changes and never goes: the database refuses, whoever asks."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION agreements_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'version % of the agreement is immutable: % is refused', OLD.number, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', HINT = 'Adopt a new version instead.';
END $$;
CREATE TRIGGER version_immutable BEFORE UPDATE OR DELETE ON agreements_agreementversion
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
"""
BACKWARD = """
DROP TRIGGER version_immutable ON agreements_agreementversion;
DROP FUNCTION agreements_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
