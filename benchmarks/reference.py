"""The log that replays are measured on: made once from a seed, then read from the data folder. Not a benchmark itself.

Ordered by person and time, as sealed files are, with the columns of `entente.people.queries.read_log`. Persons have 20
events on average, few of them many more; four of five events are page views.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb
import pyarrow.parquet as pq

from entente.agreements.document import Agreement, parse
from entente.database import data_folder

FORM: Final = 1
"""To be changed with whatever changes the rows, so that no older file is taken for this one."""
EVENTS_PER_PERSON: Final = 20
PERSONS_AT_A_TIME: Final = 50_000


def reference_log(events: int) -> Path:
    """The Parquet file with that many events; made, in about 2 s a million, when it is not there yet."""
    folder = data_folder() / "reference"
    path = folder / f"log-{FORM}-{events}.parquet"
    if path.exists():
        return path
    folder.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    _write(unfinished, events)
    unfinished.replace(path)
    return path


def reference_agreement() -> Agreement:
    """An agreement of 20 rules that looks at every kind of event and value in the log."""
    return parse(AGREEMENT)


def _write(path: Path, events: int) -> None:
    sql = duckdb.connect()
    written, first, writer = 0, 0, None
    try:
        while written < events:
            table = sql.sql(ROWS, params={"first": first, "last": first + PERSONS_AT_A_TIME}).to_arrow_table()
            table = table.slice(0, min(table.num_rows, events - written))
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
            writer.write_table(table, row_group_size=250_000)
            written, first = written + table.num_rows, first + PERSONS_AT_A_TIME
    finally:
        if writer:
            writer.close()


# Every choice is a hash of the person, the number of the event and a word, so that a row depends on nothing else.
ROWS: Final = f"""
WITH persons AS (
    SELECT person,
           (hash(person, 'count') % 1000000) / 1e6 AS many,
           TIMESTAMP '2025-01-01' + to_microseconds((hash(person, 'arrives') % 31536000000000)::BIGINT) AS arrives,
           ['ES', 'PT', 'MX', 'CO', 'US', 'FR'][(hash(person, 'country') % 6)::INT + 1] AS country,
           ['Chief Executive', 'Head of Sales', 'VP Finance', 'Analyst', 'Student', 'Planner', 'Director of Data',
            'Engineer'][(hash(person, 'title') % 8)::INT + 1] AS title,
           hash(person, 'company') % 40000 AS company
    FROM range($first, $last) AS numbers(person)
), each AS (
    SELECT *, unnest(range(1 + floor(-ln(1 - many) * {EVENTS_PER_PERSON - 0.5})::BIGINT)) AS k FROM persons
), drawn AS (
    SELECT *,
           (hash(person, k, 'type') % 1000) / 1e3 AS kind,
           hash(person, k, 'what') AS what,
           arrives + to_microseconds((hash(person, k, 'at') % 15552000000000)::BIGINT) AS moment
    FROM each
), typed AS (
    SELECT *, CASE WHEN kind < 0.80 THEN 'page' WHEN kind < 0.86 THEN 'track' WHEN kind < 0.91 THEN 'email_opened'
                   WHEN kind < 0.94 THEN 'email_clicked' WHEN kind < 0.96 THEN 'form_submitted'
                   WHEN kind < 0.985 THEN 'identify' WHEN kind < 0.99 THEN 'group' ELSE 'call' END AS type
    FROM drawn
)
SELECT person::BIGINT AS person,
       moment::TIMESTAMP AS occurred_at,
       'm' || person || '-' || k AS message_id,
       CASE WHEN type = 'call' THEN 'crm' ELSE 'web' END AS source,
       type,
       CASE WHEN type = 'track' THEN ['Demo Requested', 'Quote Viewed', 'Video Played', 'Search', 'Unsubscribed',
            'Calculator Used'][(what % 6)::INT + 1] ELSE '' END AS name,
       CASE WHEN type <> 'page' THEN '' WHEN what % 10 < 4 THEN '/blog/post-' || what % 97 WHEN what % 10 = 4
            THEN '/pricing' || CASE WHEN what % 3 = 0 THEN '/enterprise' ELSE '' END
            WHEN what % 10 < 7 THEN '/product/' || what % 11 WHEN what % 10 = 7 THEN '/docs/guide-' || what % 53
            ELSE '/' END AS path,
       CASE WHEN type = 'group' THEN 'company' || company || '.example' END AS group_id,
       CASE WHEN type = 'identify' THEN 'p' || person || '@company' || company || '.example' END AS email,
       CASE type
            WHEN 'page' THEN '{{"url":"https://www.shop.example/","title":"Page ' || what % 97 || '"}}'
            WHEN 'track' THEN '{{"amount":' || what % 50000 || ',"currency":"EUR"}}'
            WHEN 'identify' THEN '{{"email":"p' || person || '@company' || company || '.example","title":"' || title
                 || '","country":"' || country || '"}}'
            WHEN 'group' THEN '{{"employees":' || company % 3000 || ',"industry":"industry ' || company % 12 || '"}}'
            WHEN 'form_submitted' THEN '{{"form":"' || ['guide', 'contact', 'newsletter'][(what % 3)::INT + 1] || '"}}'
            WHEN 'call' THEN '{{"by":"rep' || what % 12 || '@shop.example"}}'
            ELSE '{{"campaign":"letter-' || what % 30 || '"}}' END AS properties,
       CASE WHEN type = 'email_clicked' AND what % 4 = 0 THEN 'machine' ELSE '' END AS mark
FROM typed
ORDER BY person, occurred_at, message_id
"""

AGREEMENT: Final = """
format: 1
name: Reference
effective: 2025-01-01
timezone: Europe/Madrid
definition:
  threshold: 50
  fit:
    - {rule: Decides,        points: 15,  when: {trait: title, matches: "chief|vp|head of|director"}}
    - {rule: Right size,     points: 10,  when: {account: employees, from: 50, to: 1000}}
    - {rule: Our industries, points: 5,   when: {account: industry, in: [industry 1, industry 5, industry 7]}}
    - {rule: Iberia,         points: 5,   when: {trait: country, in: [ES, PT]}}
    - {rule: Elsewhere,      points: -20, when: {trait: country, not_in: [ES, PT, MX, CO]}}
  engagement:
    half_life: 30 days
    groups: {Content: {at_most: 20}, Mail: {at_most: 10}}
    rules:
      - {rule: Asked for a demo,  points: 40,  when: {track: Demo Requested}}
      - {rule: Big quote,         points: 12,  when: {track: Quote Viewed, where: {amount: {from: 20000}}}}
      - {rule: Any quote,         points: 6,   when: {track: Quote Viewed}, limit: 2 per day}
      - {rule: Worked it out,     points: 10,  when: {track: Calculator Used}, limit: 1 per day}
      - {rule: Watched,           points: 3,   when: {track: Video Played}, group: Content}
      - {rule: Left,              points: -20, when: {track: Unsubscribed}}
      - {rule: Pricing,           points: 8,   when: {page: "/pricing*"}, limit: 2 per day}
      - {rule: Large pricing,     points: 5,   when: {page: /pricing/enterprise}, limit: 1 per day}
      - {rule: Product,           points: 2,   when: {page: "/product/*"}, limit: 5 per day}
      - {rule: Blog,              points: 1,   when: {page: "/blog/*"}, limit: 3 per day, group: Content}
      - {rule: Guides,            points: 2,   when: {page: "/docs/guide-*"}, group: Content}
      - {rule: Wrote,             points: 20,  when: {event: form_submitted, where: {form: {is: contact}}}}
      - {rule: Took a guide,      points: 8,   when: {event: form_submitted, where: {form: {is: guide}}}}
      - {rule: Followed a letter, points: 3,   when: {event: email_clicked}, group: Mail}
  disqualify:
    - {rule: Learns, when: {trait: title, matches: "student|teacher"}}
  requalify_after: 30 days
"""
