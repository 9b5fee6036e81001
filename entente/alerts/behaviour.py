"""What rules on behaviour have to tell of a batch: each new event is put to the few rules that it could concern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection

from entente.alerts.drafts import Draft
from entente.alerts.happened import BEHAVIOUR, Happened
from entente.alerts.known import Knowledge, known_of
from entente.alerts.matching import Matcher, Rule, asks_scores, matches
from entente.alerts.words import Facts
from entente.scoring.evaluator import Sight

FRESH: Final = timedelta(days=1)
"""An event that occurred longer ago is history that somebody brings in, and no news."""

LONGEST: Final = 1_000
"""Characters of a name or path that a program is told."""

NEW_EVENTS: Final = """
    SELECT id, identity, type, name, path FROM events_event
    WHERE id BETWEEN %(first)s AND %(last)s AND imported_by_id IS NULL AND identity IS NOT NULL AND mark = ''
      AND occurred_at >= %(since)s
"""


class Seen(NamedTuple):
    """A new event that some rule could concern."""

    id: int
    identity: str
    sight: Sight
    rules: tuple[Rule, ...]


def drafts_of_behaviour(matcher: Matcher, happened: Happened, now: datetime) -> list[Draft]:
    """What rules on behaviour have to tell of the new events."""
    seen = _candidates(matcher, happened, now)
    if not seen:
        return []
    person_of = _persons(seen)
    known = known_of(set(person_of.values()), now, with_scores=asks_scores(rule for one in seen for rule in one.rules))
    return [
        _behaviour_draft(one, rule, person, known[person])
        for one in seen
        for person in [person_of.get(one.identity)]
        if person in known
        for rule in one.rules
        if matches(rule.document, rule.owner_email, one.sight, known[person].seen)
    ]


def _candidates(matcher: Matcher, happened: Happened, now: datetime) -> list[Seen]:
    """The new events that some rule could concern; their properties are read for these alone."""
    found: dict[int, tuple[str, str, str, str, tuple[Rule, ...]]] = {}
    for id_, identity, type_, name, path in _new_events(matcher, happened, now):
        rules = matcher.candidates(type_, name, path)
        if rules:
            found[id_] = (identity, type_, name, path, rules)
    properties = _properties(list(found))
    return [
        Seen(id_, identity, Sight(type_, name, path, properties.get(id_, {})), rules)
        for id_, (identity, type_, name, path, rules) in found.items()
    ]


def _new_events(matcher: Matcher, happened: Happened, now: datetime) -> Sequence[tuple[int, str, str, str, str]]:
    if not matcher.rules or not happened.last_event:
        return []
    query = NEW_EVENTS
    parameters: dict[str, Any] = {"first": happened.first_event, "last": happened.last_event, "since": now - FRESH}
    if happened.arrivals:
        query, parameters = query + " AND arrival = ANY(%(arrivals)s)", {**parameters, "arrivals": [*happened.arrivals]}
    if types := matcher.types():
        query, parameters = query + " AND type = ANY(%(types)s)", {**parameters, "types": types}
    with connection.cursor() as sql:
        sql.execute(query + " ORDER BY id", parameters)
        rows: Sequence[tuple[int, str, str, str, str]] = sql.fetchall()
    return rows


def _properties(ids: list[int]) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    with connection.cursor() as sql:
        sql.execute("SELECT id, properties::text FROM events_event WHERE id = ANY(%s)", [ids])
        return {id_: msgspec.json.decode(text) for id_, text in sql.fetchall()}


def _persons(seen: Iterable[Seen]) -> dict[str, int]:
    with connection.cursor() as sql:
        identities = sorted({one.identity for one in seen})
        sql.execute("SELECT value, person_id FROM people_identifier WHERE value = ANY(%s)", [identities])
        return dict(sql.fetchall())


def _behaviour_draft(one: Seen, rule: Rule, person: int, known: Knowledge) -> Draft:
    type_, name, path, properties = one.sight
    form = properties.get("form")
    event = (type_, name, path, form if isinstance(form, str) else "")
    data = {"event": {"id": one.id, "type": type_, "name": name[:LONGEST], "path": path[:LONGEST]}}
    return Draft(
        receiver=rule.owner_id,
        rule=rule,
        kind=BEHAVIOUR,
        person=person,
        subject=f"event:{one.id}",
        facts=Facts(BEHAVIOUR, known.name, known.account, event),
        data=data | known.data,
    )
