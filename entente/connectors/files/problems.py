"""What can be wrong with a file, said to the person who gave it: what, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


class FileProblem(Exception):
    """A file cannot be read at all. The message names the file, what is wrong with it, and the remedy."""

    def __init__(self, file: str, what: str, remedy: str) -> None:
        super().__init__(f"{file}: {what}. {remedy}")
        self.file = file
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was guessed or set right while reading, to be shown beside the guess."""

    code: str
    text: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that does not go in. `row` counts from 1 as a spreadsheet shows it; `cells` are as they stood."""

    table: str
    row: int
    reason: str
    cells: tuple[str, ...] = ()
