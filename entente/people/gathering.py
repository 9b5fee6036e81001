"""What new events say of persons, gathered into temporary tables, set by set.

`fresh_id` the identifiers that they carry, `fresh` the events that tell something of their person or account,
`fresh_link` the identifiers that identify and alias calls name together. A marked event (a machine's) names its own
identity and tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import F

from entente.events.identifiers import ROLES, named_by_alias
from entente.events.models import Arrival, Event
from entente.events.planning import analyze
from entente.people.identity import ALIAS, BELONGS, JOINS


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes of the log that are being folded: their numbers, the bounds of their events' ids, what was taken out.

    ``until`` is set where only the beginning of a single arrival is taken, up to that id: the rest waits.
    """

    arrivals: list[int]
    first: int = 0
    last: int = 0
    events: int = 0
    removed: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    until: int | None = None

    @classmethod
    def waiting(cls, at_most: int | None = None) -> Batch:
        """What has arrived and was not folded yet, the earliest first; all of it, or at most so many events.

        Then events are not taken along with what was taken out of the log, so that each is known to fail by itself.
        """
        found = list(Arrival.objects.order_by("pk")[: at_most and at_most + 1])
        if at_most is not None and found:
            found = _first_of(found, at_most)
        if at_most is not None and found and found[0].events > at_most:
            return cls._beginning_of(found[0], at_most)
        added = [arrival for arrival in found if arrival.events]
        return cls(
            arrivals=[arrival.pk for arrival in found],
            first=min((arrival.first for arrival in added), default=0),
            last=max((arrival.last for arrival in added), default=0),
            events=sum(arrival.events for arrival in added),
            removed=tuple(sorted({identity for arrival in found for identity in arrival.removed})),
            groups=tuple(sorted({group for arrival in found for group in arrival.groups})),
        )

    @classmethod
    def _beginning_of(cls, arrival: Arrival, events: int) -> Batch:
        ids = Event.objects.filter(arrival=arrival.pk, pk__gte=arrival.first, pk__lte=arrival.last)
        last = ids.order_by("pk").values_list("pk", flat=True)[events - 1]
        return cls([arrival.pk], arrival.first, last, events, until=last)

    def done(self) -> None:
        """It is folded: it waits no longer, and what it has left out goes on waiting."""
        if self.until is None:
            Arrival.objects.filter(pk__in=self.arrivals).delete()
        else:
            left = Arrival.objects.filter(pk__in=self.arrivals)
            left.update(first=self.until + 1, events=F("events") - self.events)


def _first_of(arrivals: list[Arrival], at_most: int) -> list[Arrival]:
    """The first arrivals that hold so many events together, at least one; those without events by themselves."""
    chosen: list[Arrival] = []
    events = 0
    for arrival in arrivals:
        events += arrival.events
        if chosen and (events > at_most or bool(arrival.events) != bool(chosen[0].events)):
            break
        chosen.append(arrival)
    return chosen


def gather(sql: CursorWrapper, batch: Batch, anew: list[str]) -> int:
    """Fill the tables from the events of the batch, and from all events of the identities ``anew``.

    Returns how many events tell something.
    """
    condition = f"({IN_BATCH} OR e.identity = ANY(%(anew)s))" if anew else IN_BATCH
    return _fill(sql, condition, {"arrivals": batch.arrivals, "first": batch.first, "last": batch.last, "anew": anew})


def gather_everything(sql: CursorWrapper) -> int:
    """Fill the tables from the whole log; returns how many events tell something."""
    return _fill(sql, "true", {})


def _fill(sql: CursorWrapper, condition: str, parameters: dict[str, Any]) -> int:
    sql.execute(FRESH.format(condition=condition), parameters)
    telling = sql.rowcount
    sql.execute(FRESH_LINK, {"roles": sorted(ROLES), "joins": JOINS, "belongs": BELONGS})
    _add_aliases(sql)
    sql.execute(FRESH_ID.format(condition=condition), parameters)
    analyze(sql, "fresh", "fresh_link", "fresh_id")
    return telling


def _add_aliases(sql: CursorWrapper) -> None:
    sql.execute(ALIAS_CALLS)
    for identity, previous, at, message_id, source in sql.fetchall():
        named = named_by_alias(previous)
        if named is None or not identity.startswith("user:"):
            continue
        pairs = [(named.user, ALIAS), (named.anonymous, BELONGS)]
        if named.email:
            pairs.append((named.email, JOINS))
        for other, kind in pairs:
            if other != identity:
                sql.execute(ADD_LINK, [identity, other, kind, at, message_id, source, at])


IN_BATCH = "(e.id BETWEEN %(first)s AND %(last)s AND e.arrival = ANY(%(arrivals)s))"
FRESH = """
    INSERT INTO fresh
    SELECT e.identity, e.type, e.occurred_at, e.message_id, s.name AS source, e.user_id, e.anonymous_id, e.group_id,
           CASE WHEN e.type = 'identify' OR e.identity ^@ 'email:' THEN e.email END AS email,
           CASE WHEN e.type IN ('identify', 'group', 'alias') THEN e.properties END AS properties
    FROM events_event e JOIN events_source s ON s.id = e.source_id
    WHERE e.identity IS NOT NULL AND e.mark = '' AND {condition}
      AND (e.type IN ('identify', 'alias') OR e.group_id IS NOT NULL OR e.identity ^@ 'email:')
"""
FRESH_LINK = """
    INSERT INTO fresh_link
    WITH calls AS (
        SELECT 'user:' || user_id AS u, 'anon:' || anonymous_id AS v, occurred_at, message_id, source,
               CASE WHEN split_part(split_part(email, '@', 1), '+', 1) <> ALL(%(roles)s) THEN 'email:' || email END AS m
        FROM fresh WHERE type = 'identify'
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
    WHERE type = 'alias'
"""
ADD_LINK = "INSERT INTO fresh_link VALUES (%s, %s, %s, %s, %s, %s, %s, false)"
FRESH_ID = """
    INSERT INTO fresh_id
    SELECT value, bool_or(seen) AS seen, coalesce(min(first_seen) FILTER (WHERE seen), min(first_seen)) AS first_seen,
           coalesce(max(last_seen) FILTER (WHERE seen), max(last_seen)) AS last_seen
    FROM (
        SELECT e.identity AS value, min(e.occurred_at) AS first_seen, max(e.occurred_at) AS last_seen, true AS seen
        FROM events_event e WHERE e.identity IS NOT NULL AND e.mark <> 'set_aside' AND {condition} GROUP BY e.identity
        UNION ALL
        SELECT b, occurred_at, last_seen, seen FROM fresh_link
    ) AS named GROUP BY value
"""
