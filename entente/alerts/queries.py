"""What is read about alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from entente.alerts.models import Address, AlertRule, Notification
from entente.alerts.outbox import WAITING, Outbox
from entente.members.models import User


def rules_of(owner: User) -> QuerySet[AlertRule]:
    return AlertRule.objects.filter(owner=owner).select_related("owner").order_by("name", "pk")


def addresses_of(owner: User) -> QuerySet[Address]:
    return Address.objects.filter(owner=owner).order_by("pk")


def notifications_of(receiver: User) -> QuerySet[Notification]:
    """What is in the member's list, the latest first."""
    return Notification.objects.filter(receiver=receiver, in_browser=True).select_related("rule").order_by("-pk")


def unread_count(receiver: int) -> int:
    return Notification.objects.filter(receiver=receiver, in_browser=True, read_at=None).count()


@dataclass(frozen=True, slots=True)
class Bell:
    """What the frame of every page shows: how many are unread, and the latest, after which the stream goes on."""

    unread: int
    since: int


def bell_of(receiver: int) -> Bell:
    latest = Notification.objects.filter(receiver=receiver).aggregate(latest=Max("pk"))["latest"]
    return Bell(unread_count(receiver), latest or 0)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """How the outbox stands: messages that are due or wait for their time, parked, and delivered since yesterday."""

    waiting: int
    overdue: int
    parked: int
    delivered: int


def deliveries(now: datetime) -> Deliveries:
    waiting = Outbox.objects.filter(WAITING)
    return Deliveries(
        waiting=waiting.count(),
        overdue=waiting.filter(next_at__lt=now - timedelta(minutes=1)).count(),
        parked=Outbox.objects.filter(parked_at__isnull=False).count(),
        delivered=Outbox.objects.filter(delivered_at__gte=now - timedelta(days=1)).count(),
    )


def messages(which: str) -> QuerySet[Outbox]:
    """The messages that are `parked`, `waiting` or `delivered`, with their addresses."""
    every = Outbox.objects.select_related("address__owner")
    if which == "waiting":
        return every.filter(WAITING).order_by("next_at", "pk")
    if which == "delivered":
        return every.filter(delivered_at__isnull=False).order_by("-delivered_at", "-pk")
    return every.filter(parked_at__isnull=False).order_by("-parked_at", "-pk")
