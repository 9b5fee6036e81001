from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from entente.evidence.history import COLUMNS, history


def test_missing_columns_are_added_empty_and_in_order() -> None:
    found = history(pl.DataFrame({"lead": ["1"], "trait:Size": [3.0], "outcome": ["won"]}))

    assert found.leads.columns == [*COLUMNS, "trait:Size"]
    assert found.leads.schema["created_at"] == pl.Datetime("us", "UTC")
    assert found.trait_columns == {"trait:Size": "Size"}


def test_a_lead_without_an_outcome_is_open() -> None:
    assert history(pl.DataFrame({"lead": ["1"]})).leads["outcome"].to_list() == ["open"]


def test_times_keep_their_instant() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert history(pl.DataFrame({"lead": ["1"], "created_at": [at]})).leads["created_at"][0] == at


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({"lead": ["1", "1"]}, "'1' stands in more than one row"),
        ({"lead": ["1", None]}, "needs a key"),
        ({"lead": ["1"], "outcome": ["maybe"]}, "must be one of won, lost, open"),
    ],
)
def test_a_table_that_would_count_wrongly_is_refused(rows: dict[str, list[str]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        history(pl.DataFrame(rows))


def test_a_column_is_called_as_the_files_call_it() -> None:
    mapping = {"tables": [{"file": "a.csv", "columns": {"Lead Source": {"meaning": "source"}}}]}
    found = history(pl.DataFrame({"lead": ["1"]}), mapping=mapping)

    assert found.header("source") == "Lead Source"
    assert found.header("segment") == "segment"
    assert found.header("trait:Size") == "Size"
