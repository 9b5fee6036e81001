"""From a visit to a hand-off, through every room on the way."""

import pytest

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.events.actions import append
from entente.handoffs.actions import Derived, derive
from entente.handoffs.facts import Origin, Outcome
from entente.handoffs.queries import handoffs_of_person
from entente.worker.fold import fold_new_events
from tests.handoffs.log import MARIA, NOW, event
from tests.handoffs.world import AGREEMENT, ANA, START, at

pytestmark = pytest.mark.django_db

DEFINITION = """definition:
  threshold: 50
  engagement: {half_life: 30 days, rules: [{rule: Asked for a demo, points: 60, when: {event: form_submitted}}]}
  required: [email, phone]
  requalify_after: 30 days
commitments:
"""


def adopt_with_a_rule():
    before, rest = AGREEMENT.to_yaml().split("definition:")
    adopt(parse(before + DEFINITION + rest.split("commitments:\n")[1]), None, NOW)


def told(*events):
    append(events, "site")
    fold_new_events(NOW)
    return [each.handoff for each in handoffs_of_person(only_person())]


def only_person():
    from entente.people.models import Person

    return Person.objects.get(email=MARIA).pk


def test_who_asks_for_a_demo_is_handed_off_by_that_event():
    adopt_with_a_rule()
    identify, asks = event(at(-9), "identify", phone="1", email=MARIA), event(START, "form_submitted", form="demo")
    (handoff,) = told(identify, asks)
    assert (handoff.opened.at, handoff.opened.origin, handoff.opened.version) == (START, Origin.SCORE, 1)
    assert (handoff.opened.cause, handoff.opened.missing) == (asks.message_id, ())


def test_who_comes_back_in_time_is_handed_off_again():
    adopt_with_a_rule()
    told(event(START, "form_submitted"), event(at(5), "owner_assigned", owner=ANA))
    told(event(at(9), "rejected", by=ANA, reason="No budget"), event(at(days=3), "form_submitted"))
    first, second = told(event(at(days=45), "form_submitted"))
    assert (first.closed_at, second.opened.at, second.rep) == (at(9), at(days=45), "")


def test_deriving_after_the_fold_changes_nothing():
    adopt_with_a_rule()
    (handoff,) = told(
        event(START, "form_submitted"),
        event(at(5), "owner_assigned", owner=ANA),
        event(at(60), "recycled", by=ANA, reason="Bad timing"),
    )
    assert (handoff.closure.outcome, handoff.rep) == (Outcome.RECYCLED, ANA)
    assert derive() == Derived()
