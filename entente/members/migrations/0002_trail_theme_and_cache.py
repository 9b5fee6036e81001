import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

APPEND_ONLY = """
CREATE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is written once: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER trail_is_append_only BEFORE UPDATE OR DELETE ON members_trailentry
    FOR EACH ROW EXECUTE FUNCTION trail_is_append_only();
"""
APPEND_ONLY_BACK = """
DROP TRIGGER trail_is_append_only ON members_trailentry;
DROP FUNCTION trail_is_append_only();
"""

# What `manage.py createcachetable` makes: log-in limits are counted here, for all web processes together.
CACHE = """
CREATE TABLE entente_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX entente_cache_expires ON entente_cache (expires);
"""


class Migration(migrations.Migration):

    dependencies = [("members", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="theme",
            field=models.CharField(
                blank=True,
                choices=[("", "As my device"), ("light", "Light"), ("dark", "Dark")],
                default="",
                max_length=5,
                verbose_name="appearance",
            ),
        ),
        migrations.AlterField("user", "email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail")),
        migrations.AlterField("user", "name", models.CharField(max_length=200, verbose_name="name")),
        migrations.AlterField(
            "user",
            "party",
            models.CharField(
                blank=True,
                choices=[("marketing", "Marketing"), ("sales", "Sales"), ("", "Neither")],
                default="",
                max_length=10,
                verbose_name="party",
            ),
        ),
        migrations.AlterField(
            "user",
            "role",
            models.CharField(
                choices=[("ops", "Operations"), ("manager", "Manager"), ("member", "Member"), ("viewer", "Viewer")],
                default="viewer",
                max_length=10,
                verbose_name="role",
            ),
        ),
        migrations.AlterField(
            "user", "language", models.CharField(default="en", max_length=5, verbose_name="language")
        ),
        migrations.AlterField(
            "user", "timezone", models.CharField(default="UTC", max_length=60, verbose_name="time zone")
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("party__in", ["marketing", "sales", ""])), name="user_party_is_known"
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("role__in", ["ops", "manager", "member", "viewer"])), name="user_role_is_known"
            ),
        ),
        migrations.CreateModel(
            name="TrailEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "by_name",
                    models.TextField(help_text="as they were called then; 'command line' where nobody was signed in"),
                ),
                ("verb", models.TextField(help_text="what was done: `member.invited`, `import.undone`, ...")),
                ("object", models.TextField(blank=True, help_text="to what, as a person would name it")),
                ("details", models.JSONField(default=dict)),
                ("address", models.GenericIPAddressField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["verb", "at"], name="trail_verb")]},
        ),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_BACK),
        migrations.RunSQL(CACHE, "DROP TABLE entente_cache"),
    ]
