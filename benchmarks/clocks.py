"""A million running clocks: how soon what falls due among them is acted on, and what looking costs.

In a database of its own, with the embedded server. Most clocks are copied in and due within a month; a few thousand
belong to real hand-offs, whose facts are read when they fall due. The wait for a breach is that of a worker who looks
once a second, as the live one does, until the transaction that tells of it is committed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.log import _fresh_database
from benchmarks.measure import Measurement, best_of, stopwatch

RUNNING, LARGE = 1_000_000, 3_000_000
OVERDUE = 1_000
COMING = 400
"""Leads of which a clock is broken while the worker is watched, evenly over WATCHED."""
WATCHED = timedelta(seconds=8)
SECONDS_TO_ACT = 2.0
LOOKS = 200

AGREEMENT = """
format: 1
name: Clocks
effective: 2020-01-01
timezone: UTC
business_time: {hours: {mon-sun: "00:00-24:00"}}
definition: {threshold: 50}
commitments:
  sales:
    - {promise: First touch, clock: first_touch, within: 1 hour, at_least: 90%, warn_at: 50%}
    - {promise: Feedback, clock: feedback, within: 2 days, at_least: 95%}
    - {promise: Persistence, touches: 5, within: 10 days, at_least: 80%}
  escalation:
    first_touch: {on_warning: rep, on_breach: [rep, sales_manager]}
"""


def run(large: bool) -> list[Measurement]:
    _fresh_database()
    count = LARGE if large else RUNNING
    with stopwatch() as filling:
        _fill(count, datetime.now(UTC))
    persons, following = _leads(datetime.now(UTC))
    idle = _looks(LOOKS)
    with stopwatch() as acting:
        told = _act(datetime.now(UTC), OVERDUE)
    while _act(datetime.now(UTC), OVERDUE):
        pass
    delays = _watch()
    many = f"{count:,} running clocks"
    return [
        Measurement(
            name=f"a breach is acted on, among {many}", value=max(delays), unit="s", limit=SECONDS_TO_ACT,
            note=f"the longest of {len(delays)}, median {statistics.median(delays):.2f} s; committed",
        ),
        Measurement(
            name=f"a look at {many} when nothing is due", value=idle * 1000, unit="ms", limit=5,
            note=f"the best of {LOOKS}",
        ),
        Measurement(
            name=f"acting on {OVERDUE:,} clocks that are due, among {many}", value=acting.seconds, unit="s", limit=2,
            note=f"{told:,} warnings and breaches, each looked at anew in the facts",
        ),
        Measurement(
            name="following the hand-offs of a person", value=len(persons) / following, unit="persons/s",
            limit=1_000, bound="at_least", note=f"{len(persons):,} persons with a hand-off each, three clocks anew",
        ),
        Measurement(name=f"copying in {many}", value=filling.seconds, unit="s", note="with all their indexes"),
    ]  # fmt: skip


def _act(now: datetime, limit: int) -> int:
    from entente.sla.actions import act_on_due

    return len(act_on_due(now, limit))


def _looks(times: int) -> float:
    """Seconds of a look at a time before anything fell due."""
    from entente.sla.models import Clock

    before = Clock.objects.filter(next_at__isnull=False).order_by("next_at").values_list("next_at", flat=True)[0]
    return best_of(times, lambda: _act(before, OVERDUE))


def _leads(now: datetime) -> tuple[list[int], float]:
    """Leads in the hands of a rep for two hours, and others that will be overdue while the worker is watched."""
    from entente.agreements.actions import adopt
    from entente.agreements.document import parse
    from entente.events.actions import append
    from entente.handoffs.actions import derive
    from entente.people.actions import resolve_new
    from entente.people.models import Person
    from entente.sla.actions import follow

    adopt(parse(AGREEMENT), None, now)
    append(_assignments(now), "bench")
    resolve_new(now)
    persons = list(Person.objects.values_list("pk", flat=True))
    derive(persons)
    with stopwatch() as watch:
        follow(persons, now)
    return persons, watch.seconds


def _assignments(now: datetime) -> Iterator[Any]:
    from entente.events.types import NewEvent

    soon = now + timedelta(seconds=10)  # what is measured before takes less
    step = WATCHED / COMING
    starts = [now - timedelta(hours=2, seconds=n) for n in range(OVERDUE)]
    starts += [soon - timedelta(hours=1) + n * step for n in range(COMING)]
    for number, at in enumerate(starts):
        email = f"lead{number}@client{number % 997}.example"
        yield NewEvent(
            message_id=f"assigned-{number}", type="owner_assigned", occurred_at=at, received_at=at,
            identity=f"email:{email}", email=email, properties={"owner": f"rep{number % 20}@acme.example"},
        )  # fmt: skip


def _fill(count: int, now: datetime) -> None:
    """Copy in clocks that fall due within a month, of hand-offs that are not looked at before."""
    from django.db import connection

    columns = (
        "handoff_id, person_id, version, kind, promise, rep, started_at, due_at, warn_at, state, paused, quiet, "
        "reassigned_to, obstacle"
    )
    first_due, month = now + timedelta(minutes=30), 30 * 86_400
    with connection.cursor() as sql, sql.copy(f"COPY sla_clock ({columns}) FROM STDIN") as copy:
        for number in range(count):
            due = first_due + timedelta(seconds=number * 7919 % month)
            rep = f"rep{number % 20}@acme.example"
            copy.write_row((
                10_000_000 + number, number, 1, "first_touch", "First touch", rep, due - timedelta(hours=1), due,
                due - timedelta(minutes=15), "running", timedelta(0), False, "", "",
            ))  # fmt: skip
    with connection.cursor() as sql:
        sql.execute("ANALYZE sla_clock")


def _watch() -> list[float]:
    """Seconds from each breach's due time until it was told and committed, by a worker who looks every second."""
    from entente.sla.actions import act_on_due
    from entente.worker.live import REST

    delays: list[float] = []
    while len(delays) < COMING:
        notices = act_on_due(datetime.now(UTC))
        committed = datetime.now(UTC)
        delays += [(committed - each.due_at).total_seconds() for each in notices if each.kind == "breach"]
        time.sleep(REST)
    return delays
