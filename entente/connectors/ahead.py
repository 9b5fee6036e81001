"""Making the next rows ready while the database writes the last ones.

An import spends half of its time waiting for PostgreSQL; a thread that works ahead, a few batches at most, uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from queue import Full, Queue
from typing import Final, TypeVar

T = TypeVar("T")

BATCH: Final = 10_000
BATCHES_AHEAD: Final = 4
PATIENCE: Final = 0.1
"""Seconds after which a thread that cannot go on looks whether anybody still wants what it makes."""


def ahead(items: Iterable[T]) -> Iterator[T]:
    """The items in their order, made by another thread. What it raises is raised here; leaving early stops it."""
    made: Queue[list[T] | BaseException | None] = Queue(BATCHES_AHEAD)
    left = threading.Event()
    threading.Thread(target=_make, args=(iter(items), made, left), name="working ahead", daemon=True).start()
    try:
        while (batch := made.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield from batch
    finally:
        left.set()


def _make(items: Iterator[T], made: Queue[list[T] | BaseException | None], left: threading.Event) -> None:
    try:
        while batch := list(islice(items, BATCH)):
            if not _put(made, batch, left):
                return
        _put(made, None, left)
    except BaseException as error:  # noqa: BLE001 - it is raised again by who waits for the items
        _put(made, error, left)


def _put(
    made: Queue[list[T] | BaseException | None], what: list[T] | BaseException | None, left: threading.Event
) -> bool:
    """Whether somebody is there to take it."""
    while not left.is_set():
        try:
            made.put(what, timeout=PATIENCE)
        except Full:
            continue
        return True
    return False
