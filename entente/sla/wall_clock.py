"""The clock on the wall and the instants of the log, also where the clock is put forward or back. Pure.

Instants are microseconds since 1970 (UTC), days proleptic ordinals (`date.toordinal`), times of day microseconds since
midnight; a time of more than a day lies in the days after.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
A_DAY: Final = 86_400_000_000
MICROSECOND: Final = timedelta(microseconds=1)


def first_instant(day: int, time_of_day: int, zone: ZoneInfo) -> int:
    """The first instant at which the local clock shows that time of that day, or a later one."""
    midnight = _steady_midnight(day, zone)
    if midnight is not None:
        return midnight + time_of_day
    wall = _midnight(day) + timedelta(microseconds=time_of_day)
    before, after = _offset(wall, zone, fold=0), _offset(wall, zone, fold=1)
    shown = (day - EPOCH_DAY) * A_DAY + time_of_day
    if after <= before:  # an ordinary time, or one that comes twice: its first coming
        return shown - before
    return _jump_between(shown - after, shown - before, zone)


def since_midnight(at: int, day: int, zone: ZoneInfo) -> int:
    """The time that the local clock shows at an instant, counted from the midnight with which `day` began."""
    midnight = _steady_midnight(day, zone)
    if midnight is not None:
        return at - midnight
    wall = instant(at).astimezone(zone).replace(tzinfo=None)
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
    earlier = instant(low).astimezone(zone).utcoffset()
    while high - low > 1_000_000:
        middle = (low + high) // 2
        if instant(middle).astimezone(zone).utcoffset() == earlier:
            low = middle
        else:
            high = middle
    return high - high % 1_000_000


def _offset(wall: datetime, zone: ZoneInfo, fold: int) -> int:
    offset = wall.replace(tzinfo=zone, fold=fold).utcoffset()
    assert offset is not None  # noqa: S101 - a ZoneInfo always knows
    return offset // MICROSECOND


def microseconds(moment: datetime) -> int:
    since = moment - EPOCH
    return since.days * A_DAY + since.seconds * 1_000_000 + since.microseconds


def instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
