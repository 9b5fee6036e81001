"""A calendar's open intervals in a line: the weekly hours less holidays and closed days, year by year. Pure."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from entente.sla.wall_clock import A_DAY, first_instant

Hours = Mapping[int, Sequence[tuple[time, time]]]
"""Weekday (Monday is 0) to intervals of local time. One that does not end after it begins ends on the next day."""


class CalendarError(Exception):
    """The calendar cannot be used, or holds no open hours where they are looked for; the text says which."""


@dataclass(frozen=True, slots=True)
class Line:
    """Open intervals in order, in microseconds since 1970; `before` is the open time before each of them.

    `day_of` is the working day (proleptic ordinal) an interval belongs to, `days` each working day once.
    """

    first_year: int = 0
    last_year: int = 0
    opens: list[int] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    day_of: list[int] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    total: int = 0

    @classmethod
    def of(cls, working_days: WorkingDays, first: int, last: int) -> Line:
        intervals = [interval for year in range(first, last + 1) for interval in working_days.in_year(year)]
        opens, closes, before, day_of = [], [], [], []
        total = longest = 0
        for (begin, end, day), (next_begin, _, _) in pairwise([*intervals, (sys.maxsize, 0, 0)]):
            # A shift that runs into the next one's hours hands over to it, so that nothing counts twice.
            longest = max(longest, end) if begin < longest else end
            until = min(longest, next_begin)
            if begin < until:
                opens.append(begin)
                closes.append(until)
                before.append(total)
                day_of.append(day)
                total += until - begin
        return cls(first, last, opens, closes, before, day_of, list(dict.fromkeys(day_of)), total)

    def open_time(self, at: int) -> int:
        i = bisect_right(self.opens, at) - 1
        return self.before[i] + min(at, self.closes[i]) - self.opens[i] if i >= 0 else 0


class WorkingDays:
    """Which days are worked, and when; a year of it at a time."""

    def __init__(self, hours: Hours, zone: ZoneInfo, holidays: str | None, closed: frozenset[date]) -> None:
        self._hours = {weekday: [_within_day(*pair) for pair in pairs] for weekday, pairs in hours.items()}
        self._zone = zone
        self._holidays = holidays
        self._closed = closed
        self._years: dict[int, list[tuple[int, int, int]]] = {}
        holiday_dates(holidays, 2000)  # a wrong name is refused now, not at the first deadline

    def in_year(self, year: int) -> list[tuple[int, int, int]]:
        """(begin, end, day) of each interval that begins in the year, ordered; begin and end in microseconds."""
        if year not in self._years:
            self._years[year] = sorted(self._intervals(year))
        return self._years[year]

    def _intervals(self, year: int) -> Iterator[tuple[int, int, int]]:
        off = self._closed | holiday_dates(self._holidays, year)
        for day in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
            if date.fromordinal(day) in off:
                continue
            for begin, end in self._hours.get((day - 1) % 7, ()):
                yield first_instant(day, begin, self._zone), first_instant(day, end, self._zone), day


@lru_cache(maxsize=4096)
def holiday_dates(name: str | None, year: int) -> frozenset[date]:
    """The public holidays of a country or subdivision (`ES`, `ES-MD`) in a year; CalendarError for an unknown name."""
    if not name:
        return frozenset()
    from holidays import country_holidays

    country, _, subdivision = name.partition("-")
    try:
        return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError as error:  # so the library says that it does not know the place
        raise CalendarError(
            f"'{name}' is no country or subdivision whose holidays are known (as ES or ES-MD)"
        ) from error


def _within_day(begin: time, end: time) -> tuple[int, int]:
    """An interval as times since midnight; one that ends at or before its beginning ends on the next day."""
    first, last = _clock(begin), _clock(end)
    return first, last if last > first else last + A_DAY


def _clock(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond
