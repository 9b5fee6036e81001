"""The life of a hand-off. Its state is never stored by itself; it is read off the facts.

A hand-off is opened, perhaps held until the agreed information is there, given to a rep, perhaps to another one,
tried (touches), answered (accepted, or rejected with a reason of the agreement), and closed: by the rejection, by the
deal that came of it, or back to marketing (recycled). `apply` adds one fact, or says in plain words why it cannot be.
The same facts are rows in the database, which refuses what is refused here. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from entente.handoffs.facts import (
    Accepted,
    Assignment,
    Closed,
    Fact,
    Opened,
    Origin,
    Pause,
    Rejected,
    Touched,
    in_words,
)


class NotAllowed(Exception):
    """The fact does not fit the state of the hand-off; the text says why, to the person who tried."""


class State(StrEnum):
    HELD = "held"  # open, and the agreed information is not complete
    WAITING = "waiting"  # open, and nobody has it
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Handoff:
    """The facts of one hand-off, in order, and what can be read off them."""

    opened: Opened
    qualified_at: datetime | None = None
    completed_at: datetime | None = None
    assignments: tuple[Assignment, ...] = ()
    touches: tuple[Touched, ...] = ()
    acceptance: Accepted | None = None
    rejection: Rejected | None = None
    pauses: tuple[Pause, ...] = ()
    closure: Closed | None = None
    disputed: bool = False  # given, though by the log as it is now it would not have been opened then

    @property
    def state(self) -> State:
        if not self.is_open:
            return State.REJECTED if self.rejection else State.CLOSED
        if self.rep:
            return State.ACCEPTED if self.acceptance else State.ASSIGNED
        return State.WAITING if self.complete else State.HELD

    @property
    def is_open(self) -> bool:
        return not self.rejection and not self.closure

    @property
    def closed_at(self) -> datetime | None:
        ending = self.rejection or self.closure
        return ending.at if ending else None

    @property
    def assignment(self) -> Assignment | None:
        """The present assignment, or the one in which the hand-off was closed."""
        last = self.assignments[-1] if self.assignments else None
        return last if last and last.until in (None, self.closed_at) else None

    @property
    def rep(self) -> str:
        """Who has it now, or had it when it was closed; empty for nobody."""
        return self.assignment.rep if self.assignment else ""

    @property
    def complete(self) -> bool:
        """Whether the agreed information is there by now; `opened.missing` tells what was missing at hand-off."""
        return not self.opened.missing or self.completed_at is not None

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].until is None

    @property
    def last_change_at(self) -> datetime:
        """When the state changed last; a touch does not change it."""
        times = [self.opened.at]
        times += [assignment.until or assignment.since for assignment in self.assignments[-1:]]
        times += [pause.until or pause.began.at for pause in self.pauses[-1:]]
        times += [answer.at for answer in (self.acceptance, self.rejection, self.closure) if answer]
        return max(times)

    @property
    def last_fact_at(self) -> datetime:
        return max([self.last_change_at, *(touch.at for touch in self.touches[-1:])])

    def resumed(self, at: datetime) -> Handoff:
        """With its pause, if there is one, ended."""
        if not self.is_paused:
            return self
        return replace(self, pauses=(*self.pauses[:-1], replace(self.pauses[-1], until=at)))

    def without_rep(self, at: datetime) -> Handoff:
        """With the rep's time ended, and a pause with it, for a pause is the rep's."""
        if not self.assignment:
            return self
        ended = replace(self.assignments[-1], until=at)
        return replace(self.resumed(at), assignments=(*self.assignments[:-1], ended))


def begin(opened: Opened) -> Handoff:
    """A new hand-off; one that the score made is qualified from the start."""
    return Handoff(opened, qualified_at=opened.at if opened.origin is Origin.SCORE else None)


def handoff_of(opened: Opened, facts: Iterable[Fact] = ()) -> Handoff:
    """The hand-off that the facts make, in the order given; NotAllowed where one does not fit."""
    handoff = begin(opened)
    for fact in facts:
        handoff = apply(handoff, fact)
    return handoff


def apply(handoff: Handoff, fact: Fact) -> Handoff:
    """The hand-off with one more fact; NotAllowed where its state does not take it."""
    if reason := refusal(handoff, fact):
        raise NotAllowed(reason)
    return fact.added_to(handoff)


def refusal(handoff: Handoff, fact: Fact) -> str:
    """Why the fact cannot be added, in words for the person who tried; empty when it can."""
    if handoff.rejection:
        return f"this hand-off was rejected on {in_words(handoff.rejection.at)}; nothing can be added to it"
    if handoff.closure:
        closure = handoff.closure
        return f"this hand-off was closed ({closure.outcome}) on {in_words(closure.at)}; nothing can be added to it"
    if fact.at < handoff.opened.at:
        return f"that was before the hand-off was opened, on {in_words(handoff.opened.at)}"
    return fact.refusal(handoff)
