"""What is known of each person now: first and last seen, traits, name, e-mail, group.

A later value lies over an earlier one, by time, message id and source, never by arrival. New values are laid over the
stored ones where all are later than those; else the person's profile is read from the log anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper


def find_touched(sql: CursorWrapper, known: int) -> tuple[frozenset[int], frozenset[int]]:
    """The persons that the new events belong to, and those of them to whose past something was added.

    Persons with a number above ``known`` are new: they had no past. To be asked before `date_persons`.
    """
    sql.execute(TOUCHED_PERSONS, [known])
    sql.execute("SELECT person, late FROM touched_person")
    rows = sql.fetchall()
    return frozenset(person for person, _ in rows), frozenset(person for person, late in rows if late)


def date_persons(sql: CursorWrapper, changed: Iterable[int]) -> int:
    """Set when the touched and the changed were seen first and last.

    `regrouped` are those seen earlier than was thought, which matters to their account; returns how many.
    """
    sql.execute(DATE_PERSONS, [list(changed)])
    regrouped = sql.rowcount
    sql.execute("DROP TABLE touched_person")
    return regrouped


def refresh_profiles(sql: CursorWrapper, changed: Iterable[int]) -> None:
    """Lay what the new events tell over what is known; ``changed`` are persons whose past is another than before.

    Adds the persons of whom something was told to `regrouped`.
    """
    sql.execute(SLOW, [list(changed)])
    sql.execute("ANALYZE slow")
    sql.execute(RESET)
    sql.execute(TOLD)
    sql.execute(LAY_OVER)
    sql.execute("INSERT INTO regrouped SELECT person FROM told UNION SELECT person FROM slow")
    sql.execute("DROP TABLE slow; DROP TABLE told")


TOUCHED_PERSONS = """
    CREATE TEMP TABLE touched_person ON COMMIT DROP AS
    SELECT i.person_id AS person, p.id <= %s AND bool_or(f.first_seen <= p.last_seen) AS late
    FROM fresh_id f JOIN people_identifier i ON i.value = f.value JOIN people_person p ON p.id = i.person_id
    GROUP BY i.person_id, p.id
"""
DATE_PERSONS = """
    CREATE TEMP TABLE regrouped ON COMMIT DROP AS
    WITH who AS (
        SELECT person FROM touched_person UNION SELECT unnest(%s::bigint[])
    ), times AS (
        SELECT i.person_id, min(i.first_seen) AS first_seen, max(i.last_seen) AS last_seen
        FROM who JOIN people_identifier i ON i.person_id = who.person WHERE i.seen GROUP BY i.person_id
    ), moved AS (
        SELECT t.person_id AS person FROM times t JOIN people_person p ON p.id = t.person_id
        WHERE p.first_seen <> t.first_seen
    ), dated AS (
        UPDATE people_person p SET first_seen = t.first_seen, last_seen = t.last_seen
        FROM times t WHERE t.person_id = p.id AND (p.first_seen, p.last_seen) <> (t.first_seen, t.last_seen)
    )
    SELECT person FROM moved
"""
SLOW = """
    CREATE TEMP TABLE slow ON COMMIT DROP AS
    SELECT unnest(%s::bigint[]) AS person
    UNION
    SELECT p.id FROM fresh f JOIN people_identifier i ON i.value = f.identity JOIN people_person p ON p.id = i.person_id
    WHERE f.type <> 'alias' AND f.occurred_at <= p.profile_at
"""
RESET = """
    UPDATE people_person p SET traits = '{}', email = '', name = '', group_id = '', profile_at = NULL
    FROM slow WHERE slow.person = p.id
"""
TOLD = """
    CREATE TEMP TABLE told ON COMMIT DROP AS
    WITH telling AS (
        SELECT i.person_id AS person, f.type, f.occurred_at, f.message_id, f.source, f.email, f.group_id, f.properties
        FROM fresh f JOIN people_identifier i ON i.value = f.identity
        WHERE f.type <> 'alias'
          AND NOT EXISTS (SELECT FROM slow WHERE slow.person = i.person_id)
        UNION ALL
        SELECT i.person_id, e.type, e.occurred_at, e.message_id, s.name,
               CASE WHEN e.type = 'identify' OR e.identity ^@ 'email:' THEN e.email END, e.group_id, e.properties
        FROM slow JOIN people_identifier i ON i.person_id = slow.person JOIN events_event e ON e.identity = i.value
             JOIN events_source s ON s.id = e.source_id
        WHERE e.mark = '' AND (e.type = 'identify' OR e.group_id IS NOT NULL OR e.identity ^@ 'email:')
    )
    SELECT person, max(occurred_at) AS at,
           coalesce(people_latest(properties ORDER BY occurred_at, message_id, source)
                        FILTER (WHERE type = 'identify'), '{}') AS traits,
           coalesce(people_latest(jsonb_strip_nulls(jsonb_build_object('email', email, 'group', group_id))
                        ORDER BY occurred_at, message_id, source), '{}') AS place
    FROM telling GROUP BY person
"""
LAY_OVER = """
    WITH laid AS (
        SELECT p.id, t.at, p.traits || t.traits AS traits, t.place FROM told t JOIN people_person p ON p.id = t.person
    ), known AS (
        SELECT id, at, place, CASE WHEN jsonb_path_exists(traits, '$.* ? (@ == null)')
            THEN (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(traits) WHERE value <> 'null')
            ELSE traits END AS traits
        FROM laid
    )
    UPDATE people_person p SET traits = k.traits, profile_at = GREATEST(p.profile_at, k.at),
        email = coalesce(k.place->>'email', p.email), group_id = coalesce(k.place->>'group', p.group_id),
        name = CASE WHEN jsonb_typeof(k.traits->'name') = 'string' THEN btrim(k.traits->>'name')
            ELSE btrim(concat_ws(' ',
                coalesce(k.traits->>'firstName', k.traits->>'first_name'),
                coalesce(k.traits->>'lastName', k.traits->>'last_name'))) END
    FROM known k WHERE k.id = p.id
"""
