"""What rules and readers may know of a person at the moment of telling."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from entente.alerts.matching import Person as SeenPerson
from entente.handoffs.models import Handoff
from entente.people.accounts import account_values, company_domain
from entente.people.models import Person
from entente.scoring.queries import scores_now

LONGEST: Final = 500
"""Characters of a name that a program is told."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A person: what a rule sees (``seen``), how they are called, and what a program is told of them."""

    seen: SeenPerson
    name: str
    account: str
    data: dict[str, Any]

    def seen_as_of(self, rep: str) -> SeenPerson:
        """The same, with the hand-off in the hands of that rep."""
        return replace(self.seen, rep=rep)


def known_of(persons: Collection[int], now: datetime, *, with_scores: bool) -> dict[int, Knowledge]:
    """What is known of these persons now: three queries, however many they are."""
    if not persons:
        return {}
    ids = sorted(persons)
    rows = Person.objects.filter(pk__in=ids, joined_into=None).select_related("account")
    reps = dict(Handoff.objects.filter(person__in=ids, closed_at=None).values_list("person_id", "rep"))
    scores = scores_now(ids, now) if with_scores else {}
    return {row.pk: _knowledge(row, reps.get(row.pk, ""), scores.get(row.pk)) for row in rows}


def _knowledge(person: Person, rep: str, score: float | None) -> Knowledge:
    account = person.account
    values = account_values(account.traits if account else {}, person.email or None)
    names = [account.key, account.domain, account.name] if account else []
    names.append(company_domain(person.email) or "")
    seen = SeenPerson(
        traits=person.traits,
        account=values,
        account_names=frozenset(name.strip().lower() for name in names if name.strip()),
        rep=rep,
        score=score,
    )
    called = str(account) if account else ""
    data = {
        "person": {"id": person.pk, "name": person.name[:LONGEST], "email": person.email},
        "account": called[:LONGEST],
        "path": f"/people/{person.pk}/",
    }
    return Knowledge(seen, person.name or person.email, called, data)
