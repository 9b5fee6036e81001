"""A small world for alert tests: Ana of ACME looks at things, lola and max are reps, and what happens is folded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Max

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.alerts import actions
from entente.alerts.document import from_data
from entente.alerts.happened import Happened
from entente.alerts.models import Address, AlertRule
from entente.alerts.sealing import seal
from entente.events.actions import append
from entente.events.models import Event
from entente.events.types import NewEvent
from entente.handoffs.models import Handoff
from entente.members.models import Role, User
from entente.people.models import Person
from entente.worker.fold import fold_new_events
from tests.events.factories import event
from tests.members.factories import UserFactory

NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)  # a Wednesday; noon in Madrid

AGREEMENT = """
format: 1
name: ACME
effective: 2026-01-01
timezone: Europe/Madrid
definition:
  threshold: 20
  fit:
    - {rule: Decision maker, points: 10, when: {trait: title, matches: chief}}
  engagement:
    half_life: 30 days
    rules:
      - {rule: Looked at pricing, points: 10, when: {page: "/pricing*"}, limit: 2 per day}
commitments:
  sales:
    - {promise: First touch, clock: first_touch, within: 1 hour, at_least: 90%, warn_at: 50%}
  rejection_reasons: [No budget]
"""


def at(minutes: float = 0) -> datetime:
    return NOW + timedelta(minutes=minutes)


def doing(type_: str, who: str = "ana", minutes: float = 0, **fields: Any) -> NewEvent:
    """An event of that person."""
    moment = {"occurred_at": at(minutes), "received_at": at(minutes)}
    return event(type_, user=who, **{**moment, **fields})


def page(path: str = "/pricing", who: str = "ana", minutes: float = 0, **properties: Any) -> NewEvent:
    return doing("page", who, minutes, path=path, properties=properties)


def known(who: str = "ana", minutes: float = -60, domain: str = "kunde.example", **traits: Any) -> NewEvent:
    mail = f"{who}@{domain}"
    return doing("identify", who, minutes, email=mail, properties={"name": who.title(), "email": mail, **traits})


def happen(*events: NewEvent, minutes: float = 5, imported_by: Any = None, **others: Any) -> Happened:
    """Append, fold, and say what the worker would say."""
    before = Event.objects.aggregate(last=Max("id"))["last"] or 0
    append(events, "site", imported_by)
    fold_new_events(at(minutes))
    last = Event.objects.aggregate(last=Max("id"))["last"] or 0
    return Happened(first_event=before + 1, last_event=last, **others)


def hear(*events: NewEvent, minutes: float = 5, **others: Any) -> Any:
    return actions.hear(happen(*events, minutes=minutes, **others), at(minutes))


def adopt_agreement() -> None:
    adopt(parse(AGREEMENT), None, NOW)


def rep(name: str = "lola", **fields: Any) -> User:
    return UserFactory(email=f"{name}@acme.example", name=name.title(), **fields)


def manager(party: str = "sales", name: str = "maria") -> User:
    return UserFactory(email=f"{name}@acme.example", name=name.title(), role=Role.MANAGER, party=party)


def rule(owner: User, name: str = "Pricing", **document: Any) -> AlertRule:
    asked = (
        document if {"when", "on", "mine", "account"} & document.keys() else {"when": {"page": "/pricing*"}, **document}
    )
    return actions.save_rule(owner, from_data({"name": name, **asked}, owner.timezone), NOW)


def webhook_of(owner: User, url: str, name: str = "hook") -> Address:
    """A webhook as it is stored, whatever the guard thinks of it now."""
    secret = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
    sealed = seal({"url": url, "secret": secret})
    return Address.objects.create(
        owner=owner, channel="webhook", name=name, sealed=sealed, shown="http://…", created_at=NOW
    )


def person(name: str = "Ana") -> Person:
    return Person.objects.get(name=name)


def handoff(name: str = "Ana") -> Handoff:
    return Handoff.objects.get(person__name=name, closed_at=None)


def texts(receiver: User) -> list[str]:
    return list(receiver.notifications.order_by("pk").values_list("text", flat=True))


@dataclass(frozen=True, slots=True)
class Told:
    """A notice of a promise, as the room `sla` gives one."""

    kind: str
    person_id: int
    handoff_id: int = 1
    rep: str = "lola@acme.example"
    receivers: tuple[str, ...] = ()
    clock: str = "first_touch"
    promise: str = "First touch"
    due_at: datetime = NOW
    state: str = ""
    moved_to: str = ""
