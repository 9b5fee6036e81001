"""What the worker leaves behind beside what it derives: that it is alive, and what it could not fold."""

from __future__ import annotations

from django.db import models

from entente.events.models import Event


class Worker(models.Model):
    """A running worker process. Its row is renewed while it lives and goes when it stops; an old one is dead."""

    host = models.TextField()
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)
    events = models.BigIntegerField(default=0, help_text="events folded since it started")
    batches = models.BigIntegerField(default=0)
    lag = models.FloatField(default=0, help_text="seconds from the arrival of events to their fold, of the last batch")
    trouble = models.TextField(blank=True, help_text="why it could not work when it tried last; empty when it could")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "pid", "started_at"], name="worker_once")]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class SetAside(models.Model):
    """An event that could not be folded, and why. Tried again, it is resolved until the fold says otherwise.

    It goes with its event when that is erased (a foreign key in the database, see the migrations).
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, db_constraint=False, related_name="set_aside")
    error = models.TextField()
    mark = models.TextField(blank=True, help_text="the mark that the event had")
    at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    retried_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="set_aside_open", condition=models.Q(resolved_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id}: {self.error}"
