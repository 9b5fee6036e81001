"""The rules that a scorecard may choose from: one value, several values together, a number's threshold, an empty field.

They are made from some of the leads only (the training part), so that a rule is never shaped by the leads on which it
is tried. Pure.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from entente.evidence.indicators import (
    Indicator,
    at_least,
    at_most,
    cuts,
    empty,
    flag,
    frequent_texts,
    one_of,
    under,
)
from entente.evidence.sample import Flags, Sample, Trait

THRESHOLDS: Final = 30
MERGED_AT_MOST: Final = 6
RARE: Final = 10
"""Values with fewer leads are not merged into a rule: they would only make it longer."""


def candidates(sample: Sample, rows: Flags, at_least_leads: int) -> list[Indicator]:
    """All rules worth trying, shaped by the leads in `rows`; each holds for, and fails for, enough of them."""
    found = [rule for trait in sample.traits for rule in _of_trait(trait, sample, rows)]
    common = [rule for rule in found if at_least_leads <= (rule.holds & rows).sum() <= rows.sum() - at_least_leads]
    return _without_twins(common, rows)


def _of_trait(trait: Trait, sample: Sample, rows: Flags) -> list[Indicator]:
    rules: list[Indicator] = []
    if trait.kind == "text":
        rules = _of_text(trait, sample, rows)
    elif trait.kind == "number":
        rules = _of_number(trait, sample, rows)
    elif trait.kind == "flag":
        rules = [flag(trait, True), flag(trait, False)]
    return [*rules, empty(trait)] if rules and not trait.known.all() else rules


def _of_number(trait: Trait, sample: Sample, rows: Flags) -> list[Indicator]:
    edges = cuts(trait.values.filter(pl.Series(rows)), THRESHOLDS)
    if not trait.known.all():
        return [at_least(trait, edge) for edge in edges] + [at_most(trait, edge) for edge in edges]
    return [_side_that_wins(trait, edge, sample, rows) for edge in edges]


def _side_that_wins(trait: Trait, edge: float, sample: Sample, rows: Flags) -> Indicator:
    """Where everyone has a number, "3 or more" and "2 or less" are one question: it is asked so as to earn points."""
    above = at_least(trait, edge)
    inside, outside = sample.won[above.holds & rows], sample.won[~above.holds & rows]
    if len(inside) and len(outside) and inside.mean() < outside.mean():
        return under(trait, edge)
    return above


def _of_text(trait: Trait, sample: Sample, rows: Flags) -> list[Indicator]:
    """Each value; and the best and the worst few together, as wins among `rows` order them."""
    texts = frequent_texts(trait, rows, RARE)
    rates = {text: _rate(trait, text, sample, rows) for text in texts}
    ordered = sorted(texts, key=lambda text: (-rates[text], text))
    sizes = range(2, min(MERGED_AT_MOST, len(ordered) - 1) + 1)
    merged = [part for size in sizes for part in (ordered[:size], ordered[-size:])]
    return [one_of(trait, [text]) for text in texts] + [one_of(trait, part) for part in merged]


def _rate(trait: Trait, text: str, sample: Sample, rows: Flags) -> float:
    """The win rate, drawn towards the mean of all as if ten more leads had it."""
    holds = (trait.array == text) & rows
    mean = sample.won[rows].mean()
    return float((sample.won[holds].sum() + 10 * mean) / (holds.sum() + 10))


def _without_twins(rules: list[Indicator], rows: Flags) -> list[Indicator]:
    """Of rules that hold for the same leads the first, which is the simplest."""
    seen: dict[bytes, Indicator] = {}
    for rule in rules:
        seen.setdefault(np.packbits(rule.holds[rows]).tobytes(), rule)
    return list(seen.values())
