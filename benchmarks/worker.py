"""The worker: how fast it drains what has piled up, and how soon what comes is visible.

In a database of its own, with the embedded server, under an agreement with fit, decay, accounts, promises and reps.
Draining runs in this process; what is visible how soon is measured on a real `entente worker` beside this process,
which appends 300 events a second in groups as the collector does, and looks every few milliseconds which of them are
folded and committed.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import psutil

from benchmarks.log import _fresh_database
from benchmarks.measure import Measurement, stopwatch

EVENTS, LARGE = 60_000, 400_000
PEOPLE = 30_000
KNOWN_BEFORE = 60_000
"""Events folded before anything is measured, so that tables have rows and functions are compiled."""

PER_SECOND, GROUP = 300, 6
SECONDS, LONG = 20, 60
DRAIN = 10_000.0
P50_MS, P99_MS = 150.0, 1_000.0

AGREEMENT = """
format: 1
name: Worker
effective: 2020-01-01
timezone: Europe/Madrid
business_time: {hours: {mon-sun: "00:00-24:00"}}
definition:
  threshold: 50
  fit:
    - {rule: Decision maker, points: 15, when: {trait: title, matches: "chief|head of"}}
    - {rule: Right size, points: 10, when: {account: employees, from: 50}}
  engagement:
    half_life: 30 days
    groups: {Content: {at_most: 20}}
    rules:
      - {rule: Asked for a demo, points: 40, when: {track: Demo Requested}}
      - {rule: Looked at pricing, points: 10, when: {page: "/pricing*"}, limit: 2 per day}
      - {rule: Read the blog, points: 1, when: {page: "/blog/*"}, limit: 3 per day, group: Content}
  required: [email]
commitments:
  sales:
    - {promise: First touch, clock: first_touch, within: 24 hours, at_least: 90%, warn_at: 50%}
routing:
  teams: [{team: All, reps: [ana@acme.example, luis@acme.example]}]
"""


def run(large: bool) -> list[Measurement]:
    _fresh_database()
    site = Site(random.Random(1))
    _adopt()
    _drain(site, KNOWN_BEFORE)
    count = LARGE if large else EVENTS
    turns, seconds = _drain(site, count)
    delays, memory = _watch(site, LONG if large else SECONDS)
    told = f"{PER_SECOND} events/s in groups of {GROUP}, {len(delays):,} groups"
    return [
        Measurement(
            name="worker drains what has piled up", value=count / seconds, unit="events/s", limit=DRAIN,
            bound="at_least", note=f"{count:,} events of {PEOPLE:,} people in {turns} turns, one process",
        ),
        Measurement(
            name=f"from commit to visible score at {PER_SECOND} events/s: p50", value=_percentile(delays, 50),
            unit="ms", limit=P50_MS, note=told,
        ),
        Measurement(
            name=f"from commit to visible score at {PER_SECOND} events/s: p99", value=_percentile(delays, 99),
            unit="ms", limit=P99_MS, note=told,
        ),
        Measurement(name="memory of one worker", value=memory, unit="MB", note="its own and its share of libraries"),
    ]  # fmt: skip


class Site:
    """A website whose visitors look around, tell who they are now and then, and sometimes ask for a demo."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.number = 0

    def events(self, count: int) -> Iterator[Any]:
        """So many events that happen now."""
        return (self._event(datetime.now(UTC)) for _ in range(count))

    def _event(self, at: datetime) -> Any:
        from entente.events.types import NewEvent

        self.number += 1
        who, drawn = self.chance.randrange(PEOPLE), self.chance.random()
        given: dict[str, Any] = {"message_id": f"w{self.number}", "occurred_at": at, "received_at": at}
        known: dict[str, Any] = {"identity": f"user:{who}", "user_id": str(who)}
        if drawn < 0.05:
            email, title = f"p{who}@c{who % 4000}.example", self.chance.choice(["Chief", "Clerk"])
            traits = {"email": email, "title": title}
            return NewEvent(type="identify", anonymous_id=f"d{who}", email=email, properties=traits, **known, **given)
        if drawn < 0.06:
            size = {"employees": self.chance.randrange(500)}
            return NewEvent(type="group", group_id=f"c{who % 4000}.example", properties=size, **known, **given)
        if drawn < 0.065:
            return NewEvent(type="track", name="Demo Requested", **known, **given)
        path = self.chance.choice(["/pricing", "/blog/a", "/blog/b", "/", "/about"])
        properties = {"title": "A page", "url": f"https://acme.example{path}"}
        return NewEvent(
            type="page", path=path, identity=f"anon:d{who}", anonymous_id=f"d{who}", properties=properties, **given
        )


def _adopt() -> None:
    from entente.agreements.actions import adopt
    from entente.agreements.document import parse

    adopt(parse(AGREEMENT), None, datetime.now(UTC))


def _drain(site: Site, count: int) -> tuple[int, float]:
    """Append, then let a worker take turns until nothing waits; returns how many turns, and their seconds."""
    from entente.events.actions import append
    from entente.events.models import Arrival
    from entente.worker.live import LiveWorker, collecting_rarely

    for _ in range(count // 500):  # as the collector writes them under load
        append(list(site.events(500)), "site")
    worker, turns = LiveWorker(), 0
    with collecting_rarely(), stopwatch() as draining:  # as a running worker does
        while Arrival.objects.exists():
            worker.step()
            turns += 1
    return turns, draining.seconds


def _watch(site: Site, seconds: int) -> tuple[list[float], float]:
    """Milliseconds from the commit of each group until it is folded and committed; and the worker's megabytes."""
    with _worker() as process:
        watcher = Watcher()
        with watcher.watching():
            _send(site, watcher, 3)  # until it is warm
            watcher.delays.clear()
            _send(site, watcher, seconds)
            memory = process.memory_full_info().pss / 1e6
    return sorted(watcher.delays), memory


def _send(site: Site, watcher: Watcher, seconds: int) -> None:
    from django.db import connection

    from entente.events.actions import append

    began = time.perf_counter()
    for number in range(seconds * PER_SECOND // GROUP):
        time.sleep(max(0.0, began + number * GROUP / PER_SECOND - time.perf_counter()))
        append(list(site.events(GROUP)), "site")
        with connection.cursor() as sql:
            sql.execute("SELECT currval('events_arrival_id_seq')")
            watcher.sent[sql.fetchone()[0]] = time.perf_counter()


class Watcher:
    """Looks which arrivals wait no more."""

    def __init__(self) -> None:
        self.sent: dict[int, float] = {}
        self.delays: list[float] = []
        self.stop = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
            until = time.perf_counter() + 60
            while self.sent and time.perf_counter() < until:
                time.sleep(0.02)
        finally:
            self.stop.set()
            thread.join()

    def _look(self) -> None:
        from django.db import connection

        while not self.stop.wait(0.004):
            asked = list(self.sent)
            with connection.cursor() as sql:
                sql.execute("SELECT id FROM events_arrival")
                waiting = {id_ for (id_,) in sql.fetchall()}
            now = time.perf_counter()
            for arrival in asked:
                if arrival not in waiting:
                    self.delays.append((now - self.sent.pop(arrival)) * 1000)
        connection.close()


@contextmanager
def _worker() -> Iterator[psutil.Process]:
    """A real worker on this database, once it has begun to work."""
    from django.db import connection

    from entente.worker.models import Worker

    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    command = [sys.executable, "-m", "entente.cli.main", "worker"]
    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
    try:
        while not Worker.objects.filter(pid=process.pid).exists():
            if process.poll() is not None:
                raise RuntimeError(f"the worker ended with code {process.returncode}")
            time.sleep(0.05)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)


def _percentile(delays: list[float], percent: int) -> float:
    return delays[min(len(delays) - 1, len(delays) * percent // 100)] if delays else float("inf")
