"""The live fold: what an event costs one core when it arrives, without the database."""

from __future__ import annotations

import pickle
import time

import pyarrow.parquet as pq

from benchmarks.measure import Measurement
from benchmarks.reference import reference_agreement, reference_log
from entente.scoring.fold import Compiled, Standing, compile_rules, fold, newcomer
from entente.scoring.log import COLUMNS
from entente.scoring.weave import Account, LogEvent, in_order

MICROSECONDS = 20.0
BATCH = 1_000
BATCHES = 200


def run(large: bool) -> list[Measurement]:
    """Fold batches of new events onto the standings of their persons, as the worker does."""
    events = _events(BATCH * BATCHES * (5 if large else 1))
    store = Store(compile_rules(reference_agreement()))
    warm_up, seconds = store.fold(events[:BATCH]), 0.0  # it compiles, or reads what was compiled
    for start in range(BATCH, len(events), BATCH):
        seconds += store.fold(events[start : start + BATCH])
    return [
        Measurement(
            name="live fold of one event, without the database",
            value=seconds / (len(events) - BATCH) * 1e6,
            unit="µs",
            limit=MICROSECONDS,
            note=f"of one core's time, in batches of {BATCH:,}; the first batch took {warm_up:.2f} s",
        )
    ]


class Store:
    """Stands in for the database: what is kept of persons and accounts lies outside the heap that the fold works in."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.standings: dict[int, bytes] = {}
        self.accounts: dict[str, bytes] = {}

    def fold(self, batch: list[LogEvent]) -> float:
        """Fold a batch, and return the seconds of processor time that it took without reading and writing."""
        standings = [self._standing(person) for person in dict.fromkeys(event.person for event in batch)]
        accounts: dict[str, Account] = {key: pickle.loads(one) for key, one in self.accounts.items()}
        started = time.process_time()
        fold(self.compiled, standings, accounts, batch)
        seconds = time.process_time() - started
        for one in standings:
            known = one.knowledge
            one.knowledge = type(known)(known.person, known.traits, known.group_id, known.email, known.keys)
            self.standings[known.person] = pickle.dumps(one)
        self.accounts |= {key: pickle.dumps(Account(one.values, one.last)) for key, one in accounts.items()}
        return seconds

    def _standing(self, person: int) -> Standing:
        stored = self.standings.get(person)
        return pickle.loads(stored) if stored else newcomer(person, self.compiled)


def _events(count: int) -> list[LogEvent]:
    """The first events of the reference log, in the order of time as they would arrive."""
    table = pq.ParquetFile(reference_log(1_000_000)).read(columns=list(COLUMNS)).slice(0, count)
    columns = [table[name].to_pylist() for name in COLUMNS]
    columns[1] = [int(at.timestamp() * 1_000_000) for at in columns[1]]
    fields = ("person", "at", *COLUMNS[2:])
    return in_order(LogEvent(**dict(zip(fields, row, strict=True))) for row in zip(*columns, strict=True))
