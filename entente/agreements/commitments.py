"""What each party promises, what happens when a promise is late, and the reasons to reject a lead. Pure.

How a promise is measured is the matter of `entente.sla`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from entente.agreements.durations import Duration
from entente.agreements.places import Fields, Place, nearest
from entente.agreements.tree import Listing, Scalar
from entente.agreements.values import (
    Once,
    at_least_one,
    boolean,
    duration,
    exact_text,
    one_of,
    percent,
    percent_text,
    whole,
)

COUNTS: Final = ("qualified",)
SHARES: Final = ("complete_at_handoff", "accepted")
CLOCKS: Final = ("first_touch", "feedback")
PERIODS: Final = ("week", "month", "quarter", "year")
RECEIVERS: Final = ("rep", "sales_manager", "marketing_manager", "ops")
KINDS: Final = ("count", "share", "clock", "touches")
PAUSE_AT_MOST: Final = Duration(3, "days")


@dataclass(frozen=True, slots=True)
class Count:
    """At least so many of something in every period."""

    promise: str
    of: str
    at_least: int
    per: str

    def as_data(self) -> dict[str, object]:
        return {"promise": self.promise, "count": self.of, "at_least": self.at_least, "per": self.per}


@dataclass(frozen=True, slots=True)
class Share:
    """At least this fraction of the hand-offs (`complete_at_handoff`), or of the answers to them (`accepted`)."""

    promise: str
    of: str
    at_least: float

    def as_data(self) -> dict[str, object]:
        return {"promise": self.promise, "share": self.of, "at_least": percent_text(self.at_least)}


@dataclass(frozen=True, slots=True)
class Clock:
    """Something happens within a time, for at least this fraction; `warn_at` the fraction of it used by then."""

    promise: str
    clock: str
    within: Duration
    at_least: float
    warn_at: float | None = None

    def as_data(self) -> dict[str, object]:
        data: dict[str, object] = {"promise": self.promise, "clock": self.clock, "within": str(self.within)}
        data["at_least"] = percent_text(self.at_least)
        if self.warn_at is not None:
            data["warn_at"] = percent_text(self.warn_at)
        return data


@dataclass(frozen=True, slots=True)
class Persistence:
    """So many touches within a time, for at least this fraction of the hand-offs that are not accepted before."""

    promise: str
    touches: int
    within: Duration
    at_least: float

    def as_data(self) -> dict[str, object]:
        return {
            "promise": self.promise,
            "touches": self.touches,
            "within": str(self.within),
            "at_least": percent_text(self.at_least),
        }


Commitment: TypeAlias = Count | Share | Clock | Persistence


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who hears when a clock warns and when it is breached, and when the lead moves to another rep."""

    on_warning: tuple[str, ...] = ()
    on_breach: tuple[str, ...] = ()
    reassign_after: Duration | None = None

    def as_data(self) -> dict[str, object]:
        data: dict[str, object] = {"on_warning": list(self.on_warning), "on_breach": list(self.on_breach)}
        if self.reassign_after is not None:
            data["reassign_after"] = str(self.reassign_after)
        return data


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a lead is rejected: `gives_credit` gives the rep's turn back, `after_touches` tries must have been made."""

    name: str
    gives_credit: bool = False
    after_touches: int = 0

    def as_data(self) -> object:
        if not self.gives_credit and not self.after_touches:
            return self.name
        data: dict[str, object] = {"reason": self.name}
        if self.gives_credit:
            data["gives_credit"] = True
        if self.after_touches:
            data["after_touches"] = self.after_touches
        return data


REASONS: Final = (
    Reason("Wrong contact data", gives_credit=True),
    Reason("No budget"),
    Reason("No need"),
    Reason("Not the decision maker"),
    Reason("Bad timing"),
    Reason("Competitor"),
    Reason("Duplicate", gives_credit=True),
    Reason("Unreachable"),
)


@dataclass(frozen=True, slots=True)
class Commitments:
    """Both halves of the agreement. `escalation` is by clock; `pause_at_most` is business time."""

    marketing: tuple[Commitment, ...] = ()
    sales: tuple[Commitment, ...] = ()
    escalation: Mapping[str, Escalation] = field(default_factory=dict, hash=False)
    rejection_reasons: tuple[Reason, ...] = REASONS
    pause_at_most: Duration = PAUSE_AT_MOST

    def as_data(self) -> dict[str, object]:
        return {
            "marketing": [commitment.as_data() for commitment in self.marketing],
            "sales": [commitment.as_data() for commitment in self.sales],
            "escalation": {clock: escalation.as_data() for clock, escalation in self.escalation.items()},
            "rejection_reasons": [reason.as_data() for reason in self.rejection_reasons],
            "pause_at_most": str(self.pause_at_most),
        }


def commitments(place: Place) -> Commitments:
    fields = place.fields(("marketing", "sales", "escalation", "rejection_reasons", "pause_at_most"))
    names, clocks = Once("promise"), Once("clock", one_of(CLOCKS))
    marketing = fields.each("marketing", lambda p: _commitment(p, names, clocks))
    sales = fields.each("sales", lambda p: _commitment(p, names, clocks))
    return Commitments(
        marketing=marketing,
        sales=sales,
        escalation=fields.get("escalation", lambda p: _escalations(p, tuple(clocks.lines)), {}),
        rejection_reasons=fields.get("rejection_reasons", _reasons, REASONS),
        pause_at_most=fields.get("pause_at_most", duration, PAUSE_AT_MOST),
    )


def _commitment(place: Place, names: Once, clocks: Once) -> Commitment:
    every = ("promise", *KINDS, "at_least", "per", "within", "warn_at")
    kinds = [kind for kind in KINDS if kind in Place(place.node, place.path, []).fields(every)]
    if len(kinds) != 1:
        together = " and ".join(f"'{kind}'" for kind in kinds) or "nothing that can be measured"
        place.refuse(f"the promise is of {together}", "write one of count, share, clock or touches")
    return COMMITMENT_READERS[kinds[0]](place, names, clocks)


def _count(place: Place, names: Once, clocks: Once) -> Count:
    fields = _need(place, "promise", "count", "at_least", "per")
    return Count(
        promise=fields.get("promise", names, "-"),
        of=fields.get("count", one_of(COUNTS), COUNTS[0]),
        at_least=fields.get("at_least", at_least_one, 1),
        per=fields.get("per", one_of(PERIODS), PERIODS[0]),
    )


def _share(place: Place, names: Once, clocks: Once) -> Share:
    fields = _need(place, "promise", "share", "at_least")
    return Share(
        promise=fields.get("promise", names, "-"),
        of=fields.get("share", one_of(SHARES), SHARES[0]),
        at_least=fields.get("at_least", percent, 1.0),
    )


def _clock(place: Place, names: Once, clocks: Once) -> Clock:
    fields = _need(place, "promise", "clock", "within", "at_least", optional=("warn_at",))
    return Clock(
        promise=fields.get("promise", names, "-"),
        clock=fields.get("clock", clocks, CLOCKS[0]),
        within=fields.get("within", duration, Duration(1, "hours")),
        at_least=fields.get("at_least", percent, 1.0),
        warn_at=fields.get("warn_at", percent, None),
    )


def _persistence(place: Place, names: Once, clocks: Once) -> Persistence:
    fields = _need(place, "promise", "touches", "within", "at_least")
    return Persistence(
        promise=fields.get("promise", names, "-"),
        touches=fields.get("touches", at_least_one, 1),
        within=fields.get("within", duration, Duration(1, "days")),
        at_least=fields.get("at_least", percent, 1.0),
    )


COMMITMENT_READERS: Final[Mapping[str, Callable[[Place, Once, Once], Commitment]]] = {
    "count": _count,
    "share": _share,
    "clock": _clock,
    "touches": _persistence,
}


def _need(place: Place, *required: str, optional: tuple[str, ...] = ()) -> Fields:
    return place.fields((*required, *optional), required=required)


def _escalations(place: Place, promised: tuple[str, ...]) -> dict[str, Escalation]:
    escalations = {}
    for clock, entry in place.named(exact_text).items():
        if clock not in promised:
            promise = f"{{promise: …, clock: {clock}, within: 1 hour, at_least: 90%}}"
            remedy = nearest(clock, promised) or f"promise it: {promise}"
            entry.note(f"no promise has the clock '{clock}'", remedy)
        escalations[clock] = entry.read(_escalation, Escalation())
    return escalations


def _escalation(place: Place) -> Escalation:
    fields = place.fields(("on_warning", "on_breach", "reassign_after"))
    return Escalation(
        on_warning=fields.get("on_warning", _receivers, ()),
        on_breach=fields.get("on_breach", _receivers, ()),
        reassign_after=fields.get("reassign_after", duration, None),
    )


def _receivers(place: Place) -> tuple[str, ...]:
    """One receiver or a list of them."""
    reader = Once("receiver", one_of(RECEIVERS))
    return tuple(place.each(reader)) if isinstance(place.node, Listing) else (reader(place),)


def _reasons(place: Place) -> tuple[Reason, ...]:
    names = Once("reason")
    return tuple(place.each(lambda p: _reason(p, names)))


def _reason(place: Place, names: Once) -> Reason:
    if isinstance(place.node, Scalar):
        return Reason(names(place))
    fields = place.fields(("reason", "gives_credit", "after_touches"), required=("reason",))
    return Reason(
        name=fields.get("reason", names, "-"),
        gives_credit=fields.get("gives_credit", boolean, False),
        after_touches=fields.get("after_touches", _not_negative, 0),
    )


def _not_negative(place: Place) -> int:
    value = whole(place)
    if value < 0:
        place.refuse(f"{value} is less than zero", "write how many touches are needed first")
    return value
