"""A whole log made ready to replay: every event's class, and who knew what when, as columns.

Conditions are evaluated once for each class of events and of knowledge (see `lens`); what is left of ten million events
are a few columns of numbers, over which the kernel runs again and again with other points.

Pure.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from entente.scoring.columns import ONE_AT_A_TIME, Chunk, Numbers, OutOfOrder, chunk_of, distinct_rows
from entente.scoring.extract import Extract, extract
from entente.scoring.known import Knowing
from entente.scoring.lens import MARKED, Lens
from entente.scoring.log import Log

if TYPE_CHECKING:
    from entente.scoring.kernel import Rows

EVENT_COLUMNS: Final = ("person", "occurred_at", "type", "name", "path", "mark")
AHEAD: Final = 3
WORKERS: Final = min(4, os.cpu_count() or 1)
AT_ONCE: Final = WORKERS + 1
"""So many chunks are under way at once: one more than there are workers, so that none of them waits for the next."""

ACCOUNT_COLUMNS: Final = ("group_id", "email")


Read: TypeAlias = tuple[int, pa.Table]
Made = TypeVar("Made")


class Part(NamedTuple):
    """Some persons with their rows."""

    persons: NDArray[np.int64]
    rows: Rows


def prepare(
    log: Log, lens: Lens, make: Callable[[Part], Made], progress: Callable[[int, int], object] | None = None
) -> list[Made]:
    """Read the log through the lens, part by part. ``progress`` is told rows done and rows in all.

    Persons are in the log's order, each in exactly one part. What comes back is what ``make`` made of each part, in the
    thread that had it at hand: while one part is read, another is worked on, and memory need not hold all of them.
    """
    try:
        return _read(log, lens, make, progress)
    except OutOfOrder:
        log.put_in_order()
        return _read(log, lens, make, progress)


def _read(
    log: Log, lens: Lens, make: Callable[[Part], Made], progress: Callable[[int, int], object] | None
) -> list[Made]:
    columns = (*EVENT_COLUMNS, *(ACCOUNT_COLUMNS if lens.looks_at_account else ()))
    all_made: list[Made] = []
    done, last_person = 0, None
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(WORKERS) as workers:
        chunks = _ahead(log.chunks(columns), reader)
        found = extract(log, lens)
        knowing = Knowing(log, lens, found)

        def prepared(read: Read) -> tuple[int, int, int, Made]:
            chunk = chunk_of(*read)
            _check_ties(log, chunk)
            made = make(_part(chunk, lens, found, knowing))
            return int(chunk.persons[0]), int(chunk.persons[-1]), len(chunk.at), made

        for first, last, rows, made in _some_at_once(workers, prepared, chunks):
            if last_person is not None and first <= last_person:
                raise OutOfOrder
            last_person = last
            all_made.append(made)
            done += rows
            if progress:
                progress(done, log.rows)
    return all_made


def _ahead(chunks: Iterator[Read], reader: Executor) -> Iterator[Read]:
    """The same, the first few being read from now on, and later ones while one is worked on."""
    coming = deque(reader.submit(next, chunks, None) for _ in range(AHEAD))

    def as_they_come() -> Iterator[Read]:
        while (chunk := coming.popleft().result()) is not None:
            coming.append(reader.submit(next, chunks, None))
            yield chunk

    return as_they_come()


def _some_at_once(workers: Executor, work: Callable[[Read], Made], chunks: Iterable[Read]) -> Iterator[Made]:
    """The work's results in order, few of them under way at any time: memory holds few chunks."""
    under_way: deque[Future[Made]] = deque()
    for chunk in chunks:
        under_way.append(workers.submit(work, chunk))
        if len(under_way) >= AT_ONCE:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


def _check_ties(log: Log, chunk: Chunk) -> None:
    """Raise OutOfOrder where events of one time do not lie by message id and source."""
    if len(chunk.tied) and not log.says_it_is_ordered:
        rows = chunk.tied + chunk.start
        if any(one > other for one, other in zip(log.ids(rows - 1), log.ids(rows), strict=True)):
            raise OutOfOrder


def _part(chunk: Chunk, lens: Lens, found: Extract, knowing: Knowing) -> Part:
    from entente.scoring.kernel import Rows

    changes = knowing.changes(chunk)
    rows = Rows(chunk.first, chunk.at, _sights(chunk, lens, found), *changes)
    return Part(chunk.persons, rows)


def _sights(chunk: Chunk, lens: Lens, found: Extract) -> NDArray[np.int32]:
    """The class of every event."""
    from entente.scoring.passes import map_combinations, mark_combinations

    numbers = (Numbers(), Numbers(), Numbers())
    table = chunk.table
    coded = (
        _coded(table["type"], numbers[0], lens.type_class),
        _coded(table["name"], numbers[1], lens.name_class),
        _coded(table["path"], numbers[2], lens.path_class),
    )
    codes, classes = tuple(of_rows for of_rows, _ in coded), tuple(of_codes for _, of_codes in coded)
    present = np.zeros([len(some.texts) for some in numbers], np.bool_)
    mark_combinations(codes, classes, present)
    outline, plain = np.full(present.shape, -1, np.int32), np.zeros(present.shape, np.int32)
    with ONE_AT_A_TIME:
        for combination in zip(*map(np.ndarray.tolist, np.nonzero(present)), strict=True):
            seen = lens.outline(*(some.texts[number] for some, number in zip(numbers, combination, strict=True)))
            outline[combination] = seen
            plain[combination] = lens.sight_of(seen, (0,) * len(lens.outlines[seen].looks_at))
    sights = np.empty(len(chunk.at), np.int32)
    map_combinations(codes, classes, plain, sights)
    rows = _looked_at(chunk, found)
    outlines = np.empty(len(rows), np.int32)
    map_combinations(tuple(column[rows] for column in codes), classes, outline, outlines)
    _look_closer(chunk, lens, found, outlines, sights)
    if chunk.marked.any():
        sights[chunk.marked] = MARKED
    return sights


def _coded(
    column: pa.ChunkedArray, numbers: Numbers, class_of: Callable[[str], Hashable]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """A code for every row, and the number of the class for every code."""
    whole = column.unify_dictionaries().combine_chunks()
    texts = whole.dictionary.to_pylist()
    with ONE_AT_A_TIME:
        classes = [numbers.number(class_of(text), text) for text in (*texts, "")]
    codes = whole.indices.fill_null(len(texts)) if whole.indices.null_count else whole.indices
    return np.asarray(codes.to_numpy()), np.array(classes, np.int32)


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
        with ONE_AT_A_TIME:
            classes = [found.classes(low + some, lens.properties[k]) for k in looks_at]
            numbers, distinct = distinct_rows(np.maximum(np.stack(classes, axis=1), 0))
            of = np.array([lens.sight_of(outline, tuple(values)) for values in distinct.tolist()], np.int32)
        sights[rows[some]] = of[numbers]
