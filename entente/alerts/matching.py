"""Which rules an event could concern: found by its type, name and path alone, so that most events cost one look-up.

A condition is first asked with only these three known (`could_hold`); what is left is asked in full, of the few events
that are left, by `entente.scoring.evaluator`. Whatever holds could hold, so that nothing is missed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from entente.agreements.conditions import (
    AccountValue,
    All,
    Condition,
    EventType,
    Not,
    Page,
    Track,
    Trait,
    leaves,
)
from entente.agreements.conditions import (
    Any as AnyOf,
)
from entente.alerts.document import AlertDocument
from entente.events.types import SEGMENT_MAIL_EVENTS
from entente.scoring.evaluator import Sight, holds, is_track_call, path_matches

DEEDS: Final = frozenset(
    {"page", "screen", "track", "form_submitted", "email_clicked", "call", "meeting", "message", "deal_opened"}
    | {"deal_won", "deal_lost"}
)
"""What "anything that they do" is, for a rule that names people and no condition; not what machines write of them."""

_NONE: Final[frozenset[int]] = frozenset()
KEPT: Final = 100_000
"""So many distinct events are remembered; a website that makes up addresses does not fill the memory."""


def could_hold(condition: Condition, type_: str, name: str, path: str) -> bool | None:
    """Whether the condition holds for an event of this type, name and path: None where that hangs on more."""
    match condition:
        case Trait() | AccountValue():
            return None
        case Not(part):
            return _turned(could_hold(part, type_, name, path))
        case All(parts):
            return _all(could_hold(part, type_, name, path) for part in parts)
        case AnyOf(parts):
            return _turned(_all(_turned(could_hold(part, type_, name, path)) for part in parts))
        case _:
            return _seen(condition, type_, name, path)


def _seen(behaviour: Page | Track | EventType, type_: str, name: str, path: str) -> bool | None:
    match behaviour:
        case Page(glob):
            seen = type_ == "page" and path_matches(glob, path)
        case Track(wanted):
            seen = is_track_call(type_, name, wanted)
        case EventType(wanted):
            seen = type_ == wanted
    return None if seen and behaviour.where else seen


def _turned(holds: bool | None) -> bool | None:
    return None if holds is None else not holds


def _all(parts: Iterable[bool | None]) -> bool | None:
    found = list(parts)
    if False in found:
        return False
    return None if None in found else True


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is matched: its number, whose it is, and its document."""

    id: int
    owner_id: int
    owner_email: str
    document: AlertDocument


@dataclass(frozen=True, slots=True)
class Person:
    """What a rule can see of a person now; ``rep`` is that of their open hand-off, empty when there is none.

    ``account_names`` are what the account may be called in a rule, in lower case: key, domain, name.
    """

    traits: Mapping[str, Any]
    account: Mapping[str, Any]
    account_names: frozenset[str] = frozenset()
    rep: str = ""
    score: float | None = None


class Matcher:
    """All rules on behaviour, ready to be asked."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self._leaves = _Leaves(rules)
        self._found: dict[tuple[str, str, str], tuple[Rule, ...]] = {}

    def candidates(self, type_: str, name: str, path: str) -> tuple[Rule, ...]:
        """The rules that an event of this type, name and path could concern."""
        key = (type_, name, path)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= KEPT:
                self._found.clear()
            named = self._leaves.naming(type_, name, path)
            found = tuple(self.rules[n] for n in sorted(named) if _concerns(self.rules[n].document, *key))
            self._found[key] = found
        return found

    def types(self) -> list[str]:
        """The types of events that any rule could concern: others need not be read. Empty means all."""
        conditions = [rule.document.when for rule in self.rules]
        if any(each is not None and _needs_every_type(each) for each in conditions):
            return []
        wanted = {type_ for each in conditions if each is not None for type_ in _types_of(each)}
        return sorted(wanted | (DEEDS if None in conditions else set()))


class _Leaves:
    """Which rules name an event somewhere in their conditions. One that does not name it could only hold by `not`, or
    by who the person is; those are always asked. All paths are looked for at once (RE2's set of patterns)."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.always: set[int] = set()
        self.tracks: dict[str, set[int]] = {}
        self.types: dict[str, set[int]] = {}
        globs: dict[str, set[int]] = {}
        for number, rule in enumerate(rules):
            when = rule.document.when
            if when is None or _needs_every_type(when):
                self.always.add(number)
                continue
            for leaf in leaves(when):
                match leaf:
                    case Page(glob):
                        globs.setdefault(glob, set()).add(number)
                    case Track(name):
                        self.tracks.setdefault(name, set()).add(number)
                    case EventType(type_):
                        self.types.setdefault(type_, set()).add(number)
        self.paths = _Paths(globs)

    def naming(self, type_: str, name: str, path: str) -> set[int]:
        found = self.always | self.types.get(type_, _NONE)
        if name:
            found |= self.tracks.get(name, _NONE)
        if type_ == "page":
            found = found.union(*self.paths.of(path))
        return found


class _Paths:
    """Globs, all looked for in a path at once."""

    def __init__(self, globs: dict[str, set[int]]) -> None:
        import re2

        self.globs = list(globs.items())
        self.set = re2.Set.FullMatchSet()
        for glob in globs:
            self.set.Add("(?s)" + ".*".join(re2.escape(part) for part in _bare(glob).split("*")))
        if globs:
            self.set.Compile()

    def of(self, path: str) -> list[set[int]]:
        """The rules of each glob that matches."""
        if not self.globs:
            return []
        try:
            return [self.globs[n][1] for n in self.set.Match(_bare(path)) or ()]
        except UnicodeEncodeError:  # half of a surrogate pair: no UTF-8 writes it
            return [rules for glob, rules in self.globs if path_matches(glob, path)]


def _bare(path: str) -> str:
    """Without one trailing slash, as `path_matches` takes globs and paths."""
    return path[:-1] if len(path) > 1 and path.endswith("/") else path


def _concerns(document: AlertDocument, type_: str, name: str, path: str) -> bool:
    if document.when is None:
        return type_ in DEEDS
    return could_hold(document.when, type_, name, path) is not False


def _needs_every_type(condition: Condition) -> bool:
    """Whether it could hold for an event that none of its leaves names: by `not`, or by who the person is."""
    return could_hold(condition, "", "", "") is not False


def _types_of(condition: Condition) -> Iterable[str]:
    for leaf in leaves(condition):
        match leaf:
            case Page():
                yield "page"
            case Track(name):
                yield from ("track", SEGMENT_MAIL_EVENTS.get(name, "track"))
            case EventType(type_):
                yield type_


def matches(document: AlertDocument, owner_email: str, event: Sight, person: Person) -> bool:
    """Whether the owner wants to hear of this event of this person."""
    return concerns_person(document, owner_email, person) and (
        document.when is None or holds(document.when, event, person.traits, person.account)
    )


def concerns_person(document: AlertDocument, owner_email: str, person: Person) -> bool:
    """Whether the person is one of those whom the rule is about: mine, of that account, with that score."""
    if document.mine and person.rep != owner_email:
        return False
    if document.account is not None and document.account not in person.account_names:
        return False
    return document.score_at_least is None or (person.score is not None and person.score >= document.score_at_least)


def asks_scores(rules: Iterable[Rule]) -> bool:
    """Whether any of them asks how high somebody's score is."""
    return any(rule.document.score_at_least is not None for rule in rules)
