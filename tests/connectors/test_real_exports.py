"""The facts of the public data sets, computed from the files by others, hold to the last row."""

from __future__ import annotations

import polars as pl
import pytest

from entente.evidence.history import History
from tests.connectors.files import codes, history
from tests.shared_data import shared

ORIGINS = {
    "organic_search": (2296, 271), "paid_search": (1586, 195), "social": (1350, 75), "unknown": (1099, 179),
    "direct_traffic": (499, 56), "referral": (284, 24), "other": (150, 4), "display": (118, 6),
    "other_publicities": (65, 3), None: (60, 14),
}  # fmt: skip
MONTHS = {
    "2017-07": (239, 2), "2017-10": (416, 14), "2018-01": (1141, 152), "2018-02": (1028, 149), "2018-03": (1174, 167),
    "2018-04": (1352, 183), "2018-05": (1303, 130),
}  # fmt: skip


@pytest.fixture(scope="module")
def olist() -> History:
    return history(*sorted(shared("olist").glob("*.csv")))


@pytest.fixture(scope="module")
def maven() -> History:
    return history(*sorted(shared("maven-crm").glob("*.csv")))


@pytest.fixture(scope="module")
def x_education() -> History:
    return history(shared("x-education") / "Leads.csv")


def days(leads: pl.DataFrame) -> pl.Series:
    return leads.select((pl.col("closed_at") - pl.col("created_at")).dt.total_seconds() / 86400).to_series()


def by(leads: pl.DataFrame, cut: pl.Expr) -> dict[object, tuple[int, int]]:
    counted = leads.group_by(cut.alias("cut")).agg(pl.len(), (pl.col("outcome") == "won").sum().alias("won"))
    return {row[0]: (row[1], row[2]) for row in counted.rows()}


def test_every_olist_lead_is_one_row_and_won_where_it_has_a_deal(olist):
    assert olist.leads.height == 8000
    assert (olist.leads["outcome"] == "won").sum() == 842
    assert (olist.leads["outcome"] == "open").sum() == 7158


def test_olist_leads_and_wins_by_origin_keep_empty_apart_from_unknown(olist):
    found = by(olist.leads, pl.col("source"))
    assert {origin: found[origin] for origin in ORIGINS} == ORIGINS


def test_olist_leads_and_wins_by_month_of_first_contact(olist):
    found = by(olist.leads, pl.col("created_at").dt.strftime("%Y-%m"))
    assert {month: found[month] for month in MONTHS} == MONTHS


def test_olist_days_to_won(olist):
    taken = days(olist.leads.filter(pl.col("outcome") == "won"))
    assert taken.mean() == pytest.approx(49.101, abs=5e-4)
    assert taken.max() == pytest.approx(427.55, abs=5e-3)
    assert taken.min() == pytest.approx(-1.18, abs=5e-3)


def test_olist_reps(olist):
    won = olist.leads.filter(pl.col("outcome") == "won")
    assert won["sdr"].n_unique() == 32
    assert won["owner"].n_unique() == 22
    assert won["owner"].value_counts(sort=True)["count"][0] == 133


def test_olist_warnings(olist):
    assert codes(olist) == {"dates_backwards": 1, "empty_source": 60}


def test_maven_outcomes_and_value(maven):
    leads = maven.leads
    counts = dict(leads["outcome"].value_counts().iter_rows())
    assert counts == {"won": 4238, "lost": 2473, "open": 1589 + 500}
    won = leads.filter(pl.col("outcome") == "won")
    assert won["amount"].sum() == 10_005_534
    assert days(won).median() == 57
    assert days(leads.filter(pl.col("outcome") == "lost")).median() == 14
    assert str(leads["created_at"].min().date()) == "2016-10-20"
    assert str(leads["created_at"].max().date()) == "2017-12-27"


def test_mavens_best_agent(maven):
    agent = maven.leads.filter((pl.col("owner") == "Darcel Schlecht") & (pl.col("outcome") == "won"))
    assert (agent.height, agent["amount"].sum()) == (349, 1_153_214)


def test_maven_lists_are_joined_and_a_product_that_is_written_differently_is_found_and_told(maven):
    assert maven.leads.height == 8800
    assert maven.leads["trait:sales_price"].null_count() == 0
    assert maven.leads["segment"].null_count() == 0
    found = codes(maven)
    assert found["unknown_product"] == 1480
    assert found["empty_company"] == 1425
    example = next(warning.example for warning in maven.warnings if warning.code == "unknown_product")
    assert "GTXPro" in example
    assert "GTX Pro" in example


def test_the_misspelt_sector_of_maven_is_noticed(maven):
    (warning,) = [warning for warning in maven.warnings if warning.code == "near_duplicate_names"]
    assert "technolgy" in warning.example


def test_x_education_is_read_although_it_is_a_workbook_under_another_name(x_education):
    assert x_education.leads.height == 9240
    assert (x_education.leads["outcome"] == "won").sum() == 3561
    assert codes(x_education)["file_kind"] == 1


def test_select_means_not_chosen_in_x_education(x_education):
    for column in ("trait:Specialization", "trait:Lead Profile", "trait:City"):
        assert "Select" not in x_education.leads[column].unique().to_list()
    assert x_education.leads["trait:Do Not Email"].dtype == pl.Boolean
    assert x_education.leads["trait:TotalVisits"].dtype == pl.Float64


def test_a_file_that_shares_no_key_is_left_out_and_told():
    folder = shared("x-education")
    both = history(folder / "Leads.csv", folder / "data-dictionary.xlsx")
    assert both.leads.height == 9240
    assert codes(both)["file_not_joined"] == 37
