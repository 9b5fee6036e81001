"""Importing files: shown first, then one unit in one transaction that can be undone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from entente.agreements.queries import in_force
from entente.connectors.ahead import ahead
from entente.connectors.files.facts import KEY_LENGTH
from entente.connectors.files.history import read_records
from entente.connectors.files.known import SCHEMA, Known
from entente.connectors.files.mapping import Mapping
from entente.connectors.files.preview import mapping_yaml, preview
from entente.connectors.files.records import Records
from entente.connectors.files.to_events import Translator
from entente.connectors.left_out import Rejects
from entente.events.actions import append, source_named, undo_import
from entente.events.frames import read_frame
from entente.events.models import Arrival, Event, Import
from entente.members.models import User

__all__ = ["DEFAULT_SOURCE", "Progress", "import_files", "preview", "undo"]

DEFAULT_SOURCE: Final = "files"
"""Files that name no source share this one, so that a renamed file is still known."""

Progress = Callable[[str, int, int], object]
"""Called with what is being done (`reading`, `writing`, `persons`), how much of it is done, and how much there is."""


class ImportProblem(Exception):
    """An import cannot be undone, or does not exist."""


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


FOLDED_AT_ONCE: Final = 50_000


def bring_up_to_date(now: datetime, tell: Progress) -> None:
    """Let persons, scores and hand-offs follow the log.

    Some ten thousand events in a turn: a worker that folds what comes live meanwhile has its turns between them.
    """
    from entente.worker.turn import take_turn

    here = Arrival.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    waiting = Arrival.objects.filter(pk__lte=here)
    total = _events_of(waiting) or 1
    tell("persons", 0, total)
    take_turn(now, at_most=FOLDED_AT_ONCE)
    while waiting.exists():
        tell("persons", total - _events_of(waiting), total)
        take_turn(now, at_most=FOLDED_AT_ONCE)
    tell("persons", total, total)


def _events_of(arrivals: QuerySet[Arrival]) -> int:
    return arrivals.aggregate(events=Sum("events"))["events"] or 0


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
