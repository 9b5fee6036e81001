"""What is wrong with a document: every mistake with its place and its remedy, all at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `line` counts from 1 (0 where there is no text); `path` is empty for the whole file."""

    line: int
    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.path) if part)
        return f"{place}: {self.message}; {self.remedy}" if place else f"{self.message}; {self.remedy}"

    def as_data(self) -> dict[str, object]:
        return {"line": self.line, "path": self.path, "message": self.message, "remedy": self.remedy}


MOST: Final = 200


class AgreementError(Exception):
    """The document is refused; `problems` has every reason, in the order of the lines (the first MOST of them)."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        in_order = sorted(problems, key=lambda problem: problem.line)
        self.problems = in_order[:MOST]
        if len(in_order) > MOST:
            more = f"there are {len(in_order) - MOST:,} more mistakes after these"
            self.problems.append(Problem(in_order[MOST].line, "", more, "this is probably not an agreement"))
        super().__init__("\n".join(str(problem) for problem in self.problems))
