"""The facts of the public files, computed elsewhere with plain polars, hold exactly."""

from __future__ import annotations

import pytest

from entente.connectors.files import read_history
from entente.reports.audit import Audit, audit
from tests.reports.histories import NOW
from tests.shared_data import shared


@pytest.fixture(scope="module")
def olist() -> Audit:
    return audit(read_history(sorted(shared("olist").glob("*.csv"))), now=NOW)


@pytest.fixture(scope="module")
def maven() -> Audit:
    return audit(read_history(sorted(shared("maven-crm").glob("*.csv"))), now=NOW)


@pytest.fixture(scope="module")
def x_education() -> Audit:
    return audit(read_history([shared("x-education") / "Leads.csv"]), now=NOW)


def test_olist_as_a_whole(olist: Audit) -> None:
    data = olist.as_json()

    assert data["leads"] == {"count": 8000, "first": "2017-06-14", "last": "2018-05-31"}
    assert data["outcomes"]["won"] == 842
    assert data["outcomes"]["conversion"] == pytest.approx(0.10525)
    assert data["outcomes"]["win_rate"] is None
    assert data["outcomes"]["won_value"] is None
    assert data["days_to_won"]["known"] == 842
    assert data["days_to_won"]["median"] == pytest.approx(14.722, abs=0.0005)
    assert data["days_to_won"]["mean"] == pytest.approx(49.101, abs=0.0005)
    assert data["days_to_won"]["longest"] == pytest.approx(427.55, abs=0.005)


def test_olist_by_source(olist: Audit) -> None:
    rows = {row["value"]: (row["leads"], row["won"]) for row in olist.as_json()["by"]["source"]}
    assert rows == {
        "organic_search": (2296, 271), "paid_search": (1586, 195), "social": (1350, 75), "unknown": (1099, 179),
        "direct_traffic": (499, 56), "email": (493, 15), "referral": (284, 24), "other": (150, 4), "display": (118, 6),
        "other_publicities": (65, 3), "": (60, 14),
    }  # fmt: skip
    assert {row["win_rate"] for row in olist.as_json()["by"]["source"]} == {None}  # the files tell of no loss


def test_olist_by_month_and_rep(olist: Audit) -> None:
    months = {row["value"]: (row["leads"], row["won"]) for row in olist.as_json()["by"]["month"]}
    expected = {
        "2017-07": (239, 2), "2017-10": (416, 14), "2018-01": (1141, 152), "2018-02": (1028, 149),
        "2018-03": (1174, 167), "2018-04": (1352, 183), "2018-05": (1303, 130),
    }  # fmt: skip
    assert expected.items() <= months.items()
    reps = [row for row in olist.as_json()["by"]["rep"] if row["value"]]
    assert len(reps) == 22
    assert max(row["won"] for row in reps) == 133


def test_olist_warns_of_the_deal_that_was_won_before_the_lead_came(olist: Audit) -> None:
    counts = {warning.code: warning.count for warning in olist.warnings}
    assert counts["dates_backwards"] == 1
    assert counts["empty_source"] == 60


def test_maven_as_a_whole(maven: Audit) -> None:
    data = maven.as_json()
    outcomes = data["outcomes"]

    assert (outcomes["won"], outcomes["lost"], outcomes["open"]) == (4238, 2473, 2089)
    assert outcomes["win_rate"] == pytest.approx(0.6315, abs=0.00005)
    assert outcomes["won_value"] == 10_005_534
    assert data["days_to_won"]["median"] == 57
    assert data["days_to_lost"]["median"] == 14
    assert data["leads"]["first"] == "2016-10-20"
    assert data["leads"]["last"] == "2017-12-27"


def test_maven_by_rep(maven: Audit) -> None:
    best = max(maven.as_json()["by"]["rep"], key=lambda row: row["won"])
    assert (best["value"], best["won"], best["won_value"]) == ("Darcel Schlecht", 349, 1_153_214)


def test_maven_warns_of_what_the_lists_do_not_have(maven: Audit) -> None:
    counts = {warning.code: warning.count for warning in maven.warnings}
    assert counts["unknown_product"] == 1480
    assert counts["empty_company"] == 1425
    assert "near_duplicate_names" in counts


def test_x_education_as_a_whole(x_education: Audit) -> None:
    data = x_education.as_json()

    assert data["leads"]["count"] == 9240
    assert data["outcomes"]["won"] == 3561
    assert data["outcomes"]["conversion"] == pytest.approx(0.38539, abs=0.000005)
    assert len(data["leaks"]) == 9
    assert len(data["proposal"]["rules"]) <= 10
    assert data["proposal"]["auc"] >= 0.865
    assert isinstance(data["proposal"]["threshold"], int)


def test_x_education_shows_the_honest_traits_and_none_that_leaks(x_education: Audit) -> None:
    traits = {row["trait"] for row in x_education.as_json()["evidence"]}

    assert {"Total Time Spent on Website", "Lead Origin", "Lead Source", "What is your current occupation"} <= traits
    assert not traits & set(x_education.as_json()["leaks"])
