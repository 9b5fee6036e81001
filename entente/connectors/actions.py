"""Importing files: shown first, then one unit in one transaction that can be undone."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
from django.conf import settings
from django.db import connection, transaction

from entente.agreements.queries import in_force
from entente.connectors.ahead import ahead
from entente.connectors.files.facts import KEY_LENGTH
from entente.connectors.files.history import read_records
from entente.connectors.files.known import SCHEMA, Known
from entente.connectors.files.mapping import Mapping
from entente.connectors.files.preview import mapping_yaml, preview
from entente.connectors.files.problems import Reject
from entente.connectors.files.records import Records
from entente.connectors.files.rows import Refusal
from entente.connectors.files.table import ROW
from entente.connectors.files.to_events import Translator
from entente.connectors.files.typed import TABLE
from entente.events.actions import append, source_named, undo_import
from entente.events.frames import read_frame
from entente.events.models import Event, Import
from entente.members.models import User

__all__ = ["DEFAULT_SOURCE", "Progress", "import_files", "preview", "undo"]

DEFAULT_SOURCE: Final = "files"
"""Files that name no source share this one, so that a renamed file is still known."""

Progress = Callable[[str, int, int], object]
"""Called with what is being done (`reading`, `writing`, `persons`), how much of it is done, and how much there is."""

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class ImportProblem(Exception):
    """An import cannot be undone, or does not exist."""


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
        headers = list(
            dict.fromkeys(
                name
                for read in self.records.reads
                for name in read.table.columns
                if read.table.name in self.records.sources
            )
        )
        cells = self._cells()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([*headers, "file", "row", "why it was left out"])
            for reject in sorted(self.rows, key=lambda reject: (reject.table, reject.row)):
                found = cells.get((reject.table, reject.row))
                line = [found.get(name) or "" for name in headers] if found else list(reject.cells[: len(headers)])
                line += [""] * (len(headers) - len(line))
                writer.writerow([*map(_harmless, line), reject.table, reject.row, reject.reason])

    def _cells(self) -> dict[tuple[str, int], dict[str, Any]]:
        wanted: dict[str, list[int]] = {}
        for reject in self.rows:
            wanted.setdefault(reject.table, []).append(reject.row)
        return {
            (read.table.name, row[ROW]): row
            for read in self.records.reads
            if read.table.name in wanted
            for row in read.table.frame.filter(read.table.frame[ROW].is_in(wanted[read.table.name])).iter_rows(
                named=True
            )
        }


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


def import_files(
    paths: Sequence[str | Path],
    mapping: Mapping | None = None,
    source: str | None = None,
    by: User | None = None,
    *,
    now: datetime,
    timezone: str | None = None,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Import:
    """Read the files and append what they tell to the log; then bring persons, scores and hand-offs up to date.

    ``names`` are the files' own names where the paths are temporary. All or nothing: on any error the log is as it
    was. Times without an offset are in ``timezone``, else in that of the mapping, of the agreement, or UTC. Raises
    `FileProblem` and `MappingProblem`.
    """
    tell = progress or (lambda what, done, total: None)
    tell("reading", 0, 1)
    records = read_records(paths, mapping or Mapping(), timezone or _agreed_timezone(now))
    tell("reading", 1, 1)
    unit = import_records(
        records, _described(paths, records, names), source or DEFAULT_SOURCE, by=by, now=now, tell=tell
    )
    bring_up_to_date(now, tell)
    return unit


def _agreed_timezone(now: datetime) -> str | None:
    """The agreement's, where one is in force: exports are mostly written on the clocks of those who signed it."""
    agreement = in_force(now)
    return agreement.timezone if agreement else None


def import_records(
    records: Records, files: list[dict[str, Any]], source: str, *, by: User | None, now: datetime, tell: Progress
) -> Import:
    """One transaction: the import, its events, and the file of the rows that were left out."""
    rejects = Rejects(records)
    rejects.gather()
    total = records.leads.height + (0 if records.deals is None else records.deals.height)
    rejected_file: Path | None = None
    try:
        with transaction.atomic():
            unit = Import.objects.create(
                source=source_named(source), files=files, mapping={"yaml": mapping_yaml(records)}, by=by, started_at=now
            )
            done = _Counter(tell, total)
            translator = Translator(records, source, now, rejects.refuse, _known(source))
            appended = append(ahead(translator.events(done)), source, imported_by=unit)
            unit.rows, unit.rejected = sum(file["rows"] for file in files), len(rejects.rows)
            unit.events, unit.known, unit.finished_at = appended.stored, appended.known, now
            if rejects.rows:
                rejected_file = settings.DATA / "imports" / f"{unit.pk}-left-out.csv"
                rejects.write(rejected_file)
                unit.rejects_file = str(rejected_file)
            unit.save()
    except BaseException:
        if rejected_file:
            rejected_file.unlink(missing_ok=True)
        raise
    return unit


@dataclass(slots=True)
class _Counter:
    """Adds up the rows of the batches for the progress bar."""

    tell: Progress
    total: int
    done: int = 0

    def __call__(self, rows: int) -> None:
        self.done += rows
        self.tell("writing", self.done, self.total)


def _known(source: str) -> Known | None:
    """What imports from this source have told the log before; None where that is nothing."""
    if not Event.objects.filter(source__name=source, imported_by__isnull=False).exists():
        return None
    with connection.cursor() as sql:
        return Known(read_frame(sql, KNOWN, dict(SCHEMA), {"length": KEY_LENGTH, "source": source}))


KNOWN: Final = """
    SELECT DISTINCT left(e.message_id, %(length)s), e.identity
    FROM events_event e JOIN events_source s ON s.id = e.source_id
    WHERE s.name = %(source)s AND e.imported_by_id IS NOT NULL
"""


def bring_up_to_date(now: datetime, tell: Progress) -> None:
    """Let persons, scores and hand-offs follow the log."""
    from entente.worker.fold import fold_new_events

    tell("persons", 0, 1)
    fold_new_events(now)
    tell("persons", 1, 1)


def undo(import_id: int, by: User | None, *, now: datetime) -> int:
    """Take an import back; returns how many events left the log. Raises `ImportProblem`."""
    with transaction.atomic():
        unit = Import.objects.select_for_update().filter(pk=import_id).first()
        if unit is None:
            raise ImportProblem(f"there is no import {import_id}; `entente import list` shows them")
        if unit.undone_at:
            raise ImportProblem(f"import {import_id} was undone already, on {unit.undone_at:%Y-%m-%d %H:%M} UTC")
        removed = undo_import(unit, now)
    bring_up_to_date(now, lambda what, done, total: None)
    return removed


def _described(paths: Sequence[str | Path], records: Records, names: Sequence[str] | None) -> list[dict[str, Any]]:
    """The files as the import remembers them: name, hash of the content, rows that were read."""
    described = []
    for position, path in enumerate(map(Path, paths)):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        rows = sum(
            read.table.frame.height + len(read.table.rejects) for read in records.reads if _is_of(read.table.file, path)
        )
        described.append({"name": names[position] if names else path.name, "sha256": digest, "rows": rows})
    return described


def _is_of(file: str, path: Path) -> bool:
    return file == path.name or path.name.startswith(file) or path.suffix == ".zip"
