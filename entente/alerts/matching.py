"""Which rules an event could concern: found by its type, name and path alone, so that most events cost one look-up.

A condition is first asked with only these three known (`could_hold`); what is left is asked in full, of the few events
that are left, by `entente.scoring.evaluator`. Whatever holds could hold, so that nothing is missed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Matcher:
    """All rules on behaviour, ready to be asked."""

    rules: tuple[Rule, ...]
    _found: dict[tuple[str, str, str], tuple[Rule, ...]] = field(default_factory=dict)

    def candidates(self, type_: str, name: str, path: str) -> tuple[Rule, ...]:
        """The rules that an event of this type, name and path could concern."""
        key = (type_, name, path)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= KEPT:
                self._found.clear()
            found = tuple(rule for rule in self.rules if _concerns(rule.document, *key))
            self._found[key] = found
        return found

    def types(self) -> list[str]:
        """The types of events that any rule could concern: others need not be read."""
        conditions = [rule.document.when for rule in self.rules]
        if any(each is not None and _needs_every_type(each) for each in conditions):
            return []
        wanted = {type_ for each in conditions if each is not None for type_ in _types_of(each)}
        return sorted(wanted | (DEEDS if None in conditions else set()))


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
