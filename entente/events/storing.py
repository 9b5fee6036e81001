"""Writing rows into the log, through any cursor: Django's in `append`, or the one that the collector keeps open.

The caller's transaction holds it together. Every write leaves an arrival to be folded and wakes the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from entente.events.rows import COLUMNS, IDENTITY, KINDS, WIRE, Row

CHANNEL: Final = "entente_log"
"""The channel on which PostgreSQL tells that the log has grown, when the transaction commits."""


class Stored(NamedTuple):
    """What became of rows: new ones, known ones, the known ones that came with another body, those of the erased."""

    new: int = 0
    known: int = 0
    conflicts: int = 0
    erased: int = 0


def copy_new(sql: Any, rows: Sequence[Row], unit: int | None = None) -> Stored:
    """Store rows (values of COLUMNS, and the source's number) that are taken to be new, in the least time.

    Raises psycopg's UniqueViolation, which ends the transaction or savepoint, when one is known.
    """
    sql.execute(NEXT_ARRIVAL)
    arrival, first = sql.fetchone()
    # neighbours in an index are written faster
    copy_rows(sql, sorted(rows, key=lambda row: row[IDENTITY] or ""), arrival, unit)
    sql.execute(arrived(arrival, first, len(rows)))
    return Stored(len(rows))


def copy_rows(sql: Any, rows: Iterable[Row], arrival: int, unit: int | None = None) -> None:
    """Copy rows into the log as they are; see `copy_new`."""
    with sql.copy(COPY_EVENTS) as copy:
        copy.set_types([*WIRE, "int8", "int8", "int8"])
        for row in rows:
            copy.write_row((*row, unit, arrival))


def arrived(arrival: int, first: int, events: int) -> str:
    """The statement that leaves an arrival to be folded, of events with ids from ``first`` on, and wakes the worker."""
    return ARRIVED.format(arrival=int(arrival), first=int(first), events=int(events))


def insert_unknown(sql: Any, rows: Sequence[Row], unit: int | None = None) -> Stored:
    """Store those rows that are new, and count the others; a known one with another body is kept as a conflict."""
    sql.execute(NEXT_ARRIVAL)
    arrival, first = sql.fetchone()
    sql.execute(CREATE_INCOMING)
    with sql.copy(COPY_INCOMING) as copy:
        copy.set_types(["int4", *WIRE, "int8"])
        for number, row in enumerate(rows):
            copy.write_row((number, *row))
    sql.execute(INSERT_NEW, {"import": unit, "arrival": arrival})
    new = sql.rowcount
    conflicts = 0
    if new < len(rows):
        sql.execute(INSERT_CONFLICTS)
        conflicts = int(sql.fetchone()[0])
    sql.execute("DROP TABLE incoming")
    if new:
        sql.execute(arrived(arrival, first, new))
    return Stored(new, len(rows) - new, conflicts)


_LIST = ", ".join(COLUMNS)
_DEFINITIONS = ", ".join(f"{column} {kind}" for column, kind in zip(COLUMNS, KINDS, strict=True))
_BODY = ("type", "name", "path", "identity", "user_id", "anonymous_id", "email", "group_id", "properties")
"""What makes two events with one id the same: not the times, which a retry corrects anew, nor the context."""


def _body(table: str) -> str:
    return ", ".join(f"{table}.{column}" for column in _BODY)


NEXT_ARRIVAL = "SELECT nextval('events_arrival_id_seq'), last_value FROM events_event_id_seq"
"""The number of the arrival to be, and the highest id given to an event so far, by whatever transaction."""
ARRIVED = f"""
    NOTIFY {CHANNEL};
    INSERT INTO events_arrival (id, at, events, first, last, removed, groups)
    SELECT {{arrival}}, now(), {{events}}, {{first}}, last_value, '{{{{}}}}', '{{{{}}}}' FROM events_event_id_seq
"""  # noqa: S608 (the channel is our own, the others are whole numbers)
COPY_EVENTS = f"COPY events_event ({_LIST}, source_id, imported_by_id, arrival) FROM STDIN (FORMAT BINARY)"
CREATE_INCOMING = f"CREATE TEMP TABLE incoming (number int4, {_DEFINITIONS}, source_id int8) ON COMMIT DROP"
COPY_INCOMING = f"COPY incoming (number, {_LIST}, source_id) FROM STDIN (FORMAT BINARY)"
INSERT_NEW = f"""
    INSERT INTO events_event ({_LIST}, source_id, imported_by_id, arrival)
    SELECT {_LIST}, source_id, %(import)s, %(arrival)s FROM incoming ORDER BY number
    ON CONFLICT (message_id, source_id) DO NOTHING
"""  # noqa: S608 (columns are our own)
INSERT_CONFLICTS = f"""
    WITH other AS (
        SELECT source_id, message_id, count(*) AS times, min(received_at) AS first_at, max(received_at) AS last_at,
               (array_agg(body ORDER BY number DESC))[1] AS example
        FROM (
            SELECT i.source_id, i.message_id, i.number, i.received_at, jsonb_build_object(
                'type', i.type, 'name', i.name, 'path', i.path, 'identity', i.identity, 'email', i.email,
                'group_id', i.group_id, 'properties', i.properties) AS body
            FROM incoming i JOIN events_event e ON e.source_id = i.source_id AND e.message_id = i.message_id
            WHERE ({_body("e")}) IS DISTINCT FROM ({_body("i")})
        ) AS differing GROUP BY source_id, message_id
    ), recorded AS (
        INSERT INTO events_conflict AS c (source_id, message_id, count, first_at, last_at, example)
        SELECT source_id, message_id, times, first_at, last_at, example FROM other ORDER BY message_id, source_id
        ON CONFLICT (source_id, message_id) DO UPDATE
        SET count = c.count + excluded.count, last_at = excluded.last_at, example = excluded.example
    )
    SELECT coalesce(sum(times), 0) FROM other
"""  # noqa: S608 (columns are our own)
