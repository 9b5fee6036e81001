"""Where the table begins and ends on the sheet: titles above the header, totals and footers under the last row."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

import polars as pl

from entente.connectors.files.table import ROW, Table

Row = Sequence[str]

LOOK_AT: Final = 40
"""A header is looked for in so many rows from the top."""

TAIL: Final = 12
TOTAL: Final = re.compile(
    r"^(grand\s+|sub\s*)?(totals?|totales|suma|sum|average|promedio|media|count|recuento)\b"
    r"|^total\s+(general|records|registros|rows|filas)\b",
    re.IGNORECASE,
)
NOT_A_NAME: Final = re.compile(r"^[\s\d.,:/%+€$£()-]+$|^[^@\s]+@[^@\s]+\.\w+$|^\d{4}-\d\d-\d\dT?")


def find_header(rows: Sequence[Row]) -> int | None:
    """Index of the row that names the columns, None where the first full row is data already."""
    top = rows[:LOOK_AT]
    width = _usual_width(rows)
    full = [index for index, row in enumerate(top) if _filled(row) >= max(1, 0.6 * width)]
    if width > 1:
        full = [index for index in full if _filled(top[index]) > 1] or full
    for index in full:
        if _names_columns(top[index]):
            return index
        if _is_data(top[index]):
            return None
    return full[0] if full else None


def _usual_width(rows: Sequence[Row]) -> int:
    widths = Counter(_filled(row) for row in rows if _filled(row))
    if not widths:
        return 1
    common = widths.most_common(1)[0][1]
    return max(width for width, count in widths.items() if count >= max(1, common * 0.5))


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def _names_columns(row: Row) -> bool:
    """A header is words, mostly different ones, none of them a value such as a date or an address."""
    cells = [cell.strip() for cell in row if cell.strip()]
    words = [cell for cell in cells if not NOT_A_NAME.match(cell)]
    return bool(cells) and len(words) >= 0.85 * len(cells) and len({w.lower() for w in words}) >= 0.5 * len(words)


def _is_data(row: Row) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    return sum(1 for cell in cells if NOT_A_NAME.match(cell)) >= max(1, 0.25 * len(cells))


def unique_headers(cells: Row) -> tuple[list[str], list[str]]:
    """Names for the columns, none empty and none twice, and what had to be changed for that, in words."""
    names: list[str] = []
    changed: list[str] = []
    taken: set[str] = {ROW}
    for position, cell in enumerate(cells, start=1):
        given = " ".join(unicodedata.normalize("NFC", cell).replace("\0", "").split())
        name = given or f"Column {position}"
        number = 2
        while name in taken:
            name, number = f"{given or f'Column {position}'} ({number})", number + 1
        taken.add(name)
        names.append(name)
        if given and name != given:
            changed.append(f"the header '{given}' stands more than once; column {position} is called '{name}'")
    return names, changed


def drop_empty(table: Table) -> None:
    """Take out rows and unnamed columns in which nothing is written."""
    nothing = [name for name in table.columns if table.frame[name].null_count() == table.frame.height]
    unnamed = [name for name in nothing if re.fullmatch(r"Column \d+", name)]
    table.frame = table.frame.drop(unnamed)
    if table.columns:
        table.frame = table.frame.filter(~pl.all_horizontal(pl.col(table.columns).is_null()))


def trim_tail(table: Table) -> None:
    """Take off totals and footers at the end, and say so."""
    columns = table.columns
    if len(columns) < 2 or table.frame.height < 3:
        return
    tail = table.frame.tail(TAIL)
    body = table.frame.head(max(1, table.frame.height - TAIL))
    usual = sum(body[name].count() for name in columns) / body.height
    dropped = 0
    for row in reversed(tail.select(columns).rows()):
        cells = [cell for cell in row if cell]
        if not _is_footer(cells, row[0], usual):
            break
        dropped += 1
    if dropped and dropped < table.frame.height:
        first = tail.select(columns).row(tail.height - dropped)
        table.frame = table.frame.head(table.frame.height - dropped)
        text = " ".join(cell for cell in first if cell)[:60]
        table.note("footer", f"the last {dropped} rows are totals or a footer and are left out ('{text}')")


def _is_footer(cells: list[str], first: str | None, usual: float) -> bool:
    if cells and TOTAL.match(cells[0].strip()) and len(cells) < max(2.0, usual):
        return True
    return len(cells) == 1 and usual >= 3 and first is not None and len(first) > 12 and " " in first
