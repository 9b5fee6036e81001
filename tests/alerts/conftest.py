from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """Passwords are hashed slowly on purpose; tests need not wait for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def _one_server(django_db_setup) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with running() as started:
        yield started


@pytest.fixture
def address(transactional_db, _one_server: tuple[str, subprocess.Popen[bytes]]) -> str:
    """Where Entente runs: granian, in a process of its own, on the tests' database; one for all tests."""
    return _one_server[0]


@pytest.fixture
def own_server(transactional_db) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """One that a test may stop."""
    with running() as started:
        yield started


@contextlib.contextmanager
def running() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and the process of a server; it must stop when it is told to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    granian = [str(Path(sys.executable).parent / "granian"), "--interface", "asginl", "--port", port]
    environment = {**os.environ, "DATABASE_URL": database_url(), "ENTENTE_POOL": "1"}
    command = [*granian, "--workers", "1", "--log-level", "warning", "entente.asgi:application"]
    server = subprocess.Popen(command, env=environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", server)
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            raise


def database_url() -> str:
    given = connection.settings_dict
    host, port = quote(str(given["HOST"]), safe=""), given.get("PORT") or ""
    secret = f":{quote(given['PASSWORD'])}" if given.get("PASSWORD") else ""
    return f"postgresql://{quote(given['USER'])}{secret}@/{given['NAME']}?host={host}" + (
        f"&port={port}" if port else ""
    )


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "the server has died"
        with contextlib.suppress(ConnectionError, urllib.error.URLError), urllib.request.urlopen(url, timeout=10):
            return
        time.sleep(0.05)
    raise AssertionError("nobody answers")
