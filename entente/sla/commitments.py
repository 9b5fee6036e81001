"""The promises of both parties, measured by one engine.

Each promise counts the hand-offs that it speaks of, in the way that cannot flatter anyone:

- a number (`count: qualified`): who qualified in the week, month, quarter or year, with the pace of a running one;
- `share: complete_at_handoff`: of the hand-offs opened in the period, those that lacked nothing when opened;
- `share: accepted`: of the answers given in the period, the acceptances;
- a clock, or persistence: of the clocks that fell due in the period, those that were met. What is not due yet is not
  counted, also where it is met already: else the quick ones would count before the slow ones can. Clocks that were
  released count for nobody.

Where there is nothing to count the result is None, which is not 0 %. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from entente.agreements.commitments import Clock as Timed
from entente.agreements.commitments import Commitment, Count, Persistence, Share
from entente.agreements.document import Agreement
from entente.handoffs.lifecycle import Handoff
from entente.handoffs.versions import Versions
from entente.sla.clocks import NOTHING, Clock, ClockState, clocks_of, kind_of
from entente.sla.pace import Pace, pace
from entente.sla.windows import window_at, windows_between


@dataclass(frozen=True, slots=True)
class Window:
    """One period of a promised number. `met` is None while the period runs and the number is not reached."""

    start: datetime
    end: datetime
    actual: int
    met: bool | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One promise as it was kept in the period [start, end).

    `target` and `actual` are a number for a count, else fractions; `counted` and `kept` are the places of the hand-offs
    in the sequence given (a hand-off with two clocks stands there twice), so `n` and `k` are their lengths. For a count
    the period is the last one that has begun, `windows` are all, and `kept` is `counted`. `waiting` are clocks that are
    not due yet, `paused` those counted that waited for the customer for a time. `by_hand` are hand-offs of the period
    that no qualification stands behind (a count leaves them out). `versions` are those under which the counted
    hand-offs were opened.
    """

    promise: str
    party: str
    kind: str
    of: str
    target: float
    actual: float | None
    met: bool | None
    start: datetime
    end: datetime
    counted: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()
    waiting: int = 0
    paused: int = 0
    by_hand: int = 0
    versions: tuple[int | None, ...] = ()
    windows: tuple[Window, ...] = ()
    pace: Pace | None = None

    @property
    def n(self) -> int:
        return len(self.counted)

    @property
    def k(self) -> int:
        return len(self.kept)


def measure(
    agreement: Agreement,
    handoffs: Sequence[Handoff],
    now: datetime,
    start: datetime,
    end: datetime,
    *,
    versions: Versions | None = None,
    anyone_qualified: bool | None = None,
) -> list[Measured]:
    """Measure every promise of the agreement over [start, end) as of `now`: marketing's first, in their order.

    Targets are those of `agreement`. The clocks of a hand-off run as its own version says, if ``versions`` is given.
    ``anyone_qualified`` says whether this log knows of qualifying at all, where ``handoffs`` are not all there are: if
    it does not, a count is None and not 0.
    """
    if anyone_qualified is None:
        anyone_qualified = any(handoff.qualified_at for handoff in handoffs)
    ground = _Ground(agreement, handoffs, now, start, end, versions, anyone_qualified)
    parties = (("marketing", agreement.commitments.marketing), ("sales", agreement.commitments.sales))
    return [_MEASURES[type(promise)](ground, party, promise) for party, promises in parties for promise in promises]


@dataclass(frozen=True)
class _Ground:
    """What all promises are measured on."""

    agreement: Agreement
    handoffs: Sequence[Handoff]
    now: datetime
    start: datetime
    end: datetime
    versions: Versions | None
    anyone_qualified: bool

    @property
    def until(self) -> datetime:
        """The period's end, or just after now: what happens now has happened."""
        return min(self.end, self.now + timedelta(microseconds=1))

    @cached_property
    def clocks(self) -> list[tuple[int, Clock]]:
        """Every clock with the place of its hand-off, made once for all promises."""
        return [
            (place, clock)
            for place, handoff in enumerate(self.handoffs)
            for clock in clocks_of(handoff, self._agreement_of(handoff), self.now)
        ]

    def places(self, when: Callable[[Handoff], datetime | None], start: datetime, end: datetime) -> tuple[int, ...]:
        """The hand-offs for which a moment lies in [start, end)."""
        moments = ((place, when(handoff)) for place, handoff in enumerate(self.handoffs))
        return tuple(place for place, moment in moments if moment and start <= moment < end)

    def versions_of(self, places: Iterable[int]) -> tuple[int | None, ...]:
        found = {self.handoffs[place].opened.version for place in places}
        return tuple(sorted(found, key=lambda number: number or 0))

    def _agreement_of(self, handoff: Handoff) -> Agreement:
        return self.versions.of(handoff.opened.version).agreement if self.versions else self.agreement


def _measure_count(ground: _Ground, party: str, promise: Commitment) -> Measured:
    assert isinstance(promise, Count)  # noqa: S101 - chosen by its type
    zone = ground.agreement.zone
    windows = tuple(
        _window(ground, promise, *window) for window in windows_between(promise.per, ground.start, ground.until, zone)
    )
    first, last = (windows[-1].start, windows[-1].end) if windows else window_at(promise.per, ground.start, zone)
    counted = ground.places(_qualified_at, first, min(last, ground.until))
    by_hand = ground.places(_opened_by_hand_at, first, min(last, ground.until))
    known = ground.anyone_qualified
    return Measured(
        promise=promise.promise,
        party=party,
        kind="count",
        of=promise.of,
        target=promise.at_least,
        actual=len(counted) if known and windows else None,
        met=windows[-1].met if known and windows else None,
        start=first,
        end=last,
        counted=counted,
        kept=counted,
        by_hand=len(by_hand),
        versions=ground.versions_of(counted),
        windows=windows if known else (),
        pace=pace(ground.agreement, first, last, ground.now, len(counted), promise.at_least)
        if known and first <= ground.now < last
        else None,
    )


def _window(ground: _Ground, promise: Count, start: datetime, end: datetime) -> Window:
    actual = len(ground.places(_qualified_at, start, min(end, ground.until)))
    reached = actual >= promise.at_least
    return Window(start, end, actual, reached if reached or end <= ground.now else None)


def _measure_share(ground: _Ground, party: str, promise: Commitment) -> Measured:
    assert isinstance(promise, Share)  # noqa: S101 - chosen by its type
    when, is_kept = _SHARES[promise.of]
    counted = ground.places(when, ground.start, ground.until)
    kept = tuple(place for place in counted if is_kept(ground.handoffs[place]))
    return _share(ground, party, promise, promise.of, counted=counted, kept=kept)


def _measure_clock(ground: _Ground, party: str, promise: Commitment) -> Measured:
    assert isinstance(promise, (Timed, Persistence))  # noqa: S101 - chosen by its type
    kind = kind_of(promise)
    mine = [
        (place, clock)
        for place, clock in ground.clocks
        if clock.kind == kind and (isinstance(promise, Timed) or clock.promise == promise.promise)
    ]
    due = [
        (place, clock)
        for place, clock in mine
        if clock.state in (ClockState.MET, ClockState.BREACHED) and ground.start <= clock.due_at < ground.until
    ]
    counted = tuple(place for place, _ in due)
    kept = tuple(place for place, clock in due if clock.state is ClockState.MET)
    waiting = sum(clock.due_at > ground.now and clock.state is not ClockState.RELEASED for _, clock in mine)
    paused = sum(clock.paused > NOTHING for _, clock in due)
    return _share(ground, party, promise, kind, counted=counted, kept=kept, waiting=waiting, paused=paused)


def _share(
    ground: _Ground,
    party: str,
    promise: Share | Timed | Persistence,
    of: str,
    *,
    counted: tuple[int, ...],
    kept: tuple[int, ...],
    waiting: int = 0,
    paused: int = 0,
) -> Measured:
    actual = len(kept) / len(counted) if counted else None
    return Measured(
        promise=promise.promise,
        party=party,
        kind=_KINDS[type(promise)],
        of=of,
        target=promise.at_least,
        actual=actual,
        met=None if actual is None else actual >= promise.at_least,
        start=ground.start,
        end=ground.end,
        counted=counted,
        kept=kept,
        waiting=waiting,
        paused=paused,
        versions=ground.versions_of(counted),
    )


def _qualified_at(handoff: Handoff) -> datetime | None:
    return handoff.qualified_at


def _opened_at(handoff: Handoff) -> datetime:
    return handoff.opened.at


def _opened_by_hand_at(handoff: Handoff) -> datetime | None:
    return None if handoff.qualified_at else handoff.opened.at


def _answered_at(handoff: Handoff) -> datetime | None:
    answer = handoff.acceptance or handoff.rejection
    return answer.at if answer else None


def _is_complete_at_handoff(handoff: Handoff) -> bool:
    return not handoff.opened.missing


def _is_accepted(handoff: Handoff) -> bool:
    return handoff.acceptance is not None


_SHARES: Final[dict[str, tuple[Callable[[Handoff], datetime | None], Callable[[Handoff], bool]]]] = {
    "complete_at_handoff": (_opened_at, _is_complete_at_handoff),
    "accepted": (_answered_at, _is_accepted),
}
"""By what a share is of: the moment that puts a hand-off into a period, and whether the promise was kept for it."""

_MEASURES: Final[dict[type[Commitment], Callable[[_Ground, str, Commitment], Measured]]] = {
    Count: _measure_count,
    Share: _measure_share,
    Timed: _measure_clock,
    Persistence: _measure_clock,
}
_KINDS: Final = {Share: "share", Timed: "clock", Persistence: "persistence"}
