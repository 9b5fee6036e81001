"""Columns that know the outcome because they were written after it, or on the way to it.

A rule made of such a column would look brilliant on paper and be worth nothing on the day a lead comes in. Kaufman,
Rosset and Perlich ("Leakage in data mining", 2012) name the two signs that are used here: what a value means (it is a
judgement, a status, the last of something), and that it predicts better than anything honest could. Meaning is taken
from the words of the header and of the values, in English and Spanish; and no column is named that the outcome does
not depend on. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from entente.evidence.leak_words import reason_in_header, speaks_of_an_outcome, words_of
from entente.evidence.sample import Sample, Trait

DEPENDS_AT: Final = 0.01
"""A header that sounds like a leak is one only if the outcome depends on the column at this p-value."""

FILLED_AT_LEAST: Final = 20
ONLY: Final = 0.99
KNOWS_ALONE: Final = 0.95
KNOWS_TOO_WELL: Final = 0.9
ABOVE_THE_REST: Final = 0.1
VALUES_THAT_SPEAK: Final = 0.2


@dataclass(frozen=True)
class Leak:
    """A column that is left out of evidence and proposal: its header, its column in the history, and why, in words."""

    trait: str
    column: str
    reason: str


def leaks(sample: Sample) -> list[Leak]:
    """The columns that leak the outcome, in the order of the file, each with the reason that shows it best."""
    if sample.wins in (0, sample.size):
        return []
    found = {trait.column: leak for trait in sample.traits if (leak := _leak(trait, sample)) is not None}
    honest = [trait for trait in sample.traits if trait.column not in found]
    found |= {leak.column: leak for leak in _know_too_well(honest, sample)}
    return [found[trait.column] for trait in sample.traits if trait.column in found]


def _leak(trait: Trait, sample: Sample) -> Leak | None:
    signs: tuple[Callable[[Trait, Sample], str | None], ...] = (
        _filled_for_one_outcome,
        _header_says_so,
        _values_say_so,
    )
    for sign in signs:
        if reason := sign(trait, sample):
            return Leak(trait.name, trait.column, reason)
    return None


def _filled_for_one_outcome(trait: Trait, sample: Sample) -> str | None:
    """A reason, where the column is filled in (or left empty) for leads of one outcome only."""
    for rows, words in ((trait.known, "filled in"), (~trait.known, "left empty")):
        count, won = int(rows.sum()), int((rows & sample.won).sum())
        if not FILLED_AT_LEAST <= count < sample.size or not _beyond_chance(won, count, sample):
            continue
        if won >= ONLY * count:
            return f"it is {words} for leads that were won and for hardly any other"
        if won <= (1 - ONLY) * count and words == "filled in":
            return f"it is {words} for leads that were not won and for hardly any other"
    return None


def _beyond_chance(won: int, count: int, sample: Sample) -> bool:
    from scipy.stats import binomtest

    return bool(binomtest(won, count, sample.wins / sample.size).pvalue < 1e-6)


def _header_says_so(trait: Trait, sample: Sample) -> str | None:
    reason = reason_in_header(words_of(trait.name))
    return reason if reason and _depends(trait, sample) else None


def _values_say_so(trait: Trait, sample: Sample) -> str | None:
    if trait.kind != "text":
        return None
    counted = trait.values.drop_nulls().value_counts(sort=True)
    speaking = counted.filter(pl.Series([speaks_of_an_outcome(v) for v in counted[trait.values.name]]))
    known = int(trait.known.sum())
    if speaking.height < 2 or speaking["count"].sum() < VALUES_THAT_SPEAK * known or not _depends(trait, sample):
        return None
    examples = " and ".join(f'"{value}"' for value in speaking[trait.values.name][:2])
    return f"its values say what came of the lead, such as {examples}"


def _know_too_well(traits: list[Trait], sample: Sample) -> list[Leak]:
    """Leaks among columns that sound honest: alone they order the leads better than honest ones do.

    A column is one whose AUC is above `KNOWS_ALONE`, or above `KNOWS_TOO_WELL` and far above all that remain.
    """
    known = sorted(((alone(trait, sample.won), trait) for trait in traits), key=lambda pair: (-pair[0], pair[1].column))
    found: list[Leak] = []
    for position, (auc, trait) in enumerate(known):
        others = [other for other, _ in known[position + 1 :]]
        far_above = bool(others) and auc - others[0] >= ABOVE_THE_REST
        if auc < KNOWS_ALONE and not (auc >= KNOWS_TOO_WELL and far_above):
            break
        reason = f"alone it tells won from not won almost without fail (AUC {auc:.2f}, where 1 is certainty)"
        found.append(Leak(trait.name, trait.column, reason))
    return found


def alone(trait: Trait, won: NDArray[np.bool_]) -> float:
    """The AUC of a column on its own: 1 for one that knows the outcome, about 0.5 for one that knows nothing.

    Each lead is given the win rate of its value among the leads of the other four of five parts.
    """
    from sklearn.metrics import roc_auc_score

    groups = _groups(trait)
    part = np.arange(len(won)) % 5
    rates = np.empty(len(won))
    for held_out in range(5):
        others = part != held_out
        counts = np.bincount(groups[others], minlength=groups.max() + 1)
        wins = np.bincount(groups[others], weights=won[others], minlength=groups.max() + 1)
        rates[~others] = ((wins + 10 * won.mean()) / (counts + 10))[groups[~others]]
    return float(roc_auc_score(won, rates))


def _depends(trait: Trait, sample: Sample) -> bool:
    """Whether the outcome depends on the values (or on there being one) beyond chance: the chi-square test."""
    from scipy.stats import chi2_contingency

    groups = _groups(trait)
    table = np.zeros((int(groups.max()) + 1, 2))
    np.add.at(table, (groups, sample.won.astype(int)), 1)
    common = table[table.sum(axis=1) >= 5]
    if len(common) < 2 or (common.sum(axis=0) == 0).any():
        return False
    return bool(chi2_contingency(common).pvalue < DEPENDS_AT)


def _groups(trait: Trait) -> NDArray[np.int64]:
    """A small whole number for each lead: which value it has; numbers are cut into twenty parts."""
    values = trait.values
    if trait.kind == "number":
        edges = np.unique(np.quantile(values.drop_nulls().to_numpy(), np.linspace(0, 1, 21)[1:-1]))
        codes = np.digitize(values.fill_null(0.0).to_numpy(), edges) + 1
        return np.where(trait.known, codes, 0).astype(np.int64)
    if trait.kind == "date":
        return trait.known.astype(np.int64)
    return values.cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
