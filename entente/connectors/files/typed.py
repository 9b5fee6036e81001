"""A table's cells as values: dates as instants in UTC, amounts as numbers, each under the name of its meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from entente.connectors.files.dates import parse_dates
from entente.connectors.files.meanings import DATES, NUMBERS
from entente.connectors.files.numbers import parse_numbers
from entente.connectors.files.outcomes import NO, YES
from entente.connectors.files.profile import EMAIL, Profile
from entente.connectors.files.read import ReadTable
from entente.connectors.files.table import ROW

TABLE: Final = "#table"
TRAIT: Final = "trait:"
NOBODY: Final = (
    "unassigned", "not assigned", "no owner", "nobody", "sin asignar", "no asignado", "sin propietario",
    "sin comercial", "sin responsable", "nadie",
)  # fmt: skip
"""Words for an owner that are no owner."""

INSTANTS: Final = {
    **{meaning: f"{meaning}_at" for meaning in ("created", "first_touch", "last_touch", "accepted", "rejected")},
    **{f"{end}_date": f"{end}_at" for end in ("won", "lost", "closed")},
}
"""Meanings of dates to names of columns."""


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be what its column means."""

    table: str
    row: int
    column: str
    meaning: str
    cell: str


@dataclass(slots=True)
class Typed:
    """Columns are named by meaning (`created_at`, `owner`, …) or `trait:<Header>`; `TABLE` and `ROW` say from where.

    `raw` keeps the wording of the outcome in `outcome_word`.
    """

    frame: pl.DataFrame
    bad: list[BadCell] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def typed(read: ReadTable, zone: str) -> Typed:
    """Read every column as what it means. A cell that cannot be read is null, and told in `bad`."""
    frame, bad, columns, headers = read.table.frame, [], [], {}
    for name in read.table.columns:
        meaning = read.guesses[name].meaning
        if meaning == "ignore":
            continue
        profile = read.profiles[name]
        target = INSTANTS.get(meaning, "outcome_word" if meaning == "outcome" else meaning)
        target = f"{TRAIT}{name}" if meaning == "trait" else target
        values = _values(frame[name], meaning, profile, zone)
        if meaning != "trait":
            bad += _bad_cells(read, name, meaning, values)
        columns.append(values.alias(target))
        headers[target] = name
    rows = [pl.lit(read.table.name).alias(TABLE), pl.col(ROW)]
    return Typed(frame.select(rows).with_columns(columns), bad, headers)


def _values(cells: pl.Series, meaning: str, profile: Profile, zone: str) -> pl.Series:
    if meaning in DATES:
        return _dates(cells, profile, zone)
    if meaning in NUMBERS:
        numbers = _numbers(cells, profile)
        return numbers.round(0).cast(pl.Int64, strict=False) if meaning == "touches" else numbers
    if meaning == "trait":
        return _trait(cells, profile, zone)
    return _emails(cells) if meaning == "email" else _text(cells, meaning)


def _text(cells: pl.Series, meaning: str) -> pl.Series:
    if meaning in ("lead", "deal", "account_id"):
        return _replaced(cells, r"^(\d+)\.0$", "$1")
    if meaning in ("owner", "sdr"):
        cells = cells.set(cells.str.to_lowercase().is_in(NOBODY).fill_null(value=False), None)
    return _replaced(cells, r"\s{2,}|[\t\r\n\u00a0]", " ")


def _replaced(cells: pl.Series, pattern: str, by: str) -> pl.Series:
    """The same column, not a copy of it, where nothing is to be replaced."""
    return cells.str.replace_all(pattern, by) if cells.str.contains(pattern).any() else cells


def _dates(cells: pl.Series, profile: Profile, zone: str) -> pl.Series:
    if profile.date is None:
        return pl.Series(cells.name, [None] * cells.len(), dtype=pl.Datetime("us", "UTC"))
    return parse_dates(cells, profile.date, zone)


def _numbers(cells: pl.Series, profile: Profile) -> pl.Series:
    if profile.number is None:
        return pl.Series(cells.name, [None] * cells.len(), dtype=pl.Float64())
    return cells.to_frame("cell").select(parse_numbers(pl.col("cell"), profile.number)).to_series()


def _emails(cells: pl.Series) -> pl.Series:
    """The address alone, also out of `Ann Lee <ann@x.example>` and `mailto:`; the first where there are several."""
    valid = cells.str.contains(EMAIL)
    if valid.all():
        return cells
    address = cells.str.replace(r"^.*<([^>]+)>.*$", "$1").str.replace(r"(?i)^mailto:", "")
    address = address.str.split_exact(";", 1).struct.field("field_0").str.strip_chars()
    return address.to_frame("a").select(pl.when(pl.col("a").str.contains(EMAIL)).then(pl.col("a"))).to_series()


def _trait(cells: pl.Series, profile: Profile, zone: str) -> pl.Series:
    """A number, instant or truth where (nearly) all cells are one, else the text."""
    if profile.date:
        values = parse_dates(cells, profile.date, zone)
    elif profile.number:
        values = _numbers(cells, profile)
    elif profile.kind == "bool":
        word = cells.str.to_lowercase()
        yes, no = sorted(YES | {"sí"}), sorted(NO | {"não"})
        values = pl.select(pl.when(word.is_in(yes)).then(True).when(word.is_in(no)).then(False)).to_series()
    else:
        return cells
    return values if values.count() >= 0.98 * cells.count() else cells


def _bad_cells(read: ReadTable, name: str, meaning: str, values: pl.Series) -> list[BadCell]:
    cells = read.table.frame[name]
    lost = values.is_null() & cells.is_not_null()
    if not lost.any():
        return []
    rows = read.table.frame.filter(lost).select(ROW, name).rows()
    return [BadCell(read.table.name, row, name, meaning, cell) for row, cell in rows]
