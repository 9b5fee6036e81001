"""Folding the log through the rooms: events to persons, persons to scores, scores to
hand-offs, and all of them to journeys through the stages.

Every derived table is a function of the log and the agreements, so that folding event by event, in any batches, and
making all of it anew end in the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from entente.events.planning import few
from entente.handoffs import actions as handoffs
from entente.people import actions as people
from entente.people.actions import Resolved
from entente.people.gathering import Batch
from entente.people.models import Person
from entente.reports import actions as reports
from entente.scoring import actions as scoring
from entente.scoring.actions import Scored

Progress = Callable[[int, int], object]
"""Called with persons scored and persons in all, while everybody is scored anew."""


MANY: Final = 10_000
"""So many new events may have made the tables others than the planner was told of; so many persons may be most."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold has done: new events, persons that they touched, persons scored anew from the log, rows of hand-offs
    and deals that were written or removed.

    ``batch`` are the changes of the log that were taken in, ``concerned`` the persons for whom anything may be
    different now (None: anybody), ``opened`` those who have a new hand-off.
    """

    events: int
    persons: int
    refolded: int
    handoffs: int
    deals: int
    batch: Batch = field(default_factory=lambda: Batch([]))
    concerned: frozenset[int] | None = None
    opened: frozenset[int] = frozenset()


@transaction.atomic
def fold_new_events(now: datetime, progress: Progress | None = None, at_most: int | None = None) -> Folded:
    """Take in all that has arrived since the last fold, in one transaction; or at most the first so many events.

    It may be called at any time: nothing new changes nothing, but a version of the agreement that has begun by ``now``
    has everybody scored under it.
    """
    resolved = people.resolve_new(now, at_most)
    scored = scoring.fold_new_events(resolved, now, progress)
    return _hand_off(resolved, scored, now)


@transaction.atomic
def rebuild(now: datetime, progress: Progress | None = None) -> Folded:
    """Make everything that is derived anew, from the log and the agreements. Persons keep their numbers."""
    resolved = people.resolve_anew(now)
    scored = Scored(refolded=scoring.refold_all(now, progress))
    derived = handoffs.derive(None)
    reports.follow_journeys(now)
    return _counted(resolved, scored, derived, None)


def _hand_off(resolved: Resolved, scored: Scored, now: datetime) -> Folded:
    concerned = resolved.touched | resolved.refold | resolved.gone | scored.persons
    chosen = None if resolved.batch.removed or _are_most(concerned) else concerned
    derived = handoffs.Derived()
    with few(None if chosen is None else len(chosen)):
        if resolved.batch.arrivals or concerned:
            derived = handoffs.derive(chosen, of_nobody=chosen is None or _tells_of_nobodys_deals(resolved.batch))
        if resolved.batch.arrivals or concerned or not reports.are_followed(now):
            reports.follow_journeys(now, chosen)
    if _doubled_the_log(resolved.batch):
        with connection.cursor() as sql:
            sql.execute("ANALYZE")
    return _counted(resolved, scored, derived, chosen)


def _tells_of_nobodys_deals(batch: Batch) -> bool:
    """Whether any of its events names nobody; a deal may have no person."""
    with connection.cursor() as sql:
        sql.execute(OF_NOBODY, [batch.first, batch.last, batch.arrivals])
        return bool(sql.fetchone()[0])


OF_NOBODY: Final = """
    SELECT EXISTS (SELECT FROM events_event WHERE id BETWEEN %s AND %s AND arrival = ANY(%s) AND identity IS NULL)
"""


def _doubled_the_log(batch: Batch) -> bool:
    """Whether what the planner was told of the tables is of another time; of smaller changes it learns by itself."""
    return batch.events >= MANY and 2 * batch.events >= batch.last


def _are_most(persons: frozenset[int]) -> bool:
    """Whether it is less work to derive for everybody than to look these persons up one by one."""
    return len(persons) >= MANY and 2 * len(persons) >= Person.objects.count()


def _counted(resolved: Resolved, scored: Scored, derived: handoffs.Derived, concerned: frozenset[int] | None) -> Folded:
    return Folded(
        events=resolved.events,
        persons=len(resolved.touched),
        refolded=len(scored.refolded),
        handoffs=derived.handoffs + derived.handoffs_removed,
        deals=derived.deals + derived.deals_removed,
        batch=resolved.batch,
        concerned=concerned,
        opened=derived.opened,
    )
