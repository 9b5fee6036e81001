"""Working ahead changes nothing but the time: same items, same order, same errors; and it stops when nobody listens."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entente.connectors import ahead as module
from entente.connectors.ahead import ahead


@given(st.lists(st.integers()))
def test_the_items_come_in_their_order(items):
    assert list(ahead(items)) == items


def test_more_items_than_are_made_ahead(monkeypatch):
    monkeypatch.setattr(module, "BATCH", 3)
    assert list(ahead(range(100))) == list(range(100))


def test_an_error_comes_where_it_happened():
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        list(ahead(items()))


def test_who_leaves_early_stops_it(monkeypatch):
    monkeypatch.setattr(module, "BATCH", 1)
    monkeypatch.setattr(module, "PATIENCE", 0.001)

    def endless() -> Iterator[int]:
        while True:
            yield 1

    before = set(threading.enumerate())
    listening = ahead(endless())
    assert next(listening) == 1
    (worker,) = set(threading.enumerate()) - before
    listening.close()
    worker.join(timeout=5)
    assert not worker.is_alive()
