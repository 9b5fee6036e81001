"""What reads routing: who waits and why, where a lead would go, why somebody was given one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from entente.agreements.queries import version_in_force
from entente.handoffs.models import Handoff
from entente.people.models import Person
from entente.routing.dealing import passed_data
from entente.routing.desk import reps_of, staff_at
from entente.routing.eligibility import Choice, choose
from entente.routing.fair import Balance as Place
from entente.routing.fair import Deal, Ledger
from entente.routing.leads import Candidature, admitted_rows, candidatures, claims_to, lead_of, left_rows, waiting_rows
from entente.routing.learning import known_worth
from entente.routing.ledgers import as_data, lead_name
from entente.routing.models import Absence, Balance, Decision, TeamLedger
from entente.scoring.queries import scores_now

ACCOUNT: Final = "account."
"""Changes of a what-if that begin so change what is known of the account."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hand-off in the queue; `choice` says who is passed over and why. Without `choice.waits` it is about to be
    dealt."""

    handoff: Handoff
    person: Person
    score: float | None
    choice: Choice


def waiting(now: datetime) -> list[Waiting]:
    """The hand-offs that may be dealt and have to wait, the hottest first."""
    version = version_in_force(now)
    agreement = version.agreement if version else None
    reps = reps_of(agreement) if agreement else []
    staff = staff_at(reps, now)
    present = [rep for rep in reps if not staff[rep].gone]
    rows = list(admitted_rows())
    persons = Person.objects.select_related("account").in_bulk([each.person_id for each in rows])
    return [
        Waiting(
            each.handoff,
            persons[each.handoff.person_id],
            each.score,
            choose(each.kept_with(present).lead, agreement, staff, now),
        )
        for each in candidatures(rows, now)
    ]


def left_from_before() -> QuerySet[Handoff]:
    """Hand-offs that waited when Entente began and are dealt only when somebody lets them, the latest first."""
    return left_rows().select_related("person__account").order_by("-opened_at", "-pk")


def read_changes(lines: Iterable[str]) -> dict[str, Any]:
    """`name=value` lines as changes for `what_if`: a number, true, false or null as JSON writes them, else the text
    itself; no value takes the trait away. Raises ValueError with the line that is none."""
    found: dict[str, Any] = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise ValueError(line.strip())
        found[name.strip()] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip() or None
    return text.strip() if isinstance(value, (dict, list)) else value


@dataclass(frozen=True, slots=True)
class Preview:
    """Where a lead would go now, and why. `rep` is empty when it would wait; `deal` has the numbers that decided."""

    person_id: int
    at: datetime
    rep: str
    choice: Choice
    deal: Deal | None = None
    score: float | None = None
    value: float = 0.0
    measure: str = ""
    chance: float | None = None
    version: int | None = None

    def as_data(self) -> dict[str, Any]:
        """For a program to read."""
        choice = self.choice
        return {
            "person": self.person_id,
            "at": self.at.isoformat(),
            "version": self.version,
            "rep": self.rep or None,
            "team": choice.team or None,
            "waits": choice.waits.value if choice.waits else None,
            "account_rep": choice.to or choice.covers or None,
            "covered": bool(choice.covers),
            "anyway": choice.anyway,
            "score": self.score,
            "value": self.value,
            "measure": self.measure,
            "chance_to_win": self.chance,
            "candidates": as_data(self.deal, choice.eligible) if self.deal else [],
            "passed_over": [passed_data(each) for each in choice.passed_over],
        }


def what_if(person_id: int, now: datetime, changes: Mapping[str, Any] | None = None) -> Preview:
    """Where this person's lead would go at the moment, with some of their traits changed. Nothing is stored.

    ``changes`` maps names of traits, or `account.NAME`, to values; None takes a value away. Raises Person.DoesNotExist.
    """
    person = Person.objects.select_related("account").get(pk=person_id)
    version = version_in_force(now)
    if version is None:
        return Preview(person_id, now, "", choose(lead_of(person), None, {}, now))
    agreement = version.agreement
    reps = reps_of(agreement)
    staff = staff_at(reps, now)
    lead = _changed(_candidature(person, now), changes or {})
    lead = lead.kept_with(rep for rep in reps if not staff[rep].gone)
    choice = choose(lead.lead, agreement, staff, now)
    worth = known_worth(now)
    value = worth.value(lead.score or 0.0, lead.amount)
    deal = None if choice.waits else _preview(choice, lead_name(lead.handoff), value, worth.measure)
    return Preview(
        person_id,
        now,
        rep=choice.to or (deal.rep if deal else ""),
        choice=choice,
        deal=deal,
        score=lead.score,
        value=value,
        measure=worth.measure,
        chance=worth.chance(lead.score or 0.0) if worth.chances else None,
        version=version.number,
    )


def _candidature(person: Person, now: datetime) -> Candidature:
    """The hand-off that waits for a rep, else one that would open now."""
    rows = list(waiting_rows().filter(person=person))
    if rows:
        return candidatures(rows, now)[0]
    handoff = Handoff(person=person, cause=f"what if {person.pk}", opened_at=now)
    score = scores_now([person.pk], now).get(person.pk)
    return Candidature(handoff, lead_of(person), score, None, claims_to(person, now))


def _changed(lead: Candidature, changes: Mapping[str, Any]) -> Candidature:
    account = {name.removeprefix(ACCOUNT): value for name, value in changes.items() if name.startswith(ACCOUNT)}
    traits = {name: value for name, value in changes.items() if not name.startswith(ACCOUNT)}
    seen = replace(lead.lead, traits={**lead.lead.traits, **traits}, account={**lead.lead.account, **account})
    return replace(lead, lead=seen)


def _preview(choice: Choice, lead: str, value: float, measure: str) -> Deal:
    return ledger_of(choice.team, measure).preview(lead, value, choice.eligible)


def ledger_of(team: str, measure: str) -> Ledger:
    """A team's ledger as it is; level in value where it was kept in another measure."""
    row = TeamLedger.objects.filter(team=team).first()
    if row is None:
        return Ledger()
    same = row.measure == measure
    rows = Balance.objects.filter(ledger=row).values_list("rep", "count", "value")
    places = {rep: Place(count, value if same else 0.0) for rep, count, value in rows}
    return Ledger(places, row.largest if same else 0.0)


def decisions_of(cause: str, opened_at: datetime) -> list[Decision]:
    """The decisions about one hand-off, the latest first."""
    return list(Decision.objects.filter(cause=cause, opened_at=opened_at).order_by("-number"))


def absences(reps: Iterable[str] | None, now: datetime) -> QuerySet[Absence]:
    """Absences that are not over, of these reps or of all, the next first."""
    found = Absence.objects.filter(Q(last__gte=now.date())).select_related("entered_by").order_by("first", "rep")
    return found if reps is None else found.filter(rep__in=list(reps))
