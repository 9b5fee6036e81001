"""Which traits go with winning: how many times as often leads that have a value are won as those that have not.

The lift is the ratio of two win rates, "with" over "without"; its interval and p-value are those of the score method
for two independent proportions (Koopman 1984, as statsmodels has it), which holds for small counts and for rates of
0 and 1. All p-values of a history are judged together: of what is reported, at most one in twenty is expected to be
chance (Benjamini and Hochberg 1995). Pure.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from entente.evidence.indicators import Indicator, values_of
from entente.evidence.sample import Sample

FALSE_DISCOVERIES: Final = 0.05


@dataclass(frozen=True)
class Lift:
    """One trait value beside the leads that have another one.

    `leads` and `won` count the leads with the value, `leads_without` the others; `rate` is won / leads, `rate_without`
    that of the others; `lift` is rate / rate_without with its 95 % interval (`high` and `lift` are infinite where no
    other lead was won). `p` is the p-value, `q` the false discovery rate at which it would just be reported.
    """

    trait: str
    column: str
    value: str
    condition: dict[str, Any]
    leads: int
    won: int
    leads_without: int
    rate: float
    rate_without: float
    lift: float
    low: float
    high: float
    p: float
    q: float

    @property
    def is_discovery(self) -> bool:
        """Whether it stands after false discoveries are controlled."""
        return self.q <= FALSE_DISCOVERIES


def lifts(sample: Sample) -> list[Lift]:
    """The lift of every value of every trait that enough leads have and enough have not, the surest first."""
    indicators = [part for trait in sample.traits for part in values_of(trait)]
    measured = [found for part in indicators if (found := _measure(part, sample)) is not None]
    return sorted(_judge_together(measured), key=lambda found: (found.p, -abs(found.rate - found.rate_without)))


def discoveries(found: Sequence[Lift]) -> list[Lift]:
    """Those that stand after false discoveries are controlled, in the same order."""
    return [lift for lift in found if lift.is_discovery]


def _measure(part: Indicator, sample: Sample) -> Lift | None:
    leads, won = int(part.holds.sum()), int((part.holds & sample.won).sum())
    others, others_won = sample.size - leads, sample.wins - won
    if others < 1 or sample.wins in (0, sample.size):
        return None
    counts = (won, leads, others_won, others)
    rate, without = won / leads, others_won / others
    ratio = rate / without if without else float("inf")
    low, high = _interval(counts, ratio)
    return Lift(
        part.trait, part.column, part.value, part.condition, leads, won, others, rate, without, ratio,
        low, high, _p_value(counts), 1.0,
    )  # fmt: skip


def _interval(counts: tuple[int, int, int, int], ratio: float) -> tuple[float, float]:
    """The 95 % interval of the ratio of two rates, for (won, leads) with and without the value.

    Where all others were won the equation of the score method has no real solution in statsmodels; the adjusted
    logarithm stands in there.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # an infinite ratio is an answer here
        low, high = confint_proportions_2indep(*counts, compare="ratio", method="score")
        if np.iscomplexobj(low) or np.iscomplexobj(high) or not low <= ratio <= high:
            low, high = confint_proportions_2indep(*counts, compare="ratio", method="log-adjusted")
    return min(max(0.0, float(low)), ratio), max(float(high), ratio)


def _p_value(counts: tuple[int, int, int, int]) -> float:
    from statsmodels.stats.proportion import test_proportions_2indep

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # the ratio itself may be infinite, the test is not
        return float(test_proportions_2indep(*counts, compare="ratio", method="score").pvalue)


def _judge_together(measured: Sequence[Lift]) -> list[Lift]:
    from statsmodels.stats.multitest import multipletests

    if not measured:
        return []
    _, corrected, _, _ = multipletests([lift.p for lift in measured], alpha=FALSE_DISCOVERIES, method="fdr_bh")
    return [replace(lift, q=float(q)) for lift, q in zip(measured, corrected, strict=True)]
