"""Business time: the open hours of an agreement, and how far it is from one moment to another through them. Pure.

A calendar is a line of open intervals. Each belongs to the working day on which it begins, so a night shift that
begins on Friday is Friday's, and a holiday closes the shifts that begin on it. The intervals are laid out once, a year
at a time, beside the open time that had gone by before each; to add and to measure is then a binary search.

The clock on the wall decides, also when it is put forward or back: an interval begins and ends at the first instant
at which the local clock shows its time or a later one. So a night that loses an hour is an hour shorter, and the hour
that comes twice counts twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from entente.agreements.document import Agreement
from entente.agreements.durations import Duration
from entente.agreements.hours import BusinessTime
from entente.sla.open_hours import CalendarError, Hours, Line, WorkingDays
from entente.sla.wall_clock import MICROSECOND, first_instant, instant, microseconds, since_midnight

__all__ = ["Calendar", "CalendarError", "calendar_for", "calendar_of"]

FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 2300
"""The years for which open hours are laid out; holidays further off are anybody's guess."""
CLOSED_AT_MOST: Final = 5
"""Years without one open minute after which a calendar counts as closed for good."""


class Calendar:
    """Open hours in one time zone. All instants taken are aware; those returned are in UTC."""

    def __init__(self, hours: Hours, zone: ZoneInfo, holidays: str | None = None, closed: Iterable[date] = ()) -> None:
        if not any(hours.values()):
            raise CalendarError("the business time has no open hours on any weekday")
        self._days = WorkingDays(hours, zone, holidays, frozenset(closed))
        self._zone = zone
        self._line = Line()
        self._growing = Lock()

    def is_open(self, moment: datetime) -> bool:
        """Whether business is done at that moment; at the very moment of closing it is not."""
        at = microseconds(moment)
        line = self._line_around(moment)
        i = bisect_right(line.opens, at) - 1
        return i >= 0 and at < line.closes[i]

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself when it is open, else the beginning of the next open interval."""
        return instant(self._begin(moment)[0])

    def add(self, start: datetime, length: Duration) -> datetime:
        """When that much business time has gone by.

        Minutes and hours are counted through open intervals, and end at the earliest such moment: a day's last hour
        ends when the day does. Days and weeks keep the clock's time: *n days* is the same time on the n-th following
        working day, *n weeks* the same time n weeks on, or on the first working day after that. Where that day is not
        open at that time, it is the closing before it, or the day's first opening. A start outside open hours begins
        at the next opening.
        """
        match length.unit:
            case "minutes" | "hours":
                return self.add_open_time(start, length.as_timedelta())
            case "days":
                return self._add_days(start, length.n)
            case "weeks":
                return self._add_weeks(start, length.n)

    def add_open_time(self, start: datetime, length: timedelta) -> datetime:
        """When the calendar has been open for `length` (not negative) since `start`."""
        wanted = length // MICROSECOND
        if wanted < 0:
            raise ValueError("business time is added forwards")
        begin, i, line = self._begin(start)
        if wanted == 0:
            return instant(begin)
        while (target := line.before[i] + begin - line.opens[i] + wanted) > line.total:
            line = self._longer_line(target / line.total)
            i = bisect_right(line.opens, begin) - 1
        j = bisect_left(line.before, target) - 1
        return instant(line.opens[j] + target - line.before[j])

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The open time between two moments; negative when the end comes first."""
        self._line_around(start)
        line = self._line_around(end)
        return (line.open_time(microseconds(end)) - line.open_time(microseconds(start))) * MICROSECOND

    def working_days(self, start: date, end: date) -> int:
        """How many days from `start` until before `end` have open hours."""
        self._line_around(datetime.combine(start, time(), UTC))
        line = self._line_around(datetime.combine(end, time(), UTC))
        return bisect_left(line.days, end.toordinal()) - bisect_left(line.days, start.toordinal())

    def _add_days(self, start: datetime, n: int) -> datetime:
        begin, i, line = self._begin(start)
        day = line.day_of[i]
        while (position := bisect_left(line.days, day) + n) >= len(line.days):
            line = self._longer_line(position / len(line.days))
        return self._same_time(begin, day, line.days[position], line)

    def _add_weeks(self, start: datetime, n: int) -> datetime:
        begin, i, line = self._begin(start)
        day = line.day_of[i]
        while (position := bisect_left(line.days, day + 7 * n)) >= len(line.days):
            line = self._longer_line()
        return self._same_time(begin, day, line.days[position], line)

    def _same_time(self, begin: int, day: int, target: int, line: Line) -> datetime:
        """The wall-clock time that `begin` has within its working day, on the working day `target`."""
        at = first_instant(target, since_midnight(begin, day, self._zone), self._zone)
        first, last = bisect_left(line.day_of, target), bisect_right(line.day_of, target)
        i = bisect_right(line.opens, at, first, last) - 1
        if i < first:
            return instant(line.opens[first])
        return instant(min(at, line.closes[i]))

    def _begin(self, moment: datetime) -> tuple[int, int, Line]:
        """Where business time begins to run from `moment`: the instant, and its interval's number on the line."""
        at = microseconds(moment)
        line = self._line_around(moment)
        i = bisect_right(line.closes, at)
        while i >= len(line.opens):
            line = self._longer_line()
            i = bisect_right(line.closes, at)
        return max(at, line.opens[i]), i, line

    def _line_around(self, moment: datetime) -> Line:
        """The line, laid out for the moment's year and its neighbours (a zone may be a day off)."""
        line = self._line
        if line.first_year < moment.year < line.last_year:
            return line
        return self._lay_out(moment.year - 1, moment.year + 1)

    def _longer_line(self, times: float = 1.0) -> Line:
        """A line that reaches about so many times as far into the future, at least a year."""
        line = self._line
        last_open = date.fromordinal(line.days[-1]).year if line.days else line.first_year
        if line.last_year - last_open >= CLOSED_AT_MOST:
            raise CalendarError(
                f"the business time has no open hours from {last_open + 1} to {line.last_year}: nothing can fall due"
            )
        years = int((line.last_year - line.first_year) * (times - 1)) + 1
        last = line.last_year + years
        return self._lay_out(line.first_year, min(last, LAST_YEAR) if line.last_year < LAST_YEAR else last)

    def _lay_out(self, first: int, last: int) -> Line:
        """Lay out these years too. The line only ever grows, whoever else is asking for more of it."""
        if first < FIRST_YEAR or last > LAST_YEAR:
            raise CalendarError(f"business time is known from {FIRST_YEAR + 1} to {LAST_YEAR - 1} only")
        with self._growing:
            line = self._line
            if line.last_year:
                first, last = min(first, line.first_year), max(last, line.last_year)
            if (first, last) != (line.first_year, line.last_year):
                self._line = Line.of(self._days, first, last)
            return self._line


def calendar_for(agreement: Agreement, rep: str = "") -> Calendar:
    """The calendar by which a rep's clocks run: their team's, where it has one of its own, else the agreement's."""
    return calendar_of(*agreement.business_time_of(rep))


@lru_cache(maxsize=256)
def calendar_of(business_time: BusinessTime, timezone: str) -> Calendar:
    """The calendar of a business time; the same one each time, so that its years are laid out once."""
    return Calendar(dict(business_time.hours), ZoneInfo(timezone), business_time.holidays, business_time.closed)
