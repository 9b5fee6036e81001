"""What changes the log: events are appended, an import is undone, identifiers are erased. Nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import UniqueViolation

from entente.events.erasure import Erasures, hashes_of
from entente.events.models import Arrival, Conflict, Erased, Import, Source
from entente.events.rows import Row, row_of
from entente.events.storing import Stored, copy_new, insert_unknown
from entente.events.types import NewEvent

CHUNK = 50_000
WORTH_TRYING = 1_000
"""From so many events on, a chunk is first tried as if the log knew none of them, which is twice as fast."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of the events of one append.

    ``stored`` are new; ``known`` were in the log already; ``conflicts``, of the known, came with another body (the
    first is kept); ``erased`` carried an identifier of an erased person and were not taken in.
    """

    stored: int = 0
    known: int = 0
    conflicts: int = 0
    erased: int = 0

    def __add__(self, other: Appended) -> Appended:
        return Appended(
            self.stored + other.stored,
            self.known + other.known,
            self.conflicts + other.conflicts,
            self.erased + other.erased,
        )


def source_named(name: str) -> Source:
    """The source of that name, made if it is new."""
    return Source.objects.get_or_create(name=name)[0]


@transaction.atomic
def append(
    events: Iterable[NewEvent],
    source: str,
    imported_by: Import | None = None,
    progress: Callable[[int], object] | None = None,
) -> Appended:
    """Write events into the log, all or none, and count what became of them.

    ``events`` may be a generator of any length: memory holds one chunk of it. ``progress`` is called with the number
    of events of each chunk that is written. An event that the log has already, by source and message id, changes
    nothing.
    """
    into = _Into(source_named(source).pk, imported_by.pk if imported_by else None)
    erasures = Erasures.load()
    remaining = iter(events)
    total = Appended()
    with connection.cursor() as sql:
        while chunk := list(islice(remaining, CHUNK)):
            kept = erasures.without_erased(chunk)
            total += Appended(erased=len(chunk) - len(kept)) + into.write(sql, kept)
            if progress:
                progress(len(chunk))
    return total


@dataclass(slots=True)
class _Into:
    """Where events of one append go: their source and import."""

    source: int
    unit: int | None
    all_new: bool = True

    def write(self, sql: CursorWrapper, events: list[NewEvent]) -> Appended:
        """Copy a chunk straight into the log while nothing of it is known, else row by row past what is."""
        if not events:
            return Appended()
        rows = [(*row_of(event), self.source) for event in events]
        if self.all_new and len(rows) >= WORTH_TRYING and (stored := self._copy(sql, rows)):
            return Appended(*stored)
        return Appended(*insert_unknown(sql, rows, self.unit))

    def _copy(self, sql: CursorWrapper, rows: list[Row]) -> Stored | None:
        """What is stored, if all rows were new."""
        try:
            with transaction.atomic():
                return copy_new(sql, rows, self.unit)
        except UniqueViolation:
            self.all_new = False
            return None


@transaction.atomic
def undo_import(unit: Import, now: datetime) -> int:
    """Take the events of an import out of the log again; returns how many. Undoing twice changes nothing.

    What was derived from them goes when the log is folded next.
    """
    removed = _remove("imported_by_id = %s", [unit.pk])
    Import.objects.filter(pk=unit.pk, undone_at=None).update(undone_at=now)
    return removed


@transaction.atomic
def erase(identifiers: Iterable[str], now: datetime) -> int:
    """Take every event of these identifiers out of the log, for good; returns how many.

    Keyed hashes of the identifiers stay, so that events which carry one of them are not taken in again.
    """
    named = sorted(set(identifiers))
    removed = _remove("identity = ANY(%s)", [named])
    Conflict.objects.filter(example__identity__in=named).delete()
    Erased.objects.bulk_create([Erased(hash=digest, at=now) for digest in hashes_of(named)], ignore_conflicts=True)
    return removed


def _remove(condition: str, parameters: list[Any]) -> int:
    with connection.cursor() as sql, _erasing(sql):
        sql.execute(REMOVE.format(condition=condition), parameters)
        count, identities, groups = sql.fetchone()
    if count:
        Arrival.objects.create(removed=identities, groups=groups)
    return int(count)


@contextmanager
def _erasing(sql: CursorWrapper) -> Iterator[None]:
    """Let the log be changed, within this block only; see the trigger in the migrations."""
    sql.execute("SET LOCAL entente.erasing = 'on'")
    yield
    sql.execute("SET LOCAL entente.erasing = 'off'")


REMOVE = """
    WITH gone AS (DELETE FROM events_event WHERE {condition} RETURNING identity, type, group_id)
    SELECT count(*), coalesce(array_agg(DISTINCT identity) FILTER (WHERE identity IS NOT NULL), '{{}}'),
           coalesce(array_agg(DISTINCT group_id) FILTER (WHERE type = 'group' AND group_id IS NOT NULL), '{{}}')
    FROM gone
"""
