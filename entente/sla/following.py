"""Stored clocks, made what the facts of their hand-offs say: many at once, only what has changed.

What was acted on already is kept, whatever the facts say by now; that a told breach was none after all is noted beside
it. A clock that was due long before Entente heard of its start (an imported history, a worker that slept for more than
a week) is kept and measured like any other, but nobody is told of it: it is no news. The caller holds the transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from django.db import connection

from entente.handoffs.queries import Stored
from entente.handoffs.versions import Versions
from entente.sla.business_time import CalendarError
from entente.sla.clocks import NOTHING, ClockState, clocks_of
from entente.sla.clocks import Clock as Promised
from entente.sla.models import Clock
from entente.sla.waits import WAITING, Wait, wait_of

log = logging.getLogger(__name__)

HEARD_LATE: Final = timedelta(days=1)
"""A start that was told to Entente so long after it happened is history, as one from an import is."""

NO_NEWS: Final = timedelta(days=7)
"""What fell due so long before a worker first saw it is told to nobody."""

Key: TypeAlias = tuple[int, str, str, datetime]


class Row(NamedTuple):
    """What the facts say of a clock; the columns of `entente.sla.models.Clock` that are derived."""

    handoff_id: int
    person_id: int
    version: int | None
    kind: str
    promise: str
    rep: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    reassign_at: datetime | None
    stopped_at: datetime | None
    over_at: datetime | None
    state: str
    elapsed: timedelta | None
    paused: timedelta

    @property
    def key(self) -> Key:
        return self.handoff_id, self.promise, self.rep, self.started_at


def rows_of(each: Stored, versions: Versions, now: datetime) -> list[Row]:
    """The clocks of a hand-off as of `now`, and its wait if nobody has it; none where its calendar is never open.

    What is known has happened, if only just: a fact may be told while the worker, who looked at the time before, is at
    it. Left for later it would be forgotten, for nothing would call to follow the hand-off again.
    """
    now = max(now, each.handoff.last_fact_at)
    version = versions.of(each.handoff.opened.version)
    known = (each.id, each.person_id, version.number)
    try:
        clocks, wait = clocks_of(each.handoff, version.agreement, now), wait_of(each.handoff, version.agreement)
    except CalendarError:
        log.exception("The clocks of hand-off %s cannot be set", each.id)
        return []
    rows = [_row(known, clock) for clock in clocks] + ([_waiting_row(known, wait)] if wait else [])
    return list({row.key: row for row in rows}.values())


def _row(known: tuple[int, int, int | None], clock: Promised) -> Row:
    return Row(
        *known,
        kind=clock.kind,
        promise=clock.promise,
        rep=clock.rep,
        started_at=clock.started_at,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        reassign_at=clock.reassign_at,
        stopped_at=clock.stopped_at,
        over_at=clock.over_at,
        state=clock.state.value,
        elapsed=clock.elapsed if clock.over_at else None,
        paused=clock.paused,
    )


def _waiting_row(known: tuple[int, int, int | None], wait: Wait) -> Row:
    """A wait is over when somebody has the hand-off; then there is no row any more."""
    return Row(
        *known,
        kind=WAITING,
        promise=wait.promise,
        rep="",
        started_at=wait.since,
        due_at=wait.due_at,
        warn_at=wait.tell_at,
        reassign_at=None,
        stopped_at=None,
        over_at=None,
        state=ClockState.RUNNING.value,
        elapsed=None,
        paused=NOTHING,
    )


def write(rows: Sequence[Row], quiet: Collection[Key], now: datetime) -> int:
    """Insert the clocks that are new, `quiet` ones among them, and change those that changed; returns how many."""
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [*columns, [row.key in quiet for row in rows], now])
        return cursor.rowcount


def remove(ids: Collection[int]) -> int:
    """Remove clocks for which no hand-off speaks any more."""
    return Clock.objects.filter(pk__in=ids)._raw_delete(Clock.objects.db) if ids else 0


def no_news(rows: Iterable[Row], now: datetime) -> set[Key]:
    """The new clocks among these of which nobody is to be told."""
    due = [row for row in rows if row.due_at < now]
    recent = [row for row in due if now - row.due_at <= NO_NEWS]
    told_live = _started_live(recent)
    return {row.key for row in due} - {row.key for row in recent if (row.person_id, row.started_at) in told_live}


def _started_live(rows: Sequence[Row]) -> set[tuple[int, datetime]]:
    """The starts, by person and moment, that an event tells of which came in time and not by an import."""
    if not rows:
        return set()
    values: list[Any] = [[row.person_id for row in rows], [row.started_at for row in rows], HEARD_LATE]
    with connection.cursor() as cursor:
        cursor.execute(_STARTED_LIVE, values)
        return set(cursor.fetchall())


_STARTED_LIVE: Final = """
    SELECT DISTINCT wanted.person, wanted.at
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (person, at)
    JOIN people_identifier identifier ON identifier.person_id = wanted.person
    JOIN events_event event ON event.identity = identifier.value AND event.occurred_at = wanted.at
    WHERE event.imported_by_id IS NULL AND event.received_at - event.occurred_at <= %s
"""

_TYPES: Final[dict[str, str]] = {
    "handoff_id": "bigint",
    "person_id": "bigint",
    "version": "int",
    "kind": "text",
    "promise": "text",
    "rep": "text",
    "started_at": "timestamptz",
    "due_at": "timestamptz",
    "warn_at": "timestamptz",
    "reassign_at": "timestamptz",
    "stopped_at": "timestamptz",
    "over_at": "timestamptz",
    "state": "text",
    "elapsed": "interval",
    "paused": "interval",
}
_KEPT: Final = ("handoff_id", "promise", "rep", "started_at")


def _write() -> str:
    """One statement for all rows. A row that says what is stored already is left alone."""
    names = ", ".join(_TYPES)
    arrays = ", ".join(f"%s::{type_}[]" for type_ in _TYPES.values())
    changing: list[Any] = [name for name in _TYPES if name not in _KEPT]
    now = ", ".join(f"clock.{name}" for name in changing)
    then = ", ".join(f"EXCLUDED.{name}" for name in changing)
    return f"""
        INSERT INTO sla_clock AS clock ({names}, quiet, reassigned_to, obstacle)
        SELECT *, '', '' FROM unnest({arrays}, %s::boolean[])
        ON CONFLICT ({", ".join(_KEPT)}) DO UPDATE SET ({", ".join(changing)}) = ({then}),
            corrected_at = CASE WHEN clock.breached_at IS NOT NULL AND EXCLUDED.state <> 'breached'
                                THEN coalesce(clock.corrected_at, %s) END
        WHERE ({now}) IS DISTINCT FROM ({then})
    """  # noqa: S608 - made of our own constants; every value is a parameter


_WRITE: Final = _write()
