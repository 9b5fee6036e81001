"""Lists of numbers on their way to PostgreSQL: the driver looks at each element by itself, which for the thousands of
persons of a batch takes longer than the queries. Such lists are written in one go."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.types.array import ListDumper


class QuickListDumper(ListDumper):
    """Writes a list of whole numbers at once, and any other as ever."""

    def dump(self, obj: list[Any]) -> Any:
        if obj and set(map(type, obj)) == {int}:
            return f"{{{','.join(map(str, obj))}}}".encode()
        return super().dump(obj)


def teach(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Let a new connection write lists so (a receiver of Django's `connection_created`)."""
    if connection.vendor == "postgresql":
        connection.connection.adapters.register_dumper(list, QuickListDumper)
