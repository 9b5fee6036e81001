"""What a condition means: DESIGN section 6 to the letter, in one implementation for all who ask.

The live worker, replay, teams, stages and alerts call `holds`; nobody else compares a value with a test. What the table
leaves open is decided here:

- a value is missing when it is absent, null, blank text, or a list or table without a value in it;
- a list holds what any of its elements holds (`not_in`: some element is none of them);
- a name with dots is a key as it stands first, then a way into nested tables;
- true and false are no numbers; they equal only themselves;
- a date bound meets the date as written in the value (`to: 2026-01-31` takes that whole day in), a bound with a time
  meets the instant; a time without an offset is UTC;
- a pattern looks into texts, and into numbers as they are written;
- a path and a glob are each taken without one trailing slash: `/blog` and `/blog/` are one page, and `/blog/*` is what
  lies below it.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

import re2

from entente.agreements.conditions import (
    MISSING,
    AccountValue,
    All,
    Bound,
    Condition,
    EventType,
    Not,
    Page,
    Test,
    Track,
    Trait,
)
from entente.agreements.conditions import (
    Any as AnyOf,
)
from entente.events.types import SEGMENT_MAIL_EVENTS

Values: TypeAlias = Mapping[str, Any]
"""Properties, traits or an account's values, as JSON gives them."""


class Sight(NamedTuple):
    """What a condition can see of an event."""

    type: str
    name: str
    path: str
    properties: Values


NO_EVENT: Final = Sight("", "", "", {})
"""Who a person is, is asked without an event: a condition on behaviour fails."""


def holds(condition: Condition, event: Sight, traits: Values, account: Values) -> bool:
    """Whether the condition holds for the event, given what is known of person and account at that moment.

    ``account`` is what `entente.people.accounts.account_values` gives.
    """
    match condition:
        case Trait(name, test):
            return passes(test, look_up(traits, name))
        case AccountValue(name, test):
            return passes(test, look_up(account, name))
        case All(parts):
            return all(holds(part, event, traits, account) for part in parts)
        case AnyOf(parts):
            return any(holds(part, event, traits, account) for part in parts)
        case Not(part):
            return not holds(part, event, traits, account)
        case _:
            return _is_seen(condition, event)


def _is_seen(behaviour: Page | Track | EventType, event: Sight) -> bool:
    match behaviour:
        case Page(glob, where):
            seen = event.type == "page" and path_matches(glob, event.path)
        case Track(name, where):
            seen = is_track_call(event.type, event.name, name)
        case EventType(type_, where):
            seen = event.type == type_
    return seen and all(passes(test, look_up(event.properties, name)) for name, test in where)


def is_track_call(type_: str, name: str, wanted: str) -> bool:
    """A mail event of the Segment specification has our type, and is still the track call of its name."""
    return name == wanted and (type_ == "track" or SEGMENT_MAIL_EVENTS.get(name) == type_)


def look_up(values: Values, name: str) -> Any:
    """The value of that name; None where there is none."""
    if name in values:
        return values[name]
    head, dot, rest = name.partition(".")
    nested = values.get(head) if dot else None
    return look_up(nested, rest) if isinstance(nested, Mapping) else None


def passes(test: Test, value: Any) -> bool:
    """Whether the value passes every part of the test."""
    if is_missing(value):
        return test == Test(exists=False)
    if isinstance(value, (list, tuple)):
        return any(passes(test, element) for element in value if not is_missing(element))
    return (
        test.exists is not False
        and (test.is_ is MISSING or same(value, test.is_))
        and (test.in_ is None or any(same(value, wanted) for wanted in test.in_))
        and (test.not_in is None or not any(same(value, unwanted) for unwanted in test.not_in))
        and (test.from_ is None or compare(value, test.from_) in (0, 1))
        and (test.to is None or compare(value, test.to) in (0, -1))
        and (test.matches is None or is_found(test.matches, value))
    )


def is_missing(value: Any) -> bool:
    """Whether there is no value: null, blanks, a list or table of nothing."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, (list, tuple)):
        return all(is_missing(element) for element in value)
    return isinstance(value, Mapping) and not value


def same(value: Any, wanted: str | int | float | bool) -> bool:
    """Equality as `is` and `in` mean it."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, str) and isinstance(wanted, str):
        return value.strip().casefold() == wanted.strip().casefold()
    number, other = as_number(value), as_number(wanted)
    return number is not None and number == other


PLAIN_DECIMAL = re.compile(r"\s*([+-]?[0-9]{1,300}(\.[0-9]{1,300})?)\s*")


def as_number(value: Any) -> int | float | None:
    """The number that the value is, or that its whole text writes; None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    written = PLAIN_DECIMAL.fullmatch(value) if isinstance(value, str) else None
    if not written:
        return None
    return float(written[1]) if written[2] else int(written[1])


def compare(value: Any, bound: Bound) -> int | None:
    """-1, 0 or 1 as the value lies below, on or above the bound; None where the two cannot be compared."""
    if isinstance(bound, datetime):
        return _order(_as_instant(value), bound if bound.tzinfo else bound.replace(tzinfo=UTC))
    if isinstance(bound, date):
        return _order(_as_date(value), bound)
    return _order(as_number(value), bound)


def _order(value: Any, bound: Any) -> int | None:
    if value is None or value != value:  # noqa: PLR0124 - only a NaN differs from itself
        return None
    return (value > bound) - (value < bound)


def _as_date(value: Any) -> date | None:
    moment = _as_moment(value)
    return moment.date() if moment else None


def _as_instant(value: Any) -> datetime | None:
    moment = _as_moment(value)
    return moment.replace(tzinfo=UTC) if moment and not moment.tzinfo else moment


ISO_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.,]+ ?(Z|[+-][0-9]{2}:?[0-9]{2})?)?", re.IGNORECASE)


def _as_moment(value: Any) -> datetime | None:
    """A date or time as ISO 8601 writes it, with the year, month and day apart by hyphens."""
    text = value.strip() if isinstance(value, str) else ""
    if not ISO_MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper().replace(",", ".").replace(" +", "+").replace(" Z", "Z"))
    except ValueError:
        return None


def is_found(pattern: str, value: Any) -> bool:
    """Whether the RE2 pattern is found anywhere in the text, without case."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return False
    text = value if isinstance(value, str) else _as_written(value)
    try:
        return _pattern(pattern).search(text) is not None
    except UnicodeEncodeError:  # half of a surrogate pair: no UTF-8 writes it
        return _pattern(pattern).search(text.encode("utf-8", "replace").decode()) is not None


def _as_written(number: float) -> str:
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(pattern, options)


def path_matches(glob: str, path: str) -> bool:
    """Whether the path of a page view matches: `*` is any run of characters, case counts."""
    return _glob(glob)(_without_slash(path))


def _without_slash(path: str) -> str:
    return path[:-1] if len(path) > 1 and path.endswith("/") else path


@lru_cache(maxsize=4096)
def _glob(glob: str) -> Callable[[str], bool]:
    parts = _without_slash(glob).split("*")
    first, *between, last = parts if len(parts) > 1 else (parts[0], "")
    if len(parts) == 1:
        return lambda path: path == first
    return lambda path: _in_order(path, first, between, last)


def _in_order(path: str, first: str, between: Sequence[str], last: str) -> bool:
    """Whether the path is made of these parts with anything between them; leftmost matches leave most for the rest."""
    if len(path) < len(first) + len(last) or not path.startswith(first) or not path.endswith(last):
        return False
    position, end = len(first), len(path) - len(last)
    for part in between:
        found = path.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
