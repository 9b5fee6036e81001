"""What all tests share. Their settings, and where their database lies, are in `tests/settings.py`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A loaded machine is no counterexample: nothing is timed in tests.
settings.register_profile("entente", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("entente")


def pytest_configure() -> None:
    """Emptying the tables after a test that committed needs the leave that the log asks of everyone."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    empty = DatabaseOperations.execute_sql_flush

    def empty_with_leave(self: DatabaseOperations, statements: list[str]) -> None:
        empty(self, ["SET LOCAL entente.erasing = 'on'", *statements])

    DatabaseOperations.execute_sql_flush = empty_with_leave


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real Chromium, for the tests of one module: two at once in one process are one event loop too many."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    # Playwright's own event loop runs in this thread.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
