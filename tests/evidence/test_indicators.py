"""Rules are the agreement's conditions: what a rule holds for here, it holds for wherever it is run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entente.agreements.document import from_data
from entente.evidence.candidates import candidates
from entente.evidence.indicators import Indicator, cuts, values_of
from entente.evidence.sample import Sample, Trait
from entente.scoring.evaluator import NO_EVENT, holds
from tests.evidence.making import sample

TEXTS = st.one_of(st.none(), st.sampled_from(["Google", "google ", "Fair", "X", "unknown", "", "a, b"]))
NUMBERS = st.one_of(st.none(), st.integers(-5, 40).map(float), st.floats(-3, 3).map(lambda x: round(x, 2)))
WHOLE = st.one_of(st.none(), st.integers(0, 1_000).map(float))
FLAGS = st.one_of(st.none(), st.booleans())


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """A few hundred leads with one trait of each kind."""
    few = draw(st.integers(12, 24))
    columns = {
        name: draw(st.lists(values, min_size=few, max_size=few)) * 12
        for name, values in (("Text", TEXTS), ("Number", NUMBERS), ("Whole", WHOLE), ("Flag", FLAGS))
    }
    won = draw(st.lists(st.booleans(), min_size=few, max_size=few)) * 12
    return sample(won, {name: values for name, values in columns.items() if set(values) != {None}})


@settings(max_examples=25, deadline=None)
@given(samples())
def test_a_rule_holds_for_the_same_leads_as_its_condition_does_in_the_evaluator(drawn: Sample) -> None:
    everyone = np.ones(drawn.size, dtype=bool)
    values = [part for trait in drawn.traits for part in values_of(trait)]
    for rule in [*values, *candidates(drawn, everyone, at_least_leads=1)]:
        trait = next(trait for trait in drawn.traits if trait.column == rule.column)
        assert rule.holds.tolist() == _evaluated(rule, trait), rule.rule


@settings(max_examples=25, deadline=None)
@given(samples())
def test_values_of_a_trait_exclude_each_other(drawn: Sample) -> None:
    for trait in drawn.traits:
        parts = values_of(trait)
        if parts:
            assert np.sum([part.holds for part in parts], axis=0).max() <= 1


def test_the_values_of_a_well_filled_trait_cover_all_leads() -> None:
    numbers = [float(number % 97) for number in range(1_000)]
    (trait,) = sample([number % 2 == 0 for number in range(1_000)], {"Size": numbers}).traits

    assert np.sum([part.holds for part in values_of(trait)], axis=0).tolist() == [1] * 1_000


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([float(n % 100) for n in range(200)], ["19 or less", "20 to 39", "40 to 59", "60 to 79", "80 or more"]),
        ([n / 40 for n in range(200)], ["under 1", "1 to under 2", "2 to under 3", "3 to under 4", "4 or more"]),
        ([float(n % 3) for n in range(150)], ["0", "1", "2"]),
    ],
)
def test_numbers_are_cut_where_people_would_cut_them(numbers: list[float], said: list[str]) -> None:
    from entente.evidence import indicators

    (trait,) = sample([n % 2 == 0 for n in range(len(numbers))], {"Size": numbers}).traits
    parts = indicators._number_parts(trait)
    assert [part.value for part in parts] == said


def test_a_heavy_tail_does_not_hide_the_cuts_of_the_bulk() -> None:
    import polars as pl

    numbers = pl.Series([float(n) for n in range(1, 200)] + [10_000_000.0])
    assert cuts(numbers, 4) == [51.0, 100.0, 150.0]


def _evaluated(rule: Indicator, trait: Trait) -> list[bool]:
    condition = _condition(rule.condition)
    return [holds(condition, NO_EVENT, {trait.key: value}, {}) for value in trait.values.to_list()]


def _condition(data: dict[str, Any]) -> Any:
    document = {
        "format": 1,
        "name": "Test",
        "effective": "2026-01-01",
        "timezone": "UTC",
        "definition": {"threshold": 1, "fit": [{"rule": "It", "points": 1, "when": data}]},
    }
    return from_data(document).definition.fit[0].when
