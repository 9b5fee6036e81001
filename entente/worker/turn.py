"""One turn of the worker: a batch goes through all rooms, in one transaction.

Folding makes of new events what the log says: persons, scores, hand-offs, journeys. Then the machine does its part:
hand-offs that wait are dealt, clocks follow the hand-offs, and whoever wants to hear of it is written to. What it does
to a hand-off is an event again, which the next turn folds like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from entente.agreements.queries import holding_versions
from entente.alerts import actions as alerts
from entente.alerts.happened import Happened
from entente.events.planning import few
from entente.handoffs.lifecycle import State
from entente.handoffs.models import Handoff
from entente.people.gathering import Batch
from entente.routing import actions as routing
from entente.routing.dealing import Dealt
from entente.sla import actions as sla
from entente.worker.fold import Folded, Progress, fold_new_events


@transaction.atomic
def take_turn(now: datetime, progress: Progress | None = None, at_most: int | None = None) -> Folded:
    """Fold what has arrived (at most the first so many events) and do all that follows from it."""
    with holding_versions():
        folded = fold_new_events(now, progress, at_most)
        if folded.batch.arrivals or folded.concerned:
            _follow(folded, now)
    return folded


def _follow(folded: Folded, now: datetime) -> None:
    persons = _with_hand_offs(folded.concerned)
    with few(len(persons)):
        dealt = _deal(persons, now)
        sla.follow(persons, now)
        alerts.hear(_happened(folded, persons, dealt), now)


def _deal(persons: Collection[int], now: datetime) -> Sequence[Dealt]:
    """Count what became of these persons' hand-offs; deal, if one of them waits. The others wait for the timers."""
    if not persons:
        return ()
    routing.follow(persons, now)
    waiting = Handoff.objects.filter(person__in=persons, state=State.WAITING.value)
    return routing.deal_waiting(now) if waiting.exists() else ()


def _happened(folded: Folded, persons: Sequence[int], dealt: Sequence[Dealt]) -> Happened:
    batch = folded.batch
    return Happened(
        first_event=batch.first,
        last_event=batch.last,
        arrivals=tuple(batch.arrivals),
        persons=frozenset(persons) if folded.concerned is None else folded.concerned,
        qualified=_newly_qualified(batch, folded.opened),
        dealt=dealt,
    )


def _with_hand_offs(persons: Collection[int] | None) -> list[int]:
    """Those of the persons (None: of all) who have or had hand-offs."""
    with connection.cursor() as sql:
        if persons is None:
            sql.execute(EVERYBODY)
        else:
            sql.execute(OF_THESE, {"persons": list(persons)})
        return [person for (person,) in sql.fetchall()]


def _newly_qualified(batch: Batch, persons: Collection[int]) -> list[tuple[int, datetime]]:
    """Who qualified, and when, by an event of the batch that came live."""
    if not persons or not batch.events:
        return []
    with connection.cursor() as sql:
        sql.execute(NEWLY_QUALIFIED, [list(persons), batch.first, batch.last, batch.arrivals])
        return sql.fetchall()


EVERYBODY: Final = """
    SELECT person_id FROM handoffs_handoff UNION SELECT person_id FROM sla_clock
    UNION SELECT person_id FROM routing_decision
"""
OF_THESE: Final = """
    SELECT person_id FROM handoffs_handoff WHERE person_id = ANY(%(persons)s)
    UNION SELECT person_id FROM sla_clock WHERE person_id = ANY(%(persons)s)
    UNION SELECT person_id FROM routing_decision WHERE person_id = ANY(%(persons)s) ORDER BY 1
"""
NEWLY_QUALIFIED: Final = """
    SELECT h.person_id, h.qualified_at FROM handoffs_handoff h, LATERAL (
        SELECT id, arrival, imported_by_id FROM events_event WHERE message_id = h.cause OFFSET 0
    ) e
    WHERE h.person_id = ANY(%s) AND h.origin = 'score' AND e.id BETWEEN %s AND %s AND e.arrival = ANY(%s)
      AND e.imported_by_id IS NULL
    ORDER BY h.qualified_at, h.person_id
"""
