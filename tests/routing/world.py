"""A small sales force for routing tests: three reps of one team, one of another, and leads that ask for a demo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.events.actions import append
from entente.handoffs.models import Handoff
from entente.people.models import Person
from entente.routing import actions
from entente.worker.fold import fold_new_events
from tests.events.factories import event

ANA, LUIS, EVA, MARIA = (f"{name}@acme.example" for name in ("ana", "luis", "eva", "maria"))
MONDAY = datetime(2026, 7, 6, 8, tzinfo=UTC)  # ten o'clock in Madrid
BEGAN = MONDAY - timedelta(days=10)

TEAMS = """
  teams:
    - team: Iberia
      when: {trait: country, in: [ES, PT]}
      reps: [ana@acme.example, luis@acme.example, eva@acme.example]
    - {team: Rest, when: {trait: country, in: [MX]}, reps: [maria@acme.example]}
"""
_numbers = count()


def agreement(teams: str = TEAMS, more: str = "  at_most: 25 open per rep\n", name: str = "ACME"):
    return parse(f"""
format: 1
name: {name}
effective: 2026-01-01
timezone: Europe/Madrid
definition:
  threshold: 50
  engagement: {{half_life: 30 days, rules: [
    {{rule: Asked for a demo, points: 60, when: {{track: Demo Requested}}}},
    {{rule: Looked at pricing, points: 5, when: {{page: "/pricing"}}}}]}}
  required: [email]
  requalify_after: 1 days
commitments:
  rejection_reasons: [{{reason: Wrong contact data, gives_credit: true}}, No budget]
routing:{teams}{more}""")


def begin(teams: str = TEAMS, more: str = "  at_most: 25 open per rep\n"):
    """Adopt the agreement, and begin the ledgers before anything happens."""
    adopt(agreement(teams, more), None, BEGAN)
    actions.deal_waiting(BEGAN)


def at(minutes: float = 0, *, days: float = 0) -> datetime:
    return MONDAY + timedelta(minutes=minutes, days=days)


def asks(name: str, when: datetime, country: str = "ES", views: int = 0, domain: str = "", **traits):
    """The events of somebody who tells who they are and asks for a demo; ``views`` make them hotter."""
    mail = f"{name}@{domain or name + '.example'}"
    told = {"user": name, "email": mail, "occurred_at": when, "received_at": when}
    return [
        event("identify", id=f"i{next(_numbers)}", properties={"email": mail, "country": country, **traits}, **told),
        *[event("page", id=f"p{next(_numbers)}", path="/pricing", **told) for _ in range(views)],
        event("track", id=f"t{next(_numbers)}", name="Demo Requested", **told),
    ]


def told(now: datetime, *events, imported_by=None):
    """Append and fold, as the worker does."""
    append(list(events), "site", imported_by)
    fold_new_events(now)


def come(names, now: datetime, **given):
    told(now, *[each for name in names for each in asks(name, now, **given)])


def worked(now: datetime):
    """What the worker does after folding: count what others did, deal what waits, fold that."""
    actions.follow(Person.objects.values_list("pk", flat=True), now)
    dealt = actions.deal_waiting(now)
    fold_new_events(now)
    return dealt


def handoff_of(name: str) -> Handoff:
    return Handoff.objects.filter(person__email__startswith=f"{name}@").latest("opened_at")


def rep_of(name: str) -> str:
    return handoff_of(name).rep
