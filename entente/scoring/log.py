"""A log as columns: Parquet files or an Arrow table, ordered by person and time, read in chunks of persons.

The columns are those of `entente.people.queries.read_log`. Files that are ordered (sealed ones are) are read as they
lie; others are ordered first. DuckDB takes out of the properties what the rules look at, Arrow reads the rest.

Pure: no Django, no database but DuckDB in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
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
CODED: Final = ("type", "name", "path", "group_id", "email", "mark")
CHUNK: Final = 4_000_000
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
        return self.sql.sql(f"SELECT {what} FROM {self._relation} WHERE {where}").to_arrow_table()

    def aggregate(self, query: str) -> pa.Table:
        """Ask DuckDB; ``{log}`` in the query stands for the log."""
        return self.sql.sql(query.format(log=self._relation)).to_arrow_table()

    def ids(self, rows: NDArray[np.int64]) -> list[tuple[str, str]]:
        """Message id and source of some rows, in the order asked."""
        wanted = pa.table({"row": rows, "place": np.arange(len(rows))})
        self.sql.register("wanted", wanted)
        found = self.sql.sql(
            f"SELECT message_id, source FROM {self._relation} JOIN wanted USING (row) ORDER BY place"
        ).to_arrow_table()
        self.sql.unregister("wanted")
        return list(zip(found["message_id"].to_pylist(), found["source"].to_pylist(), strict=True))

    @property
    def _relation(self) -> str:
        if self.table is not None:
            return "log"
        parts = [
            f"(SELECT *, file_row_number + {first} AS row FROM read_parquet({quoted(path)}, file_row_number = true))"
            for path, first in zip(self._paths, self._first_rows, strict=True)
        ]
        return parts[0] if len(parts) == 1 else "(" + " UNION ALL ".join(f"FROM {part}" for part in parts) + ")"

    def _open(self, paths: list[Path]) -> None:
        files = [_opened(path) for path in paths]
        if not _is_ordered(files):
            self._temporary = tempfile.TemporaryDirectory(prefix="entente-log-")
            ordered = Path(self._temporary.name) / "ordered.parquet"
            self.sql.execute("SET temp_directory = ?", [self._temporary.name])
            names = ", ".join(quoted(path) for path in paths)
            seal(self.sql, f"read_parquet([{names}], union_by_name = true)", ordered)
            paths, files = [ordered], [_opened(ordered)]
        self.files = files
        self._paths = paths
        counts = [file.metadata.num_rows for file in files]
        self.rows = sum(counts)
        self._first_rows = [sum(counts[:number]) for number in range(len(counts))]

    def _ordered_table(self, table: pa.Table) -> pa.Table:
        _check_columns(table.schema, "the log")
        self.sql.register("unordered", table)
        return self.sql.sql(f"SELECT {', '.join(COLUMNS)} FROM unordered ORDER BY {ORDER}").to_arrow_table()

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
                yield _typed(file.read_row_groups(some, columns=list(columns)))


def seal(sql: duckdb.DuckDBPyConnection, relation: str, path: Path) -> None:
    """Write a relation with the log's columns as a sealed Parquet file: ordered by person and time."""
    sql.execute(
        f"COPY (SELECT {', '.join(COLUMNS)} FROM {relation} ORDER BY {ORDER}) TO {quoted(path)} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_OF_A_GROUP}, KV_METADATA {{entente_order: '{ORDER}'}})"
    )


def _opened(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path, read_dictionary=list(CODED), pre_buffer=True)
    except FileNotFoundError as error:
        raise LogError(f"{path} is not there; name a Parquet file of a log") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise LogError(f"{path} is not a Parquet file: {error}") from error
    _check_columns(file.schema_arrow, str(path))
    return file


def _check_columns(schema: pa.Schema, what: str) -> None:
    missing = [name for name in COLUMNS if name not in schema.names]
    if missing:
        raise LogError(f"{what} lacks the columns {', '.join(missing)}; a log has {', '.join(COLUMNS)}")


def _is_ordered(files: list[pq.ParquetFile]) -> bool:
    """Whether all rows lie in order. A sealed file says so; of others, persons and times are looked at."""
    if len(files) == 1 and (files[0].metadata.metadata or {}).get(b"entente_order") == ORDER.encode():
        return True
    before: pa.Table | None = None  # the last row of the row group before
    for file in files:
        for group in range(file.metadata.num_row_groups):
            table = _typed(file.read_row_group(group, columns=["person", "occurred_at"]))
            if not table.num_rows:
                continue
            ordered, ties = _compare(table if before is None else pa.concat_tables([before, table]))
            if not ordered or (len(ties) and not _ties_ordered(file, group, ties - (before is not None))):
                return False
            before = table.slice(table.num_rows - 1)
    return True


def _compare(table: pa.Table) -> tuple[bool, NDArray[np.int64]]:
    """Whether persons and times rise, and the rows that are of the same person and time as the row before."""
    person, at = _numbers(table["person"]), _numbers(table["occurred_at"])
    same = person[1:] == person[:-1]
    ordered = (person[1:] > person[:-1]) | (same & (at[1:] >= at[:-1]))
    return bool(ordered.all()), np.flatnonzero(same & (at[1:] == at[:-1])) + 1


def _ties_ordered(file: pq.ParquetFile, group: int, rows: NDArray[np.int64]) -> bool:
    """Whether these rows of the group come after the row before each by message id and source.

    A tie across two row groups is taken as out of order: that is rare, and to order anew is never wrong.
    """
    if rows[0] == 0:
        return False
    ids = file.read_row_group(group, columns=["message_id", "source"])

    def of(some: NDArray[np.int64]) -> list[tuple[str, str]]:
        return list(zip(ids["message_id"].take(some).to_pylist(), ids["source"].take(some).to_pylist(), strict=True))

    return all(before <= after for before, after in zip(of(rows - 1), of(rows), strict=True))


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
