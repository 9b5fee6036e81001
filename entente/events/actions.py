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
from entente.events.rows import COLUMNS, IDENTITY, KINDS, WIRE, Row, row_of
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
        rows = [row_of(event) for event in events]
        arrival = Arrival.objects.create(first=_last_id(sql))
        stored = known = conflicts = 0
        if self.all_new and len(rows) >= WORTH_TRYING and self._copy(sql, rows, arrival.pk):
            stored = len(rows)
        else:
            stored, conflicts = self._insert(sql, rows, arrival.pk)
            known = len(rows) - stored
        _describe(sql, arrival, stored)
        return Appended(stored, known, conflicts)

    def _copy(self, sql: CursorWrapper, rows: list[Row], arrival: int) -> bool:
        """Whether all rows were new and are stored. Sorted, since neighbours in an index are written faster."""
        try:
            with transaction.atomic(), sql.copy(COPY_EVENTS) as copy:
                copy.set_types([*WIRE, "int8", "int8", "int8"])
                for row in sorted(rows, key=lambda row: row[IDENTITY] or ""):
                    copy.write_row((*row, self.source, self.unit, arrival))
        except UniqueViolation:
            self.all_new = False
        return self.all_new

    def _insert(self, sql: CursorWrapper, rows: list[Row], arrival: int) -> tuple[int, int]:
        """Store those that are new; returns how many, and how many of the others had another body."""
        sql.execute(CREATE_INCOMING)
        with sql.copy(COPY_INCOMING) as copy:
            copy.set_types(["int4", *WIRE])
            for number, row in enumerate(rows):
                copy.write_row((number, *row))
        names = {"source": self.source, "import": self.unit, "arrival": arrival}
        sql.execute(INSERT_NEW, names)
        stored = sql.rowcount
        conflicts = 0
        if stored < len(rows):
            sql.execute(INSERT_CONFLICTS, names)
            conflicts = int(sql.fetchone()[0])
        sql.execute("DROP TABLE incoming")
        return stored, conflicts


def _describe(sql: CursorWrapper, arrival: Arrival, stored: int) -> None:
    if stored:
        arrival.events, arrival.last = stored, _last_id(sql)
        arrival.save()
    else:
        arrival.delete()


def _last_id(sql: CursorWrapper) -> int:
    """The highest id given to an event so far, by whatever transaction."""
    sql.execute("SELECT last_value FROM events_event_id_seq")
    return int(sql.fetchone()[0])


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


_LIST = ", ".join(COLUMNS)
_DEFINITIONS = ", ".join(f"{column} {kind}" for column, kind in zip(COLUMNS, KINDS, strict=True))
_BODY = ("type", "name", "path", "identity", "user_id", "anonymous_id", "email", "group_id", "properties")
"""What makes two events with one id the same: not the times, which a retry corrects anew, nor the context."""


def _body(table: str) -> str:
    return ", ".join(f"{table}.{column}" for column in _BODY)


COPY_EVENTS = f"COPY events_event ({_LIST}, source_id, imported_by_id, arrival) FROM STDIN (FORMAT BINARY)"
CREATE_INCOMING = f"CREATE TEMP TABLE incoming (number int4, {_DEFINITIONS}) ON COMMIT DROP"
COPY_INCOMING = f"COPY incoming (number, {_LIST}) FROM STDIN (FORMAT BINARY)"
INSERT_NEW = f"""
    INSERT INTO events_event ({_LIST}, source_id, imported_by_id, arrival)
    SELECT {_LIST}, %(source)s, %(import)s, %(arrival)s FROM incoming ORDER BY number
    ON CONFLICT (message_id, source_id) DO NOTHING
"""  # noqa: S608 (columns are our own)
INSERT_CONFLICTS = f"""
    WITH other AS (
        SELECT message_id, count(*) AS times, min(received_at) AS first_at, max(received_at) AS last_at,
               (array_agg(body ORDER BY number DESC))[1] AS example
        FROM (
            SELECT i.message_id, i.number, i.received_at, jsonb_build_object(
                'type', i.type, 'name', i.name, 'path', i.path, 'identity', i.identity, 'email', i.email,
                'group_id', i.group_id, 'properties', i.properties) AS body
            FROM incoming i JOIN events_event e ON e.source_id = %(source)s AND e.message_id = i.message_id
            WHERE ({_body("e")}) IS DISTINCT FROM ({_body("i")})
        ) AS differing GROUP BY message_id
    ), recorded AS (
        INSERT INTO events_conflict AS c (source_id, message_id, count, first_at, last_at, example)
        SELECT %(source)s, message_id, times, first_at, last_at, example FROM other
        ON CONFLICT (source_id, message_id) DO UPDATE
        SET count = c.count + excluded.count, last_at = excluded.last_at, example = excluded.example
    )
    SELECT coalesce(sum(times), 0) FROM other
"""  # noqa: S608 (columns are our own)
REMOVE = """
    WITH gone AS (DELETE FROM events_event WHERE {condition} RETURNING identity, type, group_id)
    SELECT count(*), coalesce(array_agg(DISTINCT identity) FILTER (WHERE identity IS NOT NULL), '{{}}'),
           coalesce(array_agg(DISTINCT group_id) FILTER (WHERE type = 'group' AND group_id IS NOT NULL), '{{}}')
    FROM gone
"""
