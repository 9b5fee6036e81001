"""What is known of each person now: first and last seen, traits, name, e-mail, group.

A later value lies over an earlier one, by time, message id and source, never by arrival. New values are laid over the
stored ones where all are later than those; else the person's profile is read from the log anew. Persons who are new
are written last, once, with all that is known of them (`add_newcomers`).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from entente.events.planning import analyze


def find_touched(sql: CursorWrapper) -> tuple[frozenset[int], frozenset[int]]:
    """The persons that the new events belong to, and those of them to whose past something was added.

    Who is new had no past. To be asked before `date_persons`.
    """
    sql.execute(TOUCHED_PERSONS)
    analyze(sql, "touched_person")
    sql.execute("SELECT person, late FROM touched_person")
    rows = sql.fetchall()
    return frozenset(person for person, _ in rows), frozenset(person for person, late in rows if late)


def date_persons(sql: CursorWrapper, changed: Iterable[int]) -> int:
    """Set when the touched and the changed were seen first and last.

    `regrouped` are those seen earlier than was thought, which matters to their account; returns how many.
    """
    sql.execute(DATE_PERSONS, [list(changed)])
    return int(sql.rowcount)


def refresh_profiles(sql: CursorWrapper, changed: Iterable[int]) -> None:
    """Lay what the new events tell over what is known; ``changed`` are persons whose past is another than before.

    Adds the persons of whom something was told to `regrouped`. What was told of newcomers stays in `told`.
    """
    sql.execute(SLOW, [list(changed)])
    analyze(sql, "slow")
    sql.execute(RESET)
    sql.execute(TOLD)
    analyze(sql, "told")
    sql.execute(LAY_OVER)
    sql.execute("INSERT INTO regrouped SELECT person FROM told UNION SELECT person FROM slow")


def add_newcomers(sql: CursorWrapper, known: int) -> None:
    """Write the persons with numbers above ``known``, with what was `told` of them and their `membership`."""
    sql.execute(ADD_NEWCOMERS, [known])


def add_visitors(sql: CursorWrapper, known: int) -> None:
    """Write the persons with numbers above ``known`` when nothing was told of anybody."""
    sql.execute(ADD_VISITORS, [known])


TOUCHED_PERSONS = """
    INSERT INTO touched_person
    SELECT i.person_id AS person, bool_or(coalesce(f.first_seen <= p.last_seen, false)) AS late
    FROM fresh_id f JOIN people_identifier i ON i.value = f.value LEFT JOIN people_person p ON p.id = i.person_id
    GROUP BY i.person_id
"""
DATE_PERSONS = """
    WITH who AS (
        SELECT person FROM touched_person UNION SELECT unnest(%s::bigint[])
    ), times AS (
        SELECT p.id, min(i.first_seen) AS first_seen, max(i.last_seen) AS last_seen
        FROM who JOIN people_person p ON p.id = who.person JOIN people_identifier i ON i.person_id = p.id
        WHERE i.seen GROUP BY p.id
    ), moved AS (
        SELECT p.id AS person FROM times t JOIN people_person p ON p.id = t.id WHERE p.first_seen <> t.first_seen
    ), dated AS (
        UPDATE people_person p SET first_seen = t.first_seen, last_seen = t.last_seen
        FROM times t WHERE t.id = p.id AND (p.first_seen, p.last_seen) <> (t.first_seen, t.last_seen)
    )
    INSERT INTO regrouped SELECT person FROM moved
"""
SLOW = """
    INSERT INTO slow
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
    INSERT INTO told
    WITH telling AS (
        SELECT i.person_id AS person, f.type, f.occurred_at, f.message_id, f.source, f.email, f.group_id, f.properties
        FROM fresh f JOIN people_identifier i ON i.value = f.identity
        WHERE f.type <> 'alias' AND NOT EXISTS (SELECT FROM slow WHERE slow.person = i.person_id)
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
WITHOUT_NULLS = """
    CASE WHEN jsonb_path_exists({0}, '$.* ? (@ == null)')
         THEN (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each({0}) WHERE value <> 'null')
         ELSE {0} END
"""
NAME = """
    CASE WHEN jsonb_typeof({0}->'name') = 'string' THEN btrim({0}->>'name')
         ELSE btrim(concat_ws(' ', coalesce({0}->>'firstName', {0}->>'first_name'),
                                   coalesce({0}->>'lastName', {0}->>'last_name'))) END
"""
LAY_OVER = f"""
    WITH laid AS (
        SELECT p.id, t.at, p.traits || t.traits AS traits, t.place FROM told t JOIN people_person p ON p.id = t.person
    ), known AS (
        SELECT id, at, place, {WITHOUT_NULLS.format("traits")} AS traits FROM laid
    )
    UPDATE people_person p SET traits = k.traits, profile_at = GREATEST(p.profile_at, k.at),
        email = coalesce(k.place->>'email', p.email), group_id = coalesce(k.place->>'group', p.group_id),
        name = {NAME.format("k.traits")}
    FROM known k WHERE k.id = p.id
"""  # noqa: S608 (pieces of our own)
ADD_NEWCOMERS = f"""
    WITH times AS (
        SELECT person_id, min(first_seen) AS first_seen, max(last_seen) AS last_seen
        FROM people_identifier WHERE person_id > %s AND seen GROUP BY person_id
    ), known AS (
        SELECT i.*, t.at, t.place, {WITHOUT_NULLS.format("coalesce(t.traits, '{}')")} AS traits
        FROM times i LEFT JOIN told t ON t.person = i.person_id
    )
    INSERT INTO people_person (id, first_seen, last_seen, email, name, group_id, account_id, traits, profile_at)
    SELECT k.person_id, k.first_seen, k.last_seen, coalesce(k.place->>'email', ''), {NAME.format("k.traits")},
           coalesce(k.place->>'group', ''), a.id, k.traits, k.at
    FROM known k LEFT JOIN membership m ON m.person = k.person_id LEFT JOIN people_account a ON a.key = m.key
"""  # noqa: S608 (pieces of our own)
ADD_VISITORS = """
    INSERT INTO people_person (id, first_seen, last_seen, email, name, group_id, traits)
    SELECT person_id, min(first_seen), max(last_seen), '', '', '', '{}'
    FROM people_identifier WHERE person_id > %s AND seen GROUP BY person_id
"""
