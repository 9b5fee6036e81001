"""Which account each person belongs to now, and what is known of accounts.

An account exists while a person belongs to it or a group call names it. Its traits are those of the group calls, later
over earlier.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from django.db.backends.utils import CursorWrapper

from entente.events.frames import micros, read_frame, write_frame
from entente.events.planning import analyze
from entente.people.accounts import company_domain, registrable_domain


def find_memberships(sql: CursorWrapper, changed_groups: Iterable[str]) -> None:
    """Fill `membership` with the accounts of the persons of `regrouped`, and make those accounts that are new.

    ``changed_groups`` are accounts whose group calls were taken out of the log.
    """
    analyze(sql, "regrouped")
    _find_keys_of_domains(sql)
    sql.execute(MEMBERSHIP)
    sql.execute(ACCOUNTS, {"groups": list(changed_groups)})
    analyze(sql, "membership", "affected")
    sql.execute(INSERT_ACCOUNTS)
    sql.execute(MOVE_PERSONS)


def refresh_accounts(sql: CursorWrapper, changed_groups: Iterable[str]) -> None:
    """Bring the accounts that anything was told of, or that gained or lost persons, up to date."""
    sql.execute(SLOW, {"groups": list(changed_groups)})
    sql.execute(RESET)
    sql.execute(LAY_OVER)
    sql.execute(DROP_EMPTY)
    _find_domains(sql)
    sql.execute(DESCRIBE)


def _find_keys_of_domains(sql: CursorWrapper) -> None:
    sql.execute(DOMAINS)
    keys = [(domain, company_domain(f"@{domain}")) for (domain,) in sql.fetchall()]
    write_frame(sql, "domain_key", pl.DataFrame(keys, schema={"domain": pl.String, "key": pl.String}, orient="row"))


def _find_domains(sql: CursorWrapper) -> None:
    """From the traits `domain` or `website`, else the key, else the e-mail of the member seen first that has one.

    Where the key came from an address it is the domain.
    """
    rows = read_frame(sql, MEMBER_DOMAINS, MEMBER_DOMAINS_SCHEMA)
    found: dict[int, str] = {}
    for number, key, told, member, _ in rows.sort("id", "first_seen", "domain").iter_rows():
        if not found.get(number):
            own = registrable_domain(told or "") or (registrable_domain(key) if "." in key else None)
            found[number] = own or company_domain(f"@{member}") or ""
    frame = pl.DataFrame(list(found.items()), schema={"id": pl.Int64, "domain": pl.String}, orient="row")
    write_frame(sql, "domain_found", frame)


MEMBER_DOMAINS_SCHEMA = {
    "id": pl.Int64, "key": pl.String, "told": pl.String, "domain": pl.String, "first_seen": pl.Int64,
}  # fmt: skip
DOMAINS = """
    SELECT DISTINCT split_part(email, '@', 2) FROM (
        SELECT p.email FROM regrouped r JOIN people_person p ON p.id = r.person
        UNION ALL SELECT place->>'email' FROM told
    ) AS given WHERE email <> ''
"""
MEMBERSHIP = """
    INSERT INTO membership
    WITH given AS (
        SELECT p.id AS person, p.group_id, p.email, p.account_id AS old
        FROM people_person p WHERE p.id IN (SELECT person FROM regrouped)
        UNION ALL
        SELECT t.person, t.place->>'group', t.place->>'email', NULL
        FROM told t WHERE NOT EXISTS (SELECT FROM people_person p WHERE p.id = t.person)
    )
    SELECT g.person, coalesce(nullif(g.group_id, ''), d.key) AS key, g.old
    FROM given g LEFT JOIN domain_key d ON d.domain = split_part(g.email, '@', 2)
"""
ACCOUNTS = """
    INSERT INTO affected
    SELECT key FROM membership WHERE key IS NOT NULL
    UNION SELECT a.key FROM membership m JOIN people_account a ON a.id = m.old
    UNION SELECT group_id FROM fresh WHERE type = 'group' AND group_id IS NOT NULL
    UNION SELECT unnest(%(groups)s::text[])
"""
INSERT_ACCOUNTS = """
    INSERT INTO people_account (key, name, domain, traits, first_seen)
    SELECT key, '', '', '{}', 'infinity' FROM affected ON CONFLICT (key) DO NOTHING
"""
MOVE_PERSONS = """
    UPDATE people_person p SET account_id = a.id
    FROM membership m LEFT JOIN people_account a ON a.key = m.key
    WHERE m.person = p.id AND p.account_id IS DISTINCT FROM a.id
"""
SLOW = """
    INSERT INTO slow_group
    SELECT unnest(%(groups)s::text[]) AS key
    UNION
    SELECT a.key FROM fresh f JOIN people_account a ON a.key = f.group_id
    WHERE f.type = 'group' AND f.occurred_at <= a.profile_at
"""
RESET = """
    UPDATE people_account a SET traits = '{}', named_at = NULL, profile_at = NULL
    FROM slow_group s WHERE s.key = a.key
"""
LAY_OVER = """
    WITH telling AS (
        SELECT f.group_id AS key, f.occurred_at, f.message_id, f.source, f.properties FROM fresh f
        WHERE f.type = 'group' AND f.group_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM slow_group s WHERE s.key = f.group_id)
        UNION ALL
        SELECT s.key, e.occurred_at, e.message_id, o.name, e.properties
        FROM slow_group s, LATERAL (  -- OFFSET 0: one look into the index for each, never all group calls there are
            SELECT occurred_at, message_id, source_id, properties FROM events_event
            WHERE group_id = s.key AND type = 'group' AND mark = '' AND identity IS NOT NULL OFFSET 0
        ) e JOIN events_source o ON o.id = e.source_id
    ), told AS (
        SELECT key, min(occurred_at) AS first, max(occurred_at) AS last,
               people_latest(properties ORDER BY occurred_at, message_id, source) AS traits
        FROM telling GROUP BY key
    )
    UPDATE people_account a SET named_at = LEAST(a.named_at, t.first), profile_at = GREATEST(a.profile_at, t.last),
        traits = (SELECT coalesce(jsonb_object_agg(key, value), '{}')
                  FROM jsonb_each(a.traits || t.traits) WHERE value <> 'null')
    FROM told t WHERE t.key = a.key
"""
DROP_EMPTY = """
    DELETE FROM people_account a USING affected f
    WHERE f.key = a.key AND a.named_at IS NULL AND NOT EXISTS (SELECT FROM people_person p WHERE p.account_id = a.id)
"""
DESCRIBE = """
    WITH members AS (
        SELECT p.account_id AS id, min(p.first_seen) AS first_seen,
               (array_agg(p.company ORDER BY p.first_seen, p.email) FILTER (WHERE p.company <> ''))[1] AS company
        FROM affected f JOIN people_account a ON a.key = f.key JOIN (
            SELECT account_id, first_seen, email, btrim(CASE jsonb_typeof(traits->'company')
                WHEN 'string' THEN traits->>'company' WHEN 'object' THEN traits->'company'->>'name' END) AS company
            FROM people_person WHERE joined_into_id IS NULL
        ) AS p ON p.account_id = a.id
        GROUP BY p.account_id
    )
    UPDATE people_account a SET first_seen = LEAST(a.named_at, m.first_seen), domain = coalesce(d.domain, a.key),
        name = coalesce(
            CASE WHEN jsonb_typeof(a.traits->'name') = 'string' THEN nullif(btrim(a.traits->>'name'), '') END,
            m.company, '')
    FROM affected f JOIN people_account b ON b.key = f.key LEFT JOIN members m ON m.id = b.id
         LEFT JOIN domain_found d ON d.id = b.id
    WHERE b.id = a.id
"""
MEMBER_DOMAINS = f"""
    SELECT a.id, a.key, coalesce(a.traits->>'domain', a.traits->>'website'), split_part(p.email, '@', 2),
           {micros("min(p.first_seen)")}
    FROM affected f JOIN people_account a ON a.key = f.key
         LEFT JOIN people_person p ON p.account_id = a.id AND p.email <> ''
    WHERE coalesce(a.traits->>'domain', a.traits->>'website') IS NOT NULL
       OR NOT EXISTS (SELECT FROM domain_key d WHERE d.key = a.key)
    GROUP BY 1, 2, 3, 4
"""  # noqa: S608 (the column is our own)
