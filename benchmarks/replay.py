"""Replay of whole histories, against the time that DuckDB needs just to scan the same Parquet and group it by person.

Both are the best of several runs in this process, so both have the file in the system's cache, and neither has to
compile anything.
"""

from __future__ import annotations

import multiprocessing
import resource
from dataclasses import replace
from pathlib import Path

import duckdb

from benchmarks.measure import Measurement, best_of
from benchmarks.reference import reference_agreement, reference_log
from entente.agreements.document import Agreement
from entente.scoring.replay import prepare_log, replay

TIMES_THE_SCAN = 8
SECOND_REPLAY = 1.0
MEMORY = 2.0


def run(large: bool) -> list[Measurement]:
    """Replay 1 and 10 million events, with `--large` 50 million."""
    _compile()
    sizes = [1, 10, *([50] if large else [])]
    return [figure for millions in sizes for figure in _replay(millions)]


def _compile() -> None:
    replay(reference_log(100_000), reference_agreement())


def _replay(millions: int) -> list[Measurement]:
    path, agreement = reference_log(millions * 1_000_000), reference_agreement()
    runs = 5 if millions <= 10 else 2
    scan = best_of(runs, lambda: scan_and_group(path))
    first = best_of(runs, lambda: replay(path, agreement))
    second = _second(path, agreement)
    what = f"{millions} million events, 20 rules"
    # Small logs take as long as it takes to begin; the promises are for ten million.
    promised = millions == 10
    return [
        Measurement(name=f"scan and group by person, {millions} million events", value=scan, unit="s"),
        Measurement(name=f"replay of {what}", value=first, unit="s", note=f"{millions / first:.1f} million events/s"),
        Measurement(
            name=f"replay of {what}, times the scan",
            value=first / scan,
            unit="x",
            limit=TIMES_THE_SCAN if promised else None,
            note="both the best of several runs",
        ),
        Measurement(
            name=f"second replay with other points, {what}",
            value=second,
            unit="s",
            limit=SECOND_REPLAY if promised else None,
        ),
        Measurement(
            name=f"memory of a process that replays {what}",
            value=_memory(path),
            unit="GB",
            limit=MEMORY,
            note="largest resident size, interpreter and libraries included",
        ),
    ]


def _second(path: Path, agreement: Agreement) -> float:
    prepared, changed = prepare_log(path, agreement), with_other_points(agreement)
    return best_of(3, lambda: prepared.replay(changed))


def scan_and_group(path: Path) -> None:
    """What the replay is measured against: every person's events counted, their first and last found."""
    query = f"SELECT person, count(*), min(occurred_at), max(occurred_at) FROM '{path}' GROUP BY person"
    duckdb.sql(query).to_arrow_table()


def with_other_points(agreement: Agreement) -> Agreement:
    """The agreement with one more point for each rule, and another threshold."""
    definition = agreement.definition
    rules = tuple(replace(rule, points=rule.points + 1) for rule in definition.engagement.rules)
    engagement = replace(definition.engagement, rules=rules)
    return replace(agreement, definition=replace(definition, engagement=engagement, threshold=60))


def _memory(path: Path) -> float:
    """The most memory (GB) that a process of its own had while it replayed the file."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(replay_and_weigh, (path,))


def replay_and_weigh(path: Path) -> float:
    """Replay, and say how much memory this process has had at most."""
    replay(path, reference_agreement())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
