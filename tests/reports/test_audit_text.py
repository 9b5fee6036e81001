from __future__ import annotations

import io

import polars as pl
import pytest
from rich.cells import cell_len
from rich.console import Console

from entente.evidence.history import history
from entente.reports.audit import Audit, audit
from entente.reports.audit_figures import days_in_words, hours_in_words
from entente.reports.audit_findings import findings
from entente.reports.audit_text import print_audit
from entente.reports.audit_words import headline, lift_in_words, told_apart, understood_in_words
from tests.reports.histories import NOW, small, worked


@pytest.fixture(scope="module")
def company() -> Audit:
    return audit(worked(), now=NOW)


def test_the_first_sentences_say_what_came_and_what_was_won(company: Audit) -> None:
    words = " ".join(headline(company))

    assert words.startswith(
        f"Marketing brought 1,200 leads between 5 January 2026 and 24 May 2026; sales won {company.outcomes.won}"
    )
    assert "were lost" in words


def test_where_they_lose_each_other_is_said_with_its_side(company: Audit) -> None:
    said = {finding.title: finding for finding in findings(company)}

    assert said["Leads that nobody touched"].side == "sales"
    assert said["Reps who win unlike shares"].words.startswith(("Ana", "Maria"))
    assert "Luis" in said["Reps who win unlike shares"].words
    assert "Newsletter" in said["A source that fills the list, not the till"].words
    assert "Demo" in said["A source that deserves more"].words
    assert "Rival" in said["Lost to competitors"].words


def test_the_rep_who_calls_late_is_named_when_it_is_beyond_chance(company: Audit) -> None:
    (finding,) = [finding for finding in findings(company) if finding.title == "A rep who calls late"]

    assert finding.words.startswith("Half of the leads of Luis waited")
    assert company.follow_up is not None
    assert company.follow_up.by_rep[-1].rep == "Luis"


def test_a_campaign_is_named_where_it_is_more_than_its_source() -> None:
    leads = worked().leads
    leads = leads.with_columns(
        campaign=pl.when(pl.int_range(pl.len()) % 2 == 0).then("source").otherwise(pl.lit("draw"))
    )
    said = {finding.title for finding in findings(audit(history(leads), now=NOW))}
    twin = {finding.title for finding in findings(audit(history(leads.with_columns(campaign="source")), now=NOW))}

    assert "A campaign that deserves more" in said
    assert "A campaign that deserves more" not in twin


def test_what_the_columns_were_taken_for_is_said_and_doubt_is_named() -> None:
    columns = {
        "Lead ID": {"meaning": "lead", "certainty": 1.0},
        "Date": {"meaning": "created", "certainty": 0.6},
        "Colour": {"meaning": "trait", "certainty": 0.5},
    }
    made = history(pl.DataFrame({"lead": ["1"]}), mapping={"tables": [{"file": "a.csv", "columns": columns}]})
    words = understood_in_words(audit(made, now=NOW))

    assert words.startswith("Read: Lead ID as lead, Date as created; 1 other columns as traits. Look at Date twice.")


def test_nothing_is_said_that_could_be_chance() -> None:
    said = {finding.title for finding in findings(audit(small(), now=NOW))}
    assert not said & {
        "A source that fills the list, not the till",
        "A source that deserves more",
        "Reps who win unlike shares",
    }


def test_a_file_of_deals_speaks_of_deals() -> None:
    mapping = {"tables": [{"file": "deals.csv", "columns": {"Id": {"meaning": "deal"}}}]}
    found = audit(history(pl.DataFrame({"lead": ["1"], "outcome": ["won"]}), mapping=mapping), now=NOW)
    assert headline(found)[0] == "Sales opened 1 deal and won 1 of them (100.0 %)."


@pytest.mark.parametrize("width", [80, 120])
def test_the_report_fits_the_terminal_and_breaks_no_names(company: Audit, width: int) -> None:
    text = _printed(company, width)

    assert max(cell_len(line) for line in text.splitlines()) <= width
    for name in ("Newsletter", "2026-01", "Maria", "no need", "nine in ten within"):
        assert name in text


def test_the_report_has_every_part(company: Audit) -> None:
    text = _printed(company, 100)
    for title in (
        "Where you lose each other", "By source", "By month", "By sales rep", "From lead to the end", "Follow-up",
        "Why deals were lost", "Lost to", "What goes with winning", "A definition that both sides can read",
        "Promises to begin with", "Look at these before you believe a number",
    ):  # fmt: skip
        assert title in text


def test_square_brackets_from_the_files_are_text_and_no_markup() -> None:
    named = pl.when(pl.col("lead") == "1").then(pl.lit("[red]x[/red]")).otherwise("source")
    leads = small().leads.with_columns(source=named)
    assert "[red]x[/red]" in _printed(audit(history(leads), now=NOW), 100)


def test_an_empty_history_is_printed_without_an_error() -> None:
    empty = audit(history(pl.DataFrame({"lead": []}, schema={"lead": pl.String})), now=NOW)
    assert "There are no leads in these files." in _printed(empty, 80)


def test_a_lift_is_said_as_one_side_would_to_the_other(company: Audit) -> None:
    more, less = told_apart(company.evidence)
    words = lift_in_words(next(lift for lift in more if lift.value == "Demo"))

    assert "were won" in words
    assert "times as often as the others" in words
    assert not {(lift.trait, lift.value) for lift in less} & {("Form", "Newsletter")}  # the other side of the coin


@pytest.mark.parametrize(
    ("days", "words"),
    [(0.02, "29 minutes"), (0.5, "12.0 hours"), (1.9, "45.6 hours"), (5.94, "5.9 days"), (163.2, "163 days")],
)
def test_days_are_said_as_people_say_them(days: float, words: str) -> None:
    assert days_in_words(days) == words


def test_hours_from_two_days_on_are_days() -> None:
    assert hours_in_words(48) == "2.0 days"


def _printed(found: Audit, width: int) -> str:
    out = io.StringIO()
    print_audit(found, Console(file=out, width=width, highlight=False, color_system=None))
    return out.getvalue()
