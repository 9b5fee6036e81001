"""Which identifiers belong to one person, decided from what identify and alias calls have said.

The answer is a function of the set of links, whatever the order in which they arrived:

- a user id and an e-mail that were named together are one person, and so are the two ids of an alias call;
- an anonymous id belongs to the person of its earliest link, and makes one of two persons only while at most one of
  them has a user id of their own;
- an anonymous id that met more than three user ids, or more than three e-mails, is a device that people share: it
  joins nobody and is a visitor of its own.

"Earliest" is by time, then message id, then source. Pure: no Django here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final

MOST_MET: Final = 3
"""An anonymous id that met more user ids (or e-mails) than this is shared."""

JOINS: Final = "joins"  # a user id and an e-mail, or two that an alias call made one
BELONGS: Final = "belongs"  # b is an anonymous id, named beside a
ALIAS: Final = "alias"  # b is a previous id, taken as a user id: it counts unless b is known only as an anonymous id


@dataclass(frozen=True, slots=True)
class Link:
    """Two identifiers that a call named together, and the call: its time, message id and source."""

    kind: str
    a: str
    b: str
    occurred_at: datetime
    message_id: str
    source: str

    @property
    def order(self) -> tuple[datetime, str, str, str, str, str]:
        """The canonical order of links."""
        return self.occurred_at, self.message_id, self.source, self.kind, self.a, self.b


@dataclass(frozen=True, slots=True)
class Partition:
    """Blocks of identifiers, each one person; the shared anonymous ids among them; the links that joined blocks."""

    blocks: list[frozenset[str]]
    shared: frozenset[str]
    joining: list[Link]


def partition(
    links: Iterable[Link], identifiers: Iterable[str], seen: Set[str], known_shared: Set[str] = frozenset()
) -> Partition:
    """Divide ``identifiers``, and those that the links name, into persons.

    ``seen`` are the identifiers that events carried as their own; the others were only named by alias calls.
    ``known_shared`` are anonymous ids that are shared by links which are not given here.
    """
    counted = sorted((link for link in links if _counts(link, seen)), key=lambda link: link.order)
    shared = _shared(counted) | known_shared
    union = _Union(identifiers)
    for link in counted:
        if link.kind != BELONGS:
            union.join(link)
    for link in counted:
        if link.kind == BELONGS and link.b not in shared and not union.both_have_users(link.a, link.b):
            union.join(link)
    for link in counted:
        union.add(link.a)
        union.add(link.b)
    return Partition(union.blocks(), frozenset(shared), union.joining)


def _counts(link: Link, seen: Set[str]) -> bool:
    if link.kind != ALIAS or link.b in seen:
        return True
    return "anon:" + link.b.removeprefix("user:") not in seen


def _shared(links: list[Link]) -> frozenset[str]:
    met: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for link in links:
        if link.kind == BELONGS:
            met[link.b, link.a.startswith("user:")].add(link.a)
    return frozenset(anonymous for (anonymous, _), others in met.items() if len(others) > MOST_MET)


class _Union:
    """Disjoint sets that know whether they hold a user id."""

    def __init__(self, identifiers: Iterable[str]) -> None:
        self.parent: dict[str, str] = {}
        self.has_user: dict[str, bool] = {}
        self.joining: list[Link] = []
        for identifier in identifiers:
            self.add(identifier)

    def add(self, identifier: str) -> None:
        if identifier not in self.parent:
            self.parent[identifier] = identifier
            self.has_user[identifier] = identifier.startswith("user:")

    def root(self, identifier: str) -> str:
        self.add(identifier)
        while (above := self.parent[identifier]) != identifier:
            self.parent[identifier] = identifier = self.parent[above]
        return identifier

    def both_have_users(self, a: str, b: str) -> bool:
        return self.has_user[self.root(a)] and self.has_user[self.root(b)]

    def join(self, link: Link) -> None:
        a, b = self.root(link.a), self.root(link.b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)
            self.has_user[min(a, b)] = self.has_user[a] or self.has_user[b]
            self.joining.append(link)

    def blocks(self) -> list[frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for identifier in list(self.parent):
            found[self.root(identifier)].add(identifier)
        return [frozenset(block) for block in found.values()]
