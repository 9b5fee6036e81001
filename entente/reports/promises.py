"""The promises of both parties as the pages show them: measured over a period, with the hand-offs behind each number.

Measuring reads every hand-off of the period with all its facts, so the result is kept for some minutes; it is made anew
as soon as new events were folded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import caches
from django.db.models import Q, QuerySet

from entente.handoffs.models import Handoff
from entente.handoffs.queries import stored
from entente.handoffs.reading import versions_in_force
from entente.reports.periods import Period
from entente.reports.queries import Ground
from entente.sla.commitments import Measured, measure

KEPT_SECONDS: Final = 300
LOOK_BACK: Final = timedelta(days=60)
"""A clock may fall due so long after its hand-off was closed; older ones cannot touch the period."""


@dataclass(frozen=True, slots=True)
class Board:
    """Every promise as it was kept in the period, and the ids of the hand-offs that it speaks of."""

    promises: tuple[Measured, ...]
    handoffs: tuple[int, ...]

    def behind(self, promise: Measured, kept: bool | None = None) -> list[int]:
        """The ids of the hand-offs that a promise counted: all of them, those that kept it, or those that did not."""
        places = promise.counted if kept is None else promise.kept
        if kept is False:
            missed = list(promise.counted)
            for place in promise.kept:
                missed.remove(place)
            places = tuple(missed)
        return [self.handoffs[place] for place in places]


def board(ground: Ground, period: Period, now: datetime) -> Board:
    """Measure the promises of the agreement over the period as of `now`; empty without an agreement."""
    agreement = ground.agreement
    if agreement is None or ground.version is None:
        return Board((), ())
    told = (ground.at, ground.version.number, period.begins, period.ends, int(now.timestamp()) // KEPT_SECONDS)
    key = "board:" + hashlib.sha256(repr(told).encode()).hexdigest()
    found = caches["charts"].get(key)
    if isinstance(found, Board):
        return found
    rows = stored(_of(period))
    handoffs = [row.handoff for row in rows]
    promises = measure(agreement, handoffs, now, period.begins, period.ends, versions=versions_in_force())
    made = Board(tuple(promises), tuple(row.id for row in rows))
    caches["charts"].set(key, made, KEPT_SECONDS)
    return made


def _of(period: Period) -> QuerySet[Handoff]:
    recent = Q(closed_at__isnull=True) | Q(closed_at__gte=period.begins - LOOK_BACK)
    return Handoff.objects.filter(recent, opened_at__lt=period.ends)
