"""The files of the demo company agree with its world, and hold nothing from after its end."""

import csv

import pytest

from entente.demo.exports import write_exports
from tests.demo.conftest import END


@pytest.fixture(scope="module")
def files(world, events, tmp_path_factory):
    paths = write_exports(world, tmp_path_factory.mktemp("exports"))
    return {path.name: list(csv.DictReader(path.open(encoding="utf-8", newline=""))) for path in paths}


def test_there_is_a_row_for_every_person_handed_off(world, files):
    leads = files["leads.csv"]
    assigned = {story.lead.person for story in world.stories if story.assigned_at <= END}
    assert len(leads) == len({row["Lead ID"] for row in leads}) == len(assigned)


def test_there_is_a_row_for_every_deal_and_each_has_its_lead(events, files):
    deals = files["deals.csv"]
    opened = {event.properties["deal"] for event in events if event.type == "deal_opened"}
    won = {event.properties["deal"] for event in events if event.type == "deal_won"}
    assert {row["Deal ID"] for row in deals} == opened
    assert {row["Deal ID"] for row in deals if row["Stage"] == "Closed Won"} == won
    assert {row["Lead ID"] for row in deals} <= {row["Lead ID"] for row in files["leads.csv"]}


def test_no_date_is_after_the_end_or_runs_backwards(files):
    now = f"{END:%Y-%m-%d %H:%M:%S}"
    for row in files["leads.csv"]:
        dates = [row[column] for column in ("Created Date", "First Touch", "Closed Date") if row[column]]
        assert dates == sorted(dates)
        assert dates[-1] <= now
    for row in files["deals.csv"]:
        assert not row["Close Date"] or row["Created Date"] < row["Close Date"] <= now


def test_a_lead_that_has_ended_says_when(files):
    for row in files["leads.csv"]:
        assert bool(row["Closed Date"]) == (row["Status"] in ("Won", "Lost", "Rejected", "Recycled"))
        assert bool(row["Rejection Reason"]) == (row["Status"] in ("Rejected", "Recycled"))
