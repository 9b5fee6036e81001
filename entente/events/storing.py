"""Writing rows into the log, through any cursor: Django's in `append`, or the one that the collector keeps open.

The caller's transaction holds it together. Every write leaves an arrival to be folded and wakes the worker.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    arrival, first = _begin(sql)
    with sql.copy(COPY_EVENTS) as copy:
        copy.set_types([*WIRE, "int8", "int8", "int8"])
        # neighbours in an index are written faster
        for row in sorted(rows, key=lambda row: row[IDENTITY] or ""):
            copy.write_row((*row, unit, arrival))
    _announce(sql, arrival, first, len(rows))
    return Stored(len(rows))


def insert_unknown(sql: Any, rows: Sequence[Row], unit: int | None = None) -> Stored:
    """Store those rows that are new, and count the others; a known one with another body is kept as a conflict."""
    arrival, first = _begin(sql)
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
        _announce(sql, arrival, first, new)
    return Stored(new, len(rows) - new, conflicts)


def _begin(sql: Any) -> tuple[int, int]:
    """The number of the arrival to be, and the highest id given to an event so far, by whatever transaction."""
    sql.execute("SELECT nextval('events_arrival_id_seq'), last_value FROM events_event_id_seq")
    arrival, first = sql.fetchone()
    return arrival, first


def _announce(sql: Any, arrival: int, first: int, events: int) -> None:
    sql.execute(ARRIVED, [arrival, events, first])


_LIST = ", ".join(COLUMNS)
_DEFINITIONS = ", ".join(f"{column} {kind}" for column, kind in zip(COLUMNS, KINDS, strict=True))
_BODY = ("type", "name", "path", "identity", "user_id", "anonymous_id", "email", "group_id", "properties")
"""What makes two events with one id the same: not the times, which a retry corrects anew, nor the context."""


def _body(table: str) -> str:
    return ", ".join(f"{table}.{column}" for column in _BODY)


ARRIVED = f"""
    WITH told AS (SELECT pg_notify('{CHANNEL}', ''))
    INSERT INTO events_arrival (id, at, events, first, last, removed, groups)
    SELECT %s, now(), %s, %s, (SELECT last_value FROM events_event_id_seq), '{{}}', '{{}}' FROM told
"""  # noqa: S608 (the channel is our own)
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
