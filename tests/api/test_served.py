"""The API in a real server: a key made on the command line sends an event, which the worker folds into a person."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).parent / "entente"
PATIENCE = 120
"""Seconds: a loaded machine is no failure."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    given = {**os.environ, "ENTENTE_DATA": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):  # those of this test run
        given.pop(name, None)
    return given


@pytest.fixture
def served(environment):
    port = free_port()
    server = subprocess.Popen(
        [COMMAND, "serve", "--port", str(port), "--processes", "1"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: ask(address, "/healthz")[0] == 200)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


def until(holds) -> Any:
    """What it tells, once it tells anything."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionError, urllib.error.URLError):
            if told := holds():
                return told
        time.sleep(0.1)
    raise AssertionError("it never came to hold")


def ask(address: str, path: str, key: str = "", body: Any = None, method: str = "") -> tuple[int, str]:
    request = urllib.request.Request(
        address + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})},
        method=method or None,
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_key_sends_an_event_that_becomes_a_person(served, environment):
    made = subprocess.run(
        [COMMAND, "key", "create", "--name", "crm", "--json"], env=environment, capture_output=True, check=True
    )
    key = json.loads(made.stdout)["api_key"]
    call = {"type": "identify", "userId": "u1", "messageId": "m1", "traits": {"email": "zoe@kunde.example"}}
    status, told = ask(served, "/api/v1/events", key, {"events": [call]})
    assert (status, json.loads(told)["stored"]) == (200, 1)

    def found():
        return json.loads(ask(served, "/api/v1/people?email=zoe@kunde.example", key)[1])["items"]

    assert until(found)[0]["email"] == "zoe@kunde.example"
    told = json.loads(ask(served, "/api/v1/status", key)[1])
    assert (told["workers_alive"], told["lag"]["events"]) == (1, 0)
    assert "entente_workers_alive 1" in ask(served, "/metrics")[1]
    assert ask(served, "/api/v1/people")[0] == 401
    assert ask(served, "/api/v1/people", key, method="HEAD") == (200, "")
    assert ask(served, "/api/v1/nothing", key)[0] == 404
    assert ask(served, "/api/v1/docs")[0] == 200
    assert ask(served, "/static/ninja/swagger-ui.css")[0] == 200
