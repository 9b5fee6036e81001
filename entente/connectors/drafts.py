"""An import before it is one: files that were uploaded, what their columns are taken for, and how far it has come.

A draft is a folder of its own in the data folder: the files and a small note beside them. It belongs to who uploaded
it, is looked at and changed as often as they like, and is gone a week later. While it is being imported the note tells
how far; the import itself is one transaction and leaves nothing behind when its process dies.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from entente.connectors.files import Mapping, parse_mapping
from entente.connectors.files.mapping_file import dump

KEPT: Final = timedelta(days=7)
NOTE: Final = "draft.json"
LONGEST_NAME: Final = 100

READY, RUNNING, DONE, FAILED = "ready", "running", "done", "failed"


class DraftMissing(LookupError):
    """There is no such draft (any more)."""


@dataclass(slots=True)
class Draft:
    """`columns` are the choices of a person: file, sheet, header -> meaning. `done` of `total` rows are in."""

    id: str
    by: int
    created_at: str
    files: list[str]
    timezone: str = ""
    columns: list[dict[str, Any]] = field(default_factory=list)
    step: str = "reading"
    state: str = READY
    problem: str = ""
    done: int = 0
    total: int = 0
    process: int = 0
    import_id: int | None = None

    @property
    def folder(self) -> Path:
        return drafts_folder() / self.id

    @property
    def paths(self) -> list[Path]:
        return [self.folder / name for name in self.files]

    @property
    def mapping(self) -> Mapping:
        """What the person chose, as the importer reads it; MappingProblem where it cannot be."""
        document: dict[str, Any] = {"format": 1}
        if self.timezone:
            document["timezone"] = self.timezone
        if self.columns:
            document["files"] = self.columns
        return parse_mapping(dump(document))

    @property
    def interrupted(self) -> bool:
        """Whether it was being imported by a process that is no more; nothing went in then."""
        return self.state == RUNNING and not _lives(self.process)

    def save(self) -> None:
        """Write the note in one stroke, so that nobody reads half of it."""
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=NOTE)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(self), file)
        os.replace(name, self.folder / NOTE)


def drafts_folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "drafts"


def begin(files: Iterable[UploadedFile[bytes]], by: int, timezone: str, now: datetime) -> Draft:
    """Keep the uploaded files as a new draft, and forget those that are older than a week."""
    forget_old(now)
    draft = Draft(uuid.uuid4().hex, by, now.isoformat(), [], timezone)
    draft.folder.mkdir(parents=True, mode=0o700)
    for file in files:
        name = _safe_name(file.name or "", draft.files)
        with (draft.folder / name).open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        draft.files.append(name)
    draft.save()
    return draft


def find(id_: str) -> Draft:
    """The draft of this id; raises DraftMissing."""
    if not re.fullmatch(r"[0-9a-f]{32}", id_):
        raise DraftMissing(id_)
    try:
        return Draft(**json.loads((drafts_folder() / id_ / NOTE).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise DraftMissing(id_) from error


def of(member: int) -> list[Draft]:
    """A member's drafts that are not imported yet, the newest first."""
    found = [_found(note.parent.name) for note in drafts_folder().glob(f"*/{NOTE}")]
    mine = [draft for draft in found if draft and draft.by == member and draft.state != DONE]
    return sorted(mine, key=lambda draft: draft.created_at, reverse=True)


def _found(id_: str) -> Draft | None:
    try:
        return find(id_)
    except DraftMissing:
        return None


def forget(draft: Draft) -> None:
    shutil.rmtree(draft.folder, ignore_errors=True)


def forget_old(now: datetime) -> None:
    """Delete the drafts that nobody came back to."""
    for note in drafts_folder().glob(f"*/{NOTE}"):
        draft = _found(note.parent.name)
        if draft and datetime.fromisoformat(draft.created_at) < now - KEPT and not _lives(draft.process):
            forget(draft)


def _safe_name(given: str, taken: list[str]) -> str:
    """The file's own name without anything that a path, a terminal or a page could trip over."""
    name = re.sub(r"[^\w .()-]+", "_", Path(given).name).strip(" .")[-LONGEST_NAME:] or "file"
    if name == NOTE or name in taken:
        name = f"{len(taken) + 1}-{name}"
    return name


def _lives(process: int) -> bool:
    if not process:
        return False
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True
