"""What the API remembers: the answers to writes that carried an Idempotency-Key."""

from __future__ import annotations

from django.db import models


class Answer(models.Model):
    """The answer to one write, kept for a day, so that its repetition does nothing and is told the same.

    `caller` is the API key or the member (`key:7`, `member:3`): one's keys mean nothing to another. `request` is the
    SHA-256 of method, path, query and body.
    """

    caller = models.TextField()
    key = models.TextField()
    request = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.TextField(blank=True)
    content = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="answer_once_a_key"),
            models.CheckConstraint(
                condition=models.Q(status__isnull=True) | models.Q(status__gte=200, status__lt=500),
                name="answer_is_worth_keeping",
            ),
        ]
