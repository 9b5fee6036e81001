"""The stages of an agreement as SQL: when each person entered each of them.

The five facts that an agreement may name are read off the tables that know them. A stage with a condition of its own
is the first moment at which that condition holds, which is what a definition of one rule worth one point would call
qualified; so the one evaluator and kernel find it, by a replay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import pyarrow as pa

from entente.agreements.conditions import All, Condition, EventType, Not, Page, Track
from entente.agreements.conditions import Any as AnyOf
from entente.agreements.definition import Definition, Engagement, Rule
from entente.agreements.document import Agreement
from entente.scoring.replay import replay

FACTS: Final = {
    "known": (
        "SELECT person_id, min(at) AS at FROM (SELECT person_id, first_seen AS at FROM people_identifier "
        "WHERE (value ^@ 'email:' OR value ^@ 'user:') AND {one} UNION ALL "
        "SELECT i.person_id, e.occurred_at FROM events_event e JOIN people_identifier i ON i.value = e.identity "
        "WHERE e.imported_by_id IS NOT NULL AND e.type = 'identify' AND i.{one}) k GROUP BY 1"
    ),
    "qualified": "SELECT person_id, min(qualified_at) AS at FROM handoffs_handoff WHERE {one} GROUP BY 1",
    "accepted": (
        "SELECT h.person_id, min(a.at) AS at FROM handoffs_acceptance a "
        "JOIN handoffs_handoff h ON h.id = a.handoff_id AND h.{one} GROUP BY 1"
    ),
    "deal_opened": (
        "SELECT person_id, min(coalesce(opened_at, closed_at)) AS at FROM handoffs_deal WHERE {one} GROUP BY 1"
    ),
    "deal_won": "SELECT person_id, min(closed_at) AS at FROM handoffs_deal WHERE outcome = 'won' AND {one} GROUP BY 1",
}
"""Person and moment for each fact that a stage may be entered by; `{one}` chooses persons.

Known is who has an e-mail address, and whom the company's own systems speak of, by a number or in an imported file: a
CRM's export without addresses has leads all the same.
"""

FOREVER: Final = timedelta(days=36_500_000)


@dataclass(frozen=True, slots=True)
class Entries:
    """A query of person and moment, with its parameters."""

    sql: str
    parameters: tuple[object, ...] = ()


def entries_of(entered_when: str | Condition, log: pa.Table | None, persons: list[int] | None = None) -> Entries:
    """Who (of ``persons``) entered the stage when. ``log``, as `people.read_log` has it, is for conditions only."""
    if isinstance(entered_when, str):
        query = FACTS[entered_when].format(one="person_id = person_id" if persons is None else "person_id = ANY(%s)")
        return Entries(query, (persons,) * query.count("%s"))
    moments = first_moments(entered_when, log) if log is not None and log.num_rows else {}
    query = "SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) AS held(person_id, at)"
    return Entries(query, (list(moments), list(moments.values())))


def first_moments(condition: Condition, log: pa.Table) -> dict[int, datetime]:
    """For each person for whom the condition ever held at one of their events: the first time."""
    rules = (Rule(name="holds", points=1, when=condition),)
    if _is_about_behaviour(condition):
        definition = Definition(threshold=1, engagement=Engagement(half_life=FOREVER, rules=rules))
    else:
        definition = Definition(threshold=1, fit=rules)
    asked = Agreement(format=1, name="stage", effective=date.min, timezone="UTC", definition=definition)
    found: dict[int, datetime] = {}
    for handoff in replay(log, asked).handoffs():
        found.setdefault(handoff.person, handoff.opened_at)
    return found


def _is_about_behaviour(condition: Condition) -> bool:
    match condition:
        case All(parts) | AnyOf(parts):
            return any(_is_about_behaviour(part) for part in parts)
        case Not(part):
            return _is_about_behaviour(part)
        case _:
            return isinstance(condition, (Page, Track, EventType))
