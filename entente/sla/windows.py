"""The weeks, months, quarters and years of an agreement, in its time zone. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta


def window_at(per: str, moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The period around a moment: its first instant, and that of the next one, in UTC. Weeks begin on Monday."""
    first = _first_day(per, moment.astimezone(zone).date())
    return _midnight(first, zone), _midnight(_next_day(per, first), zone)


def windows_between(per: str, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The periods that have a part in [start, end), in order."""
    while start < end:
        window = window_at(per, start, zone)
        yield window
        start = window[1]


def _first_day(per: str, day: date) -> date:
    match per:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, day.month - (day.month - 1) % 3, 1)
        case "year":
            return date(day.year, 1, 1)
    raise ValueError(f"'{per}' is no period")


def _next_day(per: str, first: date) -> date:
    steps = {
        "week": relativedelta(weeks=1),
        "month": relativedelta(months=1),
        "quarter": relativedelta(months=3),
        "year": relativedelta(years=1),
    }
    return first + steps[per]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
