"""Spreadsheets (XLSX, XLS, ODS) by calamine: cells as they are stored; no formula or link is ever evaluated.

A sheet is a dense rectangle in memory, so two cells in far corners are an attack; its true extent is measured before.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

import polars as pl
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from entente.connectors.files import limits
from entente.connectors.files.containers import EXPORT_AGAIN, Source
from entente.connectors.files.layout import find_header, unique_headers
from entente.connectors.files.problems import FileProblem
from entente.connectors.files.table import ROW, Layout, Table

SAMPLE_ROWS: Final = 300
CELL_REFERENCE: Final = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
ROW_REFERENCE: Final = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')


def read_workbook(source: Source, sheets: dict[str, int | None] | None = None) -> list[Table]:
    """One table for each visible sheet that has one. `sheets` names those to read and the row of their header."""
    _refuse_vast(source)
    try:
        with source.open() as stream:
            book = CalamineWorkbook.from_filelike(stream)
            return [table for name in _wanted(source, book, sheets) if (table := _table(source, book, name, sheets))]
    except PasswordError as error:
        what = "the workbook is protected by a password"
        raise FileProblem(source.name, what, "Open it, remove the password, and save a copy") from error
    except (CalamineError, OSError, ValueError) as error:
        raise FileProblem(
            source.name, "the workbook is damaged or of a kind that cannot be read", EXPORT_AGAIN
        ) from error


def _wanted(source: Source, book: CalamineWorkbook, sheets: dict[str, int | None] | None) -> list[str]:
    visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    if len(visible) > limits.SHEETS:
        raise FileProblem(source.name, f"it has {len(visible)} sheets, the limit is {limits.SHEETS}", "Save one sheet")
    for name in sheets or {}:
        if name not in book.sheet_names:
            known = ", ".join(f"'{known}'" for known in book.sheet_names)
            raise FileProblem(source.name, f"it has no sheet '{name}'", f"Its sheets are {known}")
    return [name for name in book.sheet_names if name in (sheets if sheets else visible)]


def _table(source: Source, book: CalamineWorkbook, name: str, sheets: dict[str, int | None] | None) -> Table | None:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height * sheet.total_width > limits.WORKBOOK_CELLS or sheet.total_width > limits.COLUMNS:
        what = f"the sheet '{name}' is {sheet.total_height:,} rows by {sheet.total_width:,} columns"
        raise FileProblem(source.name, what, "Delete what is far outside the table, or save it as CSV")
    sample = [[_text(cell) for cell in row] for row in islice(_rows(sheet), SAMPLE_ROWS)]
    if not any(cell for row in sample for cell in row):
        return None
    wanted = (sheets or {}).get(name)
    header = find_header(sample) if wanted is None else wanted - 1 if wanted else None
    top = sample[header] if header is not None else [""] * len(sample[0])
    width = _width(sample)
    names, changed = unique_headers((list(top) + [""] * width)[:width])
    begin = header + 1 if header is not None else 0
    frame, native = _frame(sheet, names, begin)
    file_sheet = f"{source.name}: {name}" if len(book.sheet_names) > 1 else source.name
    table = Table(
        file_sheet, source.name, frame, Layout(source.kind, begin if header is not None else 0, sheet=name), native
    )
    for text in changed:
        table.note("duplicate_header", text)
    if header:
        table.note("header_row", f"the header is in row {header + 1}; what stands above it is left out")
    return table


def _rows(sheet: CalamineSheet) -> Iterator[Sequence[Any]]:
    """Rows from the first of the sheet on, empty ones above the table included."""
    return iter(sheet.iter_rows())


def _width(sample: list[list[str]]) -> int:
    return max((position + 1 for row in sample for position, cell in enumerate(row) if cell), default=1)


def _frame(sheet: CalamineSheet, names: list[str], begin: int) -> tuple[pl.DataFrame, frozenset[str]]:
    """Every cell as a text; `native` are the columns that hold real numbers, which so have a decimal point."""
    columns: list[list[str | None]] = [[] for _ in names]
    native: set[int] = set()
    for row in islice(_rows(sheet), begin, None):
        for position, column in enumerate(columns):
            cell = row[position] if position < len(row) else ""
            if isinstance(cell, float | int) and not isinstance(cell, bool):
                native.add(position)
            column.append(_text(cell) or None)
    frame = pl.DataFrame(dict(zip(names, columns, strict=True)), schema=dict.fromkeys(names, pl.String()))
    numbers = pl.int_range(begin + 1, begin + 1 + frame.height, dtype=pl.UInt32)
    frame = frame.with_columns(numbers.alias(ROW))
    return frame, frozenset(names[position] for position in native)


def _text(cell: Any) -> str:
    """A cell as it would stand in a clean CSV file."""
    match cell:
        case str():
            text = cell.strip(" \t\r\n\u00a0\ufeff\u200b\0")
        case bool():
            text = "true" if cell else "false"
        case float():
            text = str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime():
            text = cell.isoformat(sep=" ")
        case timedelta():
            text = str(cell.total_seconds() / 86400)
        case None:
            text = ""
        case _:
            text = str(cell)
    return text


def _refuse_vast(source: Source) -> None:
    if source.kind == "xlsx":
        _refuse_far_cells(source)
    if source.kind == "ods":
        _refuse_repeats(source)


def _refuse_far_cells(source: Source) -> None:
    with source.open() as stream, zipfile.ZipFile(stream) as archive:
        for member in archive.namelist():
            if member.startswith("xl/worksheets/") and member.endswith(".xml"):
                height, width = _extent(archive, member)
                if height * width > limits.WORKBOOK_CELLS:
                    what = f"a sheet spans {height:,} rows by {width:,} columns"
                    raise FileProblem(source.name, what, "Delete what is far outside the table, or save it as CSV")


def _extent(archive: zipfile.ZipFile, member: str) -> tuple[int, int]:
    """Rows and columns that a sheet's cells claim, read without building the sheet."""
    height, width, rest = 1, 1, b""
    with archive.open(member) as stream:
        while chunk := stream.read(4 * limits.MEGABYTE):
            text = rest + chunk
            height = max(height, max(map(int, ROW_REFERENCE.findall(text)), default=1))
            letters = {column for column, _ in CELL_REFERENCE.findall(text)}
            width = max(width, max(map(_column_number, letters), default=1))
            rest = text[-200:]
    return height, width


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _refuse_repeats(source: Source) -> None:
    """In ODS a cell can claim to be repeated a million times; honest files repeat only empty ones so often."""
    with source.open() as stream, zipfile.ZipFile(stream) as archive:
        content = archive.read("content.xml") if "content.xml" in archive.namelist() else b""
    cells = 0
    for row in re.finditer(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", content, re.DOTALL):
        rows = int(match.group(1)) if (match := re.search(rb'rows-repeated="(\d+)"', row.group(1))) else 1
        filled = [c for c in re.findall(rb"<table:table-cell\b[^>]*>", row.group(2)) if b"value-type" in c]
        wide = sum(int(m.group(1)) if (m := re.search(rb'columns-repeated="(\d+)"', c)) else 1 for c in filled)
        cells += rows * wide
        if cells > limits.WORKBOOK_CELLS:
            raise FileProblem(source.name, "it repeats cells millions of times", EXPORT_AGAIN)
