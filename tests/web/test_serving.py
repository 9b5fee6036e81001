"""`entente serve` as a process: it greets, answers, and stops when told, leaving a database that starts again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

COMMAND = Path(sys.executable).parent / "entente"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    given = {**os.environ, "ENTENTE_DATA": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):  # those of this test run
        given.pop(name, None)
    return given


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(server: subprocess.Popen[str], port: int) -> int:
    """The status of the health page, asked again until the server listens or has died."""
    for _ in range(1200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as response:
                return response.status
        except (ConnectionError, urllib.error.URLError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=0.05)
                break
    raise AssertionError("nobody answers")


def test_a_fresh_machine_serves_greets_and_stops_gracefully(environment: dict[str, str]):
    port = free_port()
    server = subprocess.Popen(
        [COMMAND, "serve", "--port", str(port), "--processes", "1"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        greeting = [server.stdout.readline() for _ in range(3)]
        assert f"http://127.0.0.1:{port}" in greeting[0]
        assert "entente user create" in greeting[2]
        assert answer(server, port) == 200
    finally:
        server.send_signal(signal.SIGTERM)
        _, complaints = server.communicate(timeout=60)
    assert server.returncode == 0, complaints
    listed = subprocess.run([COMMAND, "user", "list", "--json"], env=environment, capture_output=True, check=True)
    assert listed.stdout.strip() == b"[]"


def worker_of(server: subprocess.Popen[str], but: int = 0) -> int:
    """The number of the worker process that the server keeps running."""
    for _ in range(1200):
        for child in psutil.Process(server.pid).children():
            with contextlib.suppress(psutil.Error):  # it may end while it is looked at
                if "worker" in child.cmdline() and child.pid != but:
                    return child.pid
        time.sleep(0.05)
    raise AssertionError("no worker runs")


def test_served_with_a_worker_that_starts_again_when_it_is_killed(environment: dict[str, str]):
    port = free_port()
    server = subprocess.Popen(
        [COMMAND, "serve", "--port", str(port), "--processes", "1"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert answer(server, port) == 200
        first = worker_of(server)
        os.kill(first, signal.SIGKILL)
        second = worker_of(server, but=first)
        assert answer(server, port) == 200
    finally:
        server.send_signal(signal.SIGTERM)
        _, complaints = server.communicate(timeout=60)
    assert server.returncode == 0, complaints
    assert "worker has ended by signal 9" in complaints
    assert not psutil.pid_exists(second)


def test_a_taken_port_is_said_in_a_sentence(environment: dict[str, str]):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [COMMAND, "web", "--port", str(port)], env=environment, capture_output=True, text=True, check=False
        )
    assert refused.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr
