"""Dealing leads evenly, in number and in value.

Each lead makes every rep who could take it *due* a part of it: their share among those eligible, of one lead and of
its value. What a rep got, less what they were due, is their balance; leave neither owes nor costs, because a rep who
is not eligible is due nothing. The lead goes to the rep for whom it raises the unevenness least, where unevenness is

    Σ over reps of  cosh(2 · balance in leads) + cosh(2 · balance in value / largest value seen)

A hyperbolic cosine is flat near zero and steep far from it, so no rep is let stray far in either measure while near
evenness the two trade freely (the potential of online vector balancing: Spencer 1977, Bansal et al. 2020).
Ties go by a hash of lead and rep: reproducible, and even over many leads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

STEEPNESS = 2.0
"""Measured over twelve simulated worlds (see benchmarks/dealing.py): 1 lets counts wander, 4 lets values."""

_ALIKE = 1e-12


class DealingError(Exception):
    """The lead cannot be dealt as asked: nobody is eligible, or a share or value is not a positive number."""


@dataclass(slots=True)
class Balance:
    """What a rep got less what they were due: ``count`` in leads, ``value`` in the agreement's currency or points."""

    count: float = 0.0
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One eligible rep as they stood when the lead was dealt; ``due`` is their part of it (0 to 1).

    ``rise`` is how much unevenness would grow if they took it, on a scale where the most among them is 1 (or -1).
    """

    rep: str
    due: float
    count: float
    value: float
    rise: float


@dataclass(frozen=True, slots=True)
class Deal:
    """A lead that was dealt: to whom, its value, and every candidate with the numbers that decided, best first."""

    lead: str
    rep: str
    value: float
    candidates: tuple[Candidate, ...]
    by_hand: bool = False


@dataclass(slots=True)
class Ledger:
    """Every rep's balance, and the largest value of a lead so far, the yardstick of value."""

    balances: dict[str, Balance] = field(default_factory=dict)
    largest: float = 0.0

    def deal(self, lead: str, value: float, eligible: Mapping[str, float], to: str | None = None) -> Deal:
        """Give a lead to the eligible rep whom it leaves the most even, or to ``to`` (by hand, or the account's rep).

        ``eligible`` maps each rep who could take it to their share (above 0). Whoever gets it, it counts. ``to`` need
        not be eligible. Raises DealingError when nobody is eligible and ``to`` is not given, changing nothing.
        """
        _check(lead, value, eligible, to)
        self.largest = max(self.largest, value)
        parts = _parts(eligible)
        for rep, part in parts.items():
            self._balance(rep).count -= part
            self._balance(rep).value -= part * value
        ranking = self._ranking(lead, value, parts)
        rep = to if to is not None else ranking[0].rep
        self._balance(rep).count += 1
        self._balance(rep).value += value
        return Deal(lead, rep, value, tuple(ranking), by_hand=to is not None)

    def preview(self, lead: str, value: float, eligible: Mapping[str, float]) -> Deal:
        """Where the lead would go and why; nothing changes."""
        balances = {rep: Balance(b.count, b.value) for rep, b in self.balances.items()}
        return Ledger(balances, self.largest).deal(lead, value, eligible)

    def take_back(self, deal: Deal) -> None:
        """Undo a deal, as if it had never been: its rep's count and value, and what everyone was due of it."""
        self._book(deal, -1)

    def count_again(self, deal: Deal) -> None:
        """Let a deal that was taken back count after all."""
        self._book(deal, 1)

    def _book(self, deal: Deal, times: int) -> None:
        self._balance(deal.rep).count += times
        self._balance(deal.rep).value += times * deal.value
        for candidate in deal.candidates:
            self._balance(candidate.rep).count -= times * candidate.due
            self._balance(candidate.rep).value -= times * candidate.due * deal.value

    def _balance(self, rep: str) -> Balance:
        return self.balances.setdefault(rep, Balance())

    def _ranking(self, lead: str, value: float, parts: Mapping[str, float]) -> list[Candidate]:
        """The candidates with their balances before this lead fell due, the one to take it first."""
        if not parts:
            return []
        yardstick = self.largest or 1.0
        places = {rep: (self._balance(rep).count, self._balance(rep).value / yardstick) for rep in parts}
        step = value / yardstick
        # Each exponential is taken relative to the steepest, so that no balance is too large to compare.
        peak = max(max(abs(count), abs(count + 1), abs(worth), abs(worth + step)) for count, worth in places.values())
        rises = {rep: _rise(c, 1.0, peak) + _rise(w, step, peak) for rep, (c, w) in places.items()}
        scale = max(abs(rise) for rise in rises.values()) or 1.0

        def rank(rep: str) -> tuple[float, float, float, bytes]:
            count, worth = places[rep]
            return round(rises[rep] / scale, 12), round(count, 9), round(worth, 9), lot(lead, rep)

        return [
            Candidate(
                rep,
                due=parts[rep],
                count=self.balances[rep].count + parts[rep],
                value=self.balances[rep].value + parts[rep] * value,
                rise=rises[rep] / scale,
            )
            for rep in sorted(parts, key=rank)
        ]


def _check(lead: str, value: float, eligible: Mapping[str, float], to: str | None) -> None:
    if not eligible and to is None:
        raise DealingError(f"nobody is eligible for lead {lead}; it has to wait, or name a rep to give it to")
    if not (math.isfinite(value) and value >= 0):
        raise DealingError(f"lead {lead} has the value {value}; a value is a number from 0 up")
    for rep, share in eligible.items():
        if not (math.isfinite(share) and share > 0):
            raise DealingError(f"the share of {rep} is {share}; a share is a number above 0")


def _parts(eligible: Mapping[str, float]) -> dict[str, float]:
    whole = math.fsum(eligible.values())
    return {rep: share / whole for rep, share in eligible.items()}


def _rise(place: float, step: float, peak: float) -> float:
    """cosh(a·(place+step)) - cosh(a·place), times 2·exp(-a·peak) to stay within floating point."""
    after, before = STEEPNESS * (place + step), STEEPNESS * place
    top = STEEPNESS * peak
    return math.exp(after - top) + math.exp(-after - top) - math.exp(before - top) - math.exp(-before - top)


def lot(lead: str, rep: str) -> bytes:
    """What a tie goes by: the rep with the smallest takes the lead."""
    return blake2b(f"{lead}\0{rep}".encode(), digest_size=8).digest()
