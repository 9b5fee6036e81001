"""A log as columns: Parquet files or an Arrow table, ordered by person and time, read in chunks of persons.

The columns are those of `entente.people.queries.read_log`. Files that are ordered (sealed ones are) are read as they
lie; others must be put in order first. DuckDB takes out of the properties what the rules look at, Arrow reads the rest.

Pure: no Django, no database but DuckDB in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Final, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

COLUMNS: Final = (
    "person", "occurred_at", "message_id", "source", "type", "name", "path", "group_id", "email", "properties", "mark",
)  # fmt: skip
ORDER: Final = "person, occurred_at, message_id, source"
ORDERED: Final = f"SELECT {', '.join(COLUMNS)} FROM {{relation}} ORDER BY {ORDER}"  # noqa: S608 - constants
CODED: Final = ("type", "name", "path", "group_id", "email", "mark")
CHUNK: Final = 500_000
"""So many rows are read at once; a chunk holds whole persons."""

ROWS_OF_A_GROUP: Final = 250_000

Source: TypeAlias = pa.Table | Path | Sequence[Path]


class LogError(Exception):
    """The log cannot be read; the message says which file, what is wrong and what to do."""


class Log:
    """An ordered log. Rows are numbered from 0 through all files.

    ``threads`` and ``memory`` bound what DuckDB takes for itself.
    """

    def __init__(self, source: Source, *, threads: int | None = None, memory: str = "1GB") -> None:
        self.sql = duckdb.connect()
        self.sql.execute(f"SET memory_limit = '{memory}'")
        self.sql.execute("SET preserve_insertion_order = true")
        if threads:
            self.sql.execute(f"SET threads = {threads}")
        self._asking = Lock()  # a connection answers one question at a time
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if isinstance(source, pa.Table):
            self.files: list[pq.ParquetFile] = []
            self.table: pa.Table | None = self._ordered_table(source)
            self.rows = self.table.num_rows
            self.sql.register("log", self.table.append_column("row", pa.array(np.arange(self.rows))))
        else:
            self.table = None
            self._open([source] if isinstance(source, Path) else list(source))

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[int, pa.Table]]:
        """The rows in their order, whole persons at a time, with the number of each chunk's first row."""
        start, rest = 0, None
        for piece in self._pieces(columns):
            table = piece if rest is None else pa.concat_tables([rest, piece])
            end = start + table.num_rows
            whole = table.num_rows if end == self.rows else _start_of_last_person(table)
            if whole:
                yield start, table.slice(0, whole)
            start, rest = start + whole, table.slice(whole)

    def select(self, what: str, where: str) -> pa.Table:
        """Ask DuckDB for expressions over the log's columns and `row`; rows come in any order."""
        query = f"SELECT {what} FROM {self._relation} WHERE {where}"  # noqa: S608 - texts in it are `quoted`
        return self.sql.sql(query).to_arrow_table()

    def aggregate(self, what: str, where: str) -> pa.Table:
        """Ask DuckDB for `person` and expressions over all of each person's rows."""
        query = f"SELECT {what} FROM {self._relation} WHERE {where} GROUP BY person"  # noqa: S608 - as above
        return self.sql.sql(query).to_arrow_table()

    def ids(self, rows: NDArray[np.int64]) -> list[tuple[str, str]]:
        """Message id and source of some rows, in the order asked."""
        wanted = pa.table({"row": rows, "place": np.arange(len(rows))})
        query = f"SELECT message_id, source FROM {self._relation} JOIN wanted USING (row) ORDER BY place"  # noqa: S608 - as above
        with self._asking:
            self.sql.register("wanted", wanted)
            found = self.sql.sql(query).to_arrow_table()
            self.sql.unregister("wanted")
        return list(zip(found["message_id"].to_pylist(), found["source"].to_pylist(), strict=True))

    @property
    def micros(self) -> str:
        """The SQL for `occurred_at` in µs since 1970."""
        schema = self.files[0].schema_arrow if self.table is None else self.table.schema
        kind = "TIMESTAMPTZ" if schema.field("occurred_at").type.tz else "TIMESTAMP"
        return f"epoch_us(occurred_at::{kind})"

    @property
    def _relation(self) -> str:
        if self.table is not None:
            return "log"
        parts = [
            f"(SELECT *, file_row_number + {first} AS row "  # noqa: S608 - as above
            f"FROM read_parquet({quoted(path)}, file_row_number = true))"
            for path, first in zip(self._paths, self._first_rows, strict=True)
        ]
        return parts[0] if len(parts) == 1 else "(" + " UNION ALL ".join(f"FROM {part}" for part in parts) + ")"

    @property
    def says_it_is_ordered(self) -> bool:
        """Whether the log was ordered here, or is a file that says so of itself; others are to be looked at."""
        if self.table is not None or self._temporary is not None:
            return True
        return len(self.files) == 1 and (self.files[0].metadata.metadata or {}).get(b"entente_order") == ORDER.encode()

    def put_in_order(self) -> None:
        """Order the files' rows, in a temporary file."""
        self._temporary = tempfile.TemporaryDirectory(prefix="entente-log-")
        ordered = Path(self._temporary.name) / "ordered.parquet"
        self.sql.execute("SET temp_directory = ?", [self._temporary.name])
        names = ", ".join(quoted(path) for path in self._paths)
        seal(self.sql, f"read_parquet([{names}], union_by_name = true)", ordered)
        self._open([ordered])

    def _open(self, paths: list[Path]) -> None:
        self.files = [_opened(path) for path in paths]
        self._paths = paths
        counts = [file.metadata.num_rows for file in self.files]
        self.rows = sum(counts)
        self._first_rows = [sum(counts[:number]) for number in range(len(counts))]

    def _ordered_table(self, table: pa.Table) -> pa.Table:
        _check_columns(table.schema, "the log")
        self.sql.register("unordered", table)
        return self.sql.sql(ORDERED.format(relation="unordered")).to_arrow_table()

    def _pieces(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        if self.table is not None:
            for start in range(0, self.rows, CHUNK):
                piece = self.table.select(list(columns)).slice(start, CHUNK)
                yield _typed(pa.table({name: _coded(name, piece[name]) for name in columns}))
            return
        for file in self.files:
            groups = list(range(file.metadata.num_row_groups))
            while groups:
                some, size = [], 0
                while groups and size < CHUNK:
                    size += file.metadata.row_group(groups[0]).num_rows
                    some.append(groups.pop(0))
                yield _typed(_read(file, some, list(columns)))


def seal(sql: duckdb.DuckDBPyConnection, relation: str, path: Path) -> None:
    """Write a relation with the log's columns as a sealed Parquet file: ordered by person and time."""
    how = f"COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_OF_A_GROUP}, KV_METADATA {{entente_order: '{ORDER}'}}"
    sql.execute(f"COPY ({ORDERED.format(relation=relation)}) TO {quoted(path)} (FORMAT parquet, {how})")


def _opened(path: Path) -> pq.ParquetFile:
    try:
        _check_columns(pq.read_schema(path), str(path))
        return pq.ParquetFile(path, read_dictionary=list(CODED), pre_buffer=True)
    except FileNotFoundError as error:
        raise LogError(f"{path} is not there; name a Parquet file of a log") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise LogError(f"{path} is not a Parquet file: {error}") from error


def _read(file: pq.ParquetFile, groups: list[int], columns: list[str]) -> pa.Table:
    """The columns of some row groups. Marks are rare: where the file says that there are none they are not read."""
    if "mark" not in columns or not all(_has_no_mark(file.metadata.row_group(group)) for group in groups):
        return file.read_row_groups(groups, columns=columns)
    table = file.read_row_groups(groups, columns=[name for name in columns if name != "mark"])
    nothing = pa.DictionaryArray.from_arrays(np.zeros(table.num_rows, np.int32), [""])
    return table.append_column("mark", nothing).select(columns)


def _has_no_mark(group: pq.RowGroupMetaData) -> bool:
    places = [place for place in range(group.num_columns) if group.column(place).path_in_schema == "mark"]
    told = group.column(places[0]).statistics
    return told is not None and told.has_min_max and told.min == told.max == ""


def _check_columns(schema: pa.Schema, what: str) -> None:
    missing = [name for name in COLUMNS if name not in schema.names]
    if missing:
        raise LogError(f"{what} lacks the columns {', '.join(missing)}; a log has {', '.join(COLUMNS)}")


def _start_of_last_person(table: pa.Table) -> int:
    person = _numbers(table["person"])
    return int(np.searchsorted(person, person[-1]))


def _typed(table: pa.Table) -> pa.Table:
    """Persons as int64, times as µs in int64."""
    for name in ("person", "occurred_at"):
        if name not in table.column_names:
            continue
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us", column.type.tz))
        table = table.set_column(table.column_names.index(name), name, column.cast(pa.int64()))
    return table


def _numbers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(column.to_numpy())


def _coded(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.dictionary_encode(column) if name in CODED else column


def quoted(text: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"
