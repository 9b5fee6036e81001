"""One measured figure and the limit that it must keep; and a stopwatch.

A benchmark is a module of this package with ``run(large: bool) -> list[Measurement]``. Its limits stand beside the
code that takes the time, so that who changes the code sees what it has to keep.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One figure. ``limit`` is the bound that it must keep: the most for ``"at_most"``, the least for ``"at_least"``.

    ``name`` is unique among all benchmarks and says what was done to how much ("replay of 10 million events, 20
    rules"). A figure without a limit informs only. ``note`` says in a few words how the figure came about.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    bound: Literal["at_most", "at_least"] = "at_most"
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the limit is kept; True where there is none."""
        if self.limit is None:
            return True
        return self.value <= self.limit if self.bound == "at_most" else self.value >= self.limit


@dataclass(slots=True)
class Watch:
    """Seconds of wall time that a ``with stopwatch()`` block took; 0 while it runs."""

    seconds: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Watch]:
    """Time a block: ``with stopwatch() as watch: ...`` and then ``watch.seconds``."""
    watch = Watch()
    started = time.perf_counter()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - started


def best_of(times: int, work: Callable[[], object]) -> float:
    """The least seconds of several runs of the same work: what the machine can do when nothing else disturbs it."""
    seconds = []
    for _ in range(times):
        with stopwatch() as watch:
            work()
        seconds.append(watch.seconds)
    return min(seconds)
