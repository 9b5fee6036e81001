"""A small company that every page test knows: a dozen people on their way, told as events and folded for real.

Ana does everything and becomes a customer; Bea is rejected; Carlos is qualified and waits; Dora only reads; the rest
are leads from a fair. One visitor has no name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.agreements.models import AgreementVersion
from entente.events.actions import append
from entente.events.types import NewEvent
from entente.people.models import Person
from entente.worker.fold import fold_new_events
from tests.events.factories import event

REP, OTHER_REP = "lola@acme.example", "max@acme.example"
NOW = datetime.now(UTC)
BEGAN = NOW - timedelta(days=40)

AGREEMENT = f"""
format: 1
name: ACME, small
effective: {(NOW - timedelta(days=400)).date()}
timezone: Europe/Madrid
stages:
  - {{name: Lead, entered_when: known}}
  - {{name: Read pricing, entered_when: {{page: "/pricing*"}}}}
  - {{name: Qualified, entered_when: qualified}}
  - {{name: Customer, entered_when: deal_won}}
definition:
  threshold: 20
  fit:
    - {{rule: Decision maker, points: 10, when: {{trait: title, matches: chief}}}}
  engagement:
    half_life: 30 days
    rules:
      - {{rule: Looked at pricing, points: 10, when: {{page: "/pricing*"}}, limit: 2 per day}}
      - {{rule: Read the blog, points: 1, when: {{page: "/blog*"}}}}
commitments:
  marketing:
    - {{promise: Volume, count: qualified, at_least: 2, per: month}}
    - {{promise: Quality, share: accepted, at_least: 70%}}
  sales:
    - {{promise: First touch, clock: first_touch, within: 1 hour, at_least: 90%}}
  rejection_reasons: [No budget, No need]
"""


def at(days: float) -> dict[str, datetime]:
    """The times of an event that many days after the company's beginning."""
    moment = BEGAN + timedelta(days=days)
    return {"occurred_at": moment, "received_at": moment}


def person(name: str, day: float, **traits: Any) -> NewEvent:
    mail = f"{name.lower()}@{traits.pop('domain', 'kunde.example')}"
    told = {"name": name, "email": mail, **traits}
    return event("identify", user=name, email=mail, properties=told, **at(day))


def page(name: str | None, path: str, day: float, **given: Any) -> NewEvent:
    who = {"user": name} if name else {"anonymous": "visitor-1"}
    return event("page", path=path, properties={"title": path, **given}, **who, **at(day))


def happened(name: str, type_: str, day: float, **properties: Any) -> NewEvent:
    return event(type_, user=name, properties=properties, **at(day))


def story() -> list[NewEvent]:
    reads = [page(name, "/pricing", day) for name, day in (("Ana", 2), ("Bea", 3), ("Carlos", 30))]
    return [
        person("Ana", 1, title="Chief of all", source="search", company="Kunde"),
        person("Bea", 1, title="Chief buyer", source="search", segment="South"),
        person("Carlos", 5, title="chief", source="fair"),
        person("Dora", 6, source="search"),
        *[person(f"Fair{n}", 7 + n, source="fair") for n in range(5)],
        *reads,
        page("Dora", "/blog/one", 8),
        page("Dora", "/pricing", 9),
        page(None, "/blog/two", 10),
        happened("Ana", "owner_assigned", 2.01, owner=REP),
        happened("Ana", "call", 2.02, by=REP),
        happened("Ana", "accepted", 2.03, by=REP),
        happened("Ana", "deal_opened", 4, deal="D-1", amount=1000, owner=REP, product="Plan"),
        happened("Ana", "deal_won", 12, deal="D-1", amount=1200, owner=REP, product="Plan"),
        happened("Bea", "owner_assigned", 3.01, owner=OTHER_REP),
        happened("Bea", "rejected", 4, by=OTHER_REP, reason="No budget"),
        happened("Dora", "deal_opened", 15, deal="D-2", amount=500, owner=REP),
        happened("Dora", "deal_lost", 20, deal="D-2", amount=500, owner=REP, reason="Price", competitor="Rival"),
    ]


def build() -> AgreementVersion:
    """Store the company as of now, folded."""
    version = adopt(parse(AGREEMENT), None, NOW)
    append(story(), "test")
    fold_new_events(NOW)
    return version


def found(name: str) -> Person:
    return Person.objects.get(name=name)
