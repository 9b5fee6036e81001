"""Calendar days of a time zone for instants in microseconds: what `limit: n per day` counts by.

The kernel cannot ask `zoneinfo`, so the zone's offsets are laid out as a table of instants from which each one holds.
Pure.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

MICROSECONDS: Final = 1_000_000
STEP: Final = timedelta(hours=12)  # no zone has changed twice within a day
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Offsets(NamedTuple):
    """From instant ``since[i]`` on (µs since 1970, UTC) local time is ``offset[i]`` µs ahead of UTC."""

    since: NDArray[np.int64]
    offset: NDArray[np.int64]


def as_micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def as_datetime(micros: int) -> datetime:
    """The instant, in UTC."""
    return EPOCH + timedelta(microseconds=int(micros))


def offsets_between(zone: ZoneInfo, first: int, last: int) -> Offsets:
    """The zone's offsets for all instants from first to last (µs)."""
    return _offsets(zone.key, as_datetime(first).year, as_datetime(last).year)


@lru_cache(maxsize=64)
def _offsets(key: str, first_year: int, last_year: int) -> Offsets:
    zone = ZoneInfo(key)
    start = datetime(max(first_year - 1, 1), 12, 1, tzinfo=UTC)
    end = datetime(min(last_year + 1, 9999), 2, 1, tzinfo=UTC)
    since, offset = [np.iinfo(np.int64).min], [_offset(zone, start)]
    while start < end:
        if _offset(zone, start + STEP) != offset[-1]:
            since.append(_change_between(zone, start, start + STEP))
            offset.append(_offset(zone, start + STEP))
        start += STEP
    return Offsets(np.array(since, np.int64), np.array(offset, np.int64))


def _change_between(zone: ZoneInfo, low: datetime, high: datetime) -> int:
    """The second from which the offset is that of `high`."""
    before = _offset(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return as_micros(high)


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    ahead = moment.astimezone(zone).utcoffset() or timedelta()
    return ahead // timedelta(microseconds=1)
