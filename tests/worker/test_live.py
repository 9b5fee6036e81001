"""The worker's loop: bounded batches, a poisonous event set aside, one beat a second, and nothing left behind."""

from datetime import timedelta
from threading import Event as Flag

import pytest
from django.db import OperationalError, connection

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.events.actions import append, erase
from entente.events.models import Arrival, Event
from entente.people.models import Person
from entente.worker import fold, live
from entente.worker.live import LiveWorker
from entente.worker.models import SetAside, Worker
from entente.worker.set_aside import AllFail, Culprit, retry, set_aside_next
from tests.events.factories import NOW, event, identify, page
from tests.worker.test_fold import AGREEMENT, numberless, start_again

pytestmark = pytest.mark.django_db


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def drain(worker, most=200):
    """Let the worker step until nothing waits; returns how many steps it took."""
    for step in range(1, most):
        worker.step()
        if not Arrival.objects.exists():
            return step
    raise AssertionError("it is never done")


def visits(n, user="u"):
    return [page("/pricing", user=f"{user}{number}", minute=number) for number in range(n)]


def poisoned(monkeypatch, *users):
    """Folding an event of these users fails, as a bug would have it."""
    fold_batch = fold.scoring.fold_new_events

    def failing(resolved, *rest):
        batch = resolved.batch
        waiting = Event.objects.filter(arrival__in=batch.arrivals, pk__gte=batch.first, pk__lte=batch.last)
        if (bad := waiting.exclude(mark="set_aside").filter(user_id__in=users).first()) is not None:
            raise ValueError(f"cannot fold {bad.user_id}")
        return fold_batch(resolved, *rest)

    monkeypatch.setattr("entente.scoring.actions.fold_new_events", failing)


def test_it_folds_in_batches_that_are_no_larger_than_asked_for_and_ends_in_the_same():
    adopt(parse(AGREEMENT), None, NOW)
    for some in (visits(23, "a"), [identify("a1", {"title": "Chief"}, minute=99)], visits(2, "b"), visits(5, "c")):
        append(some, "web")
    sizes = []
    while Arrival.objects.exists():
        sizes.append(fold.fold_new_events(NOW, at_most=4).events)
    assert max(sizes) == 4
    assert sum(sizes) == 31
    in_parts = numberless()
    fold.rebuild(NOW)
    assert numberless() == in_parts


def test_one_poisonous_event_of_many_is_found_and_set_aside_and_the_rest_is_folded(monkeypatch):
    append(visits(10, "a"), "web")
    append([*visits(7, "b"), page("/", user="evil"), *visits(90, "c")], "web")
    poisoned(monkeypatch, "evil")
    steps = drain(LiveWorker(Clock()))
    assert steps < 30  # halving, not one by one
    row = SetAside.objects.get()
    assert row.event.user_id == "evil"
    assert "ValueError: cannot fold evil" in row.error
    assert Person.objects.count() == 107
    assert not Person.objects.filter(identifiers__value="user:evil").exists()


def test_what_is_set_aside_stays_out_of_a_rebuild(monkeypatch):
    adopt(parse(AGREEMENT), None, NOW)
    append([*visits(3), page("/pricing", user="evil", id="bad")], "web")
    poisoned(monkeypatch, "evil")
    drain(LiveWorker(Clock()))
    before = numberless()
    fold.rebuild(NOW)
    assert numberless() == before


def test_it_is_tried_again_and_resolved_when_it_can_be_folded(monkeypatch):
    adopt(parse(AGREEMENT), None, NOW)
    sent = [*visits(3), page("/pricing", user="evil", id="bad")]
    append(sent, "web")
    with monkeypatch.context() as patched:
        poisoned(patched, "evil")
        drain(LiveWorker(Clock()))
        assert retry(SetAside.objects.get(), NOW)
        drain(LiveWorker(Clock()))
        row = SetAside.objects.get()
        assert (row.times, row.resolved_at) == (2, None)
    assert retry(row, NOW)
    drain(LiveWorker(Clock()))
    row.refresh_from_db()
    assert row.resolved_at == NOW
    assert not retry(row, NOW)
    folded = numberless()
    start_again()
    append(sent, "web")
    fold.fold_new_events(NOW)
    assert numberless() == folded


def test_erasing_a_person_takes_what_was_set_aside_of_them(monkeypatch):
    append([page(user="evil")], "web")
    poisoned(monkeypatch, "evil")
    drain(LiveWorker(Clock()))
    assert SetAside.objects.count() == 1
    erase(["user:evil"], NOW)
    assert SetAside.objects.count() == 0


def test_when_every_event_fails_no_event_is_blamed_for_it(monkeypatch):
    append(visits(60), "web")
    poisoned(monkeypatch, *(f"u{n}" for n in range(60)))
    worker = LiveWorker(Clock())
    for _ in range(300):
        worker.step()
    assert SetAside.objects.count() == 20
    assert worker.failures > 0
    assert "AllFail" in worker.heart.trouble
    assert Arrival.objects.get().events == 40


def test_a_database_that_is_away_is_nobodys_fault(monkeypatch):
    append(visits(3), "web")

    def away(*_, **__):
        raise OperationalError("the server closed the connection")

    worker = LiveWorker(Clock())
    with monkeypatch.context() as patched:
        patched.setattr(live, "take_turn", away)
        patched.setattr(connection, "close", lambda: None)  # the test is in it
        assert not worker.step()
        assert worker.failures == 1
    drain(worker)
    assert SetAside.objects.count() == 0
    assert Person.objects.count() == 3


def test_nothing_that_was_taken_out_is_blamed_on_an_event():
    append([page(user="a"), page(user="b")], "web")
    fold.fold_new_events(NOW)
    erase(["user:a"], NOW)
    append([page(user="c")], "web")
    with pytest.raises(AllFail):
        set_aside_next(Culprit("x"), NOW)
    assert SetAside.objects.count() == 0


def test_its_heart_beats_once_a_second_and_stops_with_it():
    clock = Clock()
    worker = LiveWorker(clock)
    append(visits(3), "web")
    drain(worker)
    first = Worker.objects.get()
    assert (first.beat_at, first.events, first.trouble) == (NOW, 0, "") or first.events == 3
    clock.now += timedelta(milliseconds=300)
    append(visits(4, "b"), "web")
    drain(worker)
    assert Worker.objects.get().beat_at == NOW
    clock.now += timedelta(seconds=1)
    worker.step()
    row = Worker.objects.get()
    assert (row.beat_at, row.events) == (clock.now, 7)
    worker.heart.stop()
    assert not Worker.objects.exists()


def test_it_stops_at_once_when_told_to():
    stop = Flag()
    stop.set()
    LiveWorker(Clock()).run(stop)


def test_a_version_that_takes_effect_is_noticed_without_any_event():
    clock = Clock()
    worker = LiveWorker(clock)
    append([page("/pricing", user="a"), page("/blog/1", user="a", minute=1)], "web")
    drain(worker)
    adopt(parse(AGREEMENT), None, NOW)
    clock.now += timedelta(seconds=2)
    worker.step()
    assert numberless()["scores"]


def test_events_of_nobody_are_folded_and_wait_no_more():
    append([event("page", path="/")], "web")
    assert drain(LiveWorker(Clock())) == 1
