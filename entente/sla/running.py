"""The clocks that are not over, as a page shows them: what runs, what is overdue, who waits, and the time that is left.

A number and the list behind it are one query. Business time is counted here, for the clocks that are shown, each in the
calendar of its rep's team.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q, QuerySet

from entente.agreements.commitments import Clock as Timed
from entente.agreements.commitments import Persistence
from entente.agreements.document import Agreement
from entente.handoffs.reading import versions_in_force
from entente.sla.business_time import calendar_for
from entente.sla.clocks import NOTHING, PERSISTENCE, ClockState, timed_promises
from entente.sla.models import Clock
from entente.sla.waits import WAITING

STANDINGS: Final = ("running", "overdue", "waiting", "before")
"""Due later; due and not yet done; a lead that nobody could take; overdue since before Entente heard of it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose clocks, and of which promise; empty for all."""

    rep: str = ""
    promise: str = ""

    def clocks(self) -> QuerySet[Clock]:
        chosen = Clock.objects.filter(over_at__isnull=True)
        if self.rep:
            chosen = chosen.filter(rep=self.rep)
        return chosen.filter(promise=self.promise) if self.promise else chosen


@dataclass(frozen=True, slots=True)
class Shown:
    """A clock, and the open time until it is due, or since (`left` is never negative). `used` is a part of 1."""

    clock: Clock
    left: timedelta
    is_late: bool
    used: float

    @property
    def is_paused(self) -> bool:
        return self.clock.state == ClockState.PAUSED and not self.is_late


def standing(which: str, now: datetime) -> Q:
    """The condition for one of STANDINGS. At its due time a promise can still be kept."""
    late = Q(due_at__lt=now)
    return {
        "running": ~late & ~Q(kind=WAITING),
        "overdue": late & Q(quiet=False) & ~Q(kind=WAITING),
        "waiting": Q(kind=WAITING),
        "before": late & Q(quiet=True) & ~Q(kind=WAITING),
    }[which]


def counts(choice: Choice, now: datetime) -> dict[str, int]:
    """How many clocks stand in each way."""
    numbers = {which: Count("pk", filter=standing(which, now)) for which in STANDINGS}
    return dict(choice.clocks().aggregate(**numbers))


def standing_clocks(which: str, choice: Choice, now: datetime) -> QuerySet[Clock]:
    """The clocks behind one of the counts, the soonest due first."""
    return choice.clocks().filter(standing(which, now)).order_by("due_at", "pk")


def choices() -> tuple[list[str], list[str]]:
    """The reps and the promises of all clocks that are not over."""
    open_clocks = Choice().clocks()
    reps = open_clocks.exclude(rep="").values_list("rep", flat=True).distinct().order_by("rep")
    promises = open_clocks.values_list("promise", flat=True).distinct().order_by("promise")
    return list(reps), list(promises)


def clocks_of_handoffs(kind: str, promise: str, handoffs: Iterable[int]) -> dict[int, list[Clock]]:
    """The stored clocks of one promise, by hand-off, in order. Of persistence there may be several promises."""
    found: dict[int, list[Clock]] = defaultdict(list)
    named = {"promise": promise} if kind == PERSISTENCE else {}
    for clock in Clock.objects.filter(handoff__in=list(handoffs), kind=kind, **named).order_by("started_at", "pk"):
        found[clock.handoff_id].append(clock)
    return found


def next_due(now: datetime) -> datetime | None:
    """When the next of all running clocks falls due."""
    soonest = Choice().clocks().filter(standing("running", now)).order_by("due_at", "pk")
    return soonest.values_list("due_at", flat=True).first()


def shown(clocks: Iterable[Clock], now: datetime) -> list[Shown]:
    """The clocks with their countdowns, in business time."""
    versions = versions_in_force()
    return [_shown(clock, versions.of(clock.version).agreement, now) for clock in clocks] if versions else []


def _shown(clock: Clock, agreement: Agreement, now: datetime) -> Shown:
    calendar = calendar_for(agreement, clock.rep)
    left = calendar.elapsed(now, clock.due_at)
    whole = calendar.elapsed(clock.started_at, clock.due_at)
    used = 1 - left / whole if whole > NOTHING else 1.0
    return Shown(clock, abs(left), clock.due_at < now, min(max(used, 0.0), 1.0))


def given_now(agreement: Agreement, rep: str, now: datetime) -> list[tuple[Timed | Persistence, datetime]]:
    """What each timed promise means, by a date: when it would be due for a lead that is given to the rep now."""
    calendar = calendar_for(agreement, rep)
    return [(promise, calendar.add(now, promise.within)) for promise in timed_promises(agreement)]
