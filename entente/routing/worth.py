"""What a lead is worth: its chance to be won times the size of its deal, where the past tells both. Pure.

The past are hand-offs that are over. They are laid into bands of equally many by the score at which each qualified; a
band's chance is the share of it that was won, drawn towards the share of all as if `PRIOR` more hand-offs had gone as
all did (the posterior mean under a beta prior). The size is the deal's own where the lead has one, else the mean of
those won. While too little is known, a lead is worth its score.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

BANDS: Final = 5
PRIOR: Final = 20.0
ENOUGH: Final = 100
"""Hand-offs that are over, before anything is made of them; and of these so many won with an amount:"""
ENOUGH_WON: Final = 10

POINTS: Final = "points"
MONEY: Final = "money"
"""What values are measured in. Balances of one measure say nothing in the other."""


class Past(NamedTuple):
    """A hand-off that is over: the score at which it qualified, whether it was won, for how much if that is known."""

    score: float
    won: bool
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class Worth:
    """`chances[i]` is the chance of a score from `bounds[i - 1]` (the first: any) to below `bounds[i]`; `amount` is
    the mean deal won, in the agreement's currency. Without bands, a lead is worth its score."""

    bounds: tuple[float, ...] = ()
    chances: tuple[float, ...] = ()
    amount: float = 0.0

    @property
    def measure(self) -> str:
        return MONEY if self.chances else POINTS

    def value(self, score: float, amount: float | None = None) -> float:
        """What a lead of that score is worth, never below 0; `amount` is that of its own open deal."""
        if not self.chances:
            return max(score, 0.0)
        return self.chance(score) * max(self.amount if amount is None else amount, 0.0)

    def chance(self, score: float) -> float:
        return self.chances[bisect_right(self.bounds, score)]

    def as_data(self) -> dict[str, Any]:
        return {"bounds": list(self.bounds), "chances": list(self.chances), "amount": self.amount}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Worth:
        return cls(tuple(data["bounds"]), tuple(data["chances"]), data["amount"])


def worth_of(past: Sequence[Past]) -> Worth:
    """What the past teaches; nothing (`points`) when it is too little."""
    amounts = [each.amount for each in past if each.won and each.amount is not None and each.amount > 0]
    if len(past) < ENOUGH or len(amounts) < ENOUGH_WON:
        return Worth()
    ordered = sorted(past, key=lambda each: each.score)
    overall = sum(each.won for each in past) / len(past)
    bands = _bands(ordered)
    chances = tuple((sum(each.won for each in band) + PRIOR * overall) / (len(band) + PRIOR) for band in bands)
    return Worth(tuple(band[0].score for band in bands[1:]), chances, sum(amounts) / len(amounts))


def _bands(ordered: Sequence[Past]) -> list[Sequence[Past]]:
    """Equally many in each, but one score is in one band only."""
    starts = [0]
    for number in range(1, BANDS):
        at = len(ordered) * number // BANDS
        while at < len(ordered) and ordered[at].score == ordered[at - 1].score:
            at += 1
        if starts[-1] < at < len(ordered):
            starts.append(at)
    return [ordered[start:end] for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True)]
