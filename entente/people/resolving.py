"""From what was gathered to persons: links stored, identifiers dated, each identifier given its person.

Persons are told apart within the scope that new links reach: the components of the link graph that hold one of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from django.db.backends.utils import CursorWrapper

from entente.events.frames import micros, read_frame, write_frame
from entente.events.planning import analyze
from entente.people.assignment import Assignment, assign
from entente.people.bench import clear
from entente.people.identity import Link, partition
from entente.people.scope import Scope

AT_A_GLANCE = 300
"""So many identifiers are told apart one by one sooner than sorted by array operations."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LINKS = {
    "a": pl.String,
    "b": pl.String,
    "kind": pl.String,
    "at": pl.Int64,
    "message_id": pl.String,
    "source": pl.String,
}
NODES = {"value": pl.String, "first_seen": pl.Int64, "seen": pl.Boolean, "shared": pl.Boolean, "person": pl.Int64}
PERSONS = {"value": pl.String, "person": pl.Int64, "shared": pl.Boolean}


def forget(sql: CursorWrapper, identities: list[str] | None = None) -> list[str]:
    """Unlearn all that is known of these identities and of whom links connect to them; None means of everybody.

    `kept` remembers whose the identifiers were, so that persons keep their number. Returns the identifiers.
    """
    if identities is None:
        sql.execute("INSERT INTO kept SELECT value, person_id FROM people_identifier")
        sql.execute("DELETE FROM people_link; DELETE FROM people_identifier")
        return []
    sql.execute("INSERT INTO touched SELECT unnest(%s::text[])", [identities])
    reach(sql, over_shared=True)
    sql.execute(FORGET)
    sql.execute("SELECT value FROM reached")
    reached = [value for (value,) in sql.fetchall()]
    clear(sql, "touched", "reached")
    return reached


def known_before(sql: CursorWrapper) -> set[int]:
    """The persons of whom `forget` has unlearned something."""
    sql.execute("SELECT DISTINCT person_id FROM kept")
    return {person for (person,) in sql.fetchall()}


def last_person(sql: CursorWrapper) -> int:
    """The highest number given to a person so far."""
    sql.execute("SELECT last_value - (NOT is_called)::int FROM people_person_id_seq")
    return int(sql.fetchone()[0])


def store_links(sql: CursorWrapper) -> int:
    """Keep the earliest call of each pair.

    `touched` are the identifiers about whom that says something new; returns how many.
    """
    sql.execute(TOUCH)
    touched = sql.rowcount
    sql.execute(UPSERT_LINKS)
    return touched


def date_identifiers(sql: CursorWrapper) -> None:
    """Bring the times of the stored identifiers up to date."""
    sql.execute(UPDATE_IDENTIFIERS)


def add_lone_visitors(sql: CursorWrapper) -> None:
    """Each new identifier that no call has named beside another is a new person."""
    sql.execute(INSERT_LONE)


def settle(sql: CursorWrapper, now: datetime) -> Assignment:
    """Tell the persons within reach of the touched apart and store them; returns what changed of those known."""
    reach(sql)
    scope = Scope(read_frame(sql, SELECT_LINKS, LINKS), read_frame(sql, SELECT_NODES, NODES))
    if len(scope.nodes) <= AT_A_GLANCE:
        persons, assignment = _divide(sql, scope)
    else:
        easy, rest = scope.split()
        persons, assignment = _divide(sql, rest)
        persons = pl.concat([_number(sql, easy), persons])
    _store(sql, persons)
    _record_joins(sql, assignment, now)
    return assignment


def reach(sql: CursorWrapper, over_shared: bool = False) -> None:
    """Fill `reached` with all identifiers that links connect to a touched one.

    A device that is known to be shared connects nobody, so the search stops at it, unless ``over_shared``.
    """
    sql.execute("INSERT INTO reached SELECT DISTINCT value, 0 FROM touched")
    closed, step = "" if over_shared else STOP_AT_SHARED, 0
    while sql.rowcount:
        analyze(sql, "reached")
        sql.execute(NEXT_STEP.format(closed=closed), {"step": step})
        step += 1


def _number(sql: CursorWrapper, easy: pl.DataFrame) -> pl.DataFrame:
    """Each plain component is the person that it was, or a new one."""
    components = easy.group_by("component").agg(known=pl.col("person").max()).sort("component")
    new = components.filter(pl.col("known").is_null()).select("component")
    new = new.with_columns(new=pl.Series(_new_persons(sql, len(new)), dtype=pl.Int64))
    persons = components.join(new, on="component", how="left").select("component", person=pl.coalesce("known", "new"))
    return easy.drop("person").join(persons, on="component").select("value", "person", shared=False)


def _divide(sql: CursorWrapper, rest: Scope) -> tuple[pl.DataFrame, Assignment]:
    """The persons of the components that need the whole of the rules."""
    first_seen = {value: _instant(at) for value, at in rest.nodes.select("value", "first_seen").iter_rows()}
    links = [Link(kind, a, b, _instant(at), *call) for a, b, kind, at, *call in rest.links.iter_rows()]
    seen = set(rest.nodes.filter("seen")["value"])
    found = partition(links, first_seen, seen, set(rest.nodes.filter("shared")["value"]))
    before = dict(rest.nodes.drop_nulls("person").select("value", "person").iter_rows())
    assignment = assign(
        blocks=sorted((block for block in found.blocks if block & seen), key=min),
        before=before,
        first_seen=first_seen,
        joining=found.joining,
        absorbed_before=_absorbed_before(sql, before),
        new_person=lambda: _new_persons(sql, 1)[0],
    )
    rows = [(value, person, value in found.shared) for value, person in assignment.person_of.items()]
    return pl.DataFrame(rows, schema=PERSONS, orient="row"), assignment


def _instant(micros_since_1970: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros_since_1970)


def _new_persons(sql: CursorWrapper, count: int) -> list[int]:
    sql.execute("SELECT nextval('people_person_id_seq') FROM generate_series(1, %s)", [count])
    return [number for (number,) in sql.fetchall()]


def _absorbed_before(sql: CursorWrapper, before: dict[str, int]) -> dict[str, int]:
    """Whose identifiers were before they were joined into the persons that they belong to now."""
    sql.execute(JOINED, [sorted(set(before.values()))])
    whose: dict[str, int] = {}
    for absorbed, identifier in sql.fetchall():
        whose.setdefault(identifier, absorbed)
    return whose


def _store(sql: CursorWrapper, persons: pl.DataFrame) -> None:
    write_frame(sql, "settled", persons)
    analyze(sql, "settled")
    sql.execute(MOVE_IDENTIFIERS)
    sql.execute(INSERT_IDENTIFIERS)
    sql.execute(DROP_UNSETTLED)


def _record_joins(sql: CursorWrapper, assignment: Assignment, now: datetime) -> None:
    for join in assignment.absorbed:
        sql.execute(INSERT_JOIN, [join.survivor, join.absorbed, join.identifiers, now, join.event])
        sql.execute(POINT_TO_SURVIVOR, [join.survivor, join.absorbed, join.absorbed])
    for person in assignment.returned:
        sql.execute("UPDATE people_join SET undone_at = %s WHERE absorbed_id = %s AND undone_at IS NULL", [now, person])
        sql.execute("UPDATE people_person SET joined_into_id = NULL WHERE id = %s", [person])
        sql.execute(POINT_BACK, [person, person])


FORGET = """
    INSERT INTO kept
    SELECT i.value, i.person_id FROM people_identifier i JOIN reached r ON r.value = i.value;
    DELETE FROM people_link l USING reached r WHERE r.value = l.a OR r.value = l.b;
    DELETE FROM people_identifier i USING reached r WHERE r.value = i.value;
"""
TOUCH = """
    WITH news AS (
        SELECT f.a, f.b FROM fresh_link f LEFT JOIN people_link l ON l.a = f.a AND l.b = f.b AND l.kind = f.kind
        WHERE l.a IS NULL OR (f.occurred_at, f.message_id, f.source) < (l.occurred_at, l.message_id, l.source)
    )
    INSERT INTO touched
    SELECT a FROM news UNION SELECT b FROM news
    UNION SELECT f.value FROM fresh_id f JOIN people_identifier i ON i.value = f.value WHERE f.seen AND NOT i.seen
    UNION SELECT value FROM kept
    UNION SELECT l.a FROM people_link l JOIN fresh_id f ON f.value = l.a
        WHERE NOT EXISTS (SELECT FROM people_identifier i WHERE i.value = f.value)
    UNION SELECT l.b FROM people_link l JOIN fresh_id f ON f.value = l.b
        WHERE NOT EXISTS (SELECT FROM people_identifier i WHERE i.value = f.value)
"""
UPSERT_LINKS = """
    INSERT INTO people_link AS l (a, b, kind, occurred_at, message_id, source)
    SELECT DISTINCT ON (a, b, kind) a, b, kind, occurred_at, message_id, source FROM fresh_link
    ORDER BY a, b, kind, occurred_at, message_id, source
    ON CONFLICT (a, b, kind) DO UPDATE
    SET occurred_at = excluded.occurred_at, message_id = excluded.message_id, source = excluded.source
    WHERE (excluded.occurred_at, excluded.message_id, excluded.source) < (l.occurred_at, l.message_id, l.source)
"""
UPDATE_IDENTIFIERS = """
    UPDATE people_identifier i SET seen = i.seen OR f.seen,
        first_seen = CASE WHEN f.seen AND NOT i.seen THEN f.first_seen ELSE LEAST(i.first_seen, f.first_seen) END,
        last_seen = CASE WHEN f.seen AND NOT i.seen THEN f.last_seen ELSE GREATEST(i.last_seen, f.last_seen) END
    FROM fresh_id f WHERE f.value = i.value AND (f.seen OR NOT i.seen) AND (
        f.first_seen < i.first_seen OR f.last_seen > i.last_seen OR f.seen <> i.seen)
"""
INSERT_LONE = """
    INSERT INTO people_identifier (value, person_id, first_seen, last_seen, seen, shared)
    SELECT f.value, nextval('people_person_id_seq'), f.first_seen, f.last_seen, true, false FROM fresh_id f
    WHERE NOT EXISTS (SELECT FROM people_identifier i WHERE i.value = f.value)
      AND NOT EXISTS (SELECT FROM touched t WHERE t.value = f.value)
    ORDER BY f.value
"""
STOP_AT_SHARED = """
    AND NOT EXISTS (SELECT FROM people_identifier i WHERE i.value = e.value AND i.shared)
"""
NEXT_STEP = """
    INSERT INTO reached
    WITH open AS (SELECT value FROM reached e WHERE step = %(step)s {closed}), near AS (
        SELECT l.b AS value FROM open e JOIN people_link l ON l.a = e.value
        UNION
        SELECT l.a FROM open e JOIN people_link l ON l.b = e.value
    )
    SELECT n.value, %(step)s + 1 FROM near n WHERE NOT EXISTS (SELECT FROM reached r WHERE r.value = n.value)
"""
SELECT_LINKS = f"""
    SELECT l.a, l.b, l.kind, {micros("l.occurred_at")}, l.message_id, l.source
    FROM people_link l JOIN reached a ON a.value = l.a JOIN reached b ON b.value = l.b
"""  # noqa: S608 (the column is our own)
SELECT_NODES = f"""
    SELECT r.value,
           {micros("coalesce(i.first_seen, f.first_seen, '1970-01-01Z')")},
           coalesce(i.seen, f.seen, false), coalesce(i.shared, false), coalesce(i.person_id, k.person_id)
    FROM reached r LEFT JOIN people_identifier i ON i.value = r.value LEFT JOIN fresh_id f ON f.value = r.value
         LEFT JOIN kept k ON k.value = r.value
"""  # noqa: S608 (the columns are our own)
JOINED = """
    SELECT j.absorbed_id, v.identifier FROM people_join j, jsonb_array_elements_text(j.identifiers) AS v(identifier)
    WHERE j.undone_at IS NULL AND j.survivor_id = ANY(%s) ORDER BY j.id
"""
INSERT_IDENTIFIERS = """
    INSERT INTO people_identifier (value, person_id, first_seen, last_seen, seen, shared)
    SELECT s.value, s.person, coalesce(f.first_seen, l.at), coalesce(f.last_seen, l.at), coalesce(f.seen, false),
           s.shared
    FROM settled s LEFT JOIN fresh_id f ON f.value = s.value LEFT JOIN LATERAL (
        SELECT min(occurred_at) AS at FROM people_link l WHERE f.value IS NULL AND (l.a = s.value OR l.b = s.value)
    ) AS l ON true
    WHERE NOT EXISTS (SELECT FROM people_identifier i WHERE i.value = s.value)
"""
MOVE_IDENTIFIERS = """
    UPDATE people_identifier i SET person_id = s.person, shared = s.shared
    FROM settled s WHERE s.value = i.value AND (i.person_id, i.shared) IS DISTINCT FROM (s.person, s.shared)
"""
DROP_UNSETTLED = """
    DELETE FROM people_identifier i USING reached r
    WHERE i.value = r.value AND NOT EXISTS (SELECT FROM settled s WHERE s.value = i.value)
"""
INSERT_JOIN = """
    INSERT INTO people_join (survivor_id, absorbed_id, identifiers, at, event)
    VALUES (%s, %s, to_jsonb(%s::text[]), %s, %s)
"""
POINT_TO_SURVIVOR = "UPDATE people_person SET joined_into_id = %s WHERE id = %s OR joined_into_id = %s"
POINT_BACK = """
    UPDATE people_person SET joined_into_id = %s
    WHERE id IN (SELECT absorbed_id FROM people_join WHERE survivor_id = %s AND undone_at IS NULL)
"""
