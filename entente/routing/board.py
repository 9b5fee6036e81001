"""The teams as they stand: who is there, what they have open, and what each got against what they were due."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from entente.agreements.document import Agreement
from entente.agreements.models import AgreementVersion
from entente.agreements.teams import Team
from entente.handoffs.models import Handoff
from entente.members.models import User
from entente.routing.desk import reps_of, staff_at
from entente.routing.eligibility import Lead, PassedOver, Standing, obstacle_of
from entente.routing.models import TeamLedger
from entente.routing.worth import MONEY, POINTS


@dataclass(frozen=True, slots=True)
class Sums:
    """What a rep got in a team and what they were due, over a period."""

    got_count: float = 0.0
    due_count: float = 0.0
    got_value: float = 0.0
    due_value: float = 0.0

    @property
    def count(self) -> float:
        return self.got_count - self.due_count

    @property
    def value(self) -> float:
        return self.got_value - self.due_value


@dataclass(frozen=True, slots=True)
class RepRow:
    """A rep in a team. `share` is their part of the team (0 to 1) when all are there; `obstacle` what keeps new leads
    from them now. `is_member` is false for one who has no account here."""

    rep: str
    name: str
    share: float
    standing: Standing
    at_most: int | None
    obstacle: PassedOver | None
    sums: Sums
    is_member: bool

    @property
    def is_gone(self) -> bool:
        return self.standing.gone


@dataclass(frozen=True, slots=True)
class TeamCard:
    """A team with its reps; values are in `measure`, and `largest` is its largest lead so far."""

    team: Team
    rows: list[RepRow]
    measure: str
    largest: float

    @property
    def furthest_count(self) -> float:
        return max((abs(row.sums.count) for row in self.rows), default=0.0)

    @property
    def is_money(self) -> bool:
        return self.measure == MONEY


@dataclass(frozen=True, slots=True)
class Departed:
    """Somebody who has no access any more, is named in the agreement or has hand-offs open."""

    rep: str
    name: str
    open: int
    is_named: bool


def cards(version: AgreementVersion, now: datetime, since: datetime | None = None) -> list[TeamCard]:
    """The teams of a version at a moment; sums from ``since`` on, or since dealing began."""
    board = _Board(version.agreement, now, since)
    return [board.card(team) for team in version.agreement.routing.teams]


class _Board:
    """What the cards of all teams are made from."""

    def __init__(self, agreement: Agreement, now: datetime, since: datetime | None) -> None:
        self.agreement, self.now = agreement, now
        self.staff = staff_at(reps_of(agreement), now)
        self.names = dict(User.objects.filter(email__in=self.staff).values_list("email", "name"))
        self.ledgers = {row.team: row for row in TeamLedger.objects.all()}
        self.sums = sums_since(since)

    def card(self, team: Team) -> TeamCard:
        whole = sum(each.share for each in team.reps)
        rows = [self._row(team, each.rep, each.share / whole) for each in team.reps]
        ledger = self.ledgers.get(team.name)
        return TeamCard(team, rows, ledger.measure if ledger else POINTS, ledger.largest if ledger else 0.0)

    def _row(self, team: Team, rep: str, share: float) -> RepRow:
        standing = self.staff[rep]
        return RepRow(
            rep,
            self.names.get(rep, rep),
            share,
            standing,
            standing.at_most if standing.at_most is not None else self.agreement.routing.at_most,
            obstacle_of(rep, Lead(), self.agreement, self.staff, self.now),
            self.sums.get((team.name, rep), Sums()),
            rep in self.names,
        )


def sums_since(since: datetime | None) -> dict[tuple[str, str], Sums]:
    """By team and rep, over the decisions that count; values of another measure than the team's now are left out."""
    with connection.cursor() as sql:
        sql.execute(SUMS, {"since": since})
        return {(team, rep): Sums(*numbers) for team, rep, *numbers in sql.fetchall()}


def departed(agreement: Agreement | None) -> list[Departed]:
    """Disabled members who are named in the agreement or still have open hand-offs."""
    named = set(reps_of(agreement)) if agreement else set()
    opened: dict[str, int] = defaultdict(int)
    for rep in Handoff.objects.filter(closed_at__isnull=True).exclude(rep="").values_list("rep", flat=True):
        opened[rep] += 1
    gone = User.objects.filter(is_active=False, email__in=named | opened.keys()).order_by("name")
    return [Departed(user.email, user.name, opened.get(user.email, 0), user.email in named) for user in gone]


SUMS: Final = """
    WITH counted AS (
        SELECT d.*, CASE WHEN d.measure = l.measure THEN d.value ELSE 0 END AS worth
        FROM routing_decision d JOIN routing_teamledger l ON l.team = d.team
        WHERE d.taken_back = '' AND d.at >= coalesce(%(since)s::timestamptz, '-infinity')
    ), parts AS (
        SELECT team, rep, 1 AS got, 0.0::float8 AS due, worth AS got_value, 0.0::float8 AS due_value FROM counted
        UNION ALL
        SELECT c.team, p.rep, 0, p.due, 0, p.due * c.worth
        FROM counted c, jsonb_to_recordset(c.candidates) AS p (rep text, due float8)
    )
    SELECT team, rep, sum(got)::float8, sum(due), sum(got_value), sum(due_value) FROM parts GROUP BY team, rep
"""
