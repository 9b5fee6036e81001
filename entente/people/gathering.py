"""What new events say of persons, gathered into temporary tables, set by set.

`fresh` the events, `fresh_id` the identifiers that they carry, `fresh_link` the identifiers that their identify and
alias calls name together. A marked event (a machine's) names its own identity and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from entente.events.identifiers import ROLES, named_by_alias
from entente.events.models import Arrival
from entente.people.identity import ALIAS, BELONGS, JOINS


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes of the log that are being folded: their numbers, the bounds of their events' ids, what was taken out."""

    arrivals: list[int]
    first: int
    last: int
    events: int
    removed: list[str]
    groups: list[str]

    @classmethod
    def waiting(cls) -> Batch | None:
        """All that has arrived and was not folded yet; None when nothing has."""
        found = list(Arrival.objects.order_by("pk"))
        if not found:
            return None
        added = [arrival for arrival in found if arrival.events]
        return cls(
            arrivals=[arrival.pk for arrival in found],
            first=min((arrival.first for arrival in added), default=0),
            last=max((arrival.last for arrival in added), default=0),
            events=sum(arrival.events for arrival in added),
            removed=sorted({identity for arrival in found for identity in arrival.removed}),
            groups=sorted({group for arrival in found for group in arrival.groups}),
        )


def gather(sql: CursorWrapper, batch: Batch, anew: list[str]) -> None:
    """Fill the tables from the events of the batch, and from all events of the identities ``anew``."""
    sql.execute(
        FRESH + (" OR e.identity = ANY(%(anew)s)" if anew else ""),
        {"arrivals": batch.arrivals, "first": batch.first, "last": batch.last, "anew": anew},
    )
    sql.execute(FRESH_LINK, {"roles": sorted(ROLES), "joins": JOINS, "belongs": BELONGS})
    _gather_aliases(sql)
    sql.execute(FRESH_ID)
    sql.execute("ANALYZE fresh_link")
    sql.execute("ANALYZE fresh_id")


def _gather_aliases(sql: CursorWrapper) -> None:
    sql.execute(ALIAS_CALLS)
    for identity, previous, *call in sql.fetchall():
        named = named_by_alias(previous)
        if named is None or not identity.startswith("user:"):
            continue
        pairs = [(identity, named.user, ALIAS), (identity, named.anonymous, BELONGS)]
        if named.email:
            pairs.append((identity, named.email, JOINS))
        for a, b, kind in pairs:
            if a != b:
                sql.execute("INSERT INTO fresh_link VALUES (%s, %s, %s, %s, %s, %s, %s, false)", [a, b, kind, *call, call[0]])


FRESH = """
    CREATE TEMP TABLE fresh ON COMMIT DROP AS
    SELECT e.identity, e.type, e.occurred_at, e.message_id, s.name AS source, e.user_id, e.anonymous_id, e.group_id,
           CASE WHEN e.type = 'identify' OR e.identity LIKE 'email:%%' THEN e.email END AS email,
           CASE WHEN e.type IN ('identify', 'group', 'alias') THEN e.properties END AS properties, e.mark = '' AS tells
    FROM events_event e JOIN events_source s ON s.id = e.source_id
    WHERE e.identity IS NOT NULL AND (e.id BETWEEN %(first)s AND %(last)s AND e.arrival = ANY(%(arrivals)s))
"""
FRESH_LINK = """
    CREATE TEMP TABLE fresh_link ON COMMIT DROP AS
    WITH calls AS (
        SELECT 'user:' || user_id AS u, 'anon:' || anonymous_id AS v, occurred_at, message_id, source,
               CASE WHEN split_part(split_part(email, '@', 1), '+', 1) <> ALL(%(roles)s) THEN 'email:' || email END AS m
        FROM fresh WHERE type = 'identify' AND tells
    ), pairs AS (
        SELECT u AS a, m AS b, %(joins)s AS kind, occurred_at, message_id, source FROM calls
        WHERE u IS NOT NULL AND m IS NOT NULL
        UNION ALL
        SELECT coalesce(u, m), v, %(belongs)s, occurred_at, message_id, source FROM calls
        WHERE coalesce(u, m) IS NOT NULL AND v IS NOT NULL
    )
    SELECT DISTINCT ON (a, b, kind) a COLLATE "C" AS a, b COLLATE "C" AS b, kind, occurred_at, message_id, source,
           max(occurred_at) OVER (PARTITION BY a, b, kind) AS last_seen, true AS seen
    FROM pairs ORDER BY a, b, kind, occurred_at, message_id, source
"""
ALIAS_CALLS = """
    SELECT identity, properties->>'previousId', occurred_at, message_id, source FROM fresh
    WHERE type = 'alias' AND tells
"""
FRESH_ID = """
    CREATE TEMP TABLE fresh_id ON COMMIT DROP AS
    SELECT value, min(first_seen) AS first_seen, max(last_seen) AS last_seen, bool_or(seen) AS seen FROM (
        SELECT identity AS value, min(occurred_at) AS first_seen, max(occurred_at) AS last_seen, true AS seen
        FROM fresh GROUP BY identity
        UNION ALL
        SELECT b, occurred_at, last_seen, seen FROM fresh_link
    ) AS named GROUP BY value
"""
