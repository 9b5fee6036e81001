"""Whether a team is at work: its hours, holidays and closed days by its own clock on the wall. Pure.

How far a deadline is through business time is the matter of `entente.sla`; here only *now* is asked for.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from entente.agreements.hours import BusinessTime


def is_at_work(business_time: BusinessTime, timezone: str, moment: datetime) -> bool:
    """Whether it is open at that moment; at the very moment of closing it is not.

    An interval that ends at 00:00 ends with its day, so that no interval runs over midnight.
    """
    local = moment.astimezone(ZoneInfo(timezone))
    if local.date() in business_time.closed or local.date() in _holidays(business_time.holidays, local.year):
        return False
    clock = local.time()
    intervals = business_time.hours.get(local.weekday(), ())
    return any(begin <= clock and (clock < end or end == time(0)) for begin, end in intervals)


@lru_cache(maxsize=1024)
def _holidays(name: str | None, year: int) -> frozenset[date]:
    if not name:
        return frozenset()
    from holidays import country_holidays

    country, _, subdivision = name.partition("-")
    return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))
