"""The log and the people: appending events, finding their persons, reading all of it back.

In a database of its own, with the embedded server: a first import of many persons with an identify call each, then
page views of persons who are known, in bulk and in the small batches of a live worker.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.measure import Measurement, best_of, stopwatch
from entente.events.types import NewEvent

EVENTS, LARGE = 400_000, 2_000_000
PAGES_PER_PERSON = 20
START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIVE_BATCH, LIVE_BATCHES = 100, 30


def run(large: bool) -> list[Measurement]:
    _fresh_database()
    from entente.events.actions import append
    from entente.people.actions import resolve_anew, resolve_new
    from entente.people.queries import read_log

    events = LARGE if large else EVENTS
    persons = events // PAGES_PER_PERSON
    rows = list(_first_import(events, persons))
    with stopwatch() as appending:
        append(rows, "bench")
    with stopwatch() as again:
        append(rows, "bench")
    with stopwatch() as first:
        resolve_new(NOW)
    append(_page_views(events, persons, 0), "bench")
    with stopwatch() as plain:
        resolve_new(NOW)
    live = [_live(number, persons) for number in range(LIVE_BATCHES)]
    reading = best_of(2, read_log)
    with stopwatch() as anew:
        resolve_anew(NOW)
    many = f"{events:,} events"
    total = 2 * events + LIVE_BATCH * LIVE_BATCHES
    return [
        _rate(f"append of {many}", events / appending.seconds, limit=60_000),
        _rate(f"append of {many} that the log has", events / again.seconds, note="and nothing changes"),
        _rate(
            f"persons of {many}, {persons:,} of them new", events / first.seconds,
            note="each with user id, e-mail, device and traits",
        ),
        _rate(f"persons of {many}, all known", events / plain.seconds, limit=100_000),
        _rate("persons made anew from the whole log", total / anew.seconds),
        Measurement(
            name=f"persons of a live batch of {LIVE_BATCH} events", value=statistics.median(live) * 1000, unit="ms",
            limit=100, note=f"median of {LIVE_BATCHES}; the longest {max(live) * 1000:.0f} ms",
        ),
        Measurement(
            name="reading the log for a replay, per 400,000 events", value=reading * EVENTS / total, unit="s", limit=3,
            note=f"{total:,} events, sorted by person and time",
        ),
    ]  # fmt: skip


def _rate(name: str, value: float, limit: float | None = None, note: str = "") -> Measurement:
    return Measurement(name=name, value=value, unit="events/s", limit=limit, bound="at_least", note=note)


def _live(number: int, persons: int) -> float:
    from entente.events.actions import append
    from entente.people.actions import resolve_new

    append(_page_views(LIVE_BATCH, persons, number + 1), "bench")
    with stopwatch() as watch:
        resolve_new(NOW)
    return watch.seconds


def _first_import(events: int, persons: int) -> Iterator[NewEvent]:
    for number in range(events):
        person = number * 7919 % persons
        told = number < persons
        known = told or number % 3 > 0
        yield NewEvent(
            message_id=f"{number * 2654435761 % 2**32:08x}-{number:08x}-import",
            type="identify" if told else "page",
            path="" if told else "/pricing",
            occurred_at=START + timedelta(seconds=number),
            received_at=NOW,
            identity=f"user:u{person}" if known else f"anon:a{person}",
            user_id=f"u{person}" if known else None,
            anonymous_id=f"a{person}",
            email=f"p{person}@c{person % 997}.example" if told else None,
            properties=_traits(person) if told else {"title": "Pricing", "referrer": "https://search.example/"},
        )


def _traits(person: int) -> dict[str, object]:
    return {"title": "Head of sales", "company": f"Company {person % 997}", "employees": person % 500, "country": "ES"}


def _page_views(events: int, persons: int, batch: int) -> Iterator[NewEvent]:
    later = START + timedelta(days=100 + batch)
    for number in range(events):
        person = number * 104_729 % persons
        yield NewEvent(
            message_id=f"{number * 2654435761 % 2**32:08x}-{number:08x}-{batch}",
            type="page",
            path="/blog/one",
            occurred_at=later + timedelta(milliseconds=number),
            received_at=NOW,
            identity=f"user:u{person}",
            user_id=f"u{person}",
            properties={"title": "Blog", "referrer": "https://search.example/"},
        )


def _fresh_database() -> None:
    """All tables, empty, in the data folder of the benchmarks (`python -m benchmarks` sees to that)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entente.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as sql:
        sql.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command("migrate", verbosity=0, interactive=False)
