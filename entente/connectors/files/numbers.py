"""Numbers as people's programs write them: decimal comma or point, thousands, currencies, percentages, brackets.

The mark is decided over a whole column, because `1,234` alone can be read both ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

Mark = Literal[".", ","]

CURRENCY: Final = (
    r"(?i)(?:R\$|US\$|MX\$|A\$|C\$|S/\.?|[€$£¥₹₽₺]"
    r"|\b(?:EUR|USD|GBP|MXN|BRL|CLP|COP|ARS|PEN|CHF|SEK|NOK|DKK|PLN|JPY|INR|CAD|AUD)\b)"
)
NUMBER: Final = (
    r"^[+-]?(?:\d+(?:[.,]\d*)?|\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d{1,3}(?:\.\d{3})+(?:,\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?$"
)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a column writes its numbers. `sure` is False where either mark would fit."""

    decimal: Mark
    percent: bool = False
    currency: str = ""
    sure: bool = True


def bare(cell: pl.Expr) -> pl.Expr:
    """The digits and marks of a cell: no currency, percent sign, blanks or apostrophes; brackets are a minus."""
    text = cell.str.replace_all(CURRENCY, "").str.replace_all(r"[\s\u00a0\u202f'\u2019%]", "")
    text = text.str.replace(r"^\((.+)\)$", "-$1").str.replace(r"^([^-].*)-$", "-$1")
    return text.str.replace("^\u2212", "-")


def looks_like_number(cell: pl.Expr) -> pl.Expr:
    """Whether each cell is written as a number, whatever the mark."""
    return bare(cell).str.contains(NUMBER)


def guess_number_format(cells: pl.Series, native: bool = False) -> NumberFormat | None:
    """The format of a column, None where fewer than 95 % of its cells are numbers. `cells` has no nulls."""
    some = cells.head(20_000).alias("cell")
    frame = some.to_frame().with_columns(bare(pl.col("cell")).alias("bare"))
    frame = frame.with_columns(pl.col("bare").str.contains(NUMBER).alias("is_number"))
    if not some.len() or (frame["is_number"].sum() / some.len()) < 0.95:
        return None
    numbers = frame.filter("is_number")
    percent = bool(numbers["cell"].str.contains("%").sum() >= 0.5 * numbers.height)
    currency = numbers["cell"].str.extract(f"({CURRENCY})").drop_nulls()
    symbol = str(currency.mode()[0]) if currency.len() else ""
    if native:
        return NumberFormat(".", percent, symbol)
    mark, sure = _mark(numbers["bare"])
    return NumberFormat(mark, percent, symbol, sure)


def _mark(numbers: pl.Series) -> tuple[Mark, bool]:
    """The decimal mark that more cells prove; `sure` is False when none does."""

    def count(pattern: str) -> int:
        return int(numbers.str.contains(pattern).sum())

    lone = r"^[+-]?(?:\d*{m}(?:\d{{0,2}}|\d{{4,}})|0{m}\d+|\d{{4,}}{m}\d*|{m}\d+)(?:[eE].*)?$"
    comma = count(r"\..*,") + count(r"\.\d{3}\.") + count(lone.format(m=","))
    point = count(r",.*\.") + count(r",\d{3},") + count(lone.format(m=r"\."))
    if comma or point:
        return (",", True) if comma > point else (".", True)
    return ".", not count("[.,]")


def parse_numbers(cell: pl.Expr, number: NumberFormat) -> pl.Expr:
    """Float64; null where a cell is not a number in this format. Percentages stay as written (`12 %` is 12)."""
    text = bare(cell)
    if number.decimal == ",":
        fits = text.str.contains(r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d{1,3})?$")
        plain = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    else:
        fits = text.str.contains(r"^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?$")
        plain = text.str.replace_all(",", "", literal=True)
    value = plain.cast(pl.Float64, strict=False)
    return pl.when(fits & value.is_finite()).then(value)
