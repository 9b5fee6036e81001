"""The clocks of a hand-off: each timed promise of the agreement, once for every rep who was given it.

A clock starts when the hand-off is assigned, and stops when what was promised has happened: the first touch, the
answer (acceptance, or rejection with a reason), or the last of the agreed touches. It is met or breached once, by its
due time, whatever happens later: time goes on being counted after the breach, so that it can be said how late it was.
One that is cut short before its due time, because the hand-off changed hands or ended, is released: neither kept nor
broken. So is the clock for persistence when the lead was accepted, for then it was reached.

A pause takes its open time out of the clock, for as long in all as the agreement allows. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from entente.agreements.commitments import Clock as Timed
from entente.agreements.commitments import Commitments, Persistence
from entente.agreements.document import Agreement
from entente.agreements.durations import Duration
from entente.handoffs.facts import Assignment, Objection
from entente.handoffs.lifecycle import Handoff
from entente.sla.business_time import Calendar, calendar_for

PERSISTENCE: Final = "persistence"
"""The kind of a clock that waits for several touches; the others are named by the agreement."""

NOTHING: Final = timedelta(0)


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as it stands at a moment.

    `stopped_at` is when the promised thing happened, also after the breach; `elapsed` the open time until then, until
    the rep's time with the hand-off ended, or until now, without pauses (`paused`). `due_at` of a clock that is paused
    takes it that the pause lasts as long as it may; the end of the pause brings it nearer. `over_at` is when it stopped
    or there was nothing left to promise; None while it may still stop. `reassign_at` is when the lead goes to another
    rep, if it is untouched until then; None where that is not agreed, or the rep does not have it any more.
    """

    kind: str
    promise: str
    rep: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    stopped_at: datetime | None
    state: ClockState
    elapsed: timedelta
    paused: timedelta
    over_at: datetime | None = None
    reassign_at: datetime | None = None

    @property
    def is_decided(self) -> bool:
        return self.state in (ClockState.MET, ClockState.BREACHED, ClockState.RELEASED)


def clocks_of(handoff: Handoff, agreement: Agreement, now: datetime) -> list[Clock]:
    """All clocks of the hand-off as of `now`, under the agreement it was opened under, in the order of their start.

    Each runs by the business time of its rep's team. What happened after `now` is not looked at.
    """
    given = [each for each in handoff.assignments if not each.given.inferred and each.since <= now]
    return [clock for each in given for clock in _clocks_of_rep(handoff, each, agreement, now)]


def timed_promises(agreement: Agreement) -> list[Timed | Persistence]:
    """The promises of both parties that have a clock."""
    commitments = agreement.commitments
    return [each for each in (*commitments.marketing, *commitments.sales) if isinstance(each, (Timed, Persistence))]


def kind_of(promise: Timed | Persistence) -> str:
    """The kind of clock that the promise runs by."""
    return promise.clock if isinstance(promise, Timed) else PERSISTENCE


Promise: TypeAlias = Timed | Persistence
_Span: TypeAlias = tuple[datetime, datetime | None]


def _clocks_of_rep(handoff: Handoff, assignment: Assignment, agreement: Agreement, now: datetime) -> Iterator[Clock]:
    terms = _Terms(calendar_for(agreement, assignment.rep), agreement.commitments)
    for promise in timed_promises(agreement):
        if not _answered_before(promise, handoff, assignment):
            yield _clock(promise, handoff, assignment, terms, now)


class _Terms(NamedTuple):
    calendar: Calendar
    commitments: Commitments


def _clock(promise: Promise, handoff: Handoff, assignment: Assignment, terms: _Terms, now: datetime) -> Clock:
    calendar, start = terms.calendar, assignment.since
    ended = _by(now, _end(promise, handoff, assignment))
    stopped = _by(ended or now, _stop(promise, handoff, assignment))
    over = stopped or ended
    pauses = _Pauses(terms, _pauses_of(handoff, assignment, over, now))
    unpaused = calendar.add(start, promise.within)
    due = pauses.shift(unpaused)
    until = over or now
    paused = pauses.until(until)
    return Clock(
        kind=kind_of(promise),
        promise=promise.promise,
        rep=assignment.rep,
        started_at=start,
        due_at=due,
        warn_at=_warning(promise, start, unpaused, pauses),
        stopped_at=stopped,
        state=_state(due, stopped, ended, pauses.running_at(now), now),
        elapsed=calendar.elapsed(start, until) - paused,
        paused=paused,
        over_at=over,
        reassign_at=None if _by(now, assignment.until) else _reassignment(promise, terms, unpaused, pauses),
    )


def _state(due: datetime, stopped: datetime | None, ended: datetime | None, paused: bool, now: datetime) -> ClockState:
    if stopped and stopped <= due:
        return ClockState.MET
    if ended and ended <= due and not stopped:
        return ClockState.RELEASED
    if now > due:
        return ClockState.BREACHED
    return ClockState.PAUSED if paused else ClockState.RUNNING


def _warning(promise: Promise, start: datetime, unpaused: datetime, pauses: _Pauses) -> datetime | None:
    """When the agreed part of the time will be gone."""
    fraction = promise.warn_at if isinstance(promise, Timed) else None
    if fraction is None:
        return None
    calendar = pauses.calendar
    return pauses.shift(calendar.add_open_time(start, calendar.elapsed(start, unpaused) * fraction))


def _reassignment(promise: Promise, terms: _Terms, unpaused: datetime, pauses: _Pauses) -> datetime | None:
    """When the lead goes to another rep: so much open time after the breach."""
    escalation = terms.commitments.escalation.get(kind_of(promise))
    if escalation is None or escalation.reassign_after is None:
        return None
    return pauses.shift(terms.calendar.add(unpaused, escalation.reassign_after))


def _stop(promise: Promise, handoff: Handoff, assignment: Assignment) -> datetime | None:
    """When the promised thing happened during the assignment."""
    if isinstance(promise, Persistence):
        return _nth_touch(promise.touches, handoff, assignment)
    return _STOPS[promise.clock](handoff, assignment)


def _nth_touch(n: int, handoff: Handoff, assignment: Assignment) -> datetime | None:
    """The n-th touch since the assignment: an earlier one was not this rep's."""
    for touch in handoff.touches:
        if touch.at >= assignment.since and _within(touch.at, handoff, assignment):
            n -= 1
            if n == 0:
                return touch.at
    return None


def _answer(handoff: Handoff, assignment: Assignment) -> datetime | None:
    rejection = handoff.rejection
    given = rejection if rejection and rejection.objection is not Objection.NO_REASON else handoff.acceptance
    return given.at if given and _within(given.at, handoff, assignment) else None


_STOPS: Final[dict[str, Callable[[Handoff, Assignment], datetime | None]]] = {
    "first_touch": partial(_nth_touch, 1),
    "feedback": _answer,
}


def _within(at: datetime, handoff: Handoff, assignment: Assignment) -> bool:
    """At the very moment at which it changes hands, what happens is the next rep's."""
    return assignment.until is None or at < assignment.until or assignment.until == handoff.closed_at


def _end(promise: Promise, handoff: Handoff, assignment: Assignment) -> datetime | None:
    """When there was nothing left to promise: the assignment's end; for persistence, the acceptance."""
    if isinstance(promise, Persistence):
        accepted = handoff.acceptance.at if handoff.acceptance else None
        return min((each for each in (accepted, assignment.until) if each), default=None)
    silent = handoff.rejection and handoff.rejection.objection is Objection.NO_REASON
    if promise.clock == "feedback" and silent and assignment.until == handoff.closed_at:
        return None  # to reject without a reason is no way out of giving one
    return assignment.until


def _answered_before(promise: Promise, handoff: Handoff, assignment: Assignment) -> bool:
    """Whether the answer was given by a rep before: then this one owes none, and has reached the lead."""
    accepted = handoff.acceptance
    return kind_of(promise) != "first_touch" and accepted is not None and accepted.at < assignment.since


def _by(now: datetime, at: datetime | None) -> datetime | None:
    return at if at and at <= now else None


def _pauses_of(handoff: Handoff, assignment: Assignment, over: datetime | None, now: datetime) -> list[_Span]:
    """The pauses that the clock had: one that lasts when it is over ends with it, one that lasts now has no end yet."""
    return [
        (pause.began.at, pause.until if pause.until and pause.until <= (over or now) else over)
        for pause in handoff.pauses
        if assignment.since <= pause.began.at and (pause.began.at < over if over else pause.began.at <= now)
    ]


class _Pauses:
    """The pauses of one clock, each cut where the allowance for all of them is used up."""

    def __init__(self, terms: _Terms, spans: list[_Span]) -> None:
        self.calendar = terms.calendar
        self._cut = list(self._cut_off(spans, terms.commitments.pause_at_most))

    def shift(self, moment: datetime) -> datetime:
        """The moment, put off by the open time of the pauses that began before it."""
        for began, until in self._cut:
            if began < moment:
                moment = self.calendar.add_open_time(moment, self.calendar.elapsed(began, until))
        return moment

    def until(self, moment: datetime) -> timedelta:
        """The open time that was paused before the moment."""
        lost = (self.calendar.elapsed(began, min(until, moment)) for began, until in self._cut if began < moment)
        return sum(lost, NOTHING)

    def running_at(self, now: datetime) -> bool:
        return any(began <= now < until for began, until in self._cut)

    def _cut_off(self, spans: list[_Span], allowed: Duration) -> Iterator[tuple[datetime, datetime]]:
        left: timedelta | None = None
        for began, end in spans:
            if left is None:  # the allowance in open time: a working day's length is that of the day it falls on
                left = self.calendar.elapsed(began, self.calendar.add(began, allowed))
            latest = self.calendar.add_open_time(began, left)
            until = min(end or latest, latest)
            left -= self.calendar.elapsed(began, until)
            yield began, until
