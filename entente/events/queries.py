"""What is read about the log's door: who may send, and what did not go in as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet, Sum
from django.utils.functional import Promise

from entente.events.labels import KEPT, REFUSED
from entente.events.models import Conflict, Refusal, WriteKey


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of refusal or remark from one source: how often, when last, and what that one looked like."""

    code: str
    label: str | Promise
    source: str
    count: int
    last_at: datetime
    example: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Message ids that came again with another body: how many, how often, and the last ones."""

    ids: int
    count: int
    last_at: datetime | None
    latest: list[Conflict]


def refused() -> list[Kind]:
    """What was refused, the latest first."""
    return _kinds(REFUSED)


def kept_with_a_remark() -> list[Kind]:
    """What was taken in and marked, the latest first."""
    return _kinds(KEPT)


def _kinds(labels: Mapping[str, Promise]) -> list[Kind]:
    rows = Refusal.objects.filter(kind__in=labels).select_related("source").order_by("-last_at", "kind")
    return [
        Kind(row.kind, labels[row.kind], row.source.name if row.source else "", row.count, row.last_at, row.example)
        for row in rows
    ]


def conflicts(most: int = 10) -> Conflicts:
    """The conflicts of all sources, with the latest ``most`` of them."""
    total = Conflict.objects.aggregate(count=Sum("count"), last_at=Max("last_at"))
    latest = list(Conflict.objects.select_related("source").order_by("-last_at", "-pk")[:most])
    return Conflicts(Conflict.objects.count(), total["count"] or 0, total["last_at"], latest)


def write_keys() -> QuerySet[WriteKey]:
    """All keys, those that are good first, the newest first."""
    return WriteKey.objects.select_related("source", "created_by").order_by("revoked_at", "-created_at", "-pk")
