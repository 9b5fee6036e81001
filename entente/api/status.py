"""How Entente itself is doing: what waits to be folded, who folds, what waits to be delivered, and how large it is.

Read from the database alone, so that every process tells the same; made for a person, a program and a monitor.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from ninja import Schema
from pydantic import Field

RATES_OVER: Final = timedelta(minutes=5)


class LagBody(Schema):
    """What the worker has still to fold."""

    events: int = Field(description="Events that nothing was derived from yet.", examples=[0])
    batches: int = Field(description="The batches they came in.", examples=[0])
    seconds: float = Field(description="The age of the oldest such batch; 0 when there is none.", examples=[0.0])


class RatesBody(Schema):
    """Over the last five minutes."""

    received_per_second: float = Field(description="Events written into the log.", examples=[12.5])


class StatusBody(Schema):
    """How Entente is doing."""

    at: datetime = Field(description="When this was so.", examples=["2026-03-02T10:30:00Z"])
    healthy: bool = Field(description="Whether nothing below waits for somebody to look at it.")
    lag: LagBody = Field(description="What waits to be folded.")
    rates: RatesBody = Field(description="How fast events come.")
    database_bytes: int = Field(description="The size of the database on disk.", examples=[52428800])


def status_at(now: datetime) -> StatusBody:
    """The status as of ``now``."""
    lag = _lag(now)
    return StatusBody(
        at=now,
        healthy=lag.seconds < 60,
        lag=lag,
        rates=RatesBody(received_per_second=_received(now)),
        database_bytes=_one("SELECT pg_database_size(current_database())"),
    )


def _lag(now: datetime) -> LagBody:
    batches, events, oldest = _row("SELECT count(*), coalesce(sum(events), 0), min(at) FROM events_arrival", [])
    return LagBody(events=events, batches=batches, seconds=_age(oldest, now))


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at else 0.0


def _received(now: datetime) -> float:
    """By position in the log and time of receipt, from its newest end: no index on time is needed for that."""
    since = now - RATES_OVER
    count = _one(RECEIVED, [since])
    return round(count / RATES_OVER.total_seconds(), 3)


def _one(query: str, values: Sequence[Any] = ()) -> Any:
    return _row(query, values)[0]


def _row(query: str, values: Sequence[Any]) -> Any:
    with connection.cursor() as sql:
        sql.execute(query, list(values))
        return sql.fetchone()


RECEIVED = """
    WITH newest AS (
        SELECT received_at, imported_by_id FROM events_event ORDER BY id DESC LIMIT 100000
    )
    SELECT count(*) FROM newest WHERE received_at >= %s AND imported_by_id IS NULL
"""
