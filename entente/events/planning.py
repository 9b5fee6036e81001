"""How PostgreSQL is to go about a batch: a few rows are looked up by index, many are sorted and joined.

Left to itself it takes every temporary table for a large one until it is told (ANALYZE), and reads whole tables to
join with a handful of rows. Telling it costs more than the work on a small batch; so for a few rows it is not told,
but held to the indexes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

FEW: Final = 1_500
"""Up to so many rows are a few."""

_few: ContextVar[bool] = ContextVar("few_rows", default=False)


@contextmanager
def few(rows: int | None) -> Iterator[None]:
    """Within this block, in a transaction, so many rows (None: all there are) are worked on."""
    before, now = _few.get(), rows is not None and rows <= FEW
    if now == before:
        yield
        return
    token = _few.set(now)
    try:
        _hold_to_indexes(on=now)
        yield
        _hold_to_indexes(on=before)  # after an error the transaction is rolled back, and this with it
    finally:
        _few.reset(token)


def analyze(sql: CursorWrapper, *tables: str) -> None:
    """Tell the planner how large these temporary tables are, where that pays."""
    if not _few.get():
        sql.execute("; ".join(f"ANALYZE {table}" for table in tables))


def _hold_to_indexes(*, on: bool) -> None:
    with connection.cursor() as sql:
        sql.execute(SWITCH.format("off" if on else "on"))


SETTINGS: Final = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit")
SWITCH: Final = "; ".join(f"SET LOCAL {setting} = {{0}}" for setting in SETTINGS)
