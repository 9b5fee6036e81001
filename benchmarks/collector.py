"""Events over HTTP: 64 connections to `entente serve`, with its worker folding under an agreement meanwhile.

Single events as fast as they are answered, then at a steady 3,000 a second, then batches of 100. The load program runs
in a process of its own on the same machine, and so does the embedded PostgreSQL; every answer comes after its commit.
Data folder and database are thrown away.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.http_load import Plan
from benchmarks.measure import Measurement

SECONDS, LONG = 10, 60
STEADY = 3_000
WARM = 5
"""Seconds before the first figure counts: the worker compiles what it folds with."""
BATCH = 100
PATIENCE = 60
ENTENTE = [sys.executable, "-m", "entente.cli.main"]


@dataclass(slots=True)
class Server:
    """A running `entente serve`, and a key for it."""

    port: int
    key: str
    folder: Path
    environment: dict[str, str]
    process: psutil.Process

    def load(self, **given: Any) -> dict[str, Any]:
        """Let the load program run; latencies come back sorted. Raises RuntimeError when an answer was no success."""
        plan = json.dumps(asdict(Plan(port=self.port, key=self.key, **given)))
        command = [sys.executable, "-m", "benchmarks.http_load", plan]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        found = dict(json.loads(done.stdout))
        if set(found["answers"]) != {"200"}:
            raise RuntimeError(f"answers: {found['answers']}")
        found["latencies"].sort()
        return found

    def drain(self) -> float:
        """Seconds until everything that was taken in is folded, but no more than PATIENCE."""
        began = time.perf_counter()
        while self.ask("SELECT count(*) FROM events_arrival") and time.perf_counter() - began < PATIENCE:
            time.sleep(0.05)
        return time.perf_counter() - began

    def ask(self, query: str) -> int:
        with psycopg.connect(f"postgresql://postgres:@/entente?host={self.folder / 'postgres'}") as sql:
            return int((sql.execute(query).fetchone() or [0])[0])

    def memory(self) -> float:
        """Megabytes of all processes, the database's among them; what they share is counted once."""
        database = psutil.Process(int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0]))
        total = 0
        for root in (self.process, database):
            for process in (root, *root.children(recursive=True)):
                with suppress(psutil.Error):
                    total += process.memory_full_info().pss
        return total / 1e6


def run(large: bool) -> list[Measurement]:
    seconds = LONG if large else SECONDS
    with served() as server:
        most = server.load(seconds=seconds, warm=WARM)
        server.drain()
        steady = server.load(seconds=seconds, rate=STEADY)
        lag = server.drain()
        batches = server.load(seconds=seconds, batch=BATCH)
        memory = server.memory()
        stored = server.ask("SELECT count(*) FROM events_event")
    acknowledged = len(most["latencies"]) + len(steady["latencies"]) + BATCH * len(batches["latencies"])
    assert stored >= acknowledged, "an acknowledged event is not in the log"
    return [
        _rate("single events over HTTP, 64 connections", len(most["latencies"]) / most["seconds"], 3_000, _told(most)),
        _time("single events over HTTP, 64 connections: p99", _percentile(most, 99), 60, "as many as were answered"),
        _time(f"single events at {STEADY:,}/s: p50", _percentile(steady, 50), None, _told(steady)),
        _time(f"single events at {STEADY:,}/s: p99", _percentile(steady, 99), 60, "from when it was due to its answer"),
        _rate(
            f"batches of {BATCH} over HTTP, 64 connections",
            BATCH * len(batches["latencies"]) / batches["seconds"], 15_000, _told(batches),
        ),
        Measurement(
            name=f"single events at {STEADY:,}/s: worker's lag at the end", value=lag, unit="s", limit=2,
            note="until it has folded all of it",
        ),
        Measurement(
            name="memory of all processes under load", value=memory, unit="MB", limit=1_000,
            note="web, worker and database, at the end of the batches",
        ),
    ]  # fmt: skip


def _rate(name: str, value: float, limit: float, note: str) -> Measurement:
    return Measurement(name=name, value=value, unit="events/s", limit=limit, bound="at_least", note=note)


def _time(name: str, value: float, limit: float | None, note: str) -> Measurement:
    return Measurement(name=name, value=value, unit="ms", limit=limit, note=note)


def _told(found: dict[str, Any]) -> str:
    p50, p99, count = _percentile(found, 50), _percentile(found, 99), len(found["latencies"])
    return f"{count:,} requests in {found['seconds']:g} s, p50 {p50:.0f} ms, p99 {p99:.0f} ms"


def _percentile(found: dict[str, Any], percent: int) -> float:
    ordered: list[float] = found["latencies"]
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


@contextmanager
def served(**settings: str) -> Iterator[Server]:
    """`entente serve` in a folder of its own, with the agreement that every company may begin with.

    ``settings`` are environment variables of it.
    """
    with tempfile.TemporaryDirectory(prefix="entente-bench-") as name:
        folder = Path(name)
        environment = {**os.environ, "ENTENTE_DATA": str(folder / "data"), "PYTHONWARNINGS": "ignore", **settings}
        for variable in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
            environment.pop(variable, None)
        agreement = folder / "agreement.yaml"
        agreement.write_text(_entente(environment, "agreement", "template"))
        _entente(environment, "agreement", "import", str(agreement))
        key = json.loads(_entente(environment, "key", "create", "--name", "bench", "--json"))["write_key"]
        port = _free_port()
        process = subprocess.Popen([*ENTENTE, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait_for(port, process)
            yield Server(port, key, folder / "data", environment, psutil.Process(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _entente(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run([*ENTENTE, *words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/entente.js", timeout=10):
            return
        if process.poll() is not None:
            raise RuntimeError("the server ended")
        time.sleep(0.1)
    raise RuntimeError("nobody answers")
