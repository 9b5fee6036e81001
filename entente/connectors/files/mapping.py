"""The mapping file: what a person changes in the guess, small enough to be read at a glance.

    format: 1
    timezone: Europe/Madrid
    missing: [Pendiente]
    outcomes: {won: [Cliente], lost: [Baja]}
    files:
      - file: leads*.csv
        columns:
          Fecha alta: created
          Importe: {meaning: amount, decimal: ","}
          Notas: ignore

Only what is named is fixed; the rest stays guessed. A mapping that is wrong is refused with every error at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from entente.connectors.files.dates import DateFormat, Order, parse_dates
from entente.connectors.files.delimited import Cut
from entente.connectors.files.meanings import DATES, NUMBERS
from entente.connectors.files.numbers import NumberFormat
from entente.connectors.files.profile import Profile

DATE_WORDS: Final[dict[str, Order]] = {
    "day first": "dmy",
    "month first": "mdy",
    "year first": "ymd",
    "month by name": "name",
    "excel": "serial",
    "seconds": "seconds",
    "milliseconds": "milliseconds",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a mapping: the line (0 where there is none), what, and what would be right."""

    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}. {self.remedy}" if self.line else f"{self.what}. {self.remedy}"


class MappingProblem(Exception):
    """A mapping is refused; `faults` has all that is wrong with it."""

    def __init__(self, faults: Sequence[Fault], name: str = "mapping") -> None:
        super().__init__(f"{name} is not right:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What a person says about a column; None leaves it to the guess."""

    meaning: str | None = None
    dates: Order | None = None
    decimal: str | None = None
    line: int = 0

    def apply(self, profile: Profile) -> Profile:
        """The column's profile with the formats that were chosen."""
        if self.dates:
            old = profile.date
            date = DateFormat(self.dates, old.has_time if old else True, bool(old and old.has_zone))
            return replace(profile, kind="date", date=date, number=None)
        if self.decimal:
            old_number = profile.number or NumberFormat(".")
            number = NumberFormat("," if self.decimal == "," else ".", old_number.percent, old_number.currency)
            return replace(profile, kind="number", number=number, date=None)
        return profile


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What a person says about one file or sheet."""

    file: str = "*"
    sheet: str | None = None
    cut: Cut = field(default_factory=Cut)
    columns: dict[str, ColumnMapping] = field(default_factory=dict)
    line: int = 0

    def is_for(self, file: str, sheet: str | None) -> bool:
        """Whether it speaks of this table. Names are compared as shell patterns, without case."""
        fits = fnmatch(file.lower(), Path(self.file).name.lower())
        return fits and (self.sheet is None or sheet is None or self.sheet == sheet)


@dataclass(frozen=True, slots=True)
class Mapping:
    """All that a person fixed; an empty one leaves everything to the guess."""

    timezone: str | None = None
    missing: frozenset[str] = frozenset()
    outcomes: dict[str, str] = field(default_factory=dict)
    tables: tuple[TableMapping, ...] = ()

    def table(self, file: str, sheet: str | None) -> TableMapping | None:
        """What is said about a table."""
        return next((table for table in self.tables if table.is_for(file, sheet)), None)

    def sheets(self, file: str) -> dict[str, int | None]:
        """Sheets of a workbook that are named, with the row of their header; empty leaves them to be found."""
        named = [table for table in self.tables if table.sheet and table.is_for(file, None)]
        return {table.sheet: table.cut.header_row for table in named if table.sheet}

    def check(self, tables: Iterable[tuple[str, str | None, Sequence[str], dict[str, Profile]]]) -> None:
        """Refuse columns and files that are not there, and formats that do not fit. Raises `MappingProblem`."""
        faults: list[Fault] = []
        seen: set[int] = set()
        files: list[str] = []
        for file, sheet, headers, profiles in tables:
            files.append(file)
            mapped = self.table(file, sheet)
            if mapped:
                seen.add(self.tables.index(mapped))
                faults += _column_faults(mapped, headers, profiles)
        for position, mapped in enumerate(self.tables):
            if position not in seen:
                known = ", ".join(f"'{file}'" for file in dict.fromkeys(files))
                faults.append(Fault(mapped.line, f"no file is called '{mapped.file}'", f"The files are {known}"))
        if faults:
            raise MappingProblem(faults)


def _column_faults(mapped: TableMapping, headers: Sequence[str], profiles: dict[str, Profile]) -> Iterable[Fault]:
    """`profiles` are those of the cells, before the mapping changes anything in them."""
    for name, column in mapped.columns.items():
        if name not in headers:
            yield Fault(column.line, f"there is no column '{name}' in '{mapped.file}'", did_you_mean(name, headers))
            continue
        profile = profiles[name]
        if column.dates and not _dates_fit(column.dates, profile):
            what = f"the cells of '{name}' are not written so ({_shown(profile)})"
            known = profile.date.describe() if profile.date else "no dates"
            yield Fault(column.line, what, f"They look like: {known}")
        elif column.meaning in DATES and column.apply(profile).kind not in ("date", "empty"):
            yield Fault(column.line, f"the cells of '{name}' are no dates ({_shown(profile)})", "Choose another column")
        if column.meaning in NUMBERS and column.apply(profile).kind not in ("number", "empty"):
            yield Fault(
                column.line, f"the cells of '{name}' are no numbers ({_shown(profile)})", "Choose another column"
            )


def _dates_fit(order: Order, profile: Profile) -> bool:
    if profile.date and profile.date.sure and not profile.date.mixed:
        return profile.date.order == order
    read = parse_dates(pl.Series(list(profile.examples), dtype=pl.String()), DateFormat(order), "UTC")
    return profile.kind == "empty" or read.count() > 0


def _shown(profile: Profile) -> str:
    return ", ".join(f"'{example}'" for example in profile.examples[:2]) or "all empty"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for a word that is not known."""
    choices = list(known)
    lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.5)
    return f"Did you mean '{lower[close[0]]}'?" if close else "Known are: " + ", ".join(f"'{c}'" for c in choices[:40])


def is_timezone(name: str) -> bool:
    """Whether the machine knows a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
