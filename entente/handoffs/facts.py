"""The facts of which a hand-off is made: what happened, when, by whom and why. Pure.

Each fact knows when it can be (`refusal`, in words for the person who tried) and what becomes of the hand-off by it
(`added_to`). All times are aware and in UTC; who did it is named as the log names them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entente.handoffs.lifecycle import Handoff


class Origin(StrEnum):
    """What made a hand-off: the person's score, or somebody in the CRM who handed the lead over by hand."""

    SCORE = "score"
    CRM = "crm"


class Outcome(StrEnum):
    """How a hand-off was closed, other than by rejection."""

    WON = "won"
    LOST = "lost"
    RECYCLED = "recycled"
    LAPSED = "lapsed"  # handed over by hand, left alone, and the person qualified anew


class Objection(StrEnum):
    """What is wrong with the reason of a rejection in an imported history. Live, such a rejection is refused."""

    NO_REASON = "no reason"
    NOT_AGREED = "not a reason of the agreement"
    TOO_FEW_TOUCHES = "too few touches"


@dataclass(frozen=True, slots=True)
class Opened:
    """The first fact. `missing` names the required information that was not there, `cause` the event that decided."""

    at: datetime
    origin: Origin = Origin.SCORE
    version: int | None = None
    missing: tuple[str, ...] = ()
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What can come after; any of it only while the hand-off is open."""

    at: datetime

    def refusal(self, handoff: Handoff) -> str:
        """Why the hand-off cannot take this fact; empty when it can."""
        return ""

    def added_to(self, handoff: Handoff) -> Handoff:
        """The hand-off with this fact."""
        raise TypeError(f"{type(self).__name__} is no fact by itself")


@dataclass(frozen=True, slots=True)
class Qualified(Fact):
    """The person qualified while a hand-off that was made by hand stood open."""

    def refusal(self, handoff: Handoff) -> str:
        return "the person qualified for this hand-off already" if handoff.qualified_at else ""

    def added_to(self, handoff: Handoff) -> Handoff:
        return replace(handoff, qualified_at=self.at)


@dataclass(frozen=True, slots=True)
class Completed(Fact):
    """The missing information has come."""

    def refusal(self, handoff: Handoff) -> str:
        return "nothing is missing" if handoff.complete else ""

    def added_to(self, handoff: Handoff) -> Handoff:
        return replace(handoff, completed_at=self.at)


@dataclass(frozen=True, slots=True)
class Assigned(Fact):
    """Given to a rep. An `inferred` one is known only by what the rep did later: its time is no start of a clock."""

    rep: str
    by: str = ""
    why: str = ""
    inferred: bool = False

    def refusal(self, handoff: Handoff) -> str:
        if not self.rep:
            return "a hand-off is given to a rep, and none is named"
        if self.rep == handoff.rep:
            return f"{self.rep} has this hand-off already"
        return out_of_order(handoff, self.at)

    def added_to(self, handoff: Handoff) -> Handoff:
        freed = handoff.without_rep(self.at)
        return replace(freed, assignments=(*freed.assignments, Assignment(self)))


@dataclass(frozen=True, slots=True)
class Released(Fact):
    """Taken from its rep, without another one."""

    by: str = ""
    why: str = ""

    def refusal(self, handoff: Handoff) -> str:
        return nobody_has(handoff) or out_of_order(handoff, self.at)

    def added_to(self, handoff: Handoff) -> Handoff:
        return handoff.without_rep(self.at)


@dataclass(frozen=True, slots=True)
class Touched(Fact):
    """A person tried to reach the lead. `kind` is the event's type: call, email_sent, meeting, message.

    It may be told of after a later one.
    """

    by: str
    kind: str
    event: str = ""

    def added_to(self, handoff: Handoff) -> Handoff:
        if not handoff.touches or handoff.touches[-1].at <= self.at:
            return replace(handoff, touches=(*handoff.touches, self))
        before = [touch for touch in handoff.touches if touch.at <= self.at]
        after = handoff.touches[len(before) :]
        return replace(handoff, touches=(*before, self, *after))


@dataclass(frozen=True, slots=True)
class Accepted(Fact):
    """`how` is empty when the rep said so, else what showed it: `stage` or `deal`."""

    by: str = ""
    how: str = ""

    def refusal(self, handoff: Handoff) -> str:
        return accepted_already(handoff) or nobody_has(handoff) or out_of_order(handoff, self.at)

    def added_to(self, handoff: Handoff) -> Handoff:
        return replace(handoff, acceptance=self)


@dataclass(frozen=True, slots=True)
class Rejected(Fact):
    """Ends the hand-off. Without a reason only where the history has none (`objection` says so)."""

    by: str = ""
    reason: str = ""
    note: str = ""
    objection: Objection | None = None

    def refusal(self, handoff: Handoff) -> str:
        if not self.reason.strip() and self.objection is not Objection.NO_REASON:
            return "rejecting needs a reason"
        return accepted_already(handoff) or nobody_has(handoff) or out_of_order(handoff, self.at)

    def added_to(self, handoff: Handoff) -> Handoff:
        return replace(handoff.without_rep(self.at), rejection=self)


@dataclass(frozen=True, slots=True)
class Paused(Fact):
    """The clocks wait for the customer."""

    by: str
    reason: str

    def refusal(self, handoff: Handoff) -> str:
        if not self.reason.strip():
            return "a pause needs a reason"
        if handoff.is_paused:
            return "its clocks are paused already"
        return nobody_has(handoff) or out_of_order(handoff, self.at)

    def added_to(self, handoff: Handoff) -> Handoff:
        return replace(handoff, pauses=(*handoff.pauses, Pause(self)))


@dataclass(frozen=True, slots=True)
class Resumed(Fact):
    by: str = ""

    def refusal(self, handoff: Handoff) -> str:
        if not handoff.is_paused:
            return "its clocks are not paused"
        return "the pause began after that" if self.at < handoff.pauses[-1].began.at else ""

    def added_to(self, handoff: Handoff) -> Handoff:
        return handoff.resumed(self.at)


@dataclass(frozen=True, slots=True)
class Closed(Fact):
    """Ends the hand-off by what came of it."""

    outcome: Outcome
    by: str = ""
    reason: str = ""
    deal: str = ""

    def refusal(self, handoff: Handoff) -> str:
        return out_of_order(handoff, self.at)

    def added_to(self, handoff: Handoff) -> Handoff:
        return replace(handoff.without_rep(self.at), closure=self)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A rep's time with the hand-off; `until` is None while it lasts."""

    given: Assigned
    until: datetime | None = None

    @property
    def rep(self) -> str:
        return self.given.rep

    @property
    def since(self) -> datetime:
        return self.given.at


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the clocks waited; `until` is None while they do."""

    began: Paused
    until: datetime | None = None


def nobody_has(handoff: Handoff) -> str:
    return "" if handoff.rep else "nobody has this hand-off yet"


def accepted_already(handoff: Handoff) -> str:
    if not handoff.acceptance:
        return ""
    who = f" by {handoff.acceptance.by}" if handoff.acceptance.by else ""
    return f"it was accepted{who} on {in_words(handoff.acceptance.at)}; to give it back, recycle it"


def out_of_order(handoff: Handoff, at: datetime) -> str:
    """Only a touch may be told of late; what changes the state comes after what changed it before."""
    last = handoff.last_change_at
    return f"it has changed since then, on {in_words(last)}" if at < last else ""


def in_words(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
