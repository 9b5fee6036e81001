"""The log: every event is a row that is written once. A trigger refuses changes (see the migrations).

And its door: who may send events over HTTP, and what was not taken in as it came.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Source(models.Model):
    """Where events come from. Message ids are unique within one source, so no source can shadow another's."""

    name = models.TextField(unique=True, db_collation="C")
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


class Arrival(models.Model):
    """A change of the log that nothing has been derived from yet: a batch of new events, or events taken out.

    It is written in the transaction of the change and deleted in the one that folds it, so that a folder sees every
    event exactly once whatever the order in which concurrent transactions commit.
    """

    at = models.DateTimeField(auto_now_add=True)
    events = models.PositiveIntegerField(default=0)
    first = models.BigIntegerField(default=0, help_text="its events have ids from here")
    last = models.BigIntegerField(default=0, help_text="to here, other batches' between them")
    removed = ArrayField(models.TextField(), default=list, help_text="identities whose events were taken out")
    groups = ArrayField(models.TextField(), default=list, help_text="accounts of which group calls were taken out")


class Event(models.Model):
    """One fact; see `entente.events.types.NewEvent` for the fields.

    `id` is its position in the log, `arrival` the number of the batch it came in.
    """

    # No foreign keys in the database: checking them took a quarter of an append. Triggers keep what they point to.
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, db_constraint=False)
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
    imported_by = models.ForeignKey(Import, null=True, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    arrival = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message_id", "source"], name="event_counted_once"),
            models.CheckConstraint(
                condition=models.Q(occurred_at__lte=models.F("received_at")), name="event_not_from_the_future"
            ),
        ]
        indexes = [
            models.Index(fields=["identity", "occurred_at"], name="event_story"),
            models.Index(fields=["imported_by"], name="event_import", condition=models.Q(imported_by__isnull=False)),
            models.Index(fields=["group_id"], name="event_group", condition=models.Q(type="group")),
        ]


class Conflict(models.Model):
    """A message id that came again with another body. The log keeps the first; this keeps an example of the other."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE)
    message_id = models.TextField(db_collation="C")
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    example = models.JSONField(help_text="the fields of the latest refused event that differ from the kept one")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="conflict_once_a_message")]


class Erased(models.Model):
    """The keyed hash of an identifier of an erased person; events that carry it are not taken in again."""

    hash = models.BinaryField(primary_key=True)
    at = models.DateTimeField()


class ErasureKey(models.Model):
    """Which key the hashes of `Erased` were made with: a hash of a fixed text, so that a wrong key is noticed."""

    proof = models.BinaryField()


class WriteKey(models.Model):
    """Leave to send events of one source to the collector. The key itself is shown once; its hash is kept."""

    name = models.TextField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    digest = models.TextField(unique=True, db_collation="C", help_text="SHA-256 of the key, hexadecimal")
    prefix = models.TextField(help_text="the beginning of the key, to tell keys apart by")
    origins = ArrayField(models.TextField(), default=list, help_text="web origins that may use it; empty: any")
    rate_per_second = models.PositiveIntegerField(help_text="events a second, in each web process")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(rate_per_second__gt=0), name="write_key_has_a_rate")]

    def __str__(self) -> str:
        return self.name


class Refusal(models.Model):
    """How often the collector refused, or took in with a mark, one kind of thing from one source; and the last one."""

    kind = models.TextField()
    source = models.ForeignKey(Source, null=True, on_delete=models.CASCADE, help_text="null: of an unknown key")
    count = models.PositiveBigIntegerField(default=0)
    example = models.JSONField(default=dict, help_text="what the last one looked like, without who it was about")
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "source"], nulls_distinct=False, name="refusal_once_a_kind")
        ]
