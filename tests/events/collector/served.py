"""A real server in a data folder of its own: granian's processes, an embedded PostgreSQL, and a way to restart that."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil
import psycopg

COMMAND = Path(sys.executable).parent / "entente"
START = "from pathlib import Path; from entente.database import embedded_url; print(embedded_url(Path({folder!r})))"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """`entente serve` on a port of 127.0.0.1, which starts again whatever of its processes is killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {**os.environ, "ENTENTE_DATA": str(folder), "PYTHONWARNINGS": "ignore"}
        for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):  # those of this test run
            self.environment.pop(name, None)
        command = [COMMAND, "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL)
        self._wait()
        self.url = self.start_database()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def make_key(self, source: str = "web", origins: tuple[str, ...] = (), rate: int = 100_000) -> str:
        secret = "wk_" + secrets.token_urlsafe(24)
        with self.database() as sql:
            sql.execute(
                "INSERT INTO events_source (name, created_at) VALUES (%s, now()) ON CONFLICT DO NOTHING", [source]
            )
            sql.execute(
                "INSERT INTO events_writekey (name, source_id, digest, prefix, origins, rate_per_second, created_at) "
                "SELECT 'test', id, %s, 'wk_', %s, %s, now() FROM events_source WHERE name = %s",
                [sha256(secret.encode()).hexdigest(), list(origins), rate, source],
            )
        return secret

    def events(self, source: str) -> list[dict[str, Any]]:
        """What is in the log of that source, in its order."""
        with self.database() as sql:
            found = sql.execute(
                "SELECT e.* FROM events_event e JOIN events_source s ON s.id = e.source_id WHERE s.name = %s "
                "ORDER BY e.id",
                [source],
            )
            names = [column.name for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found]

    def wait_for(self, source: str, count: int) -> list[dict[str, Any]]:
        """The events of the source, once there are so many."""
        for _ in range(600):
            if len(found := self.events(source)) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError([(event["type"], event["name"], event["path"]) for event in self.events(source)])

    def wait_until(self, query: str) -> None:
        """Wait until the query finds a row."""
        for _ in range(600):
            with self.database() as sql:
                if sql.execute(query).fetchone():
                    return
            time.sleep(0.05)
        raise AssertionError(query)

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.url, autocommit=True) as sql:
            yield sql

    def stop_database(self) -> None:
        """As an operator who is in a hurry: whatever was under way is cut."""
        process = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGINT)
        for _ in range(600):
            if not (self.folder / "postgres" / "postmaster.pid").exists():
                return
            time.sleep(0.05)
        raise AssertionError("the database does not stop")

    def kill_database(self) -> None:
        """As the kernel does when memory is short: no chance to say anything."""
        os.kill(int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def kill_web_process(self, dice: random.Random) -> None:
        """One of granian's processes, which granian starts again."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        if workers:
            dice.choice(workers).kill()

    def start_database(self) -> str:
        return self._run([sys.executable, "-c", START.format(folder=str(self.folder))]).split()[-1]

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def _run(self, command: list[Any]) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _wait(self) -> None:
        for _ in range(600):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.address}/entente.js", timeout=10):
                return
            assert self.process.poll() is None, "the server ended"
            time.sleep(0.1)
        raise AssertionError("nobody answers")
