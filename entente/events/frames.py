"""Results of queries as data frames, by COPY: millions of rows in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from django.db.backends.utils import CursorWrapper
from polars.datatypes import DataTypeClass

Schema = Mapping[str, "pl.DataType | DataTypeClass"]


def micros(column: str) -> str:
    """The SQL for an instant as microseconds since 1970, exactly; read it as `pl.Int64`."""
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


def read_frame(
    sql: CursorWrapper, query: str, schema: Schema, parameters: Mapping[str, Any] | None = None
) -> pl.DataFrame:
    """The rows of a SELECT. ``schema`` names its columns in their order and gives their types."""
    # psycopg's own cursor: the wrapper that Django puts around it while queries are counted takes no parameters here
    with sql.cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT CSV)", parameters) as copy:
        data = b"".join(copy)
    if not data:
        return pl.DataFrame(schema=schema)
    flags = [name for name, kind in schema.items() if kind == pl.Boolean]
    written = {name: pl.String if name in flags else kind for name, kind in schema.items()}
    frame = pl.read_csv(data, has_header=False, schema=written)
    return frame.with_columns(pl.col(flags) == "t") if flags else frame


def write_frame(sql: CursorWrapper, table: str, frame: pl.DataFrame) -> None:
    """Copy the rows of a frame into a table whose columns have the same order."""
    with sql.copy(f"COPY {table} FROM STDIN (FORMAT CSV)") as copy:
        copy.write(frame.write_csv(include_header=False, quote_style="non_numeric").encode())
