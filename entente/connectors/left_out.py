"""The rows of an import that do not go in: gathered with their reasons, and written to a file to be set right."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from entente.connectors.files.problems import Reject
from entente.connectors.files.records import Records
from entente.connectors.files.rows import Refusal
from entente.connectors.files.table import ROW, Table
from entente.connectors.files.typed import TABLE

ADDED: Final = ("Left out: file", "Left out: row", "Left out: why")
"""Columns beside those of the file; a later import of it knows and ignores them."""

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(slots=True)
class Rejects:
    """The rows that do not go in."""

    records: Records
    rows: list[Reject] = field(default_factory=list)

    def gather(self) -> None:
        """Rows that could not be cut into cells, and rows with a cell that is not what its column means."""
        for read in self.records.reads:
            if read.table.name in self.records.sources:
                self.rows += read.table.rejects
        reasons: dict[tuple[str, int], list[str]] = {}
        for bad in self.records.bad:
            if bad.table in self.records.sources and bad.meaning != "email":
                reasons.setdefault((bad.table, bad.row), []).append(
                    f"'{bad.cell}' in '{bad.column}' is no {_kind(bad.meaning)}"
                )
        self.rows += [Reject(table, row, "; ".join(said)) for (table, row), said in reasons.items()]
        self.records.leads = _without(self.records.leads, list(reasons))
        if self.records.deals is not None:
            self.records.deals = _without(self.records.deals, list(reasons))

    def refuse(self, refusal: Refusal) -> None:
        """A row that gives no events."""
        self.rows.append(Reject(refusal.table, refusal.row, refusal.reason))

    def write(self, path: Path) -> None:
        """A file with each row as it stood and why it did not go in, to be set right and imported again."""
        tables = [read.table for read in self.records.reads if read.table.name in self.records.sources]
        headers = list(dict.fromkeys(name for table in tables for name in table.columns))
        cells = {table.name: self._cells(table) for table in tables}
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([*headers, *ADDED])
            for reject in sorted(self.rows, key=lambda reject: (reject.table, reject.row)):
                found = cells[reject.table].get(reject.row)
                line = [found.get(name) or "" for name in headers] if found else list(reject.cells[: len(headers)])
                line += [""] * (len(headers) - len(line))
                writer.writerow([*map(_harmless, line), reject.table, reject.row, reject.reason])

    def _cells(self, table: Table) -> dict[int, dict[str, Any]]:
        """The rows of a table that are left out, as they stood, by their number."""
        wanted = [reject.row for reject in self.rows if reject.table == table.name]
        return {row[ROW]: row for row in table.frame.filter(table.frame[ROW].is_in(wanted)).iter_rows(named=True)}


def _without(frame: pl.DataFrame, places: list[tuple[str, int]]) -> pl.DataFrame:
    """The frame without the rows at these places."""
    if not places:
        return frame
    bad = pl.DataFrame(places, schema={TABLE: pl.String(), ROW: pl.UInt32()}, orient="row")
    return frame.join(bad, on=[TABLE, ROW], how="anti", maintain_order="left")


def _kind(meaning: str) -> str:
    return "number" if meaning in ("amount", "touches") else "date"


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula is marked as text; a number stays one."""
    if not cell.startswith(FORMULA):
        return cell
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return f"'{cell}"
    return cell
