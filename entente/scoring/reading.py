"""The log and the stored standings as the fold wants them, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import polars as pl
import pyarrow as pa
from django.db import connection

from entente.events.frames import Schema, micros, read_frame
from entente.people.accounts import account_key
from entente.people.gathering import Batch
from entente.people.queries import read_log
from entente.scoring.fold import Compiled, Standing, newcomer
from entente.scoring.models import AccountKnowledge
from entente.scoring.weave import Account, Knowledge, LogEvent, in_order


def events_of(persons: Iterable[int] | None = None, batch: Batch | None = None) -> list[LogEvent]:
    """All events of these persons, or those of a batch, in order."""
    return in_order(as_events(read_log(persons=persons, batch=batch)))


def as_events(table: pa.Table) -> Iterable[LogEvent]:
    """The rows of a log."""
    at = table["occurred_at"].cast(pa.int64())
    columns = [table[name] if name != "at" else at for name in ("person", "at", *LogEvent._fields[2:])]
    return map(LogEvent._make, zip(*(column.to_pylist() for column in columns), strict=True))


def group_calls(keys: Iterable[str]) -> list[LogEvent]:
    """All group calls that tell something of these accounts, whoever made them; their person is not looked up."""
    wanted = sorted(set(keys))
    if not wanted:
        return []
    with connection.cursor() as sql:
        frame = read_frame(sql, GROUP_CALLS, GROUP_SCHEMA, {"keys": wanted})
    return [
        LogEvent(NOBODY, at, message_id, source, "group", group_id=group_id, properties=properties)
        for at, message_id, source, group_id, properties in frame.iter_rows()
    ]


NOBODY: Final = 0
"""The person of an event of which only what it says of accounts is wanted; no person has this number."""

GROUP_SCHEMA: Final[Schema] = {
    "at": pl.Int64, "message_id": pl.String, "source": pl.String, "group_id": pl.String, "properties": pl.String,
}  # fmt: skip
GROUP_CALLS: Final = f"""
    SELECT {micros("e.occurred_at")}, e.message_id, s.name, e.group_id, e.properties::text
    FROM events_event e JOIN events_source s ON s.id = e.source_id
    WHERE e.type = 'group' AND e.group_id = ANY(%(keys)s) AND e.mark = '' AND e.identity IS NOT NULL
"""  # noqa: S608 - constants


def with_group_calls(events: Sequence[LogEvent], keys: Iterable[str]) -> list[LogEvent]:
    """The events and the group calls of these accounts, each once, in order."""
    known = {event.order for event in events if event.type == "group"}
    return in_order([*events, *(call for call in group_calls(keys) if call.order not in known)])


def keys_named(events: Iterable[LogEvent]) -> set[str]:
    """The accounts to which these events can have moved their persons."""
    named = {(account_key(event.group_id, None), account_key(None, event.email)) for event in events}
    return {key for pair in named for key in pair if key}


FIELDS: Final = (
    "person_id", "fit", "disqualified", "sums", "sum_at", "day", "count", "day_before", "traits", "group_id", "email",
    "account_keys", "opened", "closed", "last_at", "last_message", "last_source",
)  # fmt: skip


STANDINGS: Final = f"""
    SELECT {", ".join("traits::text" if field == "traits" else field for field in FIELDS)}
    FROM scoring_personscore WHERE person_id = ANY(%s)
"""  # noqa: S608 - constants


def standings_of(persons: Iterable[int], compiled: Compiled) -> dict[int, Standing]:
    """Where these persons stand; who has no standing yet is a newcomer."""
    wanted = list(persons)
    with connection.cursor() as sql:
        sql.execute(STANDINGS, [wanted])
        found = {row[0]: _standing(row) for row in sql.fetchall()}
    return {person: found.get(person) or newcomer(person, compiled) for person in wanted}


def _standing(row: tuple[Any, ...]) -> Standing:
    person, fit, disqualified, sums, sum_at, day, count, day_before, traits, group_id, email, keys, *rest = row
    opened, closed, at, message, source = rest
    return Standing(
        Knowledge(person, json.loads(traits), group_id, email, keys),
        sums=sums,
        sum_at=sum_at,
        day=day,
        count=count,
        day_before=day_before,
        opened=opened,
        closed=closed,
        last=None if at is None else (at, message, source),
        fit=fit,
        disqualified=disqualified,
    )


def accounts_of(keys: Iterable[str]) -> dict[str, Account]:
    """What is known of these accounts."""
    with connection.cursor() as sql:
        sql.execute(ACCOUNTS, [list(keys)])
        return {key: Account(json.loads(values), tuple(last)) for key, values, *last in sql.fetchall()}


ACCOUNTS: Final = """
    SELECT key, "values"::text, last_at, last_message, last_source FROM scoring_accountknowledge WHERE key = ANY(%s)
"""


def store_standings(standings: Iterable[Standing], version: int) -> None:
    """Write standings, over those stored."""
    rows = [_row(standing, version) for standing in standings]
    if not rows:
        return
    with connection.cursor() as sql:
        sql.execute("DELETE FROM scoring_personscore WHERE person_id = ANY(%s)", [[row[0] for row in rows]])
        with sql.copy(f"COPY scoring_personscore ({', '.join(FIELDS)}, version) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _row(standing: Standing, version: int) -> tuple[Any, ...]:
    knowledge = standing.knowledge
    return (
        knowledge.person,
        standing.fit,
        standing.disqualified,
        _array(standing.sums),
        _array(standing.sum_at),
        _array(standing.day),
        _array(standing.count),
        _array(standing.day_before),
        json.dumps(knowledge.traits),
        knowledge.group_id,
        knowledge.email,
        knowledge.keys or "{}",
        standing.opened,
        standing.closed,
        *(standing.last or (None, None, None)),
        version,
    )


def _array(numbers: Sequence[float]) -> str:
    """As PostgreSQL writes an array: a driver takes five times as long to find out what is in the list."""
    return f"{{{','.join(map(str, numbers))}}}"


def store_accounts(accounts: dict[str, Account]) -> None:
    """Write what is known of accounts, over what is stored."""
    rows = [
        AccountKnowledge(
            key=key, values=one.values, last_at=one.last[0], last_message=one.last[1], last_source=one.last[2]
        )
        for key, one in sorted(accounts.items())
        if one.last is not None
    ]
    AccountKnowledge.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["values", "last_at", "last_message", "last_source"],
        batch_size=5_000,
    )
