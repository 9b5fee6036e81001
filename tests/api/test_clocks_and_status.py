"""Clocks by how they stand, and how Entente itself is doing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from entente.events.actions import append
from entente.handoffs.models import Handoff
from entente.members.keys import create_api_key
from entente.sla.actions import follow
from entente.sla.models import Clock
from entente.worker.fold import fold_new_events
from entente.worker.models import Worker
from tests.api.program import Program
from tests.events.factories import event
from tests.members.factories import UserFactory
from tests.web import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def clocks(company, api, rep):
    lead = Handoff.objects.get(person__name="Carlos")
    api.post(f"handoffs/{lead.pk}/reassign", {"to": rep.email})
    follow([lead.person_id, world.found("Ana").pk, world.found("Bea").pk], timezone.now())
    return Clock.objects.filter(handoff=lead)


def test_clocks_are_chosen_by_state_rep_and_kind(api, clocks, rep):
    running = api.get("clocks", state="running").json()["items"]
    assert [(each["rep"], each["kind"]) for each in running] == [(rep.email, "first_touch")]
    assert api.get("clocks", state="met", rep=world.REP).json()["items"][0]["state"] == "met"
    assert api.get("clocks", rep="nobody@acme.example").json()["items"] == []
    assert api.get("clocks", kind="feedback").json()["items"] == []
    due = [each["due_at"] for each in api.get("clocks").json()["items"]]
    assert due == sorted(due)


def test_a_clock_past_its_time_is_breached_whatever_the_worker_was_doing(api, clocks):
    long_ago = timezone.now() - timedelta(days=3)
    clocks.update(started_at=long_ago, due_at=long_ago, warn_at=None)
    assert api.get("clocks", state="running").json()["items"] == []
    assert clocks.get().handoff_id in [each["handoff"] for each in api.get("clocks", state="breached").json()["items"]]


def test_the_status_tells_what_waits(api):
    idle = api.get("status").json()
    assert (idle["lag"]["events"], idle["healthy"], idle["workers"]) == (0, False, [])
    now = timezone.now()
    append([event("page", user="u", path="/", occurred_at=now, received_at=now)], "test")
    Worker.objects.create(host="server", pid=7, started_at=now, beat_at=now, events=3)
    told = api.get("status").json()
    assert told["lag"]["events"] == 1
    assert told["rates"]["received_per_second"] == round(1 / 300, 3)
    assert (told["healthy"], told["workers_alive"], told["workers"][0]["name"]) == (True, 1, "server:7")
    fold_new_events(timezone.now())
    assert api.get("status").json()["lag"]["events"] == 0
    Worker.objects.update(trouble="the disk is full")
    assert api.get("status").json()["healthy"] is False
    Worker.objects.update(trouble="", beat_at=now - timedelta(minutes=1))
    assert api.get("status").json()["workers_alive"] == 0


def test_numbers_are_told_to_a_monitor_in_its_format(api):
    told = Client().get("/metrics")
    assert told["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = told.content.decode().splitlines()
    assert "entente_lag_events 0" in lines
    assert "entente_outbox_parked 0" in lines
    for line in lines:
        assert re.fullmatch(r"# (HELP|TYPE) entente_\w+ .+|entente_\w+ [-+.e\d]+", line)


def test_a_monitor_elsewhere_needs_a_key(olga):
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert Client().get("/metrics", **elsewhere).status_code == 401
    assert Client().get("/metrics", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 401
    for user, scope, status in (
        (olga, "status:read", 200),
        (olga, "people:read", 403),
        (UserFactory(), "status:read", 403),
    ):
        secret = create_api_key("k", [scope], user, by=None, now=timezone.now()).secret
        asked = Client().get("/metrics", headers={"Authorization": f"Bearer {secret}"}, **elsewhere)
        assert asked.status_code == status


def test_a_signed_in_member_may_look_only_if_the_table_says_so():
    client = Client(REMOTE_ADDR="198.51.100.7")
    client.force_login(UserFactory(role="member"))
    assert client.get("/metrics").status_code == 403
    assert Program(None, client).get("status").status_code == 403
