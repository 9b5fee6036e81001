"""From events as the log holds them to the kernel's rows: who knew what when.

Events are taken in one order over all persons, since a group call of one person changes what is known of the account
of others. A person's knowledge is made of identify calls (later values override, null unsets); an account's of the
group calls with its id, whoever made them. A marked event (a machine's) tells nothing and counts for nothing.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import msgspec
import numpy as np

from entente.people.accounts import account_key, account_values
from entente.scoring.lens import ABSENT, MARKED, Lens, ValueClasses

Order: TypeAlias = tuple[int, str, str]
"""The place of an event: time in µs, message id by code point, source."""


class LogEvent(NamedTuple):
    """One event of the log with its person. `properties` is JSON text, or already read."""

    person: int
    at: int
    message_id: str
    source: str
    type: str
    name: str = ""
    path: str = ""
    group_id: str | None = None
    email: str | None = None
    properties: str | bytes | dict[str, Any] = "{}"
    mark: str = ""

    @property
    def order(self) -> Order:
        return self.at, self.message_id, self.source


def in_order(events: Iterable[LogEvent]) -> list[LogEvent]:
    """Sort by time, message id and source."""
    return sorted(events, key=_order)


def _order(event: LogEvent) -> Order:
    return event.at, event.message_id, event.source


@dataclass(slots=True, eq=False)
class Account:
    """What the rules can see of an account: values of their top-level keys only. `members` are those being woven."""

    values: dict[str, Any] = field(default_factory=dict)
    last: Order | None = None
    members: list[Knowledge] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Knowledge:
    """What the rules can see of a person, with the rows woven so far. `keys` are all accounts ever belonged to."""

    person: int
    traits: dict[str, Any] = field(default_factory=dict)
    group_id: str | None = None
    email: str | None = None
    keys: list[str] = field(default_factory=list)
    trait_classes: tuple[int, ...] = ()
    account: Account | None = None
    known: int = 0
    known_before: int = 0
    at: list[int] = field(default_factory=list)
    sight: list[int] = field(default_factory=list)
    events: list[LogEvent] = field(default_factory=list)
    changes: list[tuple[int, int, int]] = field(default_factory=list)  # row, at, known
    causes: list[LogEvent] = field(default_factory=list)  # of the changes


class Weaver:
    """Weaves events into the rows of the persons that it was given, in their order.

    Events of other persons may be among them: what those say about accounts is heard. ``accounts`` holds what is known
    of accounts before, and is brought up to date.
    """

    def __init__(self, lens: Lens, persons: Iterable[Knowledge], accounts: dict[str, Account]) -> None:
        self._lens = lens
        self._asks_for_domain = any(classes.key == "domain" for classes in lens.account)
        self.accounts = accounts
        self.persons = {person.person: person for person in persons}
        for person in self.persons.values():
            person.trait_classes = _classes(lens.traits, person.traits)
            self._join_account(person)
            person.known_before = person.known = self._known(person)

    def weave(self, events: Sequence[LogEvent]) -> None:
        """Take events in, in order."""
        persons, lens = self.persons, self._lens
        for event in events:
            person = persons.get(event.person)
            if event.mark:
                if person is not None:
                    _add(person, event, MARKED)
                continue
            properties: dict[str, Any] | None = None
            if event.type in ("identify", "group"):
                properties = properties_of(event)
            self._learn(event, person, properties)
            if person is None:
                continue
            outline = lens.outline(event.type, event.name, event.path)
            looks_at = lens.outlines[outline].looks_at
            if not looks_at:
                sight = lens.sight_of(outline, ())
            else:
                read = properties_of(event) if properties is None else properties
                some = [lens.properties[k] for k in looks_at]
                sight = lens.sight_of(outline, tuple([classes.of(read.get(classes.key, ABSENT)) for classes in some]))
            _add(person, event, sight)

    def _learn(self, event: LogEvent, person: Knowledge | None, properties: dict[str, Any] | None) -> None:
        """What the event says about its person and about accounts."""
        learned = False
        if person is not None:
            if properties is not None and event.type == "identify":
                learned = _override(person.traits, properties, self._lens.traits)
                if learned:
                    person.trait_classes = _classes(self._lens.traits, person.traits)
            moves = (event.email and event.email != person.email) or (
                event.group_id and event.group_id != person.group_id and event.group_id.strip()
            )
            if moves:
                self._move(person, event)
                learned = True
        if properties is not None and event.type == "group" and (key := account_key(event.group_id, None)):
            self._learn_of_account(key, event, properties)
        if learned and person is not None:
            self._note(person, event)

    def _learn_of_account(self, key: str, event: LogEvent, properties: dict[str, Any]) -> None:
        account = self.accounts.setdefault(key, Account())
        account.last = event.order
        if _override(account.values, properties, self._lens.account):
            for member in account.members:
                self._note(member, event)

    def _move(self, person: Knowledge, event: LogEvent) -> None:
        person.email = event.email or person.email
        if event.group_id and event.group_id.strip():
            person.group_id = event.group_id
        if person.account is not None:
            person.account.members.remove(person)
        self._join_account(person)

    def _join_account(self, person: Knowledge) -> None:
        key = account_key(person.group_id, person.email) if self._lens.looks_at_account else None
        if key is None:
            person.account = None
            return
        if key not in person.keys:
            person.keys.append(key)
        person.account = self.accounts.setdefault(key, Account())
        person.account.members.append(person)

    def _note(self, person: Knowledge, event: LogEvent) -> None:
        known = self._known(person)
        if known != person.known:
            person.known = known
            person.changes.append((len(person.at), event.at, known))
            person.causes.append(event)

    def _known(self, person: Knowledge) -> int:
        values: Mapping[str, Any] = person.account.values if person.account is not None else {}
        if self._asks_for_domain:
            values = account_values(values, person.email)
        return self._lens.known(person.trait_classes, _classes(self._lens.account, values))


def rows_of(persons: Sequence[Knowledge]) -> tuple[Any, ...]:
    """The fields of `kernel.Rows` for these persons, in order."""
    changes = list(chain.from_iterable(person.changes for person in persons))
    before = _starts([len(person.at) for person in persons])
    change_first = _starts([len(person.changes) for person in persons])
    shift = np.repeat(before[:-1], np.diff(change_first))
    columns = np.array(changes, np.int64).reshape(-1, 3)
    return (
        before,
        np.array(list(chain.from_iterable(person.at for person in persons)), np.int64),
        np.array(list(chain.from_iterable(person.sight for person in persons)), np.int32),
        change_first,
        columns[:, 0] + shift,
        np.ascontiguousarray(columns[:, 1]),
        columns[:, 2].astype(np.int32),
    )


def _starts(lengths: list[int]) -> Any:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _add(person: Knowledge, event: LogEvent, sight: int) -> None:
    person.at.append(event.at)
    person.sight.append(sight)
    person.events.append(event)


def properties_of(event: LogEvent) -> dict[str, Any]:
    """The event's properties, read."""
    properties = event.properties
    if isinstance(properties, dict):
        return properties
    read = msgspec.json.decode(properties)
    return read if isinstance(read, dict) else {}


def _override(values: dict[str, Any], later: Mapping[str, Any], classes: Sequence[ValueClasses]) -> bool:
    """Take over the values at which the rules look; null unsets. Returns whether any may have changed."""
    changed = False
    for some in classes:
        value = later.get(some.key, ABSENT)
        if value is ABSENT:
            continue
        changed = True
        if value is None:
            values.pop(some.key, None)
        else:
            values[some.key] = value
    return changed


def _classes(classes: Sequence[ValueClasses], values: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple([some.of(values.get(some.key, ABSENT)) for some in classes])
