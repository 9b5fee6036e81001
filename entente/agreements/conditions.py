"""What a condition is: the small closed vocabulary of DESIGN section 6, as values that can be compared and hashed.

The same trees serve points, disqualifiers, teams, stages and alerts. This module says what can be written; what a
condition means on an event is said by `entente.scoring.evaluator`, once. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final, Literal, TypeAlias


class Missing(Enum):
    """The type of MISSING: no value was asked for (an asked-for value may be any text, number or boolean)."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING

Value: TypeAlias = str | int | float | bool
"""What `is`, `in` and `not_in` compare with."""

Bound: TypeAlias = int | float | date
"""What `from` and `to` compare with; both ends of one test are of one kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """What a value must pass; every part that is given must hold, and at least one is given.

    `in_` and `not_in` are not empty, `matches` is an RE2 pattern, `exists` asks for a value (True) or for none.
    """

    __test__ = False  # its name is a word of the agreement; pytest would take it for a test

    is_: Value | Literal[Missing.MISSING] = MISSING
    in_: tuple[Value, ...] | None = None
    not_in: tuple[Value, ...] | None = None
    from_: Bound | None = None
    to: Bound | None = None
    matches: str | None = None
    exists: bool | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Test):
            return NotImplemented  # so Python asks the other side, as its data model wants
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[object, ...]:
        """The parts with their types: Python holds `True == 1`, an agreement does not."""
        listed = [None if values is None else tuple(map(_typed, values)) for values in (self.in_, self.not_in)]
        return (_typed(self.is_), *listed, _typed(self.from_), _typed(self.to), self.matches, self.exists)


def _typed(value: object) -> tuple[bool, object]:
    return isinstance(value, bool), value


Where: TypeAlias = tuple[tuple[str, Test], ...]
"""Properties of the event with their tests, sorted by property."""


@dataclass(frozen=True, slots=True)
class Page:
    """The event is a page view whose path matches `glob`."""

    glob: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Track:
    """The event is a track call of exactly this name."""

    name: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class EventType:
    """The event has this type of ours."""

    type: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Trait:
    """The person's trait, as known at that moment, passes the test."""

    name: str
    test: Test


@dataclass(frozen=True, slots=True)
class AccountValue:
    """The account's value, as known at that moment, passes the test."""

    name: str
    test: Test


@dataclass(frozen=True, slots=True)
class All:
    """Every one of the conditions holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of the conditions holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: Condition


Condition: TypeAlias = Page | Track | EventType | Trait | AccountValue | All | Any | Not


def leaves(condition: Condition) -> Iterator[Page | Track | EventType | Trait | AccountValue]:
    """The conditions that are not made of others, in the order written."""
    match condition:
        case All(conditions) | Any(conditions):
            for part in conditions:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield condition


def watches_behaviour(condition: Condition) -> bool:
    """Whether the condition looks at the event itself, not only at who the person is."""
    return any(isinstance(leaf, (Page, Track, EventType)) for leaf in leaves(condition))


def condition_data(condition: Condition) -> dict[str, object]:
    """The condition as it stands in the document."""
    match condition:
        case All(parts) | Any(parts):
            return {"all" if isinstance(condition, All) else "any": [condition_data(part) for part in parts]}
        case Not(part):
            return {"not": condition_data(part)}
        case Trait(name, test) | AccountValue(name, test):
            return {"trait" if isinstance(condition, Trait) else "account": name, **condition_test_data(test)}
        case Page(what, where) | Track(what, where) | EventType(what, where):
            return {EVENT_KEYS[type(condition)]: what, **_where_data(where)}


EVENT_KEYS: Final[dict[type[Condition], str]] = {Page: "page", Track: "track", EventType: "event"}


def condition_test_data(test: Test) -> dict[str, object]:
    """The test as it stands in the document."""
    parts: dict[str, object] = {
        "is": None if test.is_ is MISSING else test.is_,
        "in": None if test.in_ is None else list(test.in_),
        "not_in": None if test.not_in is None else list(test.not_in),
        "from": _bound_data(test.from_),
        "to": _bound_data(test.to),
        "matches": test.matches,
        "exists": test.exists,
    }
    return {key: value for key, value in parts.items() if value is not None}


def _where_data(where: Where) -> dict[str, object]:
    return {"where": {name: condition_test_data(test) for name, test in where}} if where else {}


def _bound_data(bound: Bound | None) -> object:
    return bound.isoformat() if isinstance(bound, date) else bound
