"""A person's hand-offs, as the log tells them.

A hand-off opens when the person qualifies. A CRM's export knows hand-offs that no score made: somebody gave the lead
to a rep by hand. Those open when the lead gets its first owner, or another one, or reaches the stage that the agreement
calls qualified, and are marked as from the CRM. What happens next, a rep's own acts and what the CRM reports, is added
fact by fact; what does not fit (a touch before the hand-off, a second acceptance) is no fact of it and is left out.

Where a history is silent, these rules hold:

- Who answers a hand-off, or opens its deal, had it: an assignment is inferred, and no clock is started by it.
- Who opens a deal has accepted. Who rejects what they accepted gives it back (recycles it).
- A person who qualifies and has an owner already is assigned to that owner at once.
- The owner of a rejected, recycled or lost lead is nobody any more; a won customer who changes hands is no hand-off.
- A hand-off from the CRM that has lain still for `requalify_after` when the person qualifies has lapsed; one that is
  alive becomes a qualified one.
- Facts of one instant (many exports know days only) are taken in the order in which such things happen.

A hand-off that was given or answered within Entente is pinned: the events that we wrote carry how it was opened, and
no late event takes it back. It is `disputed` where the log, as it is now, would not have opened it then.

Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from entente.events.types import TOUCHES
from entente.handoffs.facts import (
    Accepted,
    Assigned,
    Closed,
    Completed,
    Fact,
    Opened,
    Origin,
    Outcome,
    Paused,
    Qualified,
    Rejected,
    Released,
    Resumed,
    Touched,
)
from entente.handoffs.information import Information
from entente.handoffs.lifecycle import Handoff, begin, refusal
from entente.handoffs.pins import pinned_by
from entente.handoffs.reasons import agreed_reason, objection_to
from entente.handoffs.versions import Version, Versions

LAPSES_AFTER: Final = timedelta(days=30)
"""How long a hand-off from the CRM may lie still, where the agreement has no `requalify_after`."""


class Happening(NamedTuple):
    """One event of the person, as far as hand-offs look at it."""

    at: datetime
    type: str
    id: str = ""
    properties: Mapping[str, Any] = {}
    email: str | None = None
    group_id: str | None = None
    ours: bool = False


class Qualification(NamedTuple):
    """A moment at which the person qualified, as scoring found it: under which version, by which event."""

    at: datetime
    version: int | None = None
    cause: str = ""


def handoffs_of(
    happenings: Iterable[Happening],
    qualifications: Sequence[Qualification],
    versions: Versions,
    given: Sequence[Opened] = (),
) -> list[Handoff]:
    """The person's hand-offs in order; at most the last one is open.

    ``given`` are openings that are not to be taken back, beside those that our own events among the happenings pin.
    """
    happenings = [each for each in happenings if each.type in _ORDER]
    pins = {each.at: each for each in given} | pinned_by(each.properties for each in happenings if each.ours)
    types = {each.id: each.type for each in happenings}
    story = _Story(versions, pins, {each.at for each in qualifications}, types)
    moments: list[tuple[datetime, int, str, int, Happening | Qualification | Opened]] = [
        (each.at, _ORDER[each.type], each.id, 1, each) for each in happenings
    ]
    moments += [(each.at, _QUALIFIES, each.cause, 1, each) for each in qualifications]
    moments += [(each.at, _place_of(each, types), each.cause, 0, each) for each in pins.values()]
    for _, _, _, _, moment in sorted(moments, key=lambda entry: entry[:4]):
        match moment:
            case Happening():
                story.hear(moment)
            case Qualification():
                story.qualify(moment)
            case Opened():
                story.open_pinned(moment)
    return story.handoffs


def _place_of(opened: Opened, types: Mapping[str, str]) -> int:
    """Where an opening stands among what bears the same time: just before what caused it."""
    if opened.origin is Origin.SCORE:
        return _QUALIFIES
    return _ORDER[types[opened.cause]] if opened.cause in types else _OPENS


class _Story:
    """The fold: what stands open, who owns the person, and what is over."""

    def __init__(
        self, versions: Versions, pins: Mapping[datetime, Opened], qualified: set[datetime], told: Mapping[str, str]
    ) -> None:
        self.versions = versions
        self.pins = pins
        self.qualified = qualified
        self.told = told
        self.over: list[Handoff] = []
        self.current: Handoff | None = None
        self.owner = ""
        self.is_customer = False
        self.information = Information()

    @property
    def handoffs(self) -> list[Handoff]:
        return [*self.over, self.current] if self.current else self.over

    def qualify(self, moment: Qualification) -> None:
        if self.current and self._has_lapsed(self.current, moment.at):
            self.add(Closed(moment.at, Outcome.LAPSED))
        if self.current:
            self.add(Qualified(moment.at))
        else:
            self._begin(moment.at, Origin.SCORE, moment.version, moment.cause)

    def open(self, opened: Opened) -> None:
        """Open a hand-off, and give it to the person's owner if there is one."""
        if self.current:
            return
        self.current = begin(opened)
        if self.owner:
            self.add(Assigned(opened.at, self.owner, why="owner"))

    def open_pinned(self, opened: Opened) -> None:
        """Open what was given then, whatever the log says by now; what is not pinned makes room for it."""
        if self.current and self.current.opened.at in self.pins:
            return
        self.current = None
        if self.told.get(opened.cause) == "owner_assigned":
            self.owner = ""  # the event that opens it names the owner
        self.open(opened)
        if self.current and self._is_disputed(opened):
            self.current = replace(self.current, disputed=True)

    def hear(self, happening: Happening) -> None:
        self.information.learn(happening.type, happening.properties, happening.email, happening.group_id)
        _HEARING[happening.type](self, happening)

    def complete(self, happening: Happening) -> None:
        if self.current and not self.current.complete and not self._missing(self.current.opened.version):
            self.add(Completed(happening.at))

    def own(self, happening: Happening) -> None:
        owner, by = _who(happening, "owner"), _who(happening, "by")
        if self.current and owner:
            self.add(Assigned(happening.at, owner, by=by, why=_text(happening, "why") if happening.ours else "crm"))
        elif self.current:
            self.add(Released(happening.at, by=by, why="crm"))
        elif happening.ours:
            return  # what was given is over by a late event; it opens nothing
        elif owner and owner != self.owner and not self.is_customer:
            self.owner = ""
            self._begin(happening.at, Origin.CRM, cause=happening.id)
            self.add(Assigned(happening.at, owner, by=by, why="crm"))
        self.owner = owner

    def touch(self, happening: Happening) -> None:
        if by := _who(happening, "by"):
            self.add(Touched(happening.at, by, happening.type, happening.id))

    def release(self, happening: Happening) -> None:
        self.add(Released(happening.at, by=_who(happening, "by"), why=_text(happening, "why")))
        self.owner = ""

    def pause(self, happening: Happening) -> None:
        self.add(Paused(happening.at, _who(happening, "by"), _text(happening, "reason")))

    def resume(self, happening: Happening) -> None:
        self.add(Resumed(happening.at, _who(happening, "by")))

    def enter_stage(self, happening: Happening) -> None:
        entered = self._stage(happening)
        if entered == "qualified":
            self._qualify_by_hand(happening)
        elif entered == "accepted":
            self.accept(happening, how="stage")
        elif entered == "deal_opened":
            self.open_deal(happening)
        elif entered == "deal_won":
            self.win(happening)

    def accept(self, happening: Happening, how: str = "") -> None:
        by = _who(happening, "by")
        self._had(happening, by)
        self.add(Accepted(happening.at, by or self._rep(), how))

    def reject(self, happening: Happening) -> None:
        self._had(happening, _who(happening, "by"))
        if not self.current:
            return
        if self.current.acceptance or not self.current.rep:
            self.recycle(happening)
            return
        reason = _text(happening, "reason")
        commitments = self._version(self.current.opened.version).agreement.commitments
        agreed = agreed_reason(reason, commitments)
        self._close(
            Rejected(
                happening.at,
                by=_who(happening, "by") or self.current.rep,
                reason=agreed.name if agreed else reason,
                note=_text(happening, "note"),
                objection=objection_to(self.current, reason, commitments),
            )
        )

    def recycle(self, happening: Happening) -> None:
        by = _who(happening, "by") or self._rep()
        self._close(Closed(happening.at, Outcome.RECYCLED, by, _text(happening, "reason")))

    def open_deal(self, happening: Happening) -> None:
        if self.current and not self.current.acceptance:
            owner = _who(happening, "owner")
            self._had(happening, owner)
            self.add(Accepted(happening.at, owner or self._rep(), how="deal"))

    def win(self, happening: Happening) -> None:
        self._end_by_deal(happening, Outcome.WON)
        self.is_customer = True

    def lose(self, happening: Happening) -> None:
        self._end_by_deal(happening, Outcome.LOST)

    def add(self, fact: Fact) -> None:
        """Add the fact where it fits."""
        if self.current and not refusal(self.current, fact):
            self.current = fact.added_to(self.current)
            if not self.current.is_open:
                self.over.append(self.current)
                self.current = None

    def _begin(self, at: datetime, origin: Origin, version: int | None = None, cause: str = "") -> None:
        number = version if version is not None else self.versions.at(at).number
        self.open(Opened(at, origin, number, self._missing(number), cause))

    def _is_disputed(self, opened: Opened) -> bool:
        """Whether the log, as it is now, would not have opened it at that moment."""
        return opened.at not in self.qualified if opened.origin is Origin.SCORE else opened.cause not in self.told

    def _qualify_by_hand(self, happening: Happening) -> None:
        if not self.current:
            self._begin(happening.at, Origin.CRM, cause=happening.id)
        self.add(Qualified(happening.at))

    def _had(self, happening: Happening, rep: str) -> None:
        """Infer that the rep who answers had the hand-off, where the history does not say who had it."""
        if not self.current and not self.over:
            self._begin(happening.at, Origin.CRM, cause=happening.id)
        rep = rep or self.owner
        if self.current and not self.current.rep and rep:
            self.add(Assigned(happening.at, rep, why="inferred", inferred=True))
            self.owner = rep

    def _end_by_deal(self, happening: Happening, outcome: Outcome) -> None:
        self.open_deal(happening)
        reason, deal = _text(happening, "reason"), _text(happening, "deal")
        self._close(Closed(happening.at, outcome, _who(happening, "owner"), reason, deal))

    def _close(self, ending: Rejected | Closed) -> None:
        self.add(ending)
        if isinstance(ending, Rejected) or ending.outcome is not Outcome.WON:
            self.owner = ""

    def _has_lapsed(self, handoff: Handoff, now: datetime) -> bool:
        definition = self._version(handoff.opened.version).agreement.definition
        still = now - handoff.last_fact_at
        return handoff.opened.origin is Origin.CRM and still >= (definition.requalify_after or LAPSES_AFTER)

    def _stage(self, happening: Happening) -> str:
        """What entering the stage means by the agreement; empty when it is none of its facts."""
        name = _text(happening, "stage").casefold()
        for stage in self.versions.at(happening.at).agreement.stages:
            if stage.name.casefold() == name and isinstance(stage.entered_when, str):
                return stage.entered_when
        return ""

    def _missing(self, number: int | None) -> tuple[str, ...]:
        return self.information.missing(self._version(number).agreement.definition.required)

    def _version(self, number: int | None) -> Version:
        return self.versions.of(number)

    def _rep(self) -> str:
        return self.current.rep if self.current else ""


def _text(happening: Happening, name: str) -> str:
    value = happening.properties.get(name)
    return "" if value is None else str(value).strip()


def _who(happening: Happening, name: str) -> str:
    """A rep by e-mail address, whose case does not matter, or by the name that the CRM has for them."""
    who = _text(happening, name)
    return who.lower() if "@" in who else who


_HEARING: Final[dict[str, Callable[[_Story, Happening], None]]] = {
    "identify": _Story.complete,
    "group": _Story.complete,
    "owner_assigned": _Story.own,
    **dict.fromkeys(TOUCHES, _Story.touch),
    "stage_changed": _Story.enter_stage,
    "accepted": _Story.accept,
    "paused": _Story.pause,
    "resumed": _Story.resume,
    "released": _Story.release,
    "deal_opened": _Story.open_deal,
    "rejected": _Story.reject,
    "recycled": _Story.recycle,
    "deal_lost": _Story.lose,
    "deal_won": _Story.win,
}
"""What each type of event does, in the order in which they are taken where they bear one time."""

TYPES: Final = tuple(_HEARING)
"""The types of events that a hand-off can come from or be changed by."""

OPENERS: Final = ("owner_assigned", "stage_changed", "accepted", "rejected")
"""The types of events that can make a hand-off which no qualification made."""

_OPENS: Final = 2
_QUALIFIES: Final = 3
_ORDER: Final = {type_: place if place < 2 else place + 2 for place, type_ in enumerate(TYPES)}
