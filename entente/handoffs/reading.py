"""What the log says of hand-offs and deals, read for many persons at once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from django.db import connection

from entente.agreements.queries import reigns
from entente.events.types import OURS
from entente.handoffs import deals, history
from entente.handoffs.deals import DealEvent
from entente.handoffs.history import Happening, Qualification
from entente.handoffs.versions import Version, Versions

NO_IDENTITY: Final = "no_identity"
"""The mark of an event without a person. It never scores, but a deal may have no person."""


def versions_in_force() -> Versions | None:
    """All versions that are or were in force; None before the first was adopted."""
    found = [Version(each.version.number, each.begins, each.version.agreement) for each in reigns()]
    return Versions(found) if found else None


def persons_with_hand_offs(persons: Sequence[int] | None = None) -> set[int]:
    """Persons (of these, or of all) whose hand-offs the CRM tells of, and those who have hand-offs stored."""
    if persons is None:
        query = TOLD + "UNION SELECT person_id FROM handoffs_handoff"  # noqa: S608 - constants
        return {person for (person,) in _rows(query, [])}
    query = f"""
        {TOLD} AND identifier.person_id = ANY(%s)
        UNION SELECT person_id FROM handoffs_handoff WHERE person_id = ANY(%s)
    """  # noqa: S608 - constants
    return {person for (person,) in _rows(query, [list(persons), list(persons)])}


# The types stand in the text, as in the index that holds such events alone (migration 0005).
TOLD: Final = f"""
    SELECT identifier.person_id
    FROM people_identifier identifier JOIN events_event event ON event.identity = identifier.value
    WHERE event.type IN {history.OPENERS} AND event.mark = ''
"""  # noqa: S608 - constants


def qualifications_of(persons: Sequence[int] | None) -> dict[int, list[Qualification]]:
    """When each of the persons (None: anyone) qualified, as scoring found it."""
    query = "SELECT person_id, at, version, message_id FROM scoring_qualified WHERE {} ORDER BY at, id"
    if persons is None:
        rows = _rows(query.format("true"), [])
    else:
        rows = _rows(query.format("person_id = ANY(%s)"), [list(persons)])
    found: dict[int, list[Qualification]] = defaultdict(list)
    for person, at, version, cause in rows:
        found[person].append(Qualification(at, version, cause))
    return found


def happenings_of(persons: Sequence[int]) -> dict[int, list[Happening]]:
    """The events that make or change hand-offs, of each of the persons, in no order."""
    # OFFSET 0 holds the planner to one look into the index per identifier: it would rather read the whole log.
    query = """
        SELECT identifier.person_id, event.*
        FROM people_identifier identifier, LATERAL (
            SELECT occurred_at, type, message_id, properties::text,
                   CASE WHEN type = 'identify' OR identity LIKE 'email:%%' THEN email END, group_id,
                   imported_by_id IS NULL AND source_id = (SELECT id FROM events_source WHERE name = %s)
            FROM events_event WHERE identity = identifier.value AND type = ANY(%s) AND mark = '' OFFSET 0
        ) event
        WHERE identifier.person_id = ANY(%s)
    """
    found: dict[int, list[Happening]] = defaultdict(list)
    rows = _rows(query, [OURS, list(history.TYPES), list(persons)])
    for person, at, type_, id_, properties, email, group, ours in rows:
        found[person].append(Happening(at, type_, id_, _read(properties), email, group, bool(ours)))
    for person, at, value in _addresses_of(persons):
        found[person].append(Happening(at, "identify", email=value.removeprefix("email:")))
    return found


def _addresses_of(persons: Sequence[int]) -> list[tuple[Any, ...]]:
    """The e-mail addresses by which the persons are known, since when: a form tells one as well as an identify call."""
    query = """
        SELECT person_id, first_seen, value FROM people_identifier
        WHERE person_id = ANY(%s) AND value LIKE 'email:%%' AND seen
    """
    return _rows(query, [list(persons)])


def have_deals(persons: Sequence[int]) -> bool:
    """Whether the log tells of a deal of any of the persons."""
    query = """
        SELECT EXISTS (SELECT FROM people_identifier identifier JOIN events_event event
                       ON event.identity = identifier.value AND event.type IN (%s, %s, %s, %s)
                       WHERE identifier.person_id = ANY(%s))
    """
    ((found,),) = _rows(query, [*deals.TYPES, list(persons)])
    return bool(found)


def deal_events(persons: Sequence[int] | None, of_nobody: bool = True) -> list[DealEvent]:
    """All events of every deal; or of the deals that these persons, or nobody, have an event of."""
    if persons is None:
        return _deal_events("TRUE")
    keyless = _deal_events("identifier.person_id = ANY(%s) AND event.properties ->> 'deal' IS NULL", list(persons))
    return keyless + _deal_events("event.properties ->> 'deal' = ANY(%s)", _deal_keys(persons, of_nobody))


def _deal_keys(persons: Sequence[int], of_nobody: bool) -> list[str]:
    query = """
        SELECT event.properties ->> 'deal'
        FROM people_identifier identifier JOIN events_event event ON event.identity = identifier.value
        WHERE identifier.person_id = ANY(%s) AND event.type = ANY(%s)
        UNION
        SELECT event.properties ->> 'deal' FROM events_event event
        WHERE %s AND event.identity IS NULL AND event.type = ANY(%s)
    """
    found = _rows(query, [list(persons), list(deals.TYPES), of_nobody, list(deals.TYPES)])
    return [key for (key,) in found if key is not None]


def _deal_events(condition: str, *values: Any) -> list[DealEvent]:
    query = f"""
        SELECT event.occurred_at, event.type, event.message_id, event.properties::text, identifier.person_id,
               event.group_id
        FROM events_event event LEFT JOIN people_identifier identifier ON identifier.value = event.identity
        WHERE event.type = ANY(%s) AND event.mark IN ('', %s) AND ({condition})
    """  # noqa: S608 - the condition is one of the three above
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
