"""Business time as the agreement writes it: opening hours, holidays, closed days. Pure.

How it is counted is the matter of `entente.sla.business_time`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from itertools import pairwise
from typing import Final, TypeAlias

from entente.agreements.places import Place, nearest, said
from entente.agreements.tree import Listing
from entente.agreements.values import day, exact_text, text

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONG_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Interval: TypeAlias = tuple[time, time]
Hours: TypeAlias = Mapping[int, tuple[Interval, ...]]

INTERVAL = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s?-\s?(?:([01]?[0-9]|2[0-3]):([0-5][0-9])|(24:00))", re.ASCII)
OFFICE_HOURS: Final[Hours] = dict.fromkeys(range(5), ((time(9), time(18)),))


@dataclass(frozen=True, slots=True)
class BusinessTime:
    """When the company is open.

    `hours` maps weekdays (0 is Monday) to open intervals, sorted and apart; a weekday without any is closed. An
    interval that ends at 00:00 ends with the day (written 24:00). `holidays` is a country or country-subdivision of
    the library `holidays` (`ES`, `ES-MD`), or None.
    """

    hours: Hours = field(default_factory=lambda: dict(OFFICE_HOURS), hash=False)
    holidays: str | None = None
    closed: tuple[date, ...] = ()

    def as_data(self) -> dict[str, object]:
        return {
            "hours": hours_data(self.hours),
            "holidays": self.holidays or "none",
            "closed": [date_.isoformat() for date_ in self.closed],
        }


def business_time(place: Place) -> BusinessTime:
    fields = place.fields(("hours", "holidays", "closed"))
    return BusinessTime(
        hours=fields.get("hours", opening_hours, OFFICE_HOURS),
        holidays=fields.get("holidays", public_holidays, None),
        closed=tuple(sorted(set(fields.each("closed", day)))),
    )


def opening_hours(place: Place) -> Hours:
    """Days and ranges of days with their open intervals; at least one."""
    hours: dict[int, tuple[Interval, ...]] = {}
    entries = place.named(exact_text)
    for days, entry in entries.items():
        intervals = entry.read(_intervals, ())
        for weekday in _weekdays(days, entry):
            if weekday in hours:
                entry.note(f"the hours of {LONG_DAYS[weekday].title()} are given twice", "give each day once")
            hours[weekday] = intervals
    if not entries:
        place.refuse("no day is open", "write hours: {mon-fri: 09:00-18:00}, or leave 'hours' out")
    return dict(sorted(hours.items()))


def _weekdays(written: str, place: Place) -> list[int]:
    """The days that `fri` or `mon-thu` means; a range may run over the end of the week (`sun-thu`)."""
    ends = [_weekday(part.strip().lower()) for part in written.split("-")]
    if len(ends) > 2 or None in ends:
        remedy = "write a day (mon, tue, wed, thu, fri, sat, sun) or a range of days (mon-thu)"
        place.note(f"'{written}' is not a day of the week", remedy)
        return []
    first, last = ends[0] or 0, ends[-1] or 0
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _weekday(word: str) -> int | None:
    for names in (DAYS, LONG_DAYS):
        if word in names:
            return names.index(word)
    return None


def _intervals(place: Place) -> tuple[Interval, ...]:
    if isinstance(place.node, Listing):
        nothing = "there are no opening hours in the list"
        intervals = sorted(place.some(_interval, nothing, "leave out days that are closed"))
    else:
        intervals = [_interval(place)]
    for (_, end), (start, _) in pairwise(intervals):
        if end > start or end == time(0):
            place.note("two intervals of one day overlap", "join them, or move one")
    return tuple(intervals)


def _interval(place: Place) -> Interval:
    scalar = place.scalar("opening hours", 'write them as "09:00-18:00"')
    found = INTERVAL.fullmatch(scalar.text.strip())
    if not found:
        place.refuse(f"opening hours are expected, not {said(scalar)}", 'write them as "09:00-18:00"')
    start = time(int(found[1]), int(found[2]))
    end = time(0) if found[5] else time(int(found[3]), int(found[4]))
    if not found[5] and end <= start:
        remedy = "the end comes after the beginning on the same day; midnight as an end is 24:00"
        place.refuse(f"{scalar.text} ends before it begins", remedy)
    return start, end


def public_holidays(place: Place) -> str | None:
    """A country or country-subdivision of the library `holidays`; None where `none` is written."""
    import holidays

    written = text(place)
    if written == "none":
        return None
    countries = holidays.list_supported_countries(include_aliases=False)
    country, _, subdivision = written.partition("-")
    if country not in countries:
        remedy = nearest(country, countries) or "write a country's two letters, such as ES, or none"
        place.refuse(f"no public holidays are known for '{country}'", remedy)
    if subdivision and subdivision not in countries[country]:
        known = ", ".join(countries[country]) or "none"
        place.refuse(f"'{country}' has no part '{subdivision}'", f"its parts are: {known}; or write {country}")
    if "-" in written and not subdivision:
        place.refuse(f"'{written}' breaks off", f"write {country}, or {country}- and a part")
    return written


def hours_data(hours: Hours) -> dict[str, object]:
    """Days with the same hours in one line, in the order of the week."""
    data: dict[str, object] = {}
    start = 0
    while start < 7:
        end = start
        while end < 6 and hours.get(end + 1, ()) == hours.get(start, ()):
            end += 1
        if hours.get(start):
            days = DAYS[start] if start == end else f"{DAYS[start]}-{DAYS[end]}"
            written = [interval_text(interval) for interval in hours[start]]
            data[days] = written[0] if len(written) == 1 else written
        start = end + 1
    return data


def interval_text(interval: Interval) -> str:
    start, end = interval
    return f"{start:%H:%M}-{'24:00' if end == time(0) else f'{end:%H:%M}'}"
