"""Which stretch of time a report is about: a name in the address, turned into instants in the agreement's zone. Pure.

A period has its first instant and the one after its last; `previous` is the stretch of the same length before it (the
month before, the year before), to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

NAMES: Final = (
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
    "this_year",
    "last_12_months",
    "all",
)
"""The periods that have a name in the address, in the order in which they are offered."""

EARLIEST: Final = date(1990, 1, 1)
LATEST: Final = date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """From `begins` up to before `ends`, both in UTC; `first` and `last` are its days in the zone."""

    name: str
    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        return _start_of(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        return _start_of(self.last + timedelta(days=1), self.zone)

    @property
    def previous(self) -> Period:
        """The stretch just before, of the same kind: months before months, else as many days."""
        whole_months = _months(self.first, self.last)
        step = relativedelta(months=whole_months) if whole_months else timedelta(days=(self.last - self.first).days + 1)
        return Period("", self.first - step, self.first - timedelta(days=1), self.zone)

    def months(self) -> list[date]:
        """The first day of each month that the period touches."""
        month, months = self.first.replace(day=1), []
        while month <= self.last:
            months.append(month)
            month += relativedelta(months=1)
        return months


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _months(first: date, last: date) -> int:
    """How many whole calendar months lie between the two days, both included; 0 when they are not whole."""
    after = last + timedelta(days=1)
    if first.day != 1 or after.day != 1:
        return 0
    return (after.year - first.year) * 12 + after.month - first.month


def named(name: str, now: datetime, zone: ZoneInfo) -> Period:
    """A period by its name; an unknown name is the last 12 months. ``now`` is aware."""
    today = now.astimezone(zone).date()
    first_of_month = today.replace(day=1)
    quarter = first_of_month - relativedelta(months=(today.month - 1) % 3)
    spans = {
        "this_month": (first_of_month, _end(first_of_month, 1)),
        "last_month": (first_of_month - relativedelta(months=1), first_of_month - timedelta(days=1)),
        "this_quarter": (quarter, _end(quarter, 3)),
        "last_quarter": (quarter - relativedelta(months=3), quarter - timedelta(days=1)),
        "this_year": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
        "all": (EARLIEST, LATEST),
    }
    if name not in spans:
        return Period("last_12_months", first_of_month - relativedelta(months=11), _end(first_of_month, 1), zone)
    first, last = spans[name]
    return Period(name, first, last, zone)


def _end(first: date, months: int) -> date:
    return first + relativedelta(months=months) - timedelta(days=1)


def between(first: str, last: str, zone: ZoneInfo) -> Period | None:
    """A period by its two days as an address writes them (`2026-01-31`); None when they are not two days in order."""
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    if not EARLIEST <= days[0] <= days[1] <= LATEST:
        return None
    return Period("", days[0], days[1], zone)
