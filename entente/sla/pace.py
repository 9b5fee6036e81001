"""How a running month is doing against what was promised of it: where it ends if all goes on as it did so far. Pure.

The open time that is gone, not the calendar's days, is what the count is held against. The projection is the count so
far and what the same rate would bring in the rest. How far off it may be is said with it: if leads come one by one at a
steady though unknown rate (a Poisson process, with Jeffreys' prior for its rate), what is still to come has a negative
binomial distribution, whose middle nine tenths are shown. Early in a month that range is wide, as it should be; where
leads come in swarms (a fair, a campaign) the truth is wider still.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from entente.agreements.document import Agreement
from entente.sla.business_time import calendar_for

CERTAINTY: Final = 0.9
"""How often the end is within the range, as far as leads come at a steady rate."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a running period is doing: the share of its open time that is gone, and where it ends if all goes on so.

    `projection`, the range from `low` to `high`, and `chance`, the likelihood of reaching the promised number, are None
    before the period's first open minute. `day` of `days` counts working days.
    """

    gone: float
    day: int
    days: int
    projection: float | None
    low: int | None = None
    high: int | None = None
    chance: float | None = None


def pace(agreement: Agreement, start: datetime, end: datetime, now: datetime, actual: int, promised: int) -> Pace:  # noqa: PLR0917 - a period and its numbers
    """The pace at `now` of the period [start, end) in which `actual` of `promised` were counted so far."""
    calendar = calendar_for(agreement)
    whole = calendar.elapsed(start, end)
    gone = calendar.elapsed(start, now) / whole if whole else 0.0
    first, today, after = (moment.astimezone(agreement.zone).date() for moment in (start, now, end))
    days = calendar.working_days(first, today + timedelta(days=1)), calendar.working_days(first, after)
    if not gone:
        return Pace(gone, *days, projection=None)
    return Pace(gone, *days, actual / gone, *_range(actual, gone), _chance(actual, gone, promised))


def _range(actual: int, gone: float) -> tuple[int, int]:
    """Between which counts the period ends."""
    if gone >= 1:
        return actual, actual
    to_come = _to_come(actual, gone)
    tail = (1 - CERTAINTY) / 2
    return actual + int(to_come.ppf(tail)), actual + int(to_come.ppf(1 - tail))


def _chance(actual: int, gone: float, promised: int) -> float:
    if actual >= promised:
        return 1.0
    return 0.0 if gone >= 1 else float(_to_come(actual, gone).sf(promised - actual - 1))


def _to_come(actual: int, gone: float):  # type: ignore[no-untyped-def]  # scipy has no types
    """The distribution of what comes in the rest of the period, given what came in the part that is gone."""
    from scipy.stats import nbinom

    return nbinom(actual + 0.5, gone)
