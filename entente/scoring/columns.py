"""Columns of a log as numbers: a chunk of persons, classes for texts, the distinct rows of a small table. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

ONE_AT_A_TIME: Final = RLock()
"""Held while classes and names are numbered: chunks are worked on by several threads, their numbers are shared."""


class OutOfOrder(Exception):
    """The rows of a log do not lie in the order of person, time, message id and source."""


class Chunk(NamedTuple):
    """Some persons' rows of the log. Rows count from 0; ``start`` is the first one's number in the log.

    Person ``p``'s rows are ``first[p]`` up to ``first[p + 1]``; times are in µs. ``tied`` are the rows of the same
    person and time as the row before.
    """

    start: int
    table: pa.Table
    persons: NDArray[np.int64]
    at: NDArray[np.int64]
    first: NDArray[np.int64]
    marked: NDArray[np.bool_]
    tied: NDArray[np.int64]


def chunk_of(start: int, table: pa.Table) -> Chunk:
    """Find where persons begin and which events are marked. Raises OutOfOrder where rows do not lie in order."""
    from entente.scoring.passes import look_at_times

    at = np.asarray(table["occurred_at"].to_numpy())
    first, persons, ordered = _persons(table["person"])
    marked = np.zeros(len(at), np.bool_)
    if any(text for piece in table["mark"].chunks for text in piece.dictionary.to_pylist()):
        marked = codes_of(table["mark"], lambda mark: int(bool(mark)), np.bool_)
    ordered_in_time, tied = look_at_times(first, at)
    if not (ordered and ordered_in_time):
        raise OutOfOrder
    return Chunk(start, table, persons, at, first, marked, tied)


def _persons(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    """The rows at which persons begin with the number of rows, the persons, and whether they rise."""
    from entente.scoring.passes import starts

    found: list[NDArray[np.int64]] = []
    persons: list[NDArray[np.int64]] = []
    offset = 0
    for piece in column.chunks:  # piece by piece: to copy so much memory costs more than to look at it
        person = np.asarray(piece.to_numpy())
        rows = starts(person, persons[-1][-1] if persons else -1)
        if len(rows):
            found.append(rows + offset)
            persons.append(person[rows])
        offset += len(person)
    who = np.concatenate(persons) if persons else np.zeros(0, np.int64)
    return np.concatenate([*found, [offset]]).astype(np.int64), who, bool((who[1:] > who[:-1]).all())


class Numbers:
    """Numbers for classes, in the order in which they come, each with a text that is a member."""

    def __init__(self) -> None:
        self._of: dict[Hashable, int] = {}
        self.texts: list[str] = []

    def number(self, class_: Hashable, text: str) -> int:
        """The number of the class of which the text is a member."""
        known = self._of.get(class_)
        if known is None:
            known = self._of[class_] = len(self.texts)
            self.texts.append(text)
        return known


def codes_of(column: pa.ChunkedArray, number: Callable[[str | None], int], dtype: Any = np.int32) -> NDArray[Any]:
    """A number for each value of a dictionary-coded column; ``number`` is asked once for each distinct text."""
    from entente.scoring.passes import map_through

    out = np.empty(len(column), dtype)
    if not len(column):
        return out
    column = column.unify_dictionaries()
    texts = column.chunk(0).dictionary.to_pylist()
    with ONE_AT_A_TIME:
        table = np.array([*map(number, texts), number(None) if column.null_count else 0], dtype)
    start = 0
    for piece in column.chunks:
        codes = piece.indices.fill_null(len(texts)) if piece.indices.null_count else piece.indices
        map_through(np.asarray(codes.to_numpy()), table, out[start : start + len(piece)])
        start += len(piece)
    return out


def said_codes(
    column: pa.ChunkedArray, number: Callable[[str | None], int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows at which a dictionary-coded column says something, and the number of what it says."""
    row = np.asarray(pc.indices_nonzero(column.is_valid()).to_numpy()).astype(np.int64)
    return row, codes_of(column.drop_null() if len(row) < len(column) else column, number, np.int64)


def distinct_rows(table: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the distinct rows of a table of small numbers from 0: the number of each row, and the rows by number."""
    numbers = np.zeros(len(table), np.int64)
    for column in table.T:
        numbers = _numbered(numbers * (int(column.max(initial=0)) + 1) + column)
    first = np.zeros(int(numbers.max(initial=-1)) + 1, np.int64)
    first[numbers[::-1]] = np.arange(len(table))[::-1]
    return numbers, table[first].astype(np.int64)


def _numbered(values: NDArray[np.int64]) -> NDArray[np.int64]:
    codes = pa.array(values).dictionary_encode().indices
    return np.asarray(codes.to_numpy()).astype(np.int64)
