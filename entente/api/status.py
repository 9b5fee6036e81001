"""How Entente itself is doing: what waits to be folded, who folds, what waits to be delivered, and how large it is.

Read from the database alone, so that every process tells the same; made for a person, a program and a monitor.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Min
from ninja import Schema
from pydantic import Field

from entente.alerts.outbox import WAITING, Outbox
from entente.worker.models import SetAside, Worker

RATES_OVER: Final = timedelta(minutes=5)
NEWEST: Final = 10_000
ALIVE: Final = timedelta(seconds=15)
KEEPS_UP: Final = timedelta(minutes=1)


class LagBody(Schema):
    """What the worker has still to fold."""

    events: int = Field(description="Events that nothing was derived from yet.", examples=[0])
    batches: int = Field(description="The batches they came in.", examples=[0])
    seconds: float = Field(description="The age of the oldest such batch; 0 when there is none.", examples=[0.0])


class RatesBody(Schema):
    """Over the last five minutes."""

    received_per_second: float = Field(description="Events written into the log.", examples=[12.5])


class WorkerBody(Schema):
    """A worker that folds."""

    name: str = Field(description="Its machine and process.", examples=["server:4711"])
    alive: bool = Field(description="Whether its heart beat in the last 15 seconds.", examples=[True])
    started_at: datetime = Field(description="Since when it runs.", examples=["2026-03-02T08:00:00Z"])
    beat_at: datetime = Field(description="Its last heartbeat.", examples=["2026-03-02T10:30:00Z"])
    events: int = Field(description="Events folded since it started.", examples=[120000])
    lag_seconds: float = Field(description="From arrival to fold, in its last batch.", examples=[0.05])
    trouble: str = Field(description="Why it could not work; empty when it can.", examples=[""])


class OutboxBody(Schema):
    """Messages that must leave the system."""

    waiting: int = Field(description="Not delivered yet.", examples=[0])
    seconds: float = Field(description="For how long the oldest that is due has been so.", examples=[0.0])
    parked: int = Field(description="Given up after the last try; somebody must look.", examples=[0])


class StatusBody(Schema):
    """How Entente is doing."""

    at: datetime = Field(description="When this was so.", examples=["2026-03-02T10:30:00Z"])
    healthy: bool = Field(description="A worker is alive and keeps up, and nothing is in trouble.", examples=[True])
    lag: LagBody = Field(description="What waits to be folded.")
    rates: RatesBody = Field(description="How fast events come.")
    workers: list[WorkerBody] = Field(description="Who folds, the latest started first.")
    workers_alive: int = Field(description="How many of them are alive.", examples=[1])
    set_aside: int = Field(description="Events that could not be folded; they can be retried.", examples=[0])
    outbox: OutboxBody = Field(description="What waits to be delivered.")
    database_bytes: int = Field(description="The size of the database on disk.", examples=[52428800])


def status_at(now: datetime) -> StatusBody:
    """The status as of ``now``."""
    lag, workers = _lag(now), [_worker(each, now) for each in Worker.objects.order_by("-started_at", "-pk")]
    alive = [each for each in workers if each.alive]
    return StatusBody(
        at=now,
        healthy=bool(alive) and not any(each.trouble for each in alive) and lag.seconds < KEEPS_UP.total_seconds(),
        lag=lag,
        rates=RatesBody(received_per_second=_received(now)),
        workers=workers,
        workers_alive=len(alive),
        set_aside=SetAside.objects.filter(resolved_at=None).count(),
        outbox=_outbox(now),
        database_bytes=_row("SELECT pg_database_size(current_database())")[0],
    )


def _worker(row: Worker, now: datetime) -> WorkerBody:
    return WorkerBody(
        name=str(row),
        alive=now - row.beat_at < ALIVE,
        started_at=row.started_at,
        beat_at=row.beat_at,
        events=row.events,
        lag_seconds=row.lag,
        trouble=row.trouble,
    )


def _outbox(now: datetime) -> OutboxBody:
    waiting = Outbox.objects.filter(WAITING)
    oldest = waiting.filter(next_at__lte=now).aggregate(Min("next_at"))["next_at__min"]
    parked = Outbox.objects.filter(parked_at__isnull=False).count()
    return OutboxBody(waiting=waiting.count(), seconds=_age(oldest, now), parked=parked)


def _lag(now: datetime) -> LagBody:
    batches, events, oldest = _row("SELECT count(*), coalesce(sum(events), 0), min(at) FROM events_arrival")
    return LagBody(events=events, batches=batches, seconds=_age(oldest, now))


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at else 0.0


def _received(now: datetime) -> float:
    """Events a second, imports left out, told by the newest ones in the log.

    Where these all came within the five minutes, it is the rate since the first of them.
    """
    recent, looked_at, oldest = _row(RECEIVED, [NEWEST, now - RATES_OVER])
    spread = RATES_OVER if recent < looked_at or looked_at < NEWEST else now - oldest
    return round(recent / max(spread.total_seconds(), 0.001), 3)


def _row(query: str, values: Sequence[Any] = ()) -> Any:
    with connection.cursor() as sql:
        sql.execute(query, list(values))
        return sql.fetchone()


RECEIVED = """
    WITH newest AS (SELECT received_at, imported_by_id FROM events_event ORDER BY id DESC LIMIT %s)
    SELECT count(*) FILTER (WHERE received_at >= %s), count(*), min(received_at)
    FROM newest WHERE imported_by_id IS NULL
"""
