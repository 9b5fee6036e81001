"""What the room of hand-offs reads in the demo's log is what its sales team did."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from entente.demo.speaking import contact
from entente.handoffs.facts import Origin
from entente.handoffs.history import TYPES, Happening, Qualification, handoffs_of
from entente.handoffs.versions import Version, Versions
from entente.sla.commitments import measure
from tests.demo.conftest import END


@pytest.fixture(scope="module")
def versions(world):
    return Versions(
        Version(number, agreement.in_force_from, agreement) for number, agreement in enumerate(world.agreements, 1)
    )


@pytest.fixture(scope="module")
def handoffs(world, events, versions):
    """All hand-offs by contact, read from the events and the moments of qualification alone."""
    happened, qualified = defaultdict(list), defaultdict(list)
    for e in events:
        if e.type in TYPES and e.user_id:
            happened[e.user_id].append(
                Happening(e.occurred_at, e.type, e.message_id, e.properties, e.email, e.group_id)
            )
    for story in world.stories:
        moment = story.lead.qualified_at
        qualified[contact(story.lead.person)].append(Qualification(moment, versions.at(moment).number))
    return {user: handoffs_of(theirs, qualified[user], versions) for user, theirs in happened.items()}


def test_each_hand_off_is_made_by_the_score_and_by_nothing_else(world, handoffs):
    told = [handoff for theirs in handoffs.values() for handoff in theirs]
    assert len(told) == len(world.stories)
    assert {handoff.opened.origin for handoff in told} == {Origin.SCORE}


def test_each_ends_as_sales_ended_it(world, handoffs):
    done = defaultdict(list)
    for story in world.stories:
        done[contact(story.lead.person)].append(story)
    for user, stories in done.items():
        for story, handoff in zip(stories, handoffs[user], strict=True):
            assert handoff.opened.at == story.lead.qualified_at
            if story.first_touch_at <= END:
                assert handoff.touches[0].at == story.first_touch_at
            if story.closed_at <= END:
                assert handoff.closed_at == story.closed_at
                assert handoff.rep == story.rep
                outcome = "rejected" if handoff.rejection else handoff.closure.outcome
                assert outcome == story.outcome


def test_every_rejection_keeps_to_the_agreement(handoffs):
    rejections = [handoff.rejection for theirs in handoffs.values() for handoff in theirs if handoff.rejection]
    assert Counter(rejection.objection for rejection in rejections) == {None: len(rejections)}


def test_some_promises_are_kept_and_some_are_not(world, handoffs, versions):
    """A demo in which all is well would show nothing."""
    told = [handoff for theirs in handoffs.values() for handoff in theirs]
    measured = measure(world.agreements[-1], told, END, END - timedelta(days=180), END, versions=versions)
    assert {promise.promise: promise.met for promise in measured if promise.kind != "count"} == {
        "Completeness": False,
        "Quality": True,
        "First touch": False,
        "Feedback": True,
        "Persistence": True,
    }
