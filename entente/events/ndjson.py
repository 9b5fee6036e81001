"""Files of newline-delimited Segment calls (`.ndjson`, `.jsonl`, gzipped or not), read as a stream."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any, Final

import msgspec
from django.conf import settings
from django.db import transaction

from entente.events.actions import append, source_named
from entente.events.cleaning import is_clean_json
from entente.events.models import Import
from entente.events.segment import Refused, parse
from entente.events.types import NewEvent
from entente.members.models import User

ENDINGS: Final = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
LONGEST_LINE: Final = 512 * 1024
DEFAULT_SOURCE: Final = "events"


class EventFileError(Exception):
    """The file cannot be read at all; the text says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that does not go in."""

    file: str
    line: int
    code: str
    reason: str
    text: str


@dataclass(slots=True)
class Reader:
    """Reads calls from files, line by line; keeps what does not go in, and counts."""

    received_at: datetime
    rejects: list[Reject] = field(default_factory=list)
    lines: int = 0

    def events(self, path: Path) -> Iterator[NewEvent]:
        """The events of one file. Raises EventFileError when it cannot be read."""
        try:
            with _open(path) as stream:
                for number, line in _lines(stream):
                    yield from self._event(path.name, number, line)
        except (OSError, EOFError, zlib.error) as error:
            raise EventFileError(f"{path.name} cannot be read: {error}. Is it whole?") from error

    def _event(self, file: str, number: int, line: bytes) -> Iterator[NewEvent]:
        self.lines += 1
        found = _parse_line(line, self.received_at)
        if isinstance(found, NewEvent):
            yield found
        else:
            shown = line[:1000].decode("utf-8", "replace").rstrip()
            self.rejects.append(Reject(file, number, found.code, found.reason, shown))


def is_event_file(path: Path) -> bool:
    """Whether the name is that of a file of calls."""
    return path.name.lower().endswith(ENDINGS)


def import_events(
    paths: Sequence[Path],
    source: str = DEFAULT_SOURCE,
    by: User | None = None,
    *,
    now: datetime,
    progress: Callable[[int], object] | None = None,
) -> Import:
    """Append the calls of the files to the log, all files or none, as one import that can be undone.

    Lines that are no calls are left out: `Import.rejected` counts them, `Import.rejects_file` names a file that has
    each with its reason. ``progress`` is called with the number of events in each chunk that is written. Importing
    the same file again stores nothing. Raises EventFileError when a file cannot be read.
    """
    reader = Reader(received_at=now)
    rejects_file: Path | None = None
    try:
        with transaction.atomic():
            unit = Import.objects.create(source=source_named(source), files=[], by=by, started_at=now, finished_at=now)
            for path in paths:
                _import_one(path, unit, reader, progress)
            if reader.rejects:
                rejects_file = settings.DATA / "imports" / f"{unit.pk}-left-out.ndjson"
                _write_rejects(rejects_file, reader.rejects)
            unit.rows, unit.rejected = reader.lines, len(reader.rejects)
            unit.rejects_file = str(rejects_file or "")
            unit.save()
    except BaseException:
        if rejects_file:
            rejects_file.unlink(missing_ok=True)
        raise
    return unit


def _import_one(path: Path, unit: Import, reader: Reader, progress: Callable[[int], object] | None) -> None:
    before = reader.lines
    appended = append(reader.events(path), unit.source.name, unit, progress)
    unit.events += appended.stored
    unit.known += appended.known
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    unit.files.append({"name": path.name, "sha256": digest, "rows": reader.lines - before})


def _open(path: Path) -> IO[bytes]:
    """Gzipped by its first two bytes, not by its name."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]  # a GzipFile reads bytes


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, without blank ones. Of a line that is too long only the beginning is kept."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        ended = line.endswith(b"\n")
        while len(line) > LONGEST_LINE and not ended:
            rest = stream.readline(LONGEST_LINE)
            ended = not rest or rest.endswith(b"\n")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield number, line


def _parse_line(line: bytes, received_at: datetime) -> NewEvent | Refused:
    if len(line) > LONGEST_LINE:
        return Refused("too_large", f"longer than {LONGEST_LINE // 1024} KB")
    try:
        return parse(msgspec.json.decode(line), received_at, from_file=True, is_clean=is_clean_json(line))
    except (ValueError, RecursionError):  # a DecodeError is a ValueError
        return _parse_unusual_line(line, received_at)


def _parse_unusual_line(line: bytes, received_at: datetime) -> NewEvent | Refused:
    """JSON as some senders write it, with NaN or lone surrogates: msgspec takes neither, `clean` mends both."""
    try:
        return parse(json.loads(line), received_at, from_file=True)
    except (ValueError, RecursionError) as error:
        return Refused("not_json", f"no JSON: {error}")


def _write_rejects(path: Path, rejects: list[Reject]) -> None:
    """One JSON object a line: file, line, reason, and the line as it stood."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("wb") as out:
        for reject in rejects:
            out.write(msgspec.json.encode(_row(reject)) + b"\n")


def _row(reject: Reject) -> dict[str, Any]:
    return {"file": reject.file, "line": reject.line, "reason": reject.reason, "text": reject.text}
