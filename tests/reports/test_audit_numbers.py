from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from statsmodels.stats.proportion import proportion_confint

from entente.evidence.history import History, history
from entente.reports.audit import Audit, audit
from entente.reports.audit_tables import share
from tests.reports.histories import MONDAY, NOW, TYPES, small, worked


@pytest.fixture(scope="module")
def found() -> Audit:
    return audit(small(), now=NOW)


@pytest.fixture(scope="module")
def company() -> Audit:
    return audit(worked(), now=NOW)


def test_leads_and_outcomes_are_counted(found: Audit) -> None:
    data = found.as_json()

    assert data["leads"] == {"count": 6, "first": "2026-01-05", "last": "2026-03-08"}
    outcomes = data["outcomes"]
    assert (outcomes["won"], outcomes["lost"], outcomes["open"]) == (3, 1, 2)
    assert outcomes["conversion"] == 0.5
    assert outcomes["win_rate"] == 0.75
    assert outcomes["won_value"] == 301.5


def test_days_have_fractions_and_count_also_where_they_run_backwards(found: Audit) -> None:
    data = found.as_json()

    assert data["days_to_won"]["median"] == 2.0
    assert data["days_to_won"]["mean"] == pytest.approx((2 + 5.5 - 1) / 3)
    assert data["days_to_lost"]["median"] == 10.0


def test_an_empty_source_is_its_own_row_apart_from_unknown(found: Audit) -> None:
    rows = {
        row["value"]: (row["leads"], row["won"], row["lost"], row["won_value"])
        for row in found.as_json()["by"]["source"]
    }
    assert rows == {"fair": (3, 1, 1, 100.0), "unknown": (2, 1, 0, 1.5), "": (1, 1, 0, 200.0)}


def test_months_stand_in_order_and_reps_by_their_leads(found: Audit) -> None:
    by = found.as_json()["by"]

    assert [row["value"] for row in by["month"]] == ["2026-01", "2026-02", "2026-03"]
    assert [(row["value"], row["conversion"]) for row in by["rep"]] == [
        ("Ana", pytest.approx(2 / 3)),
        ("Luis", 0.5),
        ("", 0),
    ]
    assert by["segment"] == []


def test_months_are_those_of_the_files_time_zone() -> None:
    """In Madrid this lead came on the first of February, in UTC on the last of January."""
    rows = {"lead": ["1"], "created_at": [MONDAY.replace(month=1, day=31, hour=23, minute=30)]}
    leads = pl.DataFrame(rows, schema_overrides={"created_at": TYPES["created_at"]})
    data = audit(history(leads, mapping={"timezone": "Europe/Madrid"}), now=NOW).as_json()

    assert [row["value"] for row in data["by"]["month"]] == ["2026-02"]
    assert data["leads"]["first"] == "2026-02-01"


def test_where_there_is_nothing_there_is_null_and_not_nought() -> None:
    data = audit(history(pl.DataFrame({"lead": ["1", "2"], "outcome": ["won", "open"]})), now=NOW).as_json()

    assert data["outcomes"]["win_rate"] is None
    assert data["outcomes"]["won_value"] is None
    assert data["leads"]["first"] is None
    assert data["days_to_won"]["median"] is None
    assert data["proposal"]["threshold"] is None
    assert data["by"]["source"] == []


def test_a_history_without_leads_gives_an_audit_that_says_so() -> None:
    empty = audit(history(pl.DataFrame({"lead": []}, schema={"lead": pl.String})), now=NOW)

    assert empty.as_json()["leads"]["count"] == 0
    assert empty.as_json()["outcomes"]["conversion"] is None


def test_shares_have_wilsons_interval() -> None:
    found = share(7, 40)

    assert found is not None
    assert (found.low, found.high) == pytest.approx(proportion_confint(7, 40, method="wilson"))
    assert share(0, 0) is None


def test_rows_add_up_to_the_whole(company: Audit) -> None:
    for rows in (rows for rows in company.by.values() if rows):
        assert sum(row.leads for row in rows) == company.leads.count
        assert sum(row.won for row in rows) == company.outcomes.won
        assert sum(row.won_value or 0 for row in rows) == pytest.approx(company.outcomes.won_value)


def test_the_order_of_rows_changes_nothing() -> None:
    made = worked(500)
    shuffled = History(made.leads.sample(fraction=1, shuffle=True, seed=4), [], made.trait_columns, {})
    before, after = audit(made, now=NOW).as_json(), audit(shuffled, now=NOW).as_json()

    before.pop("warnings"), after.pop("warnings")  # which lead stands as the example may differ
    assert before == after


def test_follow_up_is_measured_where_the_files_tell_of_it(company: Audit) -> None:
    leads = worked().leads
    touched = company.follow_up
    assert touched is not None
    assert touched.touched is not None
    assert touched.touched.count == leads["first_touch_at"].is_not_null().sum()
    assert sum(speed.leads for speed in touched.speeds) == leads.height
    assert {speed.words: speed.won.value for speed in touched.speeds}["never"] < company.outcomes.won / leads.height
    assert touched.touches_until_won is not None


def test_without_touches_nothing_is_said_of_follow_up(found: Audit) -> None:
    assert found.follow_up is None
    assert found.as_json()["follow_up"] is None


def test_reasons_and_competitors_are_counted_where_they_exist(company: Audit) -> None:
    leads = worked().leads.filter(pl.col("outcome") == "lost")
    counted = dict(leads["reason"].value_counts().iter_rows())

    assert {row.value: row.leads for row in company.reasons["lost"]} == counted
    rival = next(row for row in company.competitors if row.value == "Rival")
    assert rival.leads == (leads["competitor"] == "Rival").sum()


def test_a_rep_that_only_won_leads_have_is_said_to_be_so() -> None:
    rows = {
        "lead": [str(n) for n in range(60)],
        "outcome": ["won"] * 30 + ["open"] * 30,
        "owner": ["Ana"] * 30 + [None] * 30,
    }
    found = audit(history(pl.DataFrame(rows)), now=NOW)

    assert found.reps_of_won_only
    assert "rep_of_won_only" in {warning.code for warning in found.warnings}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"created_at": NOW + timedelta(days=30)}, "dates_in_the_future"),
        ({"won_at": None, "outcome": "won"}, "won_without_date"),
    ],
)
def test_what_to_know_before_believing_is_warned_of(change: dict[str, Any], code: str) -> None:
    leads = small().leads
    row = {**leads.row(0, named=True), "lead": "7", **change}
    found = audit(history(pl.concat([leads, pl.DataFrame([row], schema=leads.schema)])), now=NOW)

    assert code in {warning.code for warning in found.warnings}


def test_recent_open_leads_are_warned_of(company: Audit) -> None:
    assert "still_open_and_recent" in {warning.code for warning in company.warnings}


def test_warnings_of_the_files_are_handed_on(found: Audit) -> None:
    assert found.as_json()["warnings"][0] == {
        "code": "dates_backwards",
        "count": 1,
        "example": "'6': won before created",
    }


def test_promises_are_suggested_at_the_level_that_history_reached(company: Audit) -> None:
    suggested = {suggestion.promise: suggestion for suggestion in company.suggestions}

    assert suggested["Volume"].is_measured
    assert suggested["First touch"].is_measured
    assert suggested["Quality"].document["share"] == "accepted"
    assert "an e-mail address and a company" in suggested["Completeness"].words


def test_suggested_promises_are_lines_that_the_agreement_takes(company: Audit) -> None:
    from entente.agreements.document import from_data

    lines = {party: [s.document for s in company.suggestions if s.party == party] for party in ("marketing", "sales")}
    document = {"format": 1, "name": "Suggested", "effective": "2026-01-01", "timezone": "UTC", "commitments": lines}
    agreement = from_data({**document, "definition": company.proposal.as_definition()})

    assert len(agreement.commitments.sales) == 3
    assert len(agreement.commitments.marketing) == 3
