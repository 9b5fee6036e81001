"""Workers killed at random instants under load: nothing is lost, nothing is done twice, and the others go on.

Real processes (`entente worker`), a real PostgreSQL, SIGKILL. What they leave must be what one undisturbed run over the
same events makes, to the last point of every score.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.events.actions import append
from entente.events.models import Arrival, Event
from entente.events.types import NewEvent
from entente.handoffs.models import Assignment, Handoff
from entente.handoffs.queries import handoffs_of_person
from entente.routing.models import Decision
from entente.sla.actions import follow_all
from entente.sla.models import Clock
from entente.worker.fold import rebuild
from entente.worker.models import SetAside, Worker
from tests.events.factories import event
from tests.worker.test_fold import AGREEMENT, numberless, start_again

pytestmark = pytest.mark.django_db(transaction=True)

PERSONS = 40
LIVE = (
    AGREEMENT.replace("2026-03-01", "2020-01-01")
    + """
business_time: {hours: {mon-sun: "00:00-24:00"}}
commitments:
  sales:
    - {promise: First touch, clock: first_touch, within: 24 hours, at_least: 90%}
  rejection_reasons: [No budget]
routing:
  teams: [{team: All, reps: [ana@us.example, {rep: luis@us.example, share: 0.5}]}]
"""
)


class Load:
    """A website and a CRM that tell of a few dozen people, in small batches, some of it late."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.number = 0

    def some(self) -> list[NewEvent]:
        return [self.one() for _ in range(self.chance.randint(1, 25))]

    def one(self) -> NewEvent:
        self.number += 1
        who = f"p{self.chance.randrange(PERSONS)}"
        now = datetime.now(UTC)
        at = now - timedelta(minutes=self.chance.choice([0, 0, 0, 0, 0, 5, 600]))
        given = {"id": f"m{self.number}", "occurred_at": at, "received_at": now}
        match self.chance.randrange(12):
            case 0:
                return event("identify", user=who, email=f"{who}@k{who[-1]}.example", anonymous=f"d-{who}",
                             properties={"title": self.chance.choice(["Chief", "Clerk"])}, **given)  # fmt: skip
            case 1:
                return event("group", user=who, group_id=f"k{who[-1]}.example", properties={"employees": 90}, **given)
            case 2 if self.chance.random() < 0.3:
                properties = {"by": "ana@us.example", "reason": "No budget"}
                return event("rejected", user=who, properties=properties, **given)
            case _:
                path = self.chance.choice(["/pricing", "/pricing/eu", "/blog/1", "/"])
                device = {"user": who} if self.chance.random() < 0.5 else {"anonymous": f"d-{who}"}
                return event("page", path=path, **device, **given)


class Workers:
    """Real worker processes on the test's database."""

    def __init__(self, count: int) -> None:
        self.running = [self._start() for _ in range(count)]

    def _start(self) -> subprocess.Popen[bytes]:
        database = connection.settings_dict
        url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}&port={database['PORT']}"
        environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "entente.settings"}
        return subprocess.Popen([sys.executable, "-m", "entente.cli.main", "worker"], env=environment)

    def kill(self, place: int) -> None:
        """Kill one in the midst of whatever it does, and start another in its place."""
        self.running[place].send_signal(signal.SIGKILL)
        self.running[place].wait()
        self.running[place] = self._start()

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        assert [process.wait(60) for process in self.running] == [0] * len(self.running)

    def somebody_works(self) -> bool:
        pids = [process.pid for process in self.running if process.poll() is None]
        return Worker.objects.filter(pid__in=pids, batches__gt=0).exists()


@pytest.fixture
def workers() -> Iterator[Workers]:
    started = Workers(2)
    yield started
    for process in started.running:
        process.kill()
        process.wait()


def wait_until(condition, seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.03)


def under_fire(workers: Workers, kills: int, seed: int) -> list[NewEvent]:
    """Send while workers are killed in the midst of their work; returns what was sent."""
    load, sent = Load(seed), []

    def send() -> bool:
        sent.append(load.some())
        append(sent[-1], "web")
        return workers.somebody_works()

    for _ in range(kills):
        wait_until(send)
        until = time.monotonic() + load.chance.uniform(0.0, 0.8)
        while time.monotonic() < until:
            send()
        for place in (0, 1) if load.chance.random() < 0.3 else (load.chance.randrange(2),):
            workers.kill(place)
    send()
    return [one for some in sent for one in some]


def handoffs_told() -> list[object]:
    persons = Handoff.objects.order_by("person_id").values_list("person_id", flat=True).distinct()
    return sorted(repr(each.handoff) for person in persons for each in handoffs_of_person(person))


def clocks_told() -> list[object]:
    rows = Clock.objects.values_list("handoff__opened_at", "handoff__cause", "promise", "rep", "started_at", "due_at")
    return sorted(map(repr, rows))


def told() -> dict[str, object]:
    return numberless() | {"hand-offs whole": handoffs_told(), "clocks": clocks_told()}


def all_events() -> list[NewEvent]:
    fields = (
        "message_id", "type", "occurred_at", "received_at", "name", "path", "identity", "user_id", "anonymous_id",
        "email", "group_id", "properties", "context", "mark",
    )  # fmt: skip
    return [NewEvent(**row) for row in Event.objects.order_by("pk").values(*fields)]


def the_same_undisturbed() -> dict[str, object]:
    """What one run over the same events, our own among them, makes of an empty house."""
    by_source = {
        name: [each for each in all_events() if each.message_id in ids]
        for name in ("web", "entente")
        for ids in [set(Event.objects.filter(source__name=name).values_list("message_id", flat=True))]
    }
    Clock.objects.all().delete()
    start_everything_again()
    for name, events in by_source.items():
        append(events, name)
    rebuild(datetime.now(UTC))
    follow_all(datetime.now(UTC))
    return told()


def start_everything_again() -> None:
    from django.db import transaction

    with transaction.atomic():
        start_again()


def check(workers: Workers, kills: int, seed: int) -> None:
    adopt(parse(LIVE), None, datetime.now(UTC))
    sent = under_fire(workers, kills, seed)
    wait_until(lambda: not Arrival.objects.exists() and not Handoff.objects.filter(state="waiting").exists())
    workers.stop()
    assert not Arrival.objects.exists()
    assert not SetAside.objects.exists()
    assert not Worker.objects.filter(pid__in=[process.pid for process in workers.running]).exists()
    assert {one.message_id for one in sent} == set(
        Event.objects.filter(source__name="web").values_list("message_id", flat=True)
    )
    dealt = Event.objects.filter(source__name="entente", type="owner_assigned").count()
    assert dealt == Decision.objects.exclude(why=Decision.Why.HAND).count() > 0
    given = Assignment.objects.filter(why="dealt").values_list("handoff__person_id", "handoff__opened_at")
    assert len(given) == len(set(given))
    disturbed = told()
    assert disturbed["scores"]
    assert the_same_undisturbed() == disturbed


def test_workers_killed_at_random_instants_lose_and_repeat_nothing(workers):
    check(workers, kills=5, seed=int(os.environ.get("ENTENTE_SEED", "7")))


@pytest.mark.long
def test_workers_killed_fifty_times_lose_and_repeat_nothing(workers):
    check(workers, kills=50, seed=11)
