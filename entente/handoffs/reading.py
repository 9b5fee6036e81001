"""What the log says of hand-offs and deals, read for many persons at once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from django.db import connection

from entente.agreements.queries import reigns
from entente.handoffs import deals, history
from entente.handoffs.deals import DealEvent
from entente.handoffs.history import Happening
from entente.handoffs.versions import Version, Versions

NO_IDENTITY: Final = "no_identity"
"""The mark of an event without a person. It never scores, but a deal may have no person."""


def versions_in_force() -> Versions | None:
    """All versions that are or were in force; None before the first was adopted."""
    found = [Version(each.version.number, each.begins, each.version.agreement) for each in reigns()]
    return Versions(found) if found else None


def persons_with_hand_offs() -> set[int]:
    """Persons whose hand-offs the CRM tells of, and those who have hand-offs stored."""
    query = """
        SELECT DISTINCT identifier.person_id
        FROM events_event event JOIN people_identifier identifier ON identifier.value = event.identity
        WHERE event.type = ANY(%s) AND event.mark = ''
        UNION SELECT person_id FROM handoffs_handoff
    """
    return {person for (person,) in _rows(query, [list(history.OPENERS)])}


def happenings_of(persons: Sequence[int]) -> dict[int, list[Happening]]:
    """The events that make or change hand-offs, of each of the persons, in no order."""
    query = """
        SELECT identifier.person_id, event.occurred_at, event.type, event.message_id, event.properties::text,
               CASE WHEN event.type = 'identify' OR event.identity LIKE 'email:%%' THEN event.email END, event.group_id
        FROM people_identifier identifier JOIN events_event event ON event.identity = identifier.value
        WHERE identifier.person_id = ANY(%s) AND event.type = ANY(%s) AND event.mark = ''
    """
    found: dict[int, list[Happening]] = defaultdict(list)
    for person, at, type_, id_, properties, email, group in _rows(query, [list(persons), list(history.TYPES)]):
        found[person].append(Happening(at, type_, id_, _read(properties), email, group))
    return found


def deal_events(persons: Sequence[int] | None) -> list[DealEvent]:
    """All events of every deal; or of the deals that these persons, or nobody, have an event of."""
    if persons is None:
        return _deal_events("TRUE", [])
    keys = """
        event.properties ->> 'deal' IN (
            SELECT event.properties ->> 'deal'
            FROM events_event event LEFT JOIN people_identifier identifier ON identifier.value = event.identity
            WHERE event.type = ANY(%s) AND event.mark IN ('', %s)
                AND (identifier.person_id = ANY(%s) OR event.identity IS NULL)
        )
        OR (event.properties ->> 'deal' IS NULL AND identifier.person_id = ANY(%s))
    """
    return _deal_events(keys, [list(deals.TYPES), NO_IDENTITY, list(persons), list(persons)])


def _deal_events(condition: str, values: list[Any]) -> list[DealEvent]:
    query = f"""
        SELECT event.occurred_at, event.type, event.message_id, event.properties::text, identifier.person_id,
               event.group_id
        FROM events_event event LEFT JOIN people_identifier identifier ON identifier.value = event.identity
        WHERE event.type = ANY(%s) AND event.mark IN ('', %s) AND ({condition})
    """  # noqa: S608 - the condition is one of the two above
    return [
        DealEvent(at, type_, id_, _read(properties), person, group)
        for at, type_, id_, properties, person, group in _rows(query, [list(deals.TYPES), NO_IDENTITY, *values])
    ]


def _rows(query: str, values: Iterable[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(values))
        return cursor.fetchall()


def _read(properties: str) -> dict[str, Any]:
    try:
        read = msgspec.json.decode(properties)
    except msgspec.DecodeError:  # PostgreSQL keeps numbers of any size
        read = json.loads(properties)
    return read if isinstance(read, dict) else {}
