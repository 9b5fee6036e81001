"""Which events, and which states of knowledge, the rules of an agreement cannot tell apart.

A definition of twenty rules looks at a few fields, and puts to each a few tests. Two events that pass the same tests
mean the same, so it is enough to evaluate the conditions once for each such class and remember the verdict: that is
what makes both the live fold and a replay of many millions of events cheap, with one evaluator for both. A class
keeps one of its members, and the evaluator is asked about that member.

Pure.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from entente.agreements.conditions import (
    AccountValue,
    Condition,
    EventType,
    Page,
    Test,
    Track,
    Trait,
    leaves,
)
from entente.agreements.definition import Definition
from entente.events.types import SEGMENT_MAIL_EVENTS
from entente.scoring.evaluator import NO_EVENT, Sight, holds, look_up, passes, path_matches
from entente.scoring.remembered import REMEMBERED, Remembered

CLOSINGS: Final = ("rejected", "recycled", "deal_won", "deal_lost")
"""The facts that close a hand-off. Their number as a `kind` of event is their place here, counted from 1."""

NEVER_SCORES: Final = -1
"""The kind of an event that carries a mark: a machine's."""

MARKED: Final = 0
"""The class of all marked events."""

ABSENT: Final = object()
"""Stands for the value of a key that is not there."""

Tests: TypeAlias = Mapping[str, tuple[Test, ...]]


class Conditions(NamedTuple):
    """The conditions of a definition without their points: what a lens is ground for."""

    fit: tuple[Condition, ...]
    engagement: tuple[Condition, ...]
    disqualify: tuple[Condition, ...]


def conditions_of(definition: Definition) -> Conditions:
    """The conditions of all rules, in their order."""
    return Conditions(
        tuple(rule.when for rule in definition.fit),
        tuple(rule.when for rule in definition.engagement.rules),
        tuple(rule.when for rule in definition.disqualify),
    )


class Verdicts(NamedTuple):
    """What the evaluator said of every class so far.

    The hits of an event of class ``s`` for knowledge of mix ``m`` are
    ``hit_rule[hit_start[s * mixes + m] : hit_start[s * mixes + m + 1]]``, numbers of engagement rules in their order.
    """

    hit_start: NDArray[np.int64]
    hit_rule: NDArray[np.int32]
    mixes: int
    kind: NDArray[np.int8]
    mix: NDArray[np.int32]
    fit: NDArray[np.bool_]  # (classes of knowledge, fit rules)
    disqualified: NDArray[np.bool_]  # (classes of knowledge, disqualifiers)


class ValueClasses:
    """The values of one top-level key, as far as the tests on names below that key can tell them apart.

    Class 0 is the key's absence. ``members[c]`` is one value of class ``c``.
    """

    def __init__(self, key: str, tests: Tests) -> None:
        self.key = key
        self._tests = {name: some for name, some in tests.items() if name == key or name.startswith(key + ".")}
        self._ids: dict[Hashable, int] = {}
        self._seen: dict[Hashable, int] = {}
        self.members: list[Any] = []
        self.judged(ABSENT)

    def of(self, value: Any) -> int:
        """The class of the value (``ABSENT`` where there is none)."""
        try:
            known = self._seen.get((value.__class__, value))
        except TypeError:  # a list or table, not hashable
            return self.judged(value)
        if known is None:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            known = self._seen[value.__class__, value] = self.judged(value)
        return known

    def judged(self, value: Any) -> int:
        """The same, not remembered: for values that are asked for once."""
        values = {} if value is ABSENT else {self.key: value}
        verdict = (
            value is not ABSENT and self.key in self._tests,
            *(passes(test, look_up(values, name)) for name, tests in self._tests.items() for test in tests),
        )
        if verdict not in self._ids:
            self._ids[verdict] = len(self.members)
            self.members.append(value)
        return self._ids[verdict]


class Outline(NamedTuple):
    """What type, name and path tell of an event, and the properties at which it is worth looking then."""

    type: str
    name: str
    path: str
    looks_at: tuple[int, ...]


class Lens:
    """Sorts events and knowledge into classes, and remembers the verdicts on each class.

    It grows with what it sees; numbers of classes never change.
    """

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        found = [leaf for condition in _all(conditions) for leaf in leaves(condition)]
        self.behaviours = [leaf for leaf in found if isinstance(leaf, (Page, Track, EventType))]
        self._types = {
            "page",
            "track",
            *CLOSINGS,
            *SEGMENT_MAIL_EVENTS.values(),
            *(leaf.type for leaf in self.behaviours if isinstance(leaf, EventType)),
        }
        self._names = {leaf.name for leaf in self.behaviours if isinstance(leaf, Track)}
        self._globs = sorted({leaf.glob for leaf in self.behaviours if isinstance(leaf, Page)})
        self.properties = _classes(test for leaf in self.behaviours for test in leaf.where)
        self.traits = _classes((leaf.name, leaf.test) for leaf in found if isinstance(leaf, Trait))
        self.account = _classes((leaf.name, leaf.test) for leaf in found if isinstance(leaf, AccountValue))
        self._outlines: dict[Hashable, int] = {}
        self._outlines_seen = Remembered(self._outline_of)
        self._path_classes = Remembered(self._globs_matched)
        self.outlines: list[Outline] = []
        self._sights: dict[tuple[int, ...], int] = {}
        self.sights: list[Sight] = [NO_EVENT]
        self._known: dict[tuple[int, ...], int] = {}
        self.knowns: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self._memory = _Memory(self)
        self.known((0,) * len(self.traits), (0,) * len(self.account))

    # Events

    def sight(self, type_: str, name: str, path: str, properties: Mapping[str, Any]) -> int:
        """The class of an event without a mark."""
        outline = self.outline(type_, name, path)
        looks_at = self.outlines[outline].looks_at
        if not looks_at:
            return self.sight_of(outline, ())
        classes = self.properties
        return self.sight_of(outline, tuple(classes[k].of(properties.get(classes[k].key, ABSENT)) for k in looks_at))

    def outline(self, type_: str, name: str, path: str) -> int:
        """The class of an event by its type, name and path."""
        return self._outlines_seen[type_, name, path]

    def sight_of(self, outline: int, values: tuple[int, ...]) -> int:
        """The class of an event of that outline, with the classes of the properties that the outline looks at."""
        parts = (outline, *values)
        known = self._sights.get(parts)
        if known is None:
            seen = self.outlines[outline]
            classes = [self.properties[k] for k in seen.looks_at]
            known = self._sights[parts] = len(self.sights)
            self.sights.append(Sight(seen.type, seen.name, seen.path, _values(classes, values)))
        return known

    def type_class(self, type_: str) -> str:
        """The type as far as it matters."""
        return type_ if type_ in self._types else ""

    def name_class(self, name: str) -> str:
        """The name as far as it matters."""
        return name if name in self._names else ""

    def path_class(self, path: str) -> tuple[bool, ...]:
        """Which of the globs the path matches."""
        return self._path_classes[path]

    def _globs_matched(self, path: str) -> tuple[bool, ...]:
        return tuple(path_matches(glob, path) for glob in self._globs)

    def _outline_of(self, written: tuple[str, str, str]) -> int:
        type_, name, path = written
        type_ = self.type_class(type_)
        name = self.name_class(name)
        if type_ != "page":
            path = ""
        looks = (type_, name, self.path_class(path) if type_ == "page" else ())
        if looks not in self._outlines:
            bare = Sight(type_, name, path, {})
            keys = {
                key
                for leaf in self.behaviours
                if leaf.where and holds(_without_where(leaf), bare, {}, {})
                for property_, _ in leaf.where
                for key in _top_level(property_)
            }
            looks_at = tuple(k for k, classes in enumerate(self.properties) if classes.key in keys)
            self._outlines[looks] = len(self.outlines)
            self.outlines.append(Outline(type_, name, path, looks_at))
        return self._outlines[looks]

    # Knowledge

    def known(self, traits: tuple[int, ...], account: tuple[int, ...]) -> int:
        """The class of what is known of a person, by the classes of `self.traits` and `self.account` in their order.

        Class 0 is: nothing is known.
        """
        parts = (*traits, *account)
        known = self._known.get(parts)
        if known is None:
            known = self._known[parts] = len(self.knowns)
            self.knowns.append((_values(self.traits, traits), _values(self.account, account)))
        return known

    @cached_property
    def looks_at_account(self) -> bool:
        """Whether any rule asks for an account's value."""
        return bool(self.account)

    def tells_news(self, values: Mapping[str, Any], later: Mapping[str, Any]) -> bool:
        """Whether a group call's values change anything that a rule can see of an account with these values."""
        return any(
            later[classes.key] != values.get(classes.key)
            if classes.key == "domain"  # whether it stands before the e-mail's is no matter of tests
            else classes.of(_or_absent(later[classes.key])) != classes.of(values.get(classes.key, ABSENT))
            for classes in self.account
            if classes.key in later
        )

    def verdicts(self) -> Verdicts:
        """The verdicts on all classes so far."""
        return self._memory.verdicts()


class _Memory:
    """Asks the evaluator about each class once."""

    def __init__(self, lens: Lens) -> None:
        self._lens = lens
        self._mixed = [
            leaf
            for condition in lens.conditions.engagement
            for leaf in leaves(condition)
            if isinstance(leaf, (Trait, AccountValue))
        ]
        self._mix_ids: dict[tuple[bool, ...], int] = {}
        self._mix_members: list[int] = []
        self._mix: list[int] = []
        self._fit: list[list[bool]] = []
        self._disqualified: list[list[bool]] = []
        self._hits: dict[tuple[int, int], list[int]] = {}
        self._size = (-1, -1)
        self._verdicts: Verdicts | None = None

    def verdicts(self) -> Verdicts:
        size = (len(self._lens.sights), len(self._lens.knowns))
        if self._verdicts is None or size != self._size:
            self._size = size
            self._verdicts = self._up_to_date()
        return self._verdicts

    def _up_to_date(self) -> Verdicts:
        for known in range(len(self._mix), len(self._lens.knowns)):
            self._judge_known(known)
        mixes = len(self._mix_members)
        hits = [self._hits_of(s, m) for s in range(len(self._lens.sights)) for m in range(mixes)]
        conditions = self._lens.conditions
        return Verdicts(
            hit_start=np.concatenate([[0], np.cumsum([len(some) for some in hits])]).astype(np.int64),
            hit_rule=np.array([rule for some in hits for rule in some], np.int32),
            mixes=mixes,
            kind=np.array([NEVER_SCORES, *map(_kind, self._lens.sights[1:])], np.int8),
            mix=np.array(self._mix, np.int32),
            fit=np.array(self._fit, np.bool_).reshape(len(self._fit), len(conditions.fit)),
            disqualified=np.array(self._disqualified, np.bool_).reshape(
                len(self._disqualified), len(conditions.disqualify)
            ),
        )

    def _judge_known(self, known: int) -> None:
        traits, account = self._lens.knowns[known]
        conditions = self._lens.conditions
        self._fit.append([holds(condition, NO_EVENT, traits, account) for condition in conditions.fit])
        self._disqualified.append([holds(condition, NO_EVENT, traits, account) for condition in conditions.disqualify])
        mix = tuple(holds(leaf, NO_EVENT, traits, account) for leaf in self._mixed)
        if mix not in self._mix_ids:
            self._mix_ids[mix] = len(self._mix_members)
            self._mix_members.append(known)
        self._mix.append(self._mix_ids[mix])

    def _hits_of(self, sight: int, mix: int) -> list[int]:
        if sight == MARKED:
            return []
        if (sight, mix) not in self._hits:
            traits, account = self._lens.knowns[self._mix_members[mix]]
            event = self._lens.sights[sight]
            self._hits[sight, mix] = [
                rule
                for rule, condition in enumerate(self._lens.conditions.engagement)
                if holds(condition, event, traits, account)
            ]
        return self._hits[sight, mix]


def _or_absent(value: Any) -> Any:
    return ABSENT if value is None else value


def _all(conditions: Conditions) -> Iterable[Condition]:
    return (*conditions.fit, *conditions.engagement, *conditions.disqualify)


def _kind(event: Sight) -> int:
    return CLOSINGS.index(event.type) + 1 if event.type in CLOSINGS else 0


def _without_where(leaf: Page | Track | EventType) -> Page | Track | EventType:
    match leaf:
        case Page(glob):
            return Page(glob)
        case Track(name):
            return Track(name)
        case EventType(type_):
            return EventType(type_)


def _classes(named_tests: Iterable[tuple[str, Test]]) -> list[ValueClasses]:
    """One `ValueClasses` for every top-level key under which a named value can stand."""
    tests: dict[str, tuple[Test, ...]] = {}
    for name, test in named_tests:
        if test not in tests.get(name, ()):
            tests[name] = (*tests.get(name, ()), test)
    keys = sorted({key for name in tests for key in _top_level(name)})
    return [ValueClasses(key, tests) for key in keys]


def _top_level(name: str) -> set[str]:
    return {name, name.partition(".")[0]}


def _values(classes: list[ValueClasses], ids: tuple[int, ...]) -> dict[str, Any]:
    return {
        some.key: some.members[id_] for some, id_ in zip(classes, ids, strict=True) if some.members[id_] is not ABSENT
    }
