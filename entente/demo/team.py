"""The reps at work: their hours and absences, and whose turn it is. Pure.

A rep's turn comes round by what they are due: each lead that their desk gets adds to the due of those who are there,
by their share, and the one with most due takes it. Who is away neither owes nor gains.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from entente.demo import cast
from entente.sla.business_time import Calendar

WORKDAY = {weekday: [(time(9), time(18))] for weekday in range(5)}


@dataclass(slots=True)
class Worker:
    """A rep with their calendar; ``due`` is the part of a lead that is theirs by now."""

    rep: cast.Rep
    calendar: Calendar
    away: frozenset[date]
    due: float = 0.0

    def is_there(self, at: datetime) -> bool:
        return at.astimezone(ZoneInfo(self.rep.desk.zone)).date() not in self.away

    def after(self, at: datetime, minutes: float) -> datetime:
        """When they have worked that long since ``at``."""
        return self.calendar.add_open_time(at, timedelta(minutes=minutes))


@dataclass(slots=True)
class Team:
    """All reps; an account stays with the rep who had it first."""

    workers: list[Worker]
    desk_hours: dict[str, Calendar]
    account_reps: dict[int, Worker] = field(default_factory=dict)

    @classmethod
    def hired(cls, seed: int, start: datetime, years: int = 3) -> Team:
        chance = random.Random(f"{seed} absences")
        hours = {desk.name: _hours(desk) for desk in cast.DESKS}
        return cls([_hire(rep, chance, start.date(), years) for rep in cast.REPS], hours)

    def next_opening(self, country: str, at: datetime) -> datetime:
        """When the country's desk is open: leads that come at night wait for the morning."""
        return self.desk_hours[_desk_for(country).name].next_opening(at)

    def take(self, country: str, account: int, at: datetime) -> Worker:
        """Deal a lead: to the account's rep if there, else to the one of the desk who is due it. -1: no account."""
        desk = _desk_for(country)
        there = [worker for worker in self.workers if worker.rep.desk is desk and worker.is_there(at)]
        there = there or [worker for worker in self.workers if worker.rep.desk is desk]
        own = self.account_reps.get(account)
        chosen = own if own in there else self._most_due(there)
        if account >= 0:
            self.account_reps.setdefault(account, chosen)
        return chosen

    def stand_in(self, worker: Worker, at: datetime) -> Worker:
        """A colleague of the same desk who takes over a lead that was left lying."""
        others = [other for other in self.workers if other.rep.desk is worker.rep.desk and other is not worker]
        return self._most_due([other for other in others if other.is_there(at)] or others)

    def _most_due(self, there: list[Worker]) -> Worker:
        shares = sum(worker.rep.share for worker in there)
        for worker in there:
            worker.due += worker.rep.share / shares
        chosen = max(there, key=lambda worker: worker.due)
        chosen.due -= 1
        return chosen


def _hire(rep: cast.Rep, chance: random.Random, start: date, years: int) -> Worker:
    away: set[date] = set()
    for half in range(2 * years):
        first = start + timedelta(days=half * 182 + chance.randrange(150))
        away.update(first + timedelta(days=day) for day in range(12))
    return Worker(rep, _hours(rep.desk, frozenset(away)), frozenset(away))


def _hours(desk: cast.Desk, away: frozenset[date] = frozenset()) -> Calendar:
    return Calendar(WORKDAY, ZoneInfo(desk.zone), desk.holidays, away)


def _desk_for(country: str) -> cast.Desk:
    return next((desk for desk in cast.DESKS if country in desk.countries), cast.IBERIA)


def instant(at: int) -> datetime:
    """The moment of a number of microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=at)


def microseconds(at: datetime) -> int:
    """The number of microseconds since the epoch of a moment."""
    return (at - EPOCH) // timedelta(microseconds=1)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
