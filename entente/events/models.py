"""The log: every event is a row that is written once. A trigger refuses changes (see the migrations)."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Source(models.Model):
    """Where events come from. Message ids are unique within one source, so no source can shadow another's."""

    name = models.TextField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """One import of files: a unit that can be undone."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    files = models.JSONField(help_text="[{name, sha256, rows}]")
    mapping = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0, help_text="events that the log had already")
    rejects_file = models.TextField(blank=True)


class Event(models.Model):
    """One fact; see `entente.events.types.NewEvent` for the fields. `id` is its position in the log (arrival)."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    message_id = models.TextField(db_collation="C")
    type = models.TextField()
    name = models.TextField(blank=True)
    path = models.TextField(blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    identity = models.TextField(null=True, db_collation="C")
    user_id = models.TextField(null=True)
    anonymous_id = models.TextField(null=True)
    email = models.TextField(null=True)
    group_id = models.TextField(null=True)
    properties = models.JSONField(default=dict)
    context = models.JSONField(default=dict)
    mark = models.TextField(blank=True)
    imported_by = models.ForeignKey(Import, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "message_id"], name="event_counted_once"),
            models.CheckConstraint(
                condition=models.Q(occurred_at__lte=models.F("received_at")), name="event_not_from_the_future"
            ),
        ]
        indexes = [
            models.Index(fields=["identity", "occurred_at", "message_id"], name="event_story"),
            models.Index(fields=["imported_by"], name="event_import", condition=models.Q(imported_by__isnull=False)),
        ]
