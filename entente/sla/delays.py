"""How long a lead waited, and for whom: the time until it was given to a rep is ours, the time until the rep's first
touch is theirs. They are measured apart, so that no rep is blamed for the machine.

Pure. All lengths are of business time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from entente.handoffs.facts import Assignment
from entente.handoffs.lifecycle import Handoff
from entente.sla.business_time import Calendar


@dataclass(frozen=True, slots=True)
class Delay:
    """Of one hand-off. `ours` runs from the act that qualified the person to the first assignment, `theirs` from the
    first rep's assignment to the first touch after it by whoever has it then. None: it has not happened, or the
    history does not say when.
    """

    ours: timedelta | None
    theirs: timedelta | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Delays of `n` hand-offs: the middle one, and the one that nine in ten do not exceed."""

    n: int
    median: timedelta
    ninety: timedelta


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Both delays over many hand-offs; None where there are none.

    `given` are the places, in the sequence asked about, of those that were given to a rep; `untouched` of those among
    them that nobody has touched since.
    """

    ours: Spread | None
    theirs: Spread | None
    given: tuple[int, ...] = ()
    untouched: tuple[int, ...] = ()


def delay_of(handoff: Handoff, calendar: Calendar, now: datetime) -> Delay:
    """What had been waited by `now`."""
    first = _first_assignment(handoff, now)
    if first is None:
        return Delay(None, None)
    asked = handoff.qualified_at
    touch = next((each.at for each in handoff.touches if first.since <= each.at <= now), None)
    return Delay(
        ours=calendar.elapsed(asked, first.since) if asked and asked <= first.since else None,
        theirs=calendar.elapsed(first.since, touch) if touch else None,
    )


def follow_up(handoffs: Iterable[tuple[Handoff, Calendar]], now: datetime) -> FollowUp:
    """Both delays of the hand-offs that were given to a rep by `now`, each in its own calendar."""
    delays = {
        place: delay_of(handoff, calendar, now)
        for place, (handoff, calendar) in enumerate(handoffs)
        if _first_assignment(handoff, now)
    }
    return FollowUp(
        ours=_spread([delay.ours for delay in delays.values() if delay.ours is not None]),
        theirs=_spread([delay.theirs for delay in delays.values() if delay.theirs is not None]),
        given=tuple(delays),
        untouched=tuple(place for place, delay in delays.items() if delay.theirs is None),
    )


def _first_assignment(handoff: Handoff, now: datetime) -> Assignment | None:
    first = next(iter(handoff.assignments), None)
    return first if first and not first.given.inferred and first.since <= now else None


def _spread(lengths: Sequence[timedelta]) -> Spread | None:
    if not lengths:
        return None
    seconds = [length.total_seconds() for length in lengths]
    ninety = quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Spread(len(seconds), timedelta(seconds=median(seconds)), timedelta(seconds=ninety))
