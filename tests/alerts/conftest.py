from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.db import connection
from playwright.sync_api import Browser, sync_playwright

from tests.web.test_in_a_browser import ARGUMENTS, CHROMIUM


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """Passwords are hashed slowly on purpose; tests need not wait for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def address(port: int, server: subprocess.Popen[bytes]) -> str:
    wait_for(f"http://127.0.0.1:{port}/healthz", server)
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def server(transactional_db, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Entente as it runs: granian, in a process of its own, on the test's database."""
    environment = {**os.environ, "DATABASE_URL": database_url(), "ENTENTE_POOL": "1"}
    granian = [
        shutil.which("granian", path=os.path.dirname(sys.executable)),
        "--interface",
        "asginl",
        "--port",
        str(port),
    ]
    server = subprocess.Popen(
        [*granian, "--workers", "1", "--log-level", "warning", "entente.asgi:application"], env=environment
    )
    try:
        yield server
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine (apt-get install chromium)")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's own event loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
