"""The joined truth of the files: one row a lead, and beside it one row a deal where deals are a table of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from entente.connectors.files.problems import Reject
from entente.connectors.files.read import ReadTable
from entente.connectors.files.typed import BadCell
from entente.evidence.history import Warning

KEY: Final = "lead"


@dataclass(slots=True)
class Records:
    """`leads` has a unique `lead`; `deals` has a unique `deal` and the `lead` it came of (null where none is known).

    `deals` is None where each lead's own row says what became of it. Both have `outcome`. `roles` tells what each
    table is for, `given` which columns the leads' own table had, `of_accounts` which traits came from a list of
    companies.
    """

    leads: pl.DataFrame
    deals: pl.DataFrame | None
    reads: list[ReadTable]
    zone: str
    warnings: list[Warning] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    joins: list[dict[str, Any]] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    of_accounts: set[str] = field(default_factory=set)

    def joined(self, left: ReadTable, column: str, right: ReadTable, its_column: str) -> None:
        """Remember how two tables were joined."""
        tables = {"table": left.table.name, "column": column, "with": right.table.name, "its_column": its_column}
        self.joins.append(tables)

    @property
    def sources(self) -> set[str]:
        """Names of the tables whose rows are leads or deals themselves, not lists beside them."""
        return {table for table, role in self.roles.items() if role in ("main", "deals")}
