"""The promises of both parties as the pages show them: measured over a period, with the hand-offs behind each number.

Measuring reads every hand-off of the period with all its facts, so the result is kept for some minutes; it is made anew
as soon as new events were folded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.cache import caches

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
    found_now = commitments_between(period.begins, period.ends, now, under=agreement)
    made = Board(tuple(found_now.measured), tuple(row.id for row in found_now.handoffs))
    caches["charts"].set(key, made, KEPT_SECONDS)
    return made
