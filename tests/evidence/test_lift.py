"""Lift is held against scipy, which reckons by other code."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency, false_discovery_control
from scipy.stats.contingency import relative_risk

from entente.evidence.history import History
from entente.evidence.lift import Lift, discoveries, lifts
from entente.evidence.sample import sample_of
from tests.evidence.making import history_of, noise, planted, sample


def test_a_lift_is_how_many_times_as_often_those_with_the_value_were_won() -> None:
    found = _lift_of(won=60, leads=100, others_won=100, others=500)

    assert (found.leads, found.won, found.leads_without) == (100, 60, 500)
    assert found.rate == 0.6
    assert found.lift == pytest.approx(3.0)
    assert 2.3 < found.low < 3.0 < found.high < 3.9


@settings(max_examples=40, deadline=None)
@given(st.integers(30, 300), st.integers(30, 300), st.data())
def test_the_ratio_and_its_test_are_those_of_scipy(leads: int, others: int, data: st.DataObject) -> None:
    won, others_won = data.draw(st.integers(0, leads)), data.draw(st.integers(0, others))
    assume(0 < won + others_won < leads + others)
    found = _lift_of(won, leads, others_won, others)

    assert found.lift == pytest.approx(relative_risk(won, leads, others_won, others).relative_risk)
    table = [[won, leads - won], [others_won, others - others_won]]
    statistic = chi2_contingency(table, correction=False).statistic  # the score method divides by n - 1, not n
    assert found.p == pytest.approx(chi2.sf(statistic * (leads + others - 1) / (leads + others), 1), abs=1e-12)
    assert found.low <= found.lift <= found.high


@settings(max_examples=40, deadline=None)
@given(st.integers(400, 900), st.integers(400, 900), st.floats(0.2, 0.8), st.floats(0.2, 0.8))
def test_the_interval_agrees_with_the_logarithmic_one_where_there_are_many(
    leads: int, others: int, rate: float, others_rate: float
) -> None:
    won, others_won = round(leads * rate), round(others * others_rate)
    found = _lift_of(won, leads, others_won, others)
    oracle = relative_risk(won, leads, others_won, others).confidence_interval(0.95)

    assert found.low == pytest.approx(oracle.low, rel=0.03)
    assert found.high == pytest.approx(oracle.high, rel=0.03)


@pytest.mark.parametrize(
    ("won", "leads", "others_won", "others"),
    [(0, 40, 300, 900), (40, 40, 300, 900), (30, 30, 0, 100), (0, 7158, 842, 842), (1, 30, 840, 7970)],
)
def test_an_interval_is_sound_where_one_side_has_won_all_or_nothing(
    won: int, leads: int, others_won: int, others: int
) -> None:
    found = _lift_of(won, leads, others_won, others)

    assert 0 <= found.low <= found.lift <= found.high
    assert found.low < found.high
    assert math.isinf(found.lift) == (others_won == 0)


def test_the_interval_holds_the_truth_in_nineteen_of_twenty_samples() -> None:
    chance = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        won, others_won = chance.binomial(80, 0.3), chance.binomial(300, 0.12)
        found = _lift_of(int(won), 80, int(others_won), 300)
        held += found.low <= 0.3 / 0.12 <= found.high
    assert 0.925 <= held / 400 <= 0.98


def test_false_discoveries_are_controlled_over_all_values_as_scipy_does_it() -> None:
    found = lifts(sample_of(planted()))

    assert [lift.q for lift in found] == pytest.approx(false_discovery_control([lift.p for lift in found], method="bh"))


def test_the_planted_truths_are_found_and_the_noise_is_not() -> None:
    found = {(lift.trait, lift.value): lift for lift in discoveries(lifts(sample_of(planted(4_000))))}

    assert found["Form", "Demo"].low > 1
    assert found["Student", "yes"].high < 1
    assert any(trait == "Employees" and lift.low > 1 for (trait, _), lift in found.items())
    assert {trait for trait, _ in found} <= {"Form", "Student", "Employees", "Colour"} - {"Colour"}


def test_where_nothing_goes_with_winning_hardly_anything_is_reported() -> None:
    reported = [len(discoveries(lifts(sample_of(noise(800, seed))))) for seed in range(20)]

    assert sum(count > 0 for count in reported) <= 4


@pytest.mark.parametrize("other", ["lost", "open"])
def test_the_order_of_rows_changes_nothing(other: str) -> None:
    found = planted(600)
    if other == "open":
        leads = found.leads.with_columns(outcome=found.leads["outcome"].replace("lost", "open"))
        found = History(leads, [], found.trait_columns, {})
    shuffled = History(found.leads.sample(fraction=1, shuffle=True, seed=3), [], found.trait_columns, {})

    assert lifts(sample_of(found)) == lifts(sample_of(shuffled))


def test_other_names_for_the_values_change_nothing_else() -> None:
    found = planted(600)
    names = {"Demo": "zzz", "Newsletter": "aaa", "Fair": "Ünïcode"}
    renamed = found.leads.with_columns(found.leads["trait:Form"].replace(names))

    before = {(lift.trait, names.get(lift.value, lift.value)): lift.q for lift in lifts(sample_of(found))}
    after = {
        (lift.trait, lift.value): lift.q for lift in lifts(sample_of(History(renamed, [], found.trait_columns, {})))
    }
    assert before == after


def test_spellings_that_differ_in_case_only_are_one_value() -> None:
    texts = ["Google"] * 60 + ["google"] * 20 + [" GOOGLE "] * 20 + ["Fair"] * 100
    found = lifts(sample([n % 2 == 0 for n in range(200)], {"Source": texts}))

    assert {lift.value: lift.leads for lift in found} == {"Google": 100, "Fair": 100}


def test_an_empty_value_is_a_value_apart_from_unknown() -> None:
    texts = [None] * 100 + ["unknown"] * 100 + ["Fair"] * 100
    found = lifts(sample([n % 3 == 0 for n in range(300)], {"Source": texts}))

    assert {lift.value for lift in found} == {"", "unknown", "Fair"}
    assert next(lift for lift in found if lift.value == "").condition == {"trait": "Source", "exists": False}


def test_keys_and_dates_are_no_evidence() -> None:
    from datetime import UTC, datetime, timedelta

    start = datetime(2026, 1, 1, tzinfo=UTC)
    traits = {
        "Lead Number": [float(n) for n in range(300)],
        "Signed up": [start + timedelta(days=n) for n in range(300)],
    }
    assert lifts(sample_of(history_of([n % 2 == 0 for n in range(300)], traits))) == []


def _lift_of(won: int, leads: int, others_won: int, others: int) -> Lift:
    outcomes = [True] * won + [False] * (leads - won) + [True] * others_won + [False] * (others - others_won)
    basis = sample(outcomes, {"Flag": [True] * leads + [False] * others}, other="open")
    return next(lift for lift in lifts(basis) if lift.value == "yes")
