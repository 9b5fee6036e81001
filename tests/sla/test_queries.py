"""Promises measured from the stored log."""

from datetime import timedelta

import pytest

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.handoffs.actions import derive_from
from entente.handoffs.history import Qualification
from entente.sla.clocks import ClockState
from entente.sla.queries import clocks_of_person, commitments_between, follow_up_between
from tests.handoffs.log import MARIA, NOW, adopt_agreement, event, log
from tests.handoffs.world import AGREEMENT, ANA, LUIS, START, at
from tests.sla.calendars import madrid

pytestmark = pytest.mark.django_db

JULY = madrid("2026-07-01 00:00"), madrid("2026-08-01 00:00")
JO = "jo@client.example"


@pytest.fixture
def persons():
    adopt_agreement()
    found = log(
        event(START, "owner_assigned", owner=ANA),
        event(at(192), "call", by=ANA),
        event(at(200), "accepted", by=ANA),
        event(at(7), "owner_assigned", JO, owner=LUIS),
        event(at(20), "call", JO, by=LUIS),
        event(at(30), "rejected", JO, by=LUIS, reason="No budget"),
    )
    derive_from({found[JO]: [Qualification(at(2), 1)]})
    return found


def test_commitments_are_measured_from_the_stored_hand_offs(persons):
    board = commitments_between(*JULY, NOW)
    found = {each.promise: each for each in board.measured}
    assert (found["Volume"].actual, found["Volume"].by_hand) == (1, 1)
    assert (found["Quality"].actual, found["First touch"].actual, found["Feedback"].actual) == (0.5, 0.5, 1.0)
    assert (found["First touch"].met, found["First touch"].versions) == (False, (1,))


def test_every_number_opens_the_hand_offs_behind_it(persons):
    board = commitments_between(*JULY, NOW)
    first_touch = next(each for each in board.measured if each.promise == "First touch")
    by_id = {each.id: each.person_id for each in board.handoffs}
    assert [by_id[id_] for id_ in board.counted(first_touch)] == [persons[MARIA], persons[JO]]
    assert [by_id[id_] for id_ in board.kept(first_touch)] == [persons[JO]]


def test_measuring_a_past_moment_does_not_see_what_came_later(persons):
    early = commitments_between(*JULY, at(70))
    found = {each.promise: each for each in early.measured}
    assert (found["First touch"].n, found["First touch"].k) == (2, 1)
    assert found["Quality"].actual == 0.0


def test_a_persons_clocks_say_how_late_the_touch_was(persons):
    (one,) = clocks_of_person(persons[MARIA], NOW)
    clock = next(each for each in one.clocks if each.kind == "first_touch")
    assert (clock.state, clock.elapsed) == (ClockState.BREACHED, timedelta(hours=3, minutes=12))


def test_our_delay_and_theirs_stand_apart_for_each_rep(persons):
    seen = follow_up_between(*JULY, NOW)
    assert (seen[LUIS].ours.median, seen[LUIS].theirs.median) == (timedelta(minutes=5), timedelta(minutes=13))
    assert seen[ANA].ours is None  # nobody knows since when she was waited for
    assert seen[""].theirs.n == 2


def test_a_month_long_after_the_last_hand_off_counts_nobody_rather_than_nothing(persons):
    board = commitments_between(madrid("2027-06-01 00:00"), madrid("2027-07-01 00:00"), madrid("2027-08-01 00:00"))
    volume = next(each for each in board.measured if each.promise == "Volume")
    assert (volume.actual, volume.met) == (0, False)


def test_without_an_agreement_nothing_is_promised():
    board = commitments_between(*JULY, NOW)
    assert (board.measured, board.handoffs, follow_up_between(*JULY, NOW)) == ([], [], {})


def test_a_new_versions_clock_does_not_judge_old_hand_offs(persons):
    stricter = AGREEMENT.to_yaml().replace("2026-01-01", "2026-07-10").replace("within: 1 hour,", "within: 10 minutes,")
    adopt(parse(stricter), None, NOW)
    derive_from({persons[JO]: [Qualification(at(2), 1)]})
    board = commitments_between(*JULY, NOW)
    first_touch = next(each for each in board.measured if each.promise == "First touch")
    assert (first_touch.k, first_touch.n, first_touch.versions) == (1, 2, (1,))
