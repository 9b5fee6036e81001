"""Numbers as people read them in the audit: shares, amounts, days, hours, intervals. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from entente.evidence.lift import Lift
from entente.reports.audit_tables import Share

EMPTY: Final = "(empty)"
NOTHING: Final = "\u2013"
"""Stands where there is no number; also between the two ends of an interval."""


def percent(found: Share | None) -> str:
    """A share for people: 10.5 %, with a digit more below one."""
    return NOTHING if found is None else f"{found.value * 100:.{2 if 0 < found.value < 0.01 else 1}f} %"


def interval(found: Share | None) -> str:
    """The interval of a share for people."""
    return NOTHING if found is None else f"{found.low * 100:.1f} and {found.high * 100:.1f} %"


def part(count: int, of: int) -> str:
    """A part of a whole as whole percents."""
    return f"{count / of:.0%}" if of else NOTHING


def money(amount: float | None, currency: str | None) -> str:
    """An amount without cents, with the currency where it is known."""
    return NOTHING if amount is None else f"{amount:,.0f} {currency}" if currency else f"{amount:,.0f}"


def day(found: date | None) -> str:
    """14 June 2017."""
    return NOTHING if found is None else f"{found.day} {found:%B %Y}"


def month(value: str) -> str:
    """`2017-06` as June 2017."""
    year, number = value.split("-")
    return f"{date(int(year), int(number), 1):%B} {year}"


def days_in_words(days: float) -> str:
    """A number of days: hours below two, whole days from ten."""
    if days < 2:
        return hours_in_words(days * 24)
    return f"{days:.1f} days" if days < 10 else f"{days:,.0f} days"


def hours_in_words(hours: float) -> str:
    """A number of hours: minutes below two, days from forty-eight."""
    if hours >= 48:
        return days_in_words(hours / 24)
    if hours < 2:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.1f} hours"


def between(low: float, high: float, digits: int) -> str:
    """The two ends of an interval for a table; an end that is not finite is a sign for it."""
    end = f"{high:.{digits}f}" if high != float("inf") else "\u221e"
    return f"{low:.{digits}f}{NOTHING}{end}"


def times(lift: Lift) -> str:
    """How many times as often, for a table."""
    return f"{lift.lift:.2f}\u00d7" if lift.lift != float("inf") else "\u221e"
