"""One turn: from a visit to the rep's notification in one transaction, once; what is due is acted on without events."""

from datetime import UTC, datetime, timedelta

import pytest

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.alerts.models import Notification
from entente.events.actions import append, source_named
from entente.events.models import Arrival, Event, Import
from entente.handoffs.models import Handoff
from entente.people.models import Person
from entente.routing.models import Absence, Decision
from entente.scoring.models import PersonScore
from entente.sla.models import Clock
from entente.worker.timers import act_on_timers
from entente.worker.turn import take_turn
from tests.events.factories import event
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db

ANA = "ana@us.example"
NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)
AGREEMENT = """
format: 1
name: Live
effective: 2026-01-01
timezone: Europe/Madrid
business_time: {hours: {mon-sun: "00:00-24:00"}}
definition:
  threshold: 20
  engagement: {half_life: 30 days, rules: [{rule: Demo, points: 30, when: {track: Demo Requested}}]}
commitments:
  sales: [{promise: First touch, clock: first_touch, within: 1 hour, at_least: 90%, warn_at: 50%}]
  escalation: {first_touch: {on_warning: rep, on_breach: sales_manager}}
  rejection_reasons: [No budget]
routing: {teams: [{team: All, reps: [ana@us.example]}]}
"""


@pytest.fixture(autouse=True)
def _ana():
    adopt(parse(AGREEMENT), None, NOW)
    UserFactory(email=ANA, party="sales", role="member")


def asks_for_a_demo(who="maria", when=NOW, unit=None):
    at = {"occurred_at": when, "received_at": when}
    append([event("track", user=who, name="Demo Requested", **at)], "web", unit)


def derived():
    return [model.objects.count() for model in (Person, PersonScore, Handoff, Decision, Clock, Notification)]


def test_a_visit_that_qualifies_is_dealt_put_on_the_clock_and_told_in_one_turn():
    asks_for_a_demo()
    take_turn(NOW + timedelta(milliseconds=80))
    handoff = Handoff.objects.get()
    assert (handoff.state, handoff.rep, handoff.opened_at) == ("assigned", ANA, NOW)
    assert Clock.objects.get().due_at == handoff.assignments.get().at + timedelta(hours=1)
    assert Notification.objects.filter(receiver__email=ANA, kind="assigned").count() == 1


def test_another_turn_folds_our_own_event_and_repeats_nothing():
    asks_for_a_demo()
    take_turn(NOW)
    before = derived()
    assert Arrival.objects.get().events == 1
    take_turn(NOW + timedelta(seconds=1))
    assert not Arrival.objects.exists()
    take_turn(NOW + timedelta(seconds=2))
    assert derived() == before
    assert Event.objects.filter(source__name="entente").count() == 1


def test_a_turn_that_fails_at_its_end_leaves_nothing_but_what_waited(monkeypatch):
    asks_for_a_demo()

    def fail(*_):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("entente.alerts.actions.hear", fail)
        with pytest.raises(RuntimeError):
            take_turn(NOW)
    assert derived() == [0] * 6
    assert Arrival.objects.get().events == 1
    take_turn(NOW)
    assert derived()[:5] == [1] * 5


def test_what_an_import_brings_is_neither_dealt_nor_told():
    unit = Import.objects.create(source=source_named("web"), files=[], started_at=NOW)
    asks_for_a_demo(unit=unit)
    take_turn(NOW)
    assert Handoff.objects.get().state == "waiting"
    assert not Decision.objects.exists()
    assert not Notification.objects.filter(kind="assigned").exists()


def test_a_clock_that_falls_due_is_acted_on_without_any_event():
    asks_for_a_demo()
    take_turn(NOW)
    take_turn(NOW)
    act_on_timers(NOW + timedelta(minutes=31))
    assert Clock.objects.get().warned_at is not None
    assert Notification.objects.filter(receiver__email=ANA, kind="warning").count() == 1
    act_on_timers(NOW + timedelta(minutes=61))
    act_on_timers(NOW + timedelta(minutes=62))
    assert Clock.objects.get().breached_at is not None


def test_who_waits_is_dealt_when_somebody_comes_back():
    today = NOW.date()
    Absence.objects.create(rep=ANA, first=today, last=today, entered_at=NOW)
    asks_for_a_demo()
    take_turn(NOW)
    act_on_timers(NOW + timedelta(hours=1))
    assert Handoff.objects.get().state == "waiting"
    act_on_timers(NOW + timedelta(days=1))
    assert Handoff.objects.get().rep == ANA
    assert Notification.objects.filter(receiver__email=ANA, kind="assigned").count() == 1
