"""Text files: which character separates the cells, and reading them at the speed of Arrow.

A row with too many cells is rejected, one with too few is filled up; both are said. Nothing is lost in silence.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from entente.connectors.files import limits
from entente.connectors.files.containers import Source
from entente.connectors.files.encodings import guess_encoding
from entente.connectors.files.layout import find_header, unique_headers
from entente.connectors.files.problems import FileProblem, Reject
from entente.connectors.files.table import ROW, Layout, Table

DELIMITERS: Final = (",", ";", "\t", "|")
NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
SAMPLE_CHARACTERS: Final = 256 * 1024
SAMPLE_ROWS: Final = 300
BLOCK: Final = 8 * limits.MEGABYTE


@dataclass(frozen=True, slots=True)
class Cut:
    """What a person can fix about how the text is cut into cells; None is guessed."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None


@dataclass(frozen=True, slots=True)
class _Layout:
    """How to cut the text, the names of the columns, and how many lines stand above the first row."""

    encoding: str
    delimiter: str
    names: list[str]
    skip: int


@dataclass(slots=True)
class _Ragged:
    """Gathers the rows that do not have as many cells as the header, while Arrow reads."""

    width: int
    delimiter: str
    short: list[tuple[int, list[str]]] = field(default_factory=list)
    long: list[tuple[int, list[str]]] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)

    def __call__(self, row: arrow_csv.InvalidRow) -> str:
        cells = next(csv.reader([row.text], delimiter=self.delimiter), []) if row.text.strip() else []
        if not any(cell.strip() for cell in cells):
            self.blank.append(row.number)
        elif not any(cell.strip() for cell in cells[self.width :]):
            self.short.append((row.number, (cells + [""] * self.width)[: self.width]))
        else:
            self.long.append((row.number, cells))
        return "skip"

    @property
    def skipped(self) -> list[int]:
        """Row numbers that Arrow did not return."""
        return [*self.blank, *(number for number, _ in self.short), *(number for number, _ in self.long)]


def read_delimited(source: Source, cut: Cut | None = None) -> Table:
    """The table of a text file. Raises `FileProblem`."""
    cut = cut or Cut()
    encoding = cut.encoding or _encoding(source)
    sample = _sample(source, encoding)
    delimiter = cut.delimiter or guess_delimiter(sample)
    rows, ends = _sample_rows(sample, delimiter)
    header = _header_index(source, rows, cut)
    first = rows[header] if header is not None else rows[_first_filled(rows)]
    names, changed = unique_headers(first if header is not None else [""] * len(first))
    names = [*names, *(f"Column {n + 1}" for n in range(len(names), _widest(rows, header)))]
    if len(names) > limits.COLUMNS:
        raise FileProblem(source.name, f"it has {len(names)} columns, the limit is {limits.COLUMNS}", "Export fewer")
    skip = ends[header] if header is not None else 0
    ragged = _Ragged(len(names), delimiter)
    frame = _read(source, _Layout(encoding, delimiter, names, skip), ragged)
    table = Table(
        name=source.name,
        file=source.name,
        frame=frame,
        layout=Layout("text", (header + 1) if header is not None else 0, encoding, delimiter),
    )
    _tell(table, changed, ragged, header)
    _tell_of_an_unclosed_quote(source, table)
    return table


def _encoding(source: Source) -> str:
    with source.open() as stream:
        return guess_encoding(stream)


def _sample(source: Source, encoding: str) -> str:
    try:
        with source.open() as raw, io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="") as text:
            return text.read(SAMPLE_CHARACTERS)
    except LookupError as error:
        raise FileProblem(source.name, f"no such encoding: {encoding}", "Use for example utf-8 or cp1252") from error


def guess_delimiter(sample: str) -> str:
    """The character that cuts most rows into the same number of cells, more than one."""
    first = sample[:20].splitlines()
    if first and first[0].lower().startswith("sep=") and len(first[0]) == 5:
        return first[0][4]
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> float:
    """Share of rows with the usual width, less what still holds another delimiter; 0 where nothing is cut."""
    rows = [row for row in _sample_rows(sample, delimiter)[0] if any(cell.strip() for cell in row)]
    if not rows:
        return 0.0
    width, count = (
        Counter(len(row) for row in rows if len(row) > 1).most_common(1)[0]
        if any(len(row) > 1 for row in rows)
        else (1, 0)
    )
    if width < 2:
        return 0.0
    cells = [cell for row in rows if len(row) == width for cell in row]
    uncut = sum(_holds_another(cell, delimiter) for cell in cells)
    return count / len(rows) - 0.5 * uncut / len(cells) + min(width, 20) * 0.005


def _holds_another(cell: str, delimiter: str) -> bool:
    """Whether a cell has another delimiter in it; a comma before a blank is only prose."""
    others = (other for other in DELIMITERS if other != delimiter)
    return any(other in cell and (other != "," or ", " not in cell) for other in others)


def _sample_rows(sample: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Rows of the sample and after how many physical lines each ends; a last line that was cut off is left out."""
    whole = sample if len(sample) < SAMPLE_CHARACTERS else sample[: sample.rfind("\n") + 1] or sample
    reader = csv.reader(io.StringIO(whole.replace("\0", ""), newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in islice(reader, SAMPLE_ROWS):
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error:
        pass  # a cell beyond the reader's limit: what came before it is sample enough
    return rows, ends


def _header_index(source: Source, rows: Sequence[Sequence[str]], cut: Cut) -> int | None:
    if not any(cell.strip() for row in rows for cell in row):
        raise FileProblem(source.name, "it holds no table, only blanks", "Export it again")
    if cut.header_row is None:
        begin = 1 if rows[0] and rows[0][0].lower().startswith("sep=") else 0
        found = find_header(rows[begin:])
        return None if found is None else found + begin
    if cut.header_row == 0:
        return None
    if cut.header_row > len(rows):
        raise FileProblem(
            source.name, f"it has no row {cut.header_row} for a header", "Correct `header` in the mapping"
        )
    return cut.header_row - 1


def _first_filled(rows: Sequence[Sequence[str]]) -> int:
    return next(index for index, row in enumerate(rows) if any(cell.strip() for cell in row))


def _widest(rows: Sequence[Sequence[str]], header: int | None) -> int:
    """Columns that most rows have although the header does not name them."""
    below = [len(row) for row in rows[(header + 1) if header is not None else 0 :] if any(cell.strip() for cell in row)]
    if not below:
        return 0
    width, count = Counter(below).most_common(1)[0]
    return width if count > len(below) / 2 else 0


def _read(source: Source, layout: _Layout, ragged: _Ragged) -> pl.DataFrame:
    columns = [f"c{position}" for position in range(len(layout.names))]
    batches: list[pl.DataFrame] = []
    rows = 0
    try:
        with _stream(source, layout.encoding) as stream:
            for batch in _reader(stream, columns, layout, ragged):
                rows += batch.num_rows
                if rows > limits.ROWS or rows * len(columns) > limits.CELLS:
                    raise FileProblem(source.name, f"it has more than {rows:,} rows", "Split it into several files")
                batches.append(_clean(pl.DataFrame(pa.Table.from_batches([batch]))))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise _unreadable(source, error) from error
    return _numbered(batches, columns, layout, ragged)


def _reader(
    stream: pa.NativeFile, columns: list[str], layout: _Layout, ragged: _Ragged
) -> arrow_csv.CSVStreamingReader:
    """Single-threaded, since only then does Arrow know the number of a row that is not right."""
    return arrow_csv.open_csv(
        stream,
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=BLOCK, skip_rows=layout.skip, column_names=columns
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=ragged
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
        ),
    )


def _stream(source: Source, encoding: str) -> pa.NativeFile:
    raw = source.open()
    if encoding in ("utf-8", "utf-8-sig"):
        return pa.PythonFile(raw, mode="r")
    return pa.transcoding_input_stream(pa.PythonFile(raw, mode="r"), encoding, "utf-8")


def _clean(frame: pl.DataFrame) -> pl.DataFrame:
    """Blanks around a cell say nothing; a cell of blanks is empty."""
    text = pl.all().str.strip_chars(" \t\r\n\u00a0\ufeff\u200b\0")
    return frame.select(pl.when(text != "").then(text))


def _unreadable(source: Source, error: Exception) -> FileProblem:
    text = str(error)
    if "straddling" in text:
        what = f"a cell is longer than {BLOCK >> 20} MB; a quotation mark is opened and never closed"
        return FileProblem(source.name, what, 'Look for a single " in the file, or export it again')
    if "Empty CSV" in text:
        return FileProblem(source.name, "it has a header and no rows", "Export it again with its rows")
    return FileProblem(
        source.name, f"it cannot be read as text ({text.splitlines()[0]})", "Say its encoding in a mapping"
    )


def _numbered(batches: list[pl.DataFrame], columns: list[str], layout: _Layout, ragged: _Ragged) -> pl.DataFrame:
    """One frame in the order of the file, with each row's number; rows that were too short come back in."""
    empty = pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))
    frame = pl.concat([empty, *batches], rechunk=False)
    total = frame.height + len(ragged.skipped)
    numbers = pl.Series(ROW, range(layout.skip + 1, layout.skip + 1 + total), dtype=pl.UInt32)
    if ragged.skipped:
        numbers = numbers.filter(~numbers.is_in(pl.Series(ragged.skipped, dtype=pl.UInt32).implode()))
    frame = frame.with_columns(numbers)
    if ragged.short:
        extra = _clean(pl.DataFrame([cells for _, cells in ragged.short], schema=columns, orient="row"))
        extra = extra.with_columns(pl.Series(ROW, [number for number, _ in ragged.short], dtype=pl.UInt32))
        frame = pl.concat([frame, extra]).sort(ROW)
    return frame.rename(dict(zip(columns, layout.names, strict=True)))


def _tell(table: Table, changed: list[str], ragged: _Ragged, header: int | None) -> None:
    for text in changed:
        table.note("duplicate_header", text)
    if header is None:
        table.note("no_header", "the first row is data already; the columns are called by their position")
    elif header > 0:
        table.note("header_row", f"the header is in row {header + 1}; what stands above it is left out")
    if ragged.short:
        number = ragged.short[0][0]
        table.note(
            "short_rows", f"{len(ragged.short)} rows have fewer cells than the header (the first is row {number})"
        )
    for number, cells in ragged.long:
        reason = f"it has {len(cells)} cells where the header has {ragged.width}"
        table.rejects.append(Reject(table.name, number, reason, tuple(cells)))


def _tell_of_an_unclosed_quote(source: Source, table: Table) -> None:
    """A quotation mark that is never closed swallows rows; an odd number of marks gives it away."""
    with source.open() as stream:
        marks = sum(chunk.count(b'"') for chunk in iter(lambda: stream.read(limits.MEGABYTE), b""))
    if marks % 2 == 0:
        return
    swallowing = table.frame.filter(pl.any_horizontal(pl.col(table.columns).str.contains("\n", literal=True)))
    if swallowing.height:
        row = swallowing[ROW][-1]
        table.note(
            "unclosed_quote", f"a quotation mark in row {row} is opened and never closed; rows after it are lost in it"
        )


def describe_delimiter(delimiter: str) -> str:
    """A name for people: `comma`, `tab`, …"""
    return NAMES.get(delimiter, delimiter)
