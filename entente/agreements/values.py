"""Readers of single values: each takes a Place and returns the value, or refuses with what would be right. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from entente.agreements.durations import LONGEST, Duration, duration_from_text
from entente.agreements.places import Place, composed, nearest, said

LONGEST_TEXT: Final = 500
LARGEST: Final = 10**12

NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,30})?", re.ASCII)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
PERCENT = re.compile(r"([0-9]{1,3}(\.[0-9]{1,6})?)\s?%", re.ASCII)
# Marks that turn the reading direction: two signers must see what the machine reads.
TURNING: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text(place: Place) -> str:
    """One line of text, in Unicode's composed form, without surrounding blanks."""
    return exact_text(place).strip()


def exact_text(place: Place) -> str:
    """The same with its surrounding blanks."""
    value = composed(place.scalar("a text", "write it, in quotes if need be").text)
    if not value.strip():
        place.refuse("the text is empty", "write something")
    if len(value) > LONGEST_TEXT:
        place.refuse(f"the text has {len(value)} characters", f"{LONGEST_TEXT} are allowed")
    for character in value:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in TURNING:
            place.refuse(f"the text has a character that cannot be seen (U+{ord(character):04X})", "remove it")
    return value


class Once:
    """A reader of texts of which each may stand only once; `what` says in a message what they name."""

    def __init__(self, what: str, reader: Callable[[Place], str] | None = None) -> None:
        self.what = what
        self.reader = reader or text
        self.lines: dict[str, int] = {}

    def __call__(self, place: Place) -> str:
        name = self.reader(place)
        if name.casefold() in self.lines:
            line = self.lines[name.casefold()]
            first = f", first in line {line}" if line else ""
            place.refuse(f"the {self.what} '{name}' stands twice{first}", "keep one, or give each a name of its own")
        self.lines[name.casefold()] = place.node.line
        return name


def one_of(known: Iterable[str]) -> Callable[[Place], str]:
    """A reader of one word of a closed list."""
    words = tuple(known)

    def read(place: Place) -> str:
        word = text(place)
        if word not in words:
            place.refuse(f"'{word}' is not known here", nearest(word, words) or "write " + " or ".join(words))
        return word

    return read


def number(place: Place) -> int | float:
    """A number; whole ones are int."""
    scalar = place.scalar("a number", "write it in digits, such as 10 or 2.5")
    if isinstance(scalar.value, bool) or not NUMBER.fullmatch(scalar.text.strip()):
        remedy = "write it in digits, with a point for decimals, such as 10 or 2.5"
        place.refuse(f"a number is expected, not {said(scalar)}", remedy)
    value = Decimal(scalar.text.strip())
    if abs(value) > LARGEST:
        place.refuse(f"the number {scalar.text} is too large", f"it may be up to {LARGEST:,}")
    return int(value) if value == value.to_integral_value() else float(value)


def whole(place: Place) -> int:
    value = number(place)
    if not isinstance(value, int):
        place.refuse(f"{value} is not a whole number", f"write {round(value)}, say")
    return value


def positive(place: Place) -> int | float:
    value = number(place)
    if value <= 0:
        place.refuse(f"{value} is not more than zero", "write a number above zero")
    return value


def at_least_one(place: Place) -> int:
    value = whole(place)
    if value < 1:
        place.refuse(f"{value} is less than one", "write a whole number from 1 upward")
    return value


def boolean(place: Place) -> bool:
    scalar = place.scalar("true or false", "write true or false")
    if not isinstance(scalar.value, bool):
        place.refuse(f"true or false is expected, not {said(scalar)}", "write true or false, without quotes")
    return scalar.value


def day(place: Place) -> date:
    """A date, such as 2026-07-01."""
    scalar = place.scalar("a date", "write year-month-day, such as 2026-07-01")
    if not DATE.fullmatch(scalar.text.strip()):
        place.refuse(f"a date is expected, not {said(scalar)}", "write year-month-day, such as 2026-07-01")
    try:
        return date.fromisoformat(scalar.text.strip())
    except ValueError:
        place.refuse(f"there is no day {scalar.text}", "look at the calendar: year-month-day")


def clock_time(place: Place) -> time:
    """A time of the day, such as 10:00."""
    scalar = place.scalar("a time of the day", 'write hours and minutes, such as "10:00"')
    found = TIME.fullmatch(scalar.text.strip())
    if not found:
        place.refuse(f"a time of the day is expected, not {said(scalar)}", 'write hours and minutes, such as "10:00"')
    return time(int(found[1]), int(found[2]))


def percent(place: Place) -> float:
    """A share above 0 % and up to 100 %, as a fraction."""
    scalar = place.scalar("a share", "write it in percent, such as 95%")
    found = PERCENT.fullmatch(scalar.text.strip())
    if not found:
        place.refuse(f"a share in percent is expected, not {said(scalar)}", "write it with its sign, such as 95%")
    share = Decimal(found[1]) / 100
    if not 0 < share <= 1:
        place.refuse(f"{scalar.text} is not a share", "write more than 0% and at most 100%")
    return float(share)


def percent_text(share: float) -> str:
    """The fraction as it is written: 0.95 is `95%`."""
    return f"{(Decimal(repr(share)) * 100).normalize():f}%"


def duration(place: Place) -> Duration:
    """A length of time above zero."""
    length = duration_or_none(place)
    if length.n == 0:
        place.refuse("the time is zero", "write a length of time, such as 1 hour or 2 days")
    return length


def duration_or_none(place: Place) -> Duration:
    """A length of time, zero allowed."""
    scalar = place.scalar("a length of time", "write it as 30 minutes, 1 hour, 2 days or 1 week")
    length = duration_from_text(scalar.text)
    if length is None:
        remedy = "write a whole number and a unit: 30 minutes, 1 hour, 2 days or 1 week"
        place.refuse(f"a length of time is expected, not {said(scalar)}", remedy)
    if length.as_timedelta() > LONGEST:
        place.refuse(f"{scalar.text} is too long", f"write at most {LONGEST.days:,} days")
    return length


def email(place: Place) -> str:
    """An e-mail address, in lower case."""
    from email_validator import EmailNotValidError, validate_email

    address = text(place)
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        place.refuse(f"'{address}' is not an e-mail address: {error}", "write it as ana@acme.example")


def time_zone(place: Place) -> str:
    """The name of a time zone of the IANA."""
    name = text(place)
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        remedy = nearest(name, available_timezones()) or "write a name such as Europe/Madrid"
        place.refuse(f"there is no time zone '{name}'", remedy)
    return name


def written_as(pattern: str, example: str) -> Callable[[Place], int]:
    """A reader of a count with fixed words around it, such as `2 per day`."""
    compiled = re.compile(pattern, re.ASCII)

    def read(place: Place) -> int:
        scalar = place.scalar(f"a count such as '{example}'", f"write {example}")
        found = compiled.fullmatch(scalar.text.strip())
        if not found:
            place.refuse(f"a count such as '{example}' is expected, not {said(scalar)}", f"write {example}")
        if int(found[1]) == 0:
            place.refuse("the count is zero", f"write {example}, say, or leave it out")
        return int(found[1])

    return read
