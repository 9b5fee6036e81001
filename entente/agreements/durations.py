"""Lengths of time as agreements write them: `1 hour`, `30 days`. Pure.

In promises a length is of business time, where `1 day` (the same clock time on the next working day) and `24 hours`
(twenty-four open hours) are different things: Duration keeps the unit. Elsewhere it is of plain time: a timedelta.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, TypeAlias

Unit: TypeAlias = Literal["minutes", "hours", "days", "weeks"]
UNITS: Final[tuple[Unit, ...]] = ("minutes", "hours", "days", "weeks")
MINUTES: Final = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080}
PLAIN_UNITS: Final[tuple[Unit, ...]] = ("days", "hours", "minutes")
LONGEST: Final = timedelta(days=3650)

WRITTEN = re.compile(r"([1-9][0-9]{0,6}|0)\s+(minute|hour|day|week)s?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of business time: `n` minutes, hours, working days or weeks (the same weekday and time, n weeks on)."""

    n: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.n} {self.unit[:-1] if self.n == 1 else self.unit}"

    def as_timedelta(self) -> timedelta:
        """The same length by the plain clock."""
        return timedelta(minutes=self.n * MINUTES[self.unit])


def duration_from_text(text: str) -> Duration | None:
    """The length that the text says, or None where it says none."""
    found = WRITTEN.fullmatch(text.strip())
    if not found:
        return None
    return Duration(int(found[1]), next(unit for unit in UNITS if unit == found[2] + "s"))


def timedelta_text(length: timedelta) -> str:
    """Whole minutes in the largest of minutes, hours and days that holds them: `30 days`, `36 hours`."""
    minutes = length // timedelta(minutes=1)
    unit = next(unit for unit in PLAIN_UNITS if minutes % MINUTES[unit] == 0)
    return str(Duration(minutes // MINUTES[unit], unit))
