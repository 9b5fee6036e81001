"""A table as it was read: every cell a text, every column named, every row numbered as in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from entente.connectors.files.problems import Note, Reject

ROW: Final = "#row"
"""Column with the row's number in the file, counted from 1 as a spreadsheet does."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the text was cut into cells. What is None does not apply (a workbook has no delimiter)."""

    kind: str
    header_row: int
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(slots=True)
class Table:
    """`frame` has a String column a header, and `ROW`. `native` are columns whose numbers came as numbers."""

    name: str
    file: str
    frame: pl.DataFrame
    layout: Layout
    native: frozenset[str] = frozenset()
    notes: list[Note] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """The headers, in the order of the file."""
        return [name for name in self.frame.columns if name != ROW]

    def note(self, code: str, text: str, column: str | None = None) -> None:
        """Keep something to be shown beside the guess."""
        self.notes.append(Note(code, text, column))
