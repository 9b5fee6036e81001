"""Reading a tree with all mistakes kept: a Place is a node, where it stands, and the list that problems go to. Pure.

A function that reads one thing takes a Place and returns the thing, or refuses it. Who reads a list or a table goes on
with the rest, so that a person sees every mistake at once and none that only follows from another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from entente.agreements.problems import MOST, Problem
from entente.agreements.tree import Listing, Node, Scalar, Table

T = TypeVar("T")
D = TypeVar("D")


class Refused(Exception):
    """The thing at a place cannot be read; `problem` is None where why is noted already."""

    def __init__(self, problem: Problem | None) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class Place:
    """A node, the path to it, and where its problems are noted."""

    node: Node
    path: str
    problems: list[Problem]

    def refuse(self, message: str, remedy: str) -> NoReturn:
        raise Refused(Problem(self.node.line, self.path, message, remedy))

    def note(self, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.node.line, self.path, message, remedy))

    def keep(self, refused: Refused) -> None:
        if refused.problem:
            self.problems.append(refused.problem)

    def read(self, reader: Callable[[Place], T], instead: D) -> T | D:
        """What the reader makes of this place; `instead`, with the problem noted, where it refuses."""
        try:
            return reader(self)
        except Refused as refused:
            self.keep(refused)
            return instead

    def each(self, reader: Callable[[Place], T]) -> list[T]:
        """What the reader makes of every item of a list, without those that it refuses."""
        if not isinstance(self.node, Listing):
            self.refuse(f"a list is expected, not {said(self.node)}", "write it as [one, two] or as lines with '- '")
        read = []
        for number, item in enumerate(self.node.items):
            place = Place(item, f"{self.path}[{number}]", self.problems)
            try:
                read.append(reader(place))
            except Refused as refused:
                self.keep(refused)
        return read

    def some(self, reader: Callable[[Place], T], nothing: str, remedy: str) -> list[T]:
        """The same for a list that must not be empty; `nothing` says what is missing."""
        if isinstance(self.node, Listing) and not self.node.items:
            self.refuse(nothing, remedy)
        return self.each(reader)

    def fields(self, known: Sequence[str], *, required: Sequence[str] = ()) -> Fields:
        """The entries of a table whose keys are all known; problems of keys are noted."""
        table = self._table("its keys are " + ", ".join(known))
        places = self._places(table)
        meant = [self._refuse_key(table, key, known) for key in places if key not in known]
        for key in required:
            if key not in places and key not in meant:
                self.problems.append(Problem(self.node.line, join(self.path, key), "this is missing", f"add '{key}:'"))
        return Fields({key: place for key, place in places.items() if key in known}, spoiled=bool(meant))

    def _refuse_key(self, table: Table, key: str, known: Sequence[str]) -> str | None:
        """Note a key that is not known, and return the one that was probably meant."""
        line = next(written.line for written, _ in table.entries if written.text == key)
        meant = nearest_word(key, known) if len(self.problems) < MOST else None
        remedy = f"did you mean '{meant}'?" if meant else "keys here are " + ", ".join(known)
        self.problems.append(Problem(line, join(self.path, key), f"the key '{key}' is not known", remedy))
        return meant

    def named(self, name: Callable[[Place], str]) -> dict[str, Place]:
        """The entries of a table whose keys are names that a person chose; the reader `name` refuses bad ones."""
        table = self._table("write it as {name: …}")
        for key, _ in table.entries:
            Place(key, join(self.path, key.text), self.problems).read(name, "")
        return {composed(key): place for key, place in self._places(table).items()}

    def _table(self, remedy: str) -> Table:
        if not isinstance(self.node, Table):
            self.refuse(f"a table of keys and values is expected, not {said(self.node)}", remedy)
        return self.node

    def _places(self, table: Table) -> dict[str, Place]:
        lines: dict[str, int] = {}
        places: dict[str, Place] = {}
        for key, node in table.entries:
            path = join(self.path, key.text)
            if key.text in lines:
                first = f"the key '{key.text}' stands twice, first in line {lines[key.text]}"
                self.problems.append(Problem(key.line, path, first, "keep one of them"))
                continue
            lines[key.text] = key.line
            places[key.text] = Place(node, path, self.problems)
        return places

    def scalar(self, expected: str, remedy: str) -> Scalar:
        if not isinstance(self.node, Scalar) or self.node.value is None:
            self.refuse(f"{expected} is expected, not {said(self.node)}", remedy)
        return self.node


@dataclass(frozen=True)
class Fields:
    """The entries of one table; `spoiled` says that some have unknown keys, so that something may seem missing."""

    places: Mapping[str, Place]
    spoiled: bool = False

    def __contains__(self, key: str) -> bool:
        return key in self.places

    def get(self, key: str, reader: Callable[[Place], T], default: D) -> T | D:
        """What the reader makes of the entry; the default where there is none, or where it is refused."""
        place = self.places.get(key)
        return default if place is None else place.read(reader, default)

    def each(self, key: str, reader: Callable[[Place], T]) -> tuple[T, ...]:
        """The same for a list; empty where there is none."""
        return self.get(key, lambda place: tuple(place.each(reader)), ())


def join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def composed(value: str) -> str:
    """One spelling for texts that look alike (é as one character)."""
    return unicodedata.normalize("NFC", value)


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?`, or nothing where no known word is near."""
    meant = nearest_word(word, known)
    return f"did you mean '{meant}'?" if meant else ""


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    from rapidfuzz import fuzz, process, utils

    found = process.extractOne(word, list(known), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=60)
    return found[0] if found else None


def said(node: Node) -> str:
    """The node in words, for a message."""
    match node:
        case Listing():
            return "a list"
        case Table():
            return "a table"
        case Scalar(value=None):
            return "nothing"
    return f"'{node.text if len(node.text) <= 40 else node.text[:39] + '…'}'"
