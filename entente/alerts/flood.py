"""A rule that tells too much helps nobody: it is paused, and its owner is told why. Pure.

Counted in memory by each worker, by clock hours: a guard against a slip, and no promise of a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

MOST_AN_HOUR: Final = 1_000


class Flood:
    """How often each rule has told in the present hour."""

    def __init__(self) -> None:
        self.hour: datetime | None = None
        self.told: Counter[int] = Counter()

    def add(self, rules: Iterable[int], now: datetime) -> set[int]:
        """Count these tellings, one each; returns the rules that are beyond the limit by them."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self.hour:
            self.hour, self.told = hour, Counter()
        fresh = Counter(rules)
        self.told.update(fresh)
        beyond = {rule for rule in fresh if self.told[rule] > MOST_AN_HOUR}
        for rule in beyond:
            del self.told[rule]  # once it goes on again, it begins anew
        return beyond
