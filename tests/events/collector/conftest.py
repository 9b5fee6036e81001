from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations

from tests.events.collector.asking import Asking, asking
from tests.events.collector.served import Served

WRITTEN = (
    "events_event", "events_arrival", "events_conflict", "events_refusal", "events_writekey", "events_erased",
    "events_erasurekey", "events_source", "members_user",
)  # fmt: skip


@pytest.fixture
def _quick_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emptying the tables that these tests write takes a hundredth of the time for emptying all."""
    monkeypatch.setattr(DatabaseOperations, "execute_sql_flush", lambda *_: empty())


def empty() -> None:
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute("SET LOCAL entente.erasing = 'on'")
        sql.execute("TRUNCATE members_trailentry")  # rows of the trail cannot be deleted
        for table in WRITTEN:
            sql.execute(f"DELETE FROM {table}")


@pytest.fixture
def log(_quick_end: None, transactional_db: None) -> None:
    """An empty log that other connections see."""


@pytest.fixture
def collector(log: None) -> Iterator[Asking]:
    """A collector with a key for the source `web`."""
    with asking() as one:
        one.make_key()
        yield one


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real server for tests that name sources of their own."""
    one = Served(tmp_path_factory.mktemp("served"))
    try:
        yield one
    finally:
        one.end()
