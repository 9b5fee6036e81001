"""Who wants to hear of what, where each member is reached, and what they were told."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from entente.alerts.outbox import Outbox
from entente.people.models import Person

__all__ = ["Address", "AlertRule", "Notification", "Outbox"]


class AlertRule(models.Model):
    """One wish of one member: `document` is what `entente.alerts.document` writes and reads."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_rules")
    name = models.TextField()
    document = models.JSONField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("owner", Lower("name"), name="alert_rule_name_once_an_owner")]

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """Where a member is reached outside the browser.

    `sealed` is the whole of it, encrypted (`entente.alerts.sealing`), since an address of a chat is a password to it;
    `shown` is the part that may be seen.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_addresses")
    channel = models.TextField(help_text="a name of `entente.alerts.channels.CHANNELS`")
    name = models.TextField(help_text="what rules call it")
    sealed = models.TextField()
    shown = models.TextField()
    created_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0, help_text="since the last success")
    rests_until = models.DateTimeField(null=True, help_text="nothing is sent to it before")
    delivered_at = models.DateTimeField(null=True, help_text="the last success")

    class Meta:
        constraints = [models.UniqueConstraint("owner", Lower("name"), name="alert_address_name_once_an_owner")]

    def __str__(self) -> str:
        return self.name


class Notification(models.Model):
    """One thing told to one member by one rule; by none where it is told without being asked for."""

    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="notifications")
    kind = models.TextField()
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(help_text="one line, in the receiver's language")
    data = models.JSONField(default=dict, help_text="the same for programs")
    at = models.DateTimeField()
    in_browser = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    key = models.TextField(unique=True, db_collation="C", help_text="what was told to whom: it is told once")

    class Meta:
        indexes = [
            models.Index(fields=["receiver", "-id"], name="notification_list"),
            models.Index(
                fields=["receiver"], condition=Q(read_at__isnull=True, in_browser=True), name="notification_unread"
            ),
            models.Index(fields=["rule", "person", "-at"], name="notification_throttle"),
            BrinIndex(fields=["at"], name="notification_age"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def path(self) -> str:
        """Where in Entente it is seen."""
        return str(self.data.get("path", ""))
