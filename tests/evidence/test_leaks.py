from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from entente.connectors.files import read_history
from entente.evidence.leak_words import reason_in_header, words_of
from entente.evidence.leaks import alone, leaks
from entente.evidence.sample import sample_of
from tests.evidence.making import noise, planted, sample
from tests.shared_data import shared

WON = [number % 4 == 0 for number in range(400)]
"""One in four."""


def test_what_is_filled_in_for_won_leads_only_is_a_leak() -> None:
    (leak,) = leaks(sample(WON, {"Contract": ["signed" if won else None for won in WON]}))

    assert leak.trait == "Contract"
    assert "filled in for leads that were won" in leak.reason


def test_a_column_that_only_some_won_leads_have_is_a_leak_too() -> None:
    stock = ["10" if won and number % 3 == 0 else None for number, won in enumerate(WON)]
    assert [leak.trait for leak in leaks(sample(WON, {"Stock": stock}))] == ["Stock"]


def test_what_is_filled_in_for_lost_leads_only_is_a_leak() -> None:
    (leak,) = leaks(sample(WON, {"Objection": [None if won else "price" for won in WON]}))
    assert "not won" in leak.reason


def test_a_date_that_only_won_leads_have_is_a_leak() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    dates = [day + timedelta(days=number) if won else None for number, won in enumerate(WON)]
    assert [leak.trait for leak in leaks(sample(WON, {"Onboarding": dates}))] == ["Onboarding"]


def test_a_copy_of_the_outcome_under_an_innocent_name_is_a_leak() -> None:
    (leak,) = leaks(sample(WON, {"Field 7": [1.0 if won else 0.0 for won in WON]}))
    assert "without fail" in leak.reason


def test_a_strong_honest_trait_is_no_leak() -> None:
    chance = np.random.default_rng(2)
    form = ["Demo" if chance.random() < (0.8 if won else 0.15) else "Newsletter" for won in WON]
    assert leaks(sample(WON, {"Form": form})) == []


def test_one_value_that_always_wins_does_not_make_a_leak() -> None:
    """A friend's recommendation may win nine times in ten; nobody wrote it down afterwards."""
    source = ["Friend" if won and number % 8 == 0 else "Search" for number, won in enumerate(WON)]
    assert leaks(sample(WON, {"Source": source})) == []


def test_values_that_say_what_came_of_the_lead_are_a_leak_whatever_the_header() -> None:
    chance = np.random.default_rng(3)
    said = [
        chance.choice(["Interested", "Call again"] if won else ["Ringing", "Not interested", "Later"]) for won in WON
    ]
    (leak,) = leaks(sample(WON, {"Campo 3": said}))
    assert '"Ringing"' in leak.reason or '"Not interested"' in leak.reason


def test_a_header_alone_is_no_leak_when_the_outcome_does_not_depend_on_the_column() -> None:
    chance = np.random.default_rng(4)
    assert leaks(sample(WON, {"Lead Score": chance.normal(50, 10, 400).round().tolist()})) == []


@pytest.mark.parametrize("seed", range(8))
def test_noise_has_no_leaks(seed: int) -> None:
    assert leaks(sample_of(noise(400, seed))) == []


def test_planted_traits_are_no_leaks() -> None:
    assert leaks(sample_of(planted())) == []


@pytest.mark.parametrize(
    "header",
    [
        "Last Activity", "last_contacted", "Recent deal amount", "Lead Score", "LeadScore", "HubSpot Score Lead Rating",
        "Lead Quality", "Tags", "Lead Status", "Lifecycle Stage", "Status", "Close Date", "Number of Sales Activities",
        "Next Step", "Call duration", "Probability", "Última actividad", "Calidad del lead", "Estado del lead",
        "Puntuación de lead", "Etiquetas", "Número de llamadas", "Resultado", "Fecha de cierre",
    ],
)  # fmt: skip
def test_headers_that_speak_of_what_came_later_are_known_in_two_languages(header: str) -> None:
    assert reason_in_header(words_of(header)), header


@pytest.mark.parametrize(
    "header",
    [
        "Last Name", "Job Title", "Country", "Estado", "Marital Status", "Credit Score", "Funding stage", "City",
        "Last funding round", "Total Time Spent on Website", "Lead Origin", "Lead Source", "Number of employees",
        "Company profile url", "What is your current occupation", "Quality certificate", "Apellido", "Último empleo",
        "Consumer price index", "Contract duration", "Product stage", "Winter campaign",
    ],
)  # fmt: skip
def test_honest_headers_are_left_alone(header: str) -> None:
    assert reason_in_header(words_of(header)) is None, header


def test_a_column_that_knows_nothing_orders_no_better_than_chance() -> None:
    basis = sample_of(noise(2_000, 1))
    assert all(0.4 < alone(trait, basis.won) < 0.56 for trait in basis.traits)


def test_x_education_leaks_are_exactly_those_that_are_known() -> None:
    history = read_history([shared("x-education") / "Leads.csv"])

    assert {leak.trait for leak in leaks(sample_of(history))} == {
        "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity", "Asymmetrique Activity Index",
        "Asymmetrique Profile Index", "Asymmetrique Activity Score", "Asymmetrique Profile Score",
    }  # fmt: skip


def test_everything_in_the_file_of_closed_deals_of_olist_leaks() -> None:
    folder = shared("olist")
    history = read_history(sorted(folder.glob("*.csv")))
    closed = (folder / "olist_closed_deals_dataset.csv").open().readline().strip().split(",")
    not_traits = {"mql_id", "sdr_id", "sr_id", "won_date"}

    assert {leak.trait for leak in leaks(sample_of(history))} == set(closed) - not_traits


def test_maven_has_no_leaks() -> None:
    assert leaks(sample_of(read_history(sorted(shared("maven-crm").glob("*.csv"))))) == []
