"""Yes-or-no questions about a lead, each in words and as a condition of the agreement.

Evidence counts the wins behind each; a scorecard adds points for some. A question is made from the values of one
sample and can be asked of any rows, so that a rule can be chosen on some leads and tried on others. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl

from entente.evidence.sample import Flags, Trait

COUNT_AT_LEAST: Final = 30
"""A value that fewer leads have says nothing yet."""

INTERVALS: Final = 5
FEW_NUMBERS: Final = 6
NAMED_AT_MOST: Final = 4
NAME_AT_MOST: Final = 40

EMPTY: Final = ""
"""The value of a lead of whom nothing is known: a value of its own, apart from any text such as "unknown"."""


@dataclass(frozen=True)
class Indicator:
    """One question: which trait, the answer in short (`value`) and as a rule in words, and its condition.

    `condition` is what the agreement holds under `when`. `holds` is True for the leads of the sample that it is true
    of. `is_given` is False for the question whether nothing is known. `length` is how many
    values the rule names.
    """

    trait: str
    column: str
    value: str
    rule: str
    condition: dict[str, Any]
    holds: Flags = field(compare=False, repr=False)
    is_given: bool = True
    length: int = 1


def values_of(trait: Trait) -> list[Indicator]:
    """One indicator for each value that a trait takes: they exclude each other. Numbers are cut into intervals."""
    if trait.kind == "date":
        return []
    parts = {"text": _texts, "flag": _flags, "number": _number_parts}[trait.kind](trait)
    return [part for part in [*parts, empty(trait)] if part.holds.sum() >= COUNT_AT_LEAST]


def empty(trait: Trait) -> Indicator:
    """That nothing is known of the lead under this header."""
    condition = {"trait": trait.key, "exists": False}
    return Indicator(trait.name, trait.column, EMPTY, f"{trait.name} is empty", condition, ~trait.known, False)


def one_of(trait: Trait, texts: Sequence[str]) -> Indicator:
    """That a text trait has one of these values. The words name the first few, the condition all."""
    named = [_shortened(text) for text in texts[:NAMED_AT_MOST]]
    if len(texts) == 1:
        value = texts[0]
        condition: dict[str, Any] = {"trait": trait.key, "is": value}
        rule = f"{trait.name} is {named[0]}"
    else:
        last = named[-1] if len(texts) <= NAMED_AT_MOST else f"{len(texts) - len(named) + 1} others"
        value = f"{', '.join(named[:-1])} or {last}"
        condition = {"trait": trait.key, "in": list(texts)}
        rule = f"{trait.name} is {value}"
    holds = np.isin(trait.array, list(texts))
    return Indicator(trait.name, trait.column, value, rule, condition, holds, length=len(texts))


def _shortened(text: str) -> str:
    return text if len(text) <= NAME_AT_MOST else f"{text[: NAME_AT_MOST - 1]}…"


def at_least(trait: Trait, number: float) -> Indicator:
    """That a number trait is this or more."""
    value = f"{plain(number)} or more"
    condition = {"trait": trait.key, "from": whole_if_possible(number)}
    return Indicator(
        trait.name, trait.column, value, f"{trait.name} is {value}", condition, _compare(trait, number, None)
    )


def at_most(trait: Trait, number: float) -> Indicator:
    """That a number trait is this or less."""
    value = f"{plain(number)} or less"
    condition = {"trait": trait.key, "to": whole_if_possible(number)}
    return Indicator(
        trait.name, trait.column, value, f"{trait.name} is {value}", condition, _compare(trait, None, number)
    )


def under(trait: Trait, edge: float) -> Indicator:
    """That a number trait is known and less than this; for whole numbers it is written with the end included."""
    if trait.is_whole:
        return at_most(trait, np.ceil(edge) - 1)
    value = f"under {plain(edge)}"
    test = {"trait": trait.key, "from": whole_if_possible(edge)}
    condition = {"all": [{"trait": trait.key, "exists": True}, {"not": test}]}
    holds = trait.known & ~_compare(trait, edge, None)
    return Indicator(trait.name, trait.column, value, f"{trait.name} is {value}", condition, holds)


def flag(trait: Trait, value: bool) -> Indicator:
    """That a yes-or-no trait is so."""
    word = "yes" if value else "no"
    holds = trait.known & (trait.array == value)
    return Indicator(
        trait.name, trait.column, word, f"{trait.name} is {word}", {"trait": trait.key, "is": value}, holds
    )


def cuts(numbers: pl.Series, parts: int) -> list[float]:
    """Up to `parts - 1` readable numbers that cut the known ones into parts of like size; none at the very bottom."""
    known = numbers.drop_nulls()
    if known.is_empty():
        return []
    values = known.to_numpy()
    lowest, highest = float(values.min()), float(values.max())
    quantiles = np.quantile(values, np.linspace(0, 1, parts + 1)[1:-1])
    readable = {_readable(float(q), highest - lowest) for q in quantiles}
    return sorted(number for number in readable if lowest < number <= highest)


def plain(number: float) -> str:
    """A number as people write it: 1,500 or 2.5."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.4g}"


def whole_if_possible(number: float) -> int | float:
    """An int where nothing is lost by it."""
    return int(number) if float(number).is_integer() else float(number)


def frequent_texts(trait: Trait, rows: Flags | None = None, at_least: int = COUNT_AT_LEAST) -> list[str]:
    """The values that enough leads have, among `rows` where given; the commonest first, ties by name."""
    values = trait.values.drop_nulls() if rows is None else trait.values.filter(pl.Series(rows)).drop_nulls()
    counted = pl.DataFrame({"value": values}).group_by("value").len().filter(pl.col("len") >= at_least)
    return counted.sort("len", "value", descending=[True, False])["value"].to_list()


def _texts(trait: Trait) -> list[Indicator]:
    return [one_of(trait, [text]) for text in frequent_texts(trait)]


def _flags(trait: Trait) -> list[Indicator]:
    return [flag(trait, True), flag(trait, False)]


def _number_parts(trait: Trait) -> list[Indicator]:
    numbers = sorted(trait.values.drop_nulls().unique().to_list())
    if len(numbers) <= FEW_NUMBERS:
        return [_exactly(trait, number) for number in numbers]
    edges = cuts(trait.values, INTERVALS)
    if not edges:
        return []
    middle = [_between(trait, low, high) for low, high in pairwise(edges)]
    return [under(trait, edges[0]), *middle, at_least(trait, edges[-1])]


def _exactly(trait: Trait, number: float) -> Indicator:
    condition = {"trait": trait.key, "is": whole_if_possible(number)}
    rule = f"{trait.name} is {plain(number)}"
    return Indicator(trait.name, trait.column, plain(number), rule, condition, trait.array == number)


def _between(trait: Trait, low: float, high: float) -> Indicator:
    """From `low` up to but without `high`; whole numbers are written with both ends included."""
    holds = _compare(trait, low, None) & ~_compare(trait, high, None)
    start = {"trait": trait.key, "from": whole_if_possible(low)}
    if trait.is_whole:
        last = np.ceil(high) - 1
        value = plain(low) if last == low else f"{plain(low)} to {plain(last)}"
        condition: dict[str, Any] = {**start, "to": whole_if_possible(last)}
    else:
        value = f"{plain(low)} to under {plain(high)}"
        condition = {"all": [start, {"not": {"trait": trait.key, "from": whole_if_possible(high)}}]}
    return Indicator(trait.name, trait.column, value, f"{trait.name} is {value}", condition, holds)


def _compare(trait: Trait, low: float | None, high: float | None) -> Flags:
    numbers = np.asarray(trait.array, np.float64)
    holds = trait.known.copy()
    if low is not None:
        holds &= numbers >= low
    if high is not None:
        holds &= numbers <= high
    return holds


def _readable(number: float, spread: float) -> float:
    """The number cut to as many digits as matter beside the spread of all: 1,487 of 2,000 becomes 1,500."""
    if spread <= 0 or number == 0:
        return number
    unit = 10.0 ** np.floor(np.log10(spread / 20))
    rounded = float(np.round(number / (5 * unit)) * 5 * unit)
    if abs(rounded - number) > spread / 100:
        rounded = float(np.round(number / unit) * unit)
    if rounded == 0:  # the bulk lies close to nothing beside a few giants: keep two digits of its own
        unit = 10.0 ** (np.floor(np.log10(abs(number))) - 1)
        rounded = float(np.round(number / unit) * unit)
    return float(f"{rounded:.12g}")
