"""Operations see who folds, what could not be folded, and let it be tried again."""

import pytest
from django.test import Client

from entente.events.actions import append
from entente.events.models import Arrival
from entente.members.models import TrailEntry
from entente.worker.live import LiveWorker
from entente.worker.models import SetAside
from tests.events.factories import page
from tests.members.factories import UserFactory
from tests.worker.test_live import Clock, drain, poisoned

pytestmark = pytest.mark.django_db


@pytest.fixture
def ops() -> Client:
    client = Client()
    client.force_login(UserFactory(role="ops", party=""))
    return client


def test_what_could_not_be_folded_is_shown_with_its_error_and_tried_again(ops, monkeypatch):
    append([page("/", user="evil"), page("/", user="good")], "web")
    with monkeypatch.context() as patched:
        poisoned(patched, "evil")
        drain(LiveWorker(Clock()))
    text = ops.get("/worker/").content.decode()
    assert "ValueError: cannot fold evil" in text
    row = SetAside.objects.get()
    ops.post(f"/worker/again/{row.pk}/")
    assert Arrival.objects.get().events == 1
    drain(LiveWorker(Clock()))
    assert "Nothing is set aside" in ops.get("/worker/").content.decode()
    assert TrailEntry.objects.get(verb="events.tried_again").details == {"events": [row.event_id]}


def test_all_are_tried_again_at_once_and_nothing_twice(ops, monkeypatch):
    append([page("/", user="evil", id=f"e{n}") for n in range(3)], "web")
    with monkeypatch.context() as patched:
        poisoned(patched, "evil")
        drain(LiveWorker(Clock()))
    assert SetAside.objects.filter(resolved_at=None).count() == 3
    ops.post("/worker/again/")
    ops.post("/worker/again/")
    assert sum(Arrival.objects.values_list("events", flat=True)) == 3


def test_without_a_worker_the_page_says_how_to_start_one(ops):
    text = ops.get("/worker/").content.decode()
    assert "No worker runs" in text
    assert "entente worker" in text


def test_a_running_worker_is_shown(ops):
    worker = LiveWorker(Clock())
    worker.step()
    assert ops.get("/worker/").content.decode().count("<tr>") == 2
