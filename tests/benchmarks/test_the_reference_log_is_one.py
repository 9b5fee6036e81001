"""The log that replays are measured on is the same for everyone, ordered, and exercises all rules."""

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks.reference import reference_agreement, reference_log
from entente.agreements.conditions import EventType, Page, Track, leaves
from entente.scoring.evaluator import path_matches
from entente.scoring.log import COLUMNS

FIRST_IDS = ["m4-12", "m4-51", "m4-57"]
PAGES = 16_107  # changes with DuckDB's hash function: then raise FORM


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENTENTE_DATA", str(tmp_path_factory.mktemp("reference")))
        path = reference_log(20_000)
        made = path.stat().st_mtime_ns
        assert reference_log(20_000).stat().st_mtime_ns == made, "it is made once"
    return pq.read_table(path)


def test_it_has_the_columns_of_the_log_and_as_many_rows_as_asked_for(log):
    assert log.column_names == list(COLUMNS)
    assert log.num_rows == 20_000


def test_it_is_ordered_by_person_and_time(log):
    rows = list(zip(log["person"].to_pylist(), log["occurred_at"].to_pylist(), strict=True))
    assert rows == sorted(rows)


def test_it_is_the_same_wherever_it_is_made(log):
    assert log["message_id"].slice(100, 3).to_pylist() == FIRST_IDS
    assert pc.sum(pc.equal(log["type"], "page")).as_py() == PAGES


def test_its_agreement_has_twenty_rules_and_each_kind_of_behaviour_is_in_the_log(log):
    agreement = reference_agreement()
    rules = list(agreement.definition.rules())
    assert len(rules) == 20
    names, types, paths = (set(log[column].to_pylist()) for column in ("name", "type", "path"))
    for rule in agreement.definition.engagement.rules:
        for leaf in leaves(rule.when):
            match leaf:
                case Page(glob):
                    assert any(path_matches(glob, path) for path in paths), rule
                case Track(name):
                    assert name in names, rule
                case EventType(type_):
                    assert type_ in types, rule
