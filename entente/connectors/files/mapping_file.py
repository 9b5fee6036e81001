"""Reading a mapping file, with every fault at once, and writing one."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from entente.connectors.files.delimited import NAMES, Cut
from entente.connectors.files.mapping import (
    DATE_WORDS,
    ColumnMapping,
    Fault,
    Mapping,
    MappingProblem,
    TableMapping,
    did_you_mean,
    is_timezone,
)
from entente.connectors.files.meanings import MEANINGS, SHARED

DELIMITER_WORDS: Final = {name: character for character, name in NAMES.items()}
TOP_KEYS: Final = ("format", "timezone", "missing", "outcomes", "files")
FILE_KEYS: Final = ("file", "sheet", "header", "encoding", "delimiter", "columns")
COLUMN_KEYS: Final = ("meaning", "dates", "decimal")
MAX_BYTES: Final = 1 << 20


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
                self.fault(data, key, f"'{key}' is not known here", did_you_mean(str(key), known))

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
                Fault(line, f"'{meaning}' is no meaning of a column", did_you_mean(str(meaning), MEANINGS))
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


def _line(where: CommentedMap, key: Any) -> int:
    try:
        return int(where.lc.key(key)[0]) + 1
    except (KeyError, AttributeError, TypeError):
        return int(where.lc.line) + 1 if where.lc.line is not None else 0


def dump(data: dict[str, Any]) -> str:
    """YAML of a plain document, in the order given."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its type says None only
    yaml.allow_unicode = True
    yaml.width = 120
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()
