"""What people, and the machine, do with a hand-off: accept, reject, touch, reassign, release, recycle, pause, resume.

Each is an event of our own in the log, from which the hand-off is derived; nothing else is written. Before that the
hand-off is brought up to what the log says by now and asked whether it takes the deed (`NotAllowed` says why not, to
the person who tried), and afterwards it must be what it was with just this one fact more. One transaction each, in
which the person is held, so that of two who answer at once the second one hears of the first.

`by` is a member's e-mail address, or the machine's name. `key` is the caller's own name for the deed: under the same
key it is done once, however often it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Case, Value, When

from entente.agreements.commitments import Commitments
from entente.events.actions import append, source_named
from entente.events.models import Event
from entente.events.types import OURS, TOUCHES, NewEvent
from entente.handoffs import models, queries, reading
from entente.handoffs.actions import derive_hand_offs, lock_persons
from entente.handoffs.facts import (
    Accepted,
    Assigned,
    Closed,
    Fact,
    Outcome,
    Paused,
    Rejected,
    Released,
    Resumed,
    Touched,
)
from entente.handoffs.lifecycle import Handoff, NotAllowed, apply
from entente.handoffs.pins import NAME, pin
from entente.handoffs.reasons import check_reason
from entente.people.models import Identifier

MACHINE: Final = "entente"
"""Who does what nobody did: deals, or moves a lead on."""

INSTANT: Final = timedelta(microseconds=1)


class NoSuchHandoff(NotAllowed):
    """There is no hand-off of that number, or none any more."""


def accept(handoff_id: int, by: str, now: datetime, *, key: str | None = None) -> models.Handoff:
    """Take it on."""
    deed = _Deed("accepted", {"by": by}, lambda at, _: Accepted(at, by))
    return _do(handoff_id, deed, now, key)


def reject(
    handoff_id: int, by: str, reason: str, now: datetime, note: str = "", *, key: str | None = None
) -> models.Handoff:
    """Give it back for a reason of the agreement under which it was opened, and end it."""

    def fact(at: datetime, handoff: Handoff) -> Rejected:
        agreed = check_reason(handoff, reason, _commitments(handoff))
        return Rejected(at, by, agreed.name, note.strip())

    return _do(
        handoff_id, _Deed("rejected", {"by": by, "reason": reason.strip(), "note": note.strip()}, fact), now, key
    )


def touch(
    handoff_id: int, by: str, kind: str, now: datetime, note: str = "", *, key: str | None = None
) -> models.Handoff:
    """Log that somebody tried to reach the person; `kind` is one of `events.types.TOUCHES`."""
    if kind not in TOUCHES:
        raise NotAllowed(f"a touch is one of: {', '.join(TOUCHES)}")
    deed = _Deed(kind, {"by": by, "note": note.strip()}, lambda at, _: Touched(at, by, kind))
    return _do(handoff_id, deed, now, key)


def reassign(
    handoff_id: int, to: str, by: str, now: datetime, why: str = "", *, key: str | None = None
) -> models.Handoff:
    """Give it to a rep, or to another one than has it."""
    return _do(handoff_id, _assignment(to, by, why or "by hand"), now, key)


def release(handoff_id: int, by: str, now: datetime, why: str = "", *, key: str | None = None) -> models.Handoff:
    """Take it from its rep, so that it is dealt again."""
    return _do(handoff_id, _Deed("released", {"by": by, "why": why}, lambda at, _: Released(at, by, why)), now, key)


def recycle(handoff_id: int, by: str, now: datetime, reason: str = "", *, key: str | None = None) -> models.Handoff:
    """Close it without a deal, back to marketing; the person may come again."""
    deed = _Deed("recycled", {"by": by, "reason": reason}, lambda at, _: Closed(at, Outcome.RECYCLED, by, reason))
    return _do(handoff_id, deed, now, key)


def pause(handoff_id: int, by: str, reason: str, now: datetime, *, key: str | None = None) -> models.Handoff:
    """Let its clocks wait for the customer."""
    return _do(
        handoff_id, _Deed("paused", {"by": by, "reason": reason}, lambda at, _: Paused(at, by, reason)), now, key
    )


def resume(handoff_id: int, by: str, now: datetime, *, key: str | None = None) -> models.Handoff:
    """Let its clocks go on."""
    return _do(handoff_id, _Deed("resumed", {"by": by}, lambda at, _: Resumed(at, by)), now, key)


@dataclass(frozen=True, slots=True)
class Giving:
    """A hand-off to be given to a rep by the machine. ``more`` are further properties of the event (a decision)."""

    handoff_id: int
    rep: str
    why: str = "dealt"
    more: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None


@transaction.atomic
def give(givings: Iterable[Giving], now: datetime) -> list[Giving]:
    """Give many at once; returns those that were given. What cannot be given any more is left as it is."""
    wanted = {each.handoff_id: each for each in givings}
    deeds = {each.handoff_id: _assignment(each.rep, MACHINE, each.why, each.more) for each in wanted.values()}
    done = _do_all(deeds, now, {each.handoff_id: each.key for each in wanted.values()})
    return [wanted[id_] for id_, refused in done.items() if refused is None]


@dataclass(frozen=True, slots=True)
class _Deed:
    """An event to be written, by type and properties, and the fact that the hand-off is to have by it."""

    type: str
    properties: Mapping[str, Any]
    fact: Callable[[datetime, Handoff], Fact]


def _assignment(to: str, by: str, why: str, more: Mapping[str, Any] | None = None) -> _Deed:
    rep = to.strip().lower() if "@" in to else to.strip()

    def fact(at: datetime, handoff: Handoff) -> Assigned:
        if not handoff.complete and not handoff.rep:
            raise NotAllowed(f"it is held until this is known: {', '.join(handoff.opened.missing)}")
        return Assigned(at, rep, by, why)

    return _Deed("owner_assigned", {"owner": rep, "by": by, "why": why, **(more or {})}, fact)


@transaction.atomic
def _do(handoff_id: int, deed: _Deed, now: datetime, key: str | None) -> models.Handoff:
    (refused,) = _do_all({handoff_id: deed}, now, {handoff_id: key}).values()
    if refused:
        raise refused
    return models.Handoff.objects.get(pk=handoff_id)


def _do_all(deeds: Mapping[int, _Deed], now: datetime, keys: Mapping[int, str | None]) -> dict[int, NotAllowed | None]:
    """What became of each deed: nothing was wrong with it, or what was; the caller's transaction holds them all."""
    persons = _hold(deeds)
    identities = _identities(persons.values())
    before = _stored(deeds)
    refused: dict[int, NotAllowed | None] = {
        id_: NoSuchHandoff(f"there is no hand-off {id_} any more") for id_ in deeds if id_ not in before
    }
    expected, events = {}, []
    messages = {id_: f"{deeds[id_].type}:{id_}:{key}" for id_, key in keys.items() if key}
    done = _done_before(messages.values())
    for id_, (person, handoff) in before.items():
        deed, message = deeds[id_], messages.get(id_, "")
        refused[id_] = None
        if message in done:
            continue
        at = max(now, handoff.last_fact_at + INSTANT)
        event = _event(deed, at, message or f"{deed.type}:{id_}:{at:%Y%m%dT%H%M%S%f}", handoff, identities[person])
        try:
            expected[id_] = apply(handoff, _with_event(deed.fact(at, handoff), event))
        except NotAllowed as no:
            refused[id_] = no
        else:
            events.append(event)
    if events:
        append(events, OURS)
        derive_hand_offs(sorted({before[id_][0] for id_ in expected}))
        _insist(expected)
    return refused


def _hold(ids: Iterable[int]) -> dict[int, int]:
    """Hold the persons of the hand-offs, bring them up to what the log says by now, and return them by hand-off."""
    of = models.Handoff.objects.filter(pk__in=list(ids)).values_list("pk", "person_id")
    held = sorted({person for _, person in of})
    lock_persons(held)
    derive_hand_offs(held)
    return dict(of.all())


def _stored(ids: Iterable[int]) -> dict[int, tuple[int, Handoff]]:
    rows = queries.stored(models.Handoff.objects.filter(pk__in=list(ids)))
    return {each.id: (each.person_id, each.handoff) for each in rows}


def _insist(expected: Mapping[int, Handoff]) -> None:
    """The log must now say what was promised; where the story moved at this very moment, nothing is done."""
    found = _stored(expected)
    for id_, handoff in expected.items():
        if id_ not in found or found[id_][1] != handoff:
            raise NotAllowed("something else happened to it at this moment; look again")


def _identities(persons: Iterable[int]) -> dict[int, str]:
    """The identifier under which our events go to each person: the one that says most, the earliest of such."""
    kind = Case(When(value__startswith="user:", then=Value(0)), When(value__startswith="email:", then=Value(1)),
                default=Value(2))  # fmt: skip
    known = Identifier.objects.filter(person__in=set(persons)).annotate(kind=kind)
    found: dict[int, str] = {}
    for person, value in known.order_by("shared", "kind", "first_seen", "value").values_list("person_id", "value"):
        found.setdefault(person, value)
    return found


def _event(deed: _Deed, at: datetime, message_id: str, handoff: Handoff, identity: str) -> NewEvent:
    told = {name: value for name, value in deed.properties.items() if value not in ("", None)}
    if handoff.rep or deed.type == "owner_assigned":  # only who was given a lead keeps it whatever comes late
        told[NAME] = pin(handoff.opened)
    return NewEvent(
        message_id=message_id,
        type=deed.type,
        occurred_at=at,
        received_at=at,
        identity=identity,
        properties=told,
    )


def _with_event(fact: Fact, event: NewEvent) -> Fact:
    return Touched(fact.at, fact.by, fact.kind, event.message_id) if isinstance(fact, Touched) else fact


def _done_before(message_ids: Iterable[str]) -> set[str]:
    """Those of the events that the log has already."""
    asked = list(message_ids)
    if not asked:
        return set()
    known = Event.objects.filter(message_id__in=asked, source=source_named(OURS))
    return set(known.values_list("message_id", flat=True))


def _commitments(handoff: Handoff) -> Commitments:
    versions = reading.versions_in_force()
    if versions is None:
        raise NotAllowed("there is no agreement, so there are no agreed reasons")
    return versions.of(handoff.opened.version).agreement.commitments
