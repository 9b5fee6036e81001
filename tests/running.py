"""A whole Entente of its own: folder, database, web and worker, started as people start it and spoken to over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds after which what should have happened will not: no measure of speed, only an end to waiting."""


class Running:
    """`entente serve` on a free port. ``keys`` are those of `entente key create`, once they are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "ENTENTE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "entente.settings"}
        for name in ("DATABASE_URL", "ENTENTE_POOL"):
            self.environment.pop(name, None)
        self.port = free_port()
        self.keys: dict[str, Any] = {}
        self.log = (folder / "serve.log").open("wb")
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str, given: str | None = None) -> str:
        """Run a command of ours to its end; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "entente.cli.main", *words],
            env=self.environment, input=given, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}\n{done.stdout}"
        return done.stdout

    def start(self) -> None:
        words = ["serve", "--port", str(self.port), "--processes", "1"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "entente.cli.main", *words],
            env=self.environment, stdout=self.log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.until(lambda: self._is_there() or None)

    def stop(self) -> int:
        """Ask it to stop, and wait until it has; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def until(self, look: Callable[[], T | None]) -> T:
        """What ``look`` finds as soon as it finds something."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if (found := look()) is not None:
                return found
            if self.process and self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"it did not happen; the server says:\n{(self.folder / 'serve.log').read_text()[-3000:]}")

    def track(self, call: str, **body: Any) -> dict[str, Any]:
        """One call of the Segment API with our write key."""
        basic = b64encode(f"{self.keys['write_key']}:".encode()).decode()
        return self._ask("POST", f"/v1/{call}", body, {"Authorization": f"Basic {basic}"})

    def ask(self, path: str) -> dict[str, Any]:
        """One reading of our API."""
        return self._ask("GET", f"/api/v1/{path}", None, self._bearer())

    def tell(self, path: str, **body: Any) -> dict[str, Any]:
        """One writing to our API."""
        return self._ask("POST", f"/api/v1/{path}", body, self._bearer())

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys['api_key']}"}

    def _is_there(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/accounts/login/", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _ask(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data, {**headers, "Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
