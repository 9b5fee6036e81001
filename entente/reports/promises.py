"""The promises of both parties as the pages show them: measured over a period, with the hand-offs behind each number.

Measuring reads every hand-off of the period with all its facts, so the result is kept for some minutes, in the database
for all web processes; it is made anew as soon as new events were folded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.cache import cache

from entente.handoffs.models import Handoff
from entente.reports.periods import Period
from entente.reports.queries import Ground
from entente.sla.commitments import Measured
from entente.sla.queries import commitments_between

KEPT_SECONDS: Final = 300


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


def known_board(ground: Ground, period: Period, now: datetime) -> Board | None:
    """The board if it was measured lately, by whichever process; None when that has still to be done."""
    if ground.version is None:
        return Board((), ())
    found = cache.get(_key(ground, period, now))
    return found if isinstance(found, Board) else None


def board(ground: Ground, period: Period, now: datetime) -> Board:
    """Measure the promises of the agreement over the period as of `now`; empty without an agreement."""
    known = known_board(ground, period, now)
    if known is not None:
        return known
    first = Handoff.objects.order_by("opened_at").values_list("opened_at", flat=True).first()
    begins = max(period.begins, first or period.begins)  # before the first hand-off there is nothing to count
    found = commitments_between(begins, max(period.ends, begins), now, under=ground.agreement)
    made = Board(tuple(found.measured), tuple(row.id for row in found.handoffs))
    cache.set(_key(ground, period, now), made, KEPT_SECONDS)
    return made


def _key(ground: Ground, period: Period, now: datetime) -> str:
    """What a board depends on: the last fold, the version, the period, and while it runs the time of day."""
    running = period.begins <= now < period.ends
    number = ground.version.number if ground.version else 0
    told = (ground.at, number, period.begins, period.ends, int(now.timestamp()) // KEPT_SECONDS if running else 0)
    return "board:" + hashlib.sha256(repr(told).encode()).hexdigest()
