"""A whole log made ready to replay: every event's class, and who knew what when, as columns.

Conditions are evaluated once for each class of events and of knowledge (see `lens`); what is left of ten million events
are a few columns of numbers, over which the kernel runs again and again with other points.

Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from entente.scoring.columns import Chunk, Numbers, chunk_of, codes_of, distinct_rows
from entente.scoring.extract import Extract, extract
from entente.scoring.known import Knowing
from entente.scoring.lens import MARKED, Lens
from entente.scoring.log import Log

if TYPE_CHECKING:
    from entente.scoring.kernel import Rows

EVENT_COLUMNS: Final = ("person", "occurred_at", "type", "name", "path", "mark")
ACCOUNT_COLUMNS: Final = ("group_id", "email")


class Part(NamedTuple):
    """Some persons with their rows."""

    persons: NDArray[np.int64]
    rows: Rows


def prepare(log: Log, lens: Lens, progress: Callable[[int, int], object] | None = None) -> list[Part]:
    """Read the log through the lens. ``progress`` is told rows done and rows in all.

    Persons are in the log's order, each in exactly one part.
    """
    found = extract(log, lens)
    knowing = Knowing(log, lens, found)
    columns = (*EVENT_COLUMNS, *(ACCOUNT_COLUMNS if lens.looks_at_account else ()))
    parts = []
    for start, table in log.chunks(columns):
        parts.append(_part(chunk_of(start, table), lens, found, knowing))
        if progress:
            progress(start + table.num_rows, log.rows)
    return parts


def _part(chunk: Chunk, lens: Lens, found: Extract, knowing: Knowing) -> Part:
    from entente.scoring.kernel import Rows

    changes = knowing.changes(chunk)
    rows = Rows(chunk.first, chunk.at, _sights(chunk, lens, found), *changes)
    return Part(chunk.person[chunk.first[:-1]], rows)


def _sights(chunk: Chunk, lens: Lens, found: Extract) -> NDArray[np.int32]:
    """The class of every event."""
    from entente.scoring.passes import combine, map_through, mark_present

    types, names, paths = Numbers(), Numbers(), Numbers()
    type_codes = codes_of(chunk.table["type"], lambda text: types.number(lens.type_class(text or ""), text or ""))
    name_codes = codes_of(chunk.table["name"], lambda text: names.number(lens.name_class(text or ""), text or ""))
    path_codes = codes_of(chunk.table["path"], lambda text: paths.number(lens.path_class(text or ""), text or ""))
    combined = np.empty(len(chunk.at), np.int64)
    combine(type_codes, name_codes, path_codes, len(names.texts), len(paths.texts), combined)
    present = np.zeros(len(types.texts) * len(names.texts) * len(paths.texts), np.bool_)
    mark_present(combined, present)
    outline = np.full(len(present), -1, np.int32)
    for combination in np.flatnonzero(present).tolist():
        rest, path = divmod(combination, len(paths.texts))
        type_, name = divmod(rest, len(names.texts))
        outline[combination] = lens.outline(types.texts[type_], names.texts[name], paths.texts[path])
    plain = np.array([_plain_sight(lens, number) for number in range(len(lens.outlines))], np.int32)
    sights = np.empty(len(chunk.at), np.int32)
    map_through(combined, np.where(outline >= 0, plain[outline], 0).astype(np.int32), sights)
    _look_closer(chunk, lens, found, outline[combined[_looked_at(chunk, found)]], sights)
    if chunk.marked.any():
        sights[chunk.marked] = MARKED
    return sights


def _plain_sight(lens: Lens, outline: int) -> int:
    return lens.sight_of(outline, (0,) * len(lens.outlines[outline].looks_at))


def _looked_at(chunk: Chunk, found: Extract) -> NDArray[np.int64]:
    """The rows of the chunk of which the properties were taken out."""
    low, high = np.searchsorted(found.row, [chunk.start, chunk.start + len(chunk.at)])
    return found.row[low:high] - chunk.start


def _look_closer(
    chunk: Chunk, lens: Lens, found: Extract, outlines: NDArray[np.int32], sights: NDArray[np.int32]
) -> None:
    """Put right the classes of those events whose properties matter."""
    rows = _looked_at(chunk, found)
    low = int(np.searchsorted(found.row, chunk.start))
    for outline in np.unique(outlines).tolist():
        looks_at = lens.outlines[outline].looks_at
        if not looks_at:
            continue
        some = np.flatnonzero(outlines == outline)
        classes = [found.classes(low + some, lens.properties[k]) for k in looks_at]
        table = np.maximum(np.stack(classes, axis=1), 0)
        numbers, distinct = distinct_rows(table)
        of = np.array([lens.sight_of(outline, tuple(values)) for values in distinct.tolist()], np.int32)
        sights[rows[some]] = of[numbers]
