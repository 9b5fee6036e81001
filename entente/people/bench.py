"""The workbench: temporary tables on which new events are told apart, one set for each connection.

They are made once and emptied by the end of every transaction. Making them anew for every batch would cost as much as
a small batch itself, and leave dead rows in PostgreSQL's own catalogue, ten batches a second.
"""

from __future__ import annotations

from typing import Final

from django.db.backends.utils import CursorWrapper

TABLES: Final = {
    # what the batch says (`gathering`)
    "fresh": 'identity text COLLATE "C", type text, occurred_at timestamptz, message_id text COLLATE "C",'
    ' source text COLLATE "C", user_id text, anonymous_id text, group_id text, email text, properties jsonb',
    "fresh_link": 'a text COLLATE "C", b text COLLATE "C", kind text, occurred_at timestamptz,'
    ' message_id text COLLATE "C", source text COLLATE "C", last_seen timestamptz, seen boolean',
    "fresh_id": 'value text COLLATE "C", seen boolean, first_seen timestamptz, last_seen timestamptz',
    # whose identifiers they are (`resolving`)
    "kept": 'value text COLLATE "C", person_id bigint',
    "touched": 'value text COLLATE "C"',
    "reached": 'value text COLLATE "C", step int',
    "settled": 'value text COLLATE "C", person bigint, shared boolean',
    # what is known of the persons now (`profiles`)
    "touched_person": "person bigint, late boolean",
    "regrouped": "person bigint",
    "slow": "person bigint",
    "told": "person bigint, at timestamptz, traits jsonb, place jsonb",
    # and of their accounts (`memberships`)
    "domain_key": "domain text, key text",
    "membership": "person bigint, key text, old bigint",
    "affected": 'key text COLLATE "C"',
    "slow_group": 'key text COLLATE "C"',
    "domain_found": "id bigint, domain text",
    "in_use": "since timestamptz",
}


def lay_out(sql: CursorWrapper) -> None:
    """Have the tables there, and empty, also when the same transaction has used them before."""
    sql.execute("SELECT to_regclass('pg_temp.in_use')")
    if sql.fetchone()[0] is None:
        sql.execute(CREATE)
    sql.execute("SELECT count(*) FROM in_use")
    if sql.fetchone()[0]:
        clear(sql, *TABLES)
    sql.execute("INSERT INTO in_use VALUES (now())")


def clear(sql: CursorWrapper, *tables: str) -> None:
    """Empty tables that are to be used again before the transaction ends."""
    sql.execute("; ".join(f"DELETE FROM {table}" for table in tables))  # noqa: S608 - names of our own


CREATE: Final = "; ".join(
    f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DELETE ROWS" for name, columns in TABLES.items()
)
