"""The stored ledgers: what `routing.fair` keeps in memory, kept between transactions.

Whoever writes in them holds one lock until the transaction ends. Persons are locked before it, never after: see
`actions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Min

from entente.agreements.document import Agreement
from entente.routing.fair import Balance as Place
from entente.routing.fair import Candidate, Deal, Ledger, lot
from entente.routing.models import Balance, Decision, TeamLedger

LOCK: Final = 78_220  # of PostgreSQL's advisory locks


def hold_ledgers() -> None:
    """Wait until nobody else deals."""
    with connection.cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def try_to_hold_ledgers() -> bool:
    """Hold them if nobody else does at this moment."""
    with connection.cursor() as sql:
        sql.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(sql.fetchone()[0])


def open_ledgers(agreement: Agreement, now: datetime) -> None:
    """Begin the ledger of each team that has none. What is given from then on counts."""
    named = [team.name for team in agreement.routing.teams]
    known = set(TeamLedger.objects.values_list("team", flat=True))
    missing = [TeamLedger(team=team, began_at=now) for team in named if team not in known]
    TeamLedger.objects.bulk_create(missing, ignore_conflicts=True)


def began_at() -> datetime | None:
    """Since when what is given counts."""
    return TeamLedger.objects.aggregate(first=Min("began_at"))["first"]


class Offer(NamedTuple):
    """A lead by its name, what it is worth in which measure, and who may take it, with their shares."""

    lead: str
    value: float
    measure: str
    eligible: Mapping[str, float]


class Book:
    """All ledgers, read at once; `save` writes what has changed. Hold them first."""

    def __init__(self) -> None:
        self._rows = {row.team: row for row in TeamLedger.objects.all()}
        self._balances = {(row.ledger_id, row.rep): row for row in Balance.objects.all()}
        self._changed: set[str] = set()

    def deal(self, team: str, offer: Offer, to: str = "") -> Deal:
        """Give a lead within the team and count it; to `to`, or where it makes the ledger most even."""
        self._measure(team, offer.measure)
        ledger = self._ledger(team)
        deal = ledger.deal(offer.lead, offer.value, offer.eligible, to or None)
        self._keep(team, ledger)
        self._got(team, deal.rep, 1, offer.value)
        return deal

    def take_back(self, decision: Decision) -> None:
        """Let a decision count no longer, for anybody."""
        self._count(decision, -1)

    def count_again(self, decision: Decision) -> None:
        """Let one that was taken back count after all."""
        self._count(decision, +1)

    def save(self) -> None:
        for team in self._changed:
            self._rows[team].save()
        changed = {self._rows[team].pk for team in self._changed}
        Balance.objects.bulk_create(
            [row for (ledger, _), row in self._balances.items() if ledger in changed],
            update_conflicts=True,
            unique_fields=["ledger", "rep"],
            update_fields=["count", "value", "got_count", "got_value"],
        )
        self._changed.clear()

    def _count(self, decision: Decision, times: int) -> None:
        if decision.team not in self._rows:
            return
        row = self._rows[decision.team]
        value = decision.value if decision.measure == row.measure else 0.0
        ledger = self._ledger(decision.team)
        deal = Deal(lead_name(decision), decision.rep, value, candidates_of(decision))
        if times < 0:
            ledger.take_back(deal)
        else:
            ledger.count_again(deal)
        self._keep(decision.team, ledger)
        self._got(decision.team, decision.rep, times, times * value)

    def _measure(self, team: str, measure: str) -> None:
        """What is counted in another measure from now on starts level in value; the number of leads goes on."""
        row = self._rows[team]
        if row.measure == measure:
            return
        row.measure, row.largest = measure, 0.0
        for (ledger, _), balance in self._balances.items():
            if ledger == row.pk:
                balance.value = balance.got_value = 0.0
        self._changed.add(team)

    def _ledger(self, team: str) -> Ledger:
        row = self._rows[team]
        places = {rep: Place(b.count, b.value) for (ledger, rep), b in self._balances.items() if ledger == row.pk}
        return Ledger(places, row.largest)

    def _keep(self, team: str, ledger: Ledger) -> None:
        self._rows[team].largest = ledger.largest
        for rep, place in ledger.balances.items():
            balance = self._balance(team, rep)
            balance.count, balance.value = place.count, place.value
        self._changed.add(team)

    def _got(self, team: str, rep: str, count: int, value: float) -> None:
        balance = self._balance(team, rep)
        balance.got_count += count
        balance.got_value += value

    def _balance(self, team: str, rep: str) -> Balance:
        row = self._rows[team]
        return self._balances.setdefault((row.pk, rep), Balance(ledger=row, rep=rep))


def lead_name(of: Any) -> str:
    """The name under which a hand-off, or a decision about it, is dealt: the tie between two reps goes by it."""
    return f"{of.cause} {of.opened_at.isoformat()}"


def as_data(deal: Deal, shares: Mapping[str, float]) -> list[dict[str, Any]]:
    """A deal's candidates for `Decision.candidates`."""
    return [
        {
            "rep": each.rep,
            "share": shares[each.rep],
            "due": each.due,
            "count": each.count,
            "value": each.value,
            "rise": each.rise,
            "lot": lot(deal.lead, each.rep).hex(),
        }
        for each in deal.candidates
    ]


def candidates_of(decision: Decision) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(each["rep"], each["due"], each["count"], each["value"], each["rise"]) for each in decision.candidates
    )
