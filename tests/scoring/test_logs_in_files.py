"""A log may lie in one file or many, in order or not, sealed here or elsewhere: the replay is the same."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entente.agreements.document import from_data
from entente.scoring import log as logs
from entente.scoring.log import LogError, seal
from entente.scoring.replay import prepare_log, replay
from entente.scoring.weave import LogEvent, in_order
from tests.scoring.logs import as_table

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
AGREEMENT = from_data(
    {
        "format": 1,
        "name": "Files",
        "effective": "2020-01-01",
        "timezone": "Europe/Madrid",
        "definition": {
            "threshold": 25,
            "fit": [
                {"rule": "VP", "points": 9, "when": {"trait": "title", "is": "vp"}},
                {"rule": "Large", "points": 7, "when": {"account": "employees", "from": 50}},
                {"rule": "Known", "points": 3, "when": {"account": "domain", "matches": "acme"}},
            ],
            "engagement": {
                "rules": [
                    {"rule": "Page", "points": 4, "when": {"page": "/pricing*"}, "limit": "2 per day"},
                    {"rule": "Quote", "points": 8, "when": {"track": "Quote", "where": {"amount": {"from": 100}}}},
                ]
            },
        },
    }
)


def history(persons=60, seed=5):
    draw = random.Random(seed)
    return in_order(one_event(draw, number, persons) for number in range(persons * 20))


def one_event(draw, number, persons):
    person = draw.randrange(1, persons + 1)
    at = 1_770_000_000_000_000 + draw.randrange(90) * 86_400_000_000 + draw.choice((0, 0, draw.randrange(10**10)))
    kind = draw.choice(("page", "page", "page", "track", "identify", "group", "rejected"))
    fields = {
        "page": {"path": draw.choice(("/pricing", "/", "/pricing/eu"))},
        "track": {"name": "Quote", "properties": json.dumps({"amount": draw.randrange(200)})},
        "identify": {
            "properties": json.dumps({"title": draw.choice(("VP", "clerk", None))}),
            "email": f"p{person}@{draw.choice(('acme', 'other'))}{person % 5}.example",
        },
        "group": {
            "group_id": f"acme{person % 5}.example",
            "properties": json.dumps({"employees": draw.randrange(100)}),
        },
    }.get(kind, {})
    return LogEvent(person, at, f"m{draw.randrange(10**6)}-{number}", draw.choice(("web", "crm")), kind, **fields)


@pytest.fixture(scope="module")
def table():
    return as_table(history())


@pytest.fixture(scope="module")
def expected(table):
    return replay(table, AGREEMENT, None, UNTIL).as_data()


def sealed(table, path):
    sql = duckdb.connect()
    sql.register("log", table)
    seal(sql, "log", path)
    return path


def test_a_sealed_file(table, expected, tmp_path):
    path = sealed(table, tmp_path / "log.parquet")
    assert pq.ParquetFile(path).metadata.metadata[b"entente_order"] == b"person, occurred_at, message_id, source"
    assert replay(path, AGREEMENT, None, UNTIL).as_data() == expected
    assert [file.name for file in tmp_path.iterdir()] == ["log.parquet"]


def test_an_ordered_file_of_another_make_with_times_in_nanoseconds(table, expected, tmp_path):
    ordered = table.sort_by([(name, "ascending") for name in ("person", "occurred_at", "message_id", "source")])
    times = ordered["occurred_at"].cast(pa.timestamp("ns", "UTC"))
    ordered = ordered.set_column(1, "occurred_at", times).set_column(0, "person", ordered["person"].cast(pa.int32()))
    pq.write_table(ordered, tmp_path / "log.parquet", row_group_size=100)
    prepared = prepare_log(tmp_path / "log.parquet", AGREEMENT)
    assert prepared.replay(AGREEMENT, None, UNTIL).as_data() == expected
    assert not prepared.log.says_it_is_ordered  # it was read as it lay


@pytest.mark.parametrize("by", [["occurred_at"], ["person", "occurred_at"], ["person"]])
def test_a_file_in_any_order_is_put_in_order(table, expected, tmp_path, by):
    pq.write_table(table.sort_by([(name, "ascending") for name in by]), tmp_path / "log.parquet")
    assert replay(tmp_path / "log.parquet", AGREEMENT, None, UNTIL).as_data() == expected


def test_many_files_whether_cut_between_persons_or_through_time(table, expected, tmp_path):
    ordered = table.sort_by([(name, "ascending") for name in ("person", "occurred_at", "message_id", "source")])
    by_time = table.sort_by("occurred_at")
    for name, rows, cuts in (("person", ordered, (0, 250, 700)), ("time", by_time, (0, 400, 401))):
        paths = []
        for start, end in zip(cuts, [*cuts[1:], rows.num_rows], strict=True):
            paths.append(tmp_path / f"{name}-{start}.parquet")
            pq.write_table(rows.slice(start, end - start), paths[-1])
        assert replay(paths, AGREEMENT, None, UNTIL).as_data() == expected


def test_chunks_may_be_smaller_than_a_person(table, expected, tmp_path, monkeypatch):
    to_the_end = replay(table, AGREEMENT).as_data()
    monkeypatch.setattr(logs, "CHUNK", 7)
    assert replay(table, AGREEMENT, None, UNTIL).as_data() == expected
    assert replay(table, AGREEMENT).as_data() == to_the_end  # what others tell of an account after a chunk's end counts
    pq.write_table(pq.read_table(sealed(table, tmp_path / "log.parquet")), tmp_path / "small.parquet", row_group_size=5)
    assert replay(tmp_path / "small.parquet", AGREEMENT, None, UNTIL).as_data() == expected


def test_a_file_that_is_no_log_is_refused_with_what_it_lacks(table, tmp_path):
    pq.write_table(table.drop_columns(["mark", "email"]), tmp_path / "log.parquet")
    with pytest.raises(LogError, match="lacks the columns email, mark"):
        replay(tmp_path / "log.parquet", AGREEMENT)
    with pytest.raises(LogError, match=r"none\.parquet is not there"):
        replay(tmp_path / "none.parquet", AGREEMENT)
    (tmp_path / "text.parquet").write_text("no")
    with pytest.raises(LogError, match=r"text\.parquet is not a Parquet file"):
        replay(tmp_path / "text.parquet", AGREEMENT)


def test_progress_is_told_up_to_the_last_row(table):
    told = []
    replay(table, AGREEMENT, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (table.num_rows, table.num_rows)


def test_a_log_prepared_for_other_conditions_is_refused(table):
    other = from_data(AGREEMENT.as_data() | {"definition": {"threshold": 3}})
    with pytest.raises(ValueError, match="other conditions"):
        prepare_log(table, AGREEMENT).replay(other)
