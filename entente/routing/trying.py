"""A past period dealt under a draft: who would have got how many leads, and of what value, before anyone signs.

Every hand-off that opened in the period comes up again at its moment, with what is known of its person now, and goes
to whom the draft's teams and shares give it, starting level. Absences count as they were entered; capacity does not,
since how long each would have stayed open nobody knows. Nothing is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from entente.agreements.document import Agreement
from entente.handoffs.models import Handoff
from entente.people.models import Person
from entente.routing.desk import reps_of
from entente.routing.eligibility import Away, Choice, Standing, choose
from entente.routing.fair import Ledger
from entente.routing.leads import lead_of
from entente.routing.learning import known_worth
from entente.routing.ledgers import lead_name
from entente.routing.models import Absence
from entente.routing.worth import POINTS, Worth
from entente.scoring.models import Qualified

AT_MOST: Final = 50_000


@dataclass(slots=True)
class Part:
    """What a rep of a team would have got, and was due."""

    leads: int = 0
    due: float = 0.0
    value: float = 0.0
    due_value: float = 0.0


@dataclass(slots=True)
class Trial:
    """A period under a draft: parts by team and rep, and how many leads would have waited, by why."""

    start: datetime
    end: datetime
    measure: str = POINTS
    leads: int = 0
    parts: dict[tuple[str, str], Part] = field(default_factory=dict)
    waited: dict[str, int] = field(default_factory=dict)
    had: dict[str, int] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        rows = [
            {
                "team": team, "rep": rep, "leads": part.leads, "due": part.due, "value": part.value,
                "due_value": part.due_value, "had": self.had.get(rep, 0),
            }
            for (team, rep), part in self.parts.items()
        ]  # fmt: skip
        return {
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "leads": self.leads,
            "measure": self.measure,
            "reps": rows,
            "waited": self.waited,
        }


def try_out(agreement: Agreement, start: datetime, end: datetime, now: datetime) -> Trial:
    """Deal the hand-offs opened in [start, end) under the agreement, at most 50,000 of them; `had` is who got them."""
    trying = _Trying(agreement, known_worth(now), Trial(start, end))
    for handoff, person, score in _leads(start, end):
        trying.deal(handoff, person, score)
    return trying.trial


class _Trying:
    """The teams' ledgers and the accounts' reps, as they come to be during the period."""

    def __init__(self, agreement: Agreement, worth: Worth, trial: Trial) -> None:
        self.agreement, self.worth, self.trial = agreement, worth, trial
        away = _absences(agreement)
        self.staff = {rep: Standing(away=tuple(away[rep])) for rep in reps_of(agreement)}
        self.ledgers: dict[str, Ledger] = defaultdict(Ledger)
        self.owners: dict[int, str] = {}
        trial.measure = worth.measure
        for team in agreement.routing.teams:
            trial.parts |= {(team.name, each.rep): Part() for each in team.reps}

    def deal(self, handoff: Handoff, person: Person, score: float) -> None:
        trial, account = self.trial, person.account_id or 0
        trial.leads += 1
        if handoff.rep:
            trial.had[handoff.rep] = trial.had.get(handoff.rep, 0) + 1
        lead = replace(lead_of(person), account_rep=self.owners.get(account, ""))
        choice = choose(lead, self.agreement, self.staff, handoff.opened_at)
        if choice.waits:
            trial.waited[choice.waits.value] = trial.waited.get(choice.waits.value, 0) + 1
            return
        rep = self._count(choice, handoff, self.worth.value(score))
        if account and not choice.covers:
            self.owners[account] = rep

    def _count(self, choice: Choice, handoff: Handoff, value: float) -> str:
        deal = self.ledgers[choice.team].deal(lead_name(handoff), value, choice.eligible, choice.to or None)
        got = self.trial.parts[choice.team, deal.rep]
        got.leads += 1
        got.value += value
        for each in deal.candidates:
            part = self.trial.parts[choice.team, each.rep]
            part.due += each.due
            part.due_value += each.due * value
        return deal.rep


def _leads(start: datetime, end: datetime) -> Iterator[tuple[Handoff, Person, float]]:
    """The hand-offs with their persons and scores when they qualified, in the order in which they opened."""
    rows = list(Handoff.objects.filter(opened_at__gte=start, opened_at__lt=end).order_by("opened_at", "pk")[:AT_MOST])
    persons = Person.objects.select_related("account").in_bulk([each.person_id for each in rows])
    scored = Qualified.objects.filter(person__in=persons, at__gte=start).values_list("person_id", "at", "score")
    scores = {(person, at): score for person, at, score in scored}
    for each in rows:
        score = scores.get((each.person_id, each.qualified_at), 0.0) if each.qualified_at else 0.0
        yield each, persons[each.person_id], score


def _absences(agreement: Agreement) -> dict[str, list[Away]]:
    found: dict[str, list[Away]] = defaultdict(list)
    rows = Absence.objects.filter(rep__in=reps_of(agreement)).order_by("first")
    for rep, first, last, days_before in rows.values_list("rep", "first", "last", "days_before"):
        found[rep].append(Away(first, last, days_before))
    return found
