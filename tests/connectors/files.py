"""Small files as people have them, made on the spot."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from entente.connectors.files import read_history
from entente.connectors.files.read import ReadTable, read_tables
from entente.evidence.history import History

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """A text file; the text is stripped of the blank first line and the indentation that tests give it."""
    lines = text.strip("\n").splitlines()
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    path = folder / name
    path.write_bytes(("\n".join(line[indent:] for line in lines) + "\n").encode(encoding))
    return path


def read_one(path: Path) -> ReadTable:
    """The only table of a file, understood."""
    (read,) = read_tables([path])
    return read


def meanings(path: Path) -> dict[str, str]:
    """Header to meaning, traits left out."""
    return {name: guess.meaning for name, guess in read_one(path).guesses.items() if guess.meaning != "trait"}


def rows(history: History, *columns: str) -> list[tuple[Any, ...]]:
    """Values of some columns, in the order of the file."""
    return history.leads.select(columns).rows()


def codes(history: History) -> dict[str, int]:
    """Warnings: code to count."""
    return {warning.code: warning.count for warning in history.warnings}


def history(*paths: Path, mapping: Path | None = None) -> History:
    return read_history(list(paths), mapping)


def workbook(folder: Path, name: str, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """An XLSX workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, cells in sheets.items():
        sheet = book.create_sheet(title)
        for row in cells:
            sheet.append(list(row))
    path = folder / name
    book.save(path)
    return path


def ods(folder: Path, name: str, cells: Sequence[Sequence[Any]]) -> Path:
    """An OpenDocument spreadsheet of one sheet."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    sheet = Table(name="Sheet1")
    for row in cells:
        line = TableRow()
        for value in row:
            if isinstance(value, int | float):
                cell = TableCell(valuetype="float", value=value)
            else:
                cell = TableCell(valuetype="string")
            cell.addElement(P(text=str(value)))
            line.addElement(cell)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    path = folder / name
    book.save(str(path))
    return path


def old_workbook(folder: Path, name: str, cells: Sequence[Sequence[str | float]]) -> Path:
    """An XLS workbook (BIFF8), the least that a reader takes."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def cell(row: int, column: int, value: str | float) -> bytes:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            return record(0x0204, place + struct.pack("<HB", len(value), 1) + text)
        return record(0x0203, place + struct.pack("<d", value))

    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet = (
        begin + b"".join(cell(r, c, v) for r, row in enumerate(cells) for c, v in enumerate(row)) + record(0x0A, b"")
    )
    globals_begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    codepage = record(0x42, struct.pack("<H", 1200))
    title = b"Sheet1"
    bound_size = 4 + 4 + 2 + 2 + len(title)
    start = len(globals_begin) + len(codepage) + bound_size + 4
    bound = record(0x85, struct.pack("<IHBB", start, 0, len(title), 0) + title)
    path = folder / name
    path.write_bytes(compound("Workbook", globals_begin + codepage + bound + record(0x0A, b"") + sheet))
    return path


def compound(stream: str, content: bytes) -> bytes:
    """An OLE compound file with one stream, large enough to live outside the mini stream."""
    content = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
    sectors = len(content) // 512
    end, free, fat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    chain = [fat_mark, end, *range(3, 2 + sectors), end]
    fat = b"".join(struct.pack("<I", chain[i] if i < len(chain) else free) for i in range(128))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0)
    header = header.ljust(512, b"\xff")

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        title = (name + "\0").encode("utf-16-le")
        body = title.ljust(64, b"\0") + struct.pack("<HBBIII", len(title), kind, 1, free, free, child)
        return body + bytes(36) + struct.pack("<IQ", first, size)

    blank = bytes(64) + struct.pack("<HBBIII", 0, 0, 0, free, free, free) + bytes(48)
    directory = entry("Root Entry", 5, 1, end, 0) + entry(stream, 2, free, 2, len(content)) + blank * 2
    return header + fat + directory + content
