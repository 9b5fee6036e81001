"""Business time: the open hours of an agreement, and how far it is from one moment to another through them. Pure.

A calendar is a line of open intervals. Each belongs to the working day on which it begins, so a night shift that
begins on Friday is Friday's, and a holiday closes the shifts that begin on it. The intervals are laid out once, a year
at a time, beside the open time that had gone by before each; to add and to measure is then a binary search.

The clock on the wall decides, also when it is put forward or back: an interval begins and ends at the first instant
at which the local clock shows its time or a later one. So a night that loses an hour is an hour shorter, and the hour
that comes twice counts twice.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from entente.agreements.durations import Duration
from entente.agreements.hours import BusinessTime

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
A_DAY: Final = 86_400_000_000
MICROSECOND: Final = timedelta(microseconds=1)
FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 2300
"""The years for which open hours are laid out; holidays further off are anybody's guess."""
CLOSED_AT_MOST: Final = 5
"""Years without one open minute after which a calendar counts as closed for good."""

Hours = Mapping[int, Sequence[tuple[time, time]]]
"""Weekday (Monday is 0) to intervals of local time. One that does not end after it begins ends on the next day."""


class CalendarError(Exception):
    """The calendar cannot be used, or holds no open hours where they are looked for; the text says which."""


class Calendar:
    """Open hours in one time zone. All instants taken are aware; those returned are in UTC."""

    def __init__(self, hours: Hours, zone: ZoneInfo, holidays: str | None = None, closed: Iterable[date] = ()) -> None:
        if not any(hours.values()):
            raise CalendarError("the business time has no open hours on any weekday")
        self._days = _WorkingDays(hours, zone, holidays, frozenset(closed))
        self._zone = zone
        self._line = _Line()
        self._growing = Lock()

    def is_open(self, moment: datetime) -> bool:
        """Whether business is done at that moment; at the very moment of closing it is not."""
        at = _microseconds(moment)
        line = self._line_around(moment)
        i = bisect_right(line.opens, at) - 1
        return i >= 0 and at < line.closes[i]

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself when it is open, else the beginning of the next open interval."""
        return _instant(self._begin(moment)[0])

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
            return _instant(begin)
        while (target := line.before[i] + begin - line.opens[i] + wanted) > line.total:
            line = self._longer_line()
            i = bisect_right(line.opens, begin) - 1
        j = bisect_left(line.before, target) - 1
        return _instant(line.opens[j] + target - line.before[j])

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The open time between two moments; negative when the end comes first."""
        self._line_around(start)
        line = self._line_around(end)
        return (line.open_time(_microseconds(end)) - line.open_time(_microseconds(start))) * MICROSECOND

    def working_days(self, start: date, end: date) -> int:
        """How many days from `start` until before `end` have open hours."""
        self._line_around(datetime.combine(start, time(), UTC))
        line = self._line_around(datetime.combine(end, time(), UTC))
        return bisect_left(line.days, end.toordinal()) - bisect_left(line.days, start.toordinal())

    def _add_days(self, start: datetime, n: int) -> datetime:
        begin, i, line = self._begin(start)
        day = line.day_of[i]
        while (position := bisect_left(line.days, day) + n) >= len(line.days):
            line = self._longer_line()
        return self._same_time(begin, day, line.days[position], line)

    def _add_weeks(self, start: datetime, n: int) -> datetime:
        begin, i, line = self._begin(start)
        day = line.day_of[i]
        while (position := bisect_left(line.days, day + 7 * n)) >= len(line.days):
            line = self._longer_line()
        return self._same_time(begin, day, line.days[position], line)

    def _same_time(self, begin: int, day: int, target: int, line: _Line) -> datetime:
        """The wall-clock time that `begin` has within its working day, on the working day `target`."""
        at = _first_instant(target, _since_midnight(begin, day, self._zone), self._zone)
        first, last = bisect_left(line.day_of, target), bisect_right(line.day_of, target)
        i = bisect_right(line.opens, at, first, last) - 1
        if i < first:
            return _instant(line.opens[first])
        return _instant(min(at, line.closes[i]))

    def _begin(self, moment: datetime) -> tuple[int, int, _Line]:
        """Where business time begins to run from `moment`: the instant, and its interval's number on the line."""
        at = _microseconds(moment)
        line = self._line_around(moment)
        i = bisect_right(line.closes, at)
        while i >= len(line.opens):
            line = self._longer_line()
            i = bisect_right(line.closes, at)
        return max(at, line.opens[i]), i, line

    def _line_around(self, moment: datetime) -> _Line:
        """The line, laid out for the moment's year and its neighbours (a zone may be a day off)."""
        line = self._line
        if line.first_year < moment.year < line.last_year:
            return line
        return self._lay_out(moment.year - 1, moment.year + 1)

    def _longer_line(self) -> _Line:
        line = self._line
        last_open = date.fromordinal(line.days[-1]).year if line.days else line.first_year
        if line.last_year - last_open >= CLOSED_AT_MOST:
            raise CalendarError(
                f"the business time has no open hours from {last_open + 1} to {line.last_year}: nothing can fall due"
            )
        return self._lay_out(line.first_year, line.last_year + 1)

    def _lay_out(self, first: int, last: int) -> _Line:
        """Lay out these years too. The line only ever grows, whoever else is asking for more of it."""
        if first < FIRST_YEAR or last > LAST_YEAR:
            raise CalendarError(f"business time is known from {FIRST_YEAR + 1} to {LAST_YEAR - 1} only")
        with self._growing:
            line = self._line
            if line.last_year:
                first, last = min(first, line.first_year), max(last, line.last_year)
            if (first, last) != (line.first_year, line.last_year):
                self._line = _Line.of(self._days, first, last)
            return self._line


@lru_cache(maxsize=256)
def calendar_of(business_time: BusinessTime, timezone: str) -> Calendar:
    """The calendar of an agreement; the same one each time, so that its years are laid out once."""
    return Calendar(dict(business_time.hours), ZoneInfo(timezone), business_time.holidays, business_time.closed)


@dataclass(frozen=True, slots=True)
class _Line:
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
    def of(cls, working_days: _WorkingDays, first: int, last: int) -> _Line:
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


class _WorkingDays:
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
                yield _first_instant(day, begin, self._zone), _first_instant(day, end, self._zone), day


@lru_cache(maxsize=4096)
def holiday_dates(name: str | None, year: int) -> frozenset[date]:
    """The public holidays of a country or subdivision (`ES`, `ES-MD`) in a year; CalendarError for an unknown name."""
    if not name:
        return frozenset()
    from holidays import country_holidays

    country, _, subdivision = name.partition("-")
    try:
        return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError as error:
        raise CalendarError(
            f"'{name}' is no country or subdivision whose holidays are known (as ES or ES-MD)"
        ) from error


def _within_day(begin: time, end: time) -> tuple[int, int]:
    """An interval as times since midnight; one that ends at or before its beginning ends on the next day."""
    first, last = _clock(begin), _clock(end)
    return first, last if last > first else last + A_DAY


def _clock(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond


def _first_instant(day: int, since_midnight: int, zone: ZoneInfo) -> int:
    """The first instant at which the local clock shows that time of that day, or a later one."""
    midnight = _steady_midnight(day, zone)
    if midnight is not None:
        return midnight + since_midnight
    wall = _midnight(day) + timedelta(microseconds=since_midnight)
    before, after = _offset(wall, zone, fold=0), _offset(wall, zone, fold=1)
    shown = (day - EPOCH_DAY) * A_DAY + since_midnight
    if after <= before:  # an ordinary time, or one that comes twice: its first coming
        return shown - before
    return _jump_between(shown - after, shown - before, zone)


def _since_midnight(at: int, day: int, zone: ZoneInfo) -> int:
    """The time that the local clock shows at an instant, counted from the midnight with which `day` began."""
    midnight = _steady_midnight(day, zone)
    if midnight is not None:
        return at - midnight
    wall = _instant(at).astimezone(zone).replace(tzinfo=None)
    return (wall - _midnight(day)) // MICROSECOND


@lru_cache(maxsize=200_000)
def _steady_midnight(day: int, zone: ZoneInfo) -> int | None:
    """The instant of a day's local midnight; None when the clock is changed on that day or the next."""
    first, last = _midnight(day), _midnight(day + 2)
    offset = _offset(first, zone, fold=0)
    if {_offset(wall, zone, fold) for wall in (first, last) for fold in (0, 1)} != {offset}:
        return None
    return (day - EPOCH_DAY) * A_DAY - offset


def _midnight(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time())


def _jump_between(low: int, high: int, zone: ZoneInfo) -> int:
    """The instant in (low, high] at which the clock is put forward, found by halving to the second."""
    earlier = _instant(low).astimezone(zone).utcoffset()
    while high - low > 1_000_000:
        middle = (low + high) // 2
        if _instant(middle).astimezone(zone).utcoffset() == earlier:
            low = middle
        else:
            high = middle
    return high - high % 1_000_000


def _offset(wall: datetime, zone: ZoneInfo, fold: int) -> int:
    offset = wall.replace(tzinfo=zone, fold=fold).utcoffset()
    assert offset is not None  # noqa: S101 - a ZoneInfo always knows
    return offset // MICROSECOND


def _microseconds(moment: datetime) -> int:
    since = moment - EPOCH
    return since.days * A_DAY + since.seconds * 1_000_000 + since.microseconds


def _instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
