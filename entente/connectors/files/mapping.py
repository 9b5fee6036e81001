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
from io import StringIO
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from entente.connectors.files.dates import DateFormat, Order, parse_dates
from entente.connectors.files.delimited import NAMES, Cut
from entente.connectors.files.meanings import DATES, MEANINGS, NUMBERS, SHARED
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
DELIMITER_WORDS: Final = {name: character for character, name in NAMES.items()}
TOP_KEYS: Final = ("format", "timezone", "missing", "outcomes", "files")
FILE_KEYS: Final = ("file", "sheet", "header", "encoding", "delimiter", "columns")
COLUMN_KEYS: Final = ("meaning", "dates", "decimal")
MAX_BYTES: Final = 1 << 20


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
            yield Fault(column.line, f"there is no column '{name}' in '{mapped.file}'", _did_you_mean(name, headers))
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


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    choices = list(known)
    lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.5)
    return f"Did you mean '{lower[close[0]]}'?" if close else "Known are: " + ", ".join(f"'{c}'" for c in choices[:40])


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises `MappingProblem`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MappingProblem(
                [Fault(0, "it is larger than a megabyte", "A mapping names columns, not rows")], str(path)
            )
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise MappingProblem([Fault(0, f"it cannot be read ({reason})", "Check the name")], str(path)) from error
    try:
        return parse_mapping(text)
    except MappingProblem as problem:
        raise MappingProblem(problem.faults, str(path)) from problem


def parse_mapping(text: str) -> Mapping:
    """A mapping out of YAML. Raises `MappingProblem` with every fault."""
    try:
        data = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise MappingProblem(
            [Fault(line, f"this is not YAML ({error.problem})", "Compare with `--show-mapping`")]
        ) from error
    except (YAMLError, ValueError) as error:
        raise MappingProblem([Fault(0, "this is not YAML", "Compare with `--show-mapping`")]) from error
    return _Parser().parse(data)


class _Parser:
    """Walks the document once and gathers every fault."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def parse(self, data: Any) -> Mapping:
        if not isinstance(data, CommentedMap):
            raise MappingProblem(
                [Fault(1, "a mapping is a list of keys and values", f"Begin with: {', '.join(TOP_KEYS)}")]
            )
        self.known_keys(data, TOP_KEYS)
        if data.get("format", 1) != 1:
            self.fault(data, "format", f"format {data['format']} is not known", "Write `format: 1`")
        mapping = Mapping(
            timezone=self.timezone(data),
            missing=frozenset(str(word).strip().lower() for word in self.sequence(data, "missing")),
            outcomes=self.outcomes(data),
            tables=tuple(
                self.table(entry) for entry in self.sequence(data, "files") if self.is_map(data, "files", entry)
            ),
        )
        if self.faults:
            raise MappingProblem(self.faults)
        return mapping

    def fault(self, where: CommentedMap, key: Any, what: str, remedy: str) -> None:
        self.faults.append(Fault(_line(where, key), what, remedy))

    def known_keys(self, data: CommentedMap, known: Sequence[str]) -> None:
        for key in data:
            if key not in known:
                self.fault(data, key, f"'{key}' is not known here", _did_you_mean(str(key), known))

    def sequence(self, data: CommentedMap, key: str) -> Sequence[Any]:
        value = data.get(key)
        if value is None:
            return []
        if not isinstance(value, CommentedSeq):
            self.fault(data, key, f"'{key}' must be a list", f"Write `{key}: [...]`")
            return []
        return value

    def is_map(self, data: CommentedMap, key: str, value: Any) -> bool:
        if isinstance(value, CommentedMap):
            return True
        self.fault(data, key, f"each entry of '{key}' has keys of its own", f"Known are: {', '.join(FILE_KEYS)}")
        return False

    def timezone(self, data: CommentedMap) -> str | None:
        name = data.get("timezone")
        if name is None:
            return None
        if is_timezone(str(name)):
            return str(name)
        self.fault(data, "timezone", f"there is no time zone '{name}'", "Write for example Europe/Madrid")
        return None

    def outcomes(self, data: CommentedMap) -> dict[str, str]:
        given = data.get("outcomes") or CommentedMap()
        if not isinstance(given, CommentedMap):
            self.fault(
                data, "outcomes", "'outcomes' must name won, lost or open", "Write `outcomes: {won: [Customer]}`"
            )
            return {}
        self.known_keys(given, ("won", "lost", "open"))
        return {
            str(word).strip().lower(): str(outcome)
            for outcome, words in given.items()
            for word in (words if isinstance(words, list) else [words])
        }

    def table(self, data: CommentedMap) -> TableMapping:
        self.known_keys(data, FILE_KEYS)
        columns = data.get("columns") or CommentedMap()
        if not isinstance(columns, CommentedMap):
            self.fault(data, "columns", "'columns' gives each header its meaning", "Write `columns: {Header: created}`")
            columns = CommentedMap()
        if "file" not in data:
            self.faults.append(Fault(data.lc.line + 1, "an entry of 'files' has no 'file'", "Write `file: leads.csv`"))
        mapped = {str(name): self.column(columns, name) for name in columns}
        self.refuse_twice(columns, mapped)
        return TableMapping(
            file=str(data.get("file", "*")),
            sheet=str(data["sheet"]) if data.get("sheet") is not None else None,
            cut=self.cut(data),
            columns=mapped,
            line=data.lc.line + 1,
        )

    def cut(self, data: CommentedMap) -> Cut:
        header, delimiter, encoding = data.get("header"), data.get("delimiter"), data.get("encoding")
        if header is not None and not (isinstance(header, int) and not isinstance(header, bool) and header >= 0):
            self.fault(data, "header", f"'{header}' is no row", "Write the row's number, or 0 where there is no header")
            header = None
        if delimiter is not None:
            delimiter = DELIMITER_WORDS.get(str(delimiter), str(delimiter))
            if len(delimiter) != 1:
                self.fault(
                    data,
                    "delimiter",
                    f"'{delimiter}' is not one character",
                    "Write `comma`, `semicolon`, `tab` or `pipe`",
                )
                delimiter = None
        if encoding is not None:
            try:
                "".encode(str(encoding))
            except LookupError:
                self.fault(data, "encoding", f"there is no encoding '{encoding}'", "Write for example utf-8 or cp1252")
                encoding = None
        return Cut(str(encoding) if encoding else None, delimiter, header)

    def column(self, columns: CommentedMap, name: Any) -> ColumnMapping:
        value = columns[name]
        line = _line(columns, name)
        if isinstance(value, CommentedMap):
            self.known_keys(value, COLUMN_KEYS)
            meaning, dates, decimal = value.get("meaning"), value.get("dates"), value.get("decimal")
        else:
            meaning, dates, decimal = value, None, None
        if meaning is not None and meaning not in MEANINGS:
            self.faults.append(
                Fault(line, f"'{meaning}' is no meaning of a column", _did_you_mean(str(meaning), MEANINGS))
            )
            meaning = None
        if dates is not None and dates not in DATE_WORDS:
            self.faults.append(
                Fault(line, f"'{dates}' is no way to write dates", f"Known are: {', '.join(DATE_WORDS)}")
            )
            dates = None
        if decimal is not None and decimal not in (",", "."):
            self.faults.append(Fault(line, f"'{decimal}' is no decimal mark", 'Write "," or "."'))
            decimal = None
        return ColumnMapping(meaning, DATE_WORDS[dates] if dates else None, decimal, line)

    def refuse_twice(self, columns: CommentedMap, mapped: dict[str, ColumnMapping]) -> None:
        first: dict[str, str] = {}
        for name, column in mapped.items():
            if column.meaning and column.meaning not in SHARED and column.meaning in first:
                what = f"'{first[column.meaning]}' and '{name}' both mean '{column.meaning}'"
                self.fault(columns, name, what, "Make one of them a trait")
            first.setdefault(column.meaning or "", name)


def is_timezone(name: str) -> bool:
    """Whether the machine knows a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _line(where: CommentedMap, key: Any) -> int:
    try:
        return int(where.lc.key(key)[0]) + 1
    except (KeyError, AttributeError, TypeError):
        return int(where.lc.line) + 1 if where.lc.line is not None else 0


def dump(data: dict[str, Any]) -> str:
    """YAML of a plain document, in the order given."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.allow_unicode = True
    yaml.width = 120
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()
