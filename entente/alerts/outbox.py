"""The outbox: what must leave the system, written in the transaction of its cause and delivered at least once.

A row is one message to one address. `next_at` is when it is due; who delivers it holds it by `claimed_until`, so that
a deliverer that dies loses nothing. It ends as delivered, or parked after its last try for somebody to look at.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

WAITING = Q(delivered_at__isnull=True, parked_at__isnull=True)


class Outbox(models.Model):
    address = models.ForeignKey("alerts.Address", on_delete=models.CASCADE, related_name="messages")
    payload = models.JSONField(help_text="{notifications: [ids], rule: name, by: its number}, or {test: rule's name}")
    key = models.TextField(unique=True, db_collation="C", help_text="the idempotency key, the same in every try")
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, help_text="of the last try, in our words; never what the other side answered")

    class Meta:
        app_label = "alerts"
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(parked_at__isnull=True), name="outbox_one_end"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=WAITING, name="outbox_due"),
            models.Index(fields=["address", "next_at"], condition=WAITING, name="outbox_due_of_address"),
            models.Index(fields=["address"], condition=WAITING & Q(claimed_until__isnull=False), name="outbox_claimed"),
            models.Index(fields=["-parked_at"], condition=Q(parked_at__isnull=False), name="outbox_parked"),
            models.Index(fields=["-delivered_at"], condition=Q(delivered_at__isnull=False), name="outbox_delivered"),
        ]

    def __str__(self) -> str:
        return self.key
