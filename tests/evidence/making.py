"""Small histories whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from entente.evidence.history import TRAIT, History, history
from entente.evidence.sample import Sample, sample_of


def history_of(
    won: Sequence[bool], traits: Mapping[str, Sequence[Any]], other: str = "lost", **columns: Any
) -> History:
    """A history with one lead for each outcome; traits by header."""
    frame = pl.DataFrame(
        {
            "lead": [f"{number:06d}" for number in range(len(won))],
            "outcome": ["won" if is_won else other for is_won in won],
            **{TRAIT + name: pl.Series(list(values), strict=False) for name, values in traits.items()},
            **columns,
        }
    )
    return history(frame)


def sample(won: Sequence[bool], traits: Mapping[str, Sequence[Any]], other: str = "lost") -> Sample:
    return sample_of(history_of(won, traits, other))


def planted(size: int = 2_000, seed: int = 1) -> History:
    """Demo requests and larger companies raise the odds, students lower them; four traits are noise."""
    chance = np.random.default_rng(seed)
    form = chance.choice(["Demo", "Newsletter", "Fair"], size, p=[0.2, 0.5, 0.3])
    employees = np.round(np.exp(chance.normal(4, 1.2, size)))
    student = chance.random(size) < 0.15
    odds = -1.6 + 2.2 * (form == "Demo") + 1.4 * (employees >= 100) - 1.8 * student
    won = chance.random(size) < 1 / (1 + np.exp(-odds))
    return history_of(
        won.tolist(),
        {
            "Form": form.tolist(),
            "Employees": employees.tolist(),
            "Student": student.tolist(),
            "Colour": chance.choice(["red", "green", "blue", "grey"], size).tolist(),
            "Weekday": chance.integers(1, 8, size).astype(float).tolist(),
            "Noise": np.round(chance.normal(50, 10, size), 2).tolist(),
            "Coin": (chance.random(size) < 0.5).tolist(),
        },
    )


def noise(size: int, seed: int) -> History:
    """Nothing goes with winning."""
    chance = np.random.default_rng(seed)
    return history_of(
        (chance.random(size) < 0.3).tolist(),
        {
            **{f"Text {n}": chance.choice(list("abcdef"), size).tolist() for n in range(6)},
            **{f"Number {n}": chance.normal(0, 1, size).round(3).tolist() for n in range(6)},
        },
    )
