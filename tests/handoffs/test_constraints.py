"""The database refuses what the lifecycle refuses, whoever writes."""

import pytest
from django.db import IntegrityError, connection, transaction

from entente.handoffs.models import Acceptance, Assignment, Closure, Deal, Handoff, Rejection, Touch
from entente.people.models import Person
from tests.handoffs.world import ANA, LUIS, START, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return Person.objects.create(first_seen=START, last_seen=START)


@pytest.fixture
def handoff(person):
    return opened(person)


def opened(person, when=START, **fields):
    values = {"state": "assigned", "origin": "score", "fingerprint": "x"} | fields
    return Handoff.objects.create(person=person, opened_at=when, **values)


def refused(match):
    return pytest.raises(IntegrityError, match=match)


def test_a_person_has_one_open_hand_off(person, handoff):
    with refused("handoff_one_open_per_person"):
        opened(person, at(5))


def test_a_closed_one_leaves_room_for_the_next(person, handoff):
    Handoff.objects.filter(pk=handoff.pk).update(state="closed", closed_at=at(5))
    assert opened(person, at(6)).pk


def test_what_is_over_has_an_end_and_what_is_open_has_none(person, handoff):
    with refused("handoff_over_when_closed"), transaction.atomic():
        Handoff.objects.filter(pk=handoff.pk).update(state="rejected")
    with refused("handoff_over_when_closed"), transaction.atomic():
        Handoff.objects.filter(pk=handoff.pk).update(closed_at=at(5))
    with refused("handoff_not_closed_before_opened"), transaction.atomic():
        Handoff.objects.filter(pk=handoff.pk).update(state="closed", closed_at=at(-5))


def test_acceptance_and_rejection_exclude_each_other(handoff):
    Acceptance.objects.create(handoff=handoff, at=at(5), by=ANA)
    with refused("another answer than this rejection"):
        Rejection.objects.create(handoff=handoff, at=at(6), by=ANA, reason="No budget")


def test_rejection_and_acceptance_exclude_each_other(handoff):
    Rejection.objects.create(handoff=handoff, at=at(5), by=ANA, reason="No budget")
    with refused("another answer than this acceptance"):
        Acceptance.objects.create(handoff=handoff, at=at(6), by=ANA)


def test_it_is_accepted_once(handoff):
    Acceptance.objects.create(handoff=handoff, at=at(5), by=ANA)
    with refused("unique"):
        Acceptance.objects.create(handoff=handoff, at=at(6), by=ANA)


def test_it_ends_one_way(handoff):
    Rejection.objects.create(handoff=handoff, at=at(5), by=ANA, reason="No budget")
    with refused("another answer than this closure"):
        Closure.objects.create(handoff=handoff, at=at(5), outcome="won")


def test_no_fact_is_older_than_its_hand_off(handoff):
    with refused("lies before its opening"):
        Touch.objects.create(handoff=handoff, at=at(-1), by=ANA, kind="call")


def test_no_fact_is_younger_than_its_end(person):
    handoff = opened(person, state="closed", closed_at=at(5))
    with refused("lies after its end"):
        Touch.objects.create(handoff=handoff, at=at(6), by=ANA, kind="call")


def test_a_rejection_has_a_reason_or_says_that_it_has_none(handoff):
    with refused("rejection_has_a_reason"), transaction.atomic():
        Rejection.objects.create(handoff=handoff, at=at(5), by=ANA)
    assert Rejection.objects.create(handoff=handoff, at=at(5), by=ANA, objection="no reason").pk


def test_one_rep_has_it_at_a_time(handoff):
    Assignment.objects.create(handoff=handoff, at=at(0), rep=ANA)
    with refused("assignment_one_at_a_time"):
        Assignment.objects.create(handoff=handoff, at=at(5), rep=LUIS)


def test_a_decided_deal_has_an_end(person):
    with refused("deal_closed_when_decided"):
        Deal.objects.create(key="D-1", person=person, outcome="won")


def test_the_index_of_the_events_of_sales_is_there():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'events_event'")
        assert {"event_of_sales", "event_of_deal"} <= {name for (name,) in cursor.fetchall()}
