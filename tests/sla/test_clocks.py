"""Clocks, claim by claim. The world's first moment is Wednesday 1 July 2026, ten o'clock in Madrid."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entente.handoffs.facts import Objection, Outcome, Paused, Rejected, Released, Resumed
from entente.handoffs.lifecycle import apply, handoff_of, refusal
from entente.sla.business_time import calendar_of
from entente.sla.clocks import ClockState, clocks_of
from entente.sla.words import in_words
from tests.handoffs.world import (
    AGREEMENT,
    ANA,
    LUIS,
    START,
    accepted,
    assigned,
    at,
    closed,
    opened,
    rejected,
    touched,
)
from tests.sla.calendars import madrid

LATER = at(days=60)
FRIDAY = madrid("2026-07-03 14:30")  # half an hour before the agreement's Friday ends


def clock(kind, *facts, now=LATER, which=0, **fields):
    handoff = handoff_of(opened(**fields), facts)
    return [each for each in clocks_of(handoff, AGREEMENT, now) if each.kind == kind][which]


def first_touch(*facts, **rest):
    return clock("first_touch", *facts, **rest)


def feedback(*facts, **rest):
    return clock("feedback", *facts, **rest)


def persistence(*facts, **rest):
    return clock("persistence", *facts, **rest)


def test_a_touch_within_the_hour_meets_the_promise():
    met = first_touch(assigned(), touched(at(45)))
    assert (met.state, met.stopped_at, met.elapsed) == (ClockState.MET, at(45), timedelta(minutes=45))


def test_a_clock_started_on_friday_before_closing_is_due_on_monday_morning():
    running = first_touch(assigned(FRIDAY), now=FRIDAY)
    assert running.due_at == madrid("2026-07-06 09:30")


def test_a_touch_at_the_due_time_is_in_time_and_one_after_it_is_late():
    assert first_touch(assigned(), touched(at(60))).state is ClockState.MET
    assert first_touch(assigned(), touched(at(60) + timedelta(microseconds=1))).state is ClockState.BREACHED


def test_measuring_goes_on_after_the_breach():
    late = first_touch(assigned(), touched(at(192)))
    assert late.state is ClockState.BREACHED
    assert in_words(late.elapsed) == "3 h 12 min"


def test_a_clock_runs_until_its_due_time_has_passed():
    assert first_touch(assigned(), now=at(60)).state is ClockState.RUNNING
    breached = first_touch(assigned(), now=at(61))
    assert (breached.state, breached.stopped_at) == (ClockState.BREACHED, None)


def test_what_happened_after_now_is_not_seen():
    assert first_touch(assigned(), touched(at(45)), now=at(30)).state is ClockState.RUNNING


def test_the_warning_comes_when_half_of_the_time_is_gone():
    assert first_touch(assigned()).warn_at == at(30)
    assert first_touch(assigned(FRIDAY)).warn_at == madrid("2026-07-03 15:00")
    assert feedback(assigned()).warn_at is None


def test_a_touch_before_the_assignment_is_no_first_touch():
    late = first_touch(touched(at(1)), assigned(at(5)), now=at(120))
    assert (late.state, late.stopped_at) == (ClockState.BREACHED, None)


def test_two_days_are_two_working_days():
    assert feedback(assigned()).due_at == madrid("2026-07-03 10:00")
    assert feedback(assigned(FRIDAY)).due_at == madrid("2026-07-07 14:30")


@pytest.mark.parametrize("answer", [accepted(at(hours=3)), rejected(at(hours=3))])
def test_feedback_is_to_accept_or_to_reject_with_a_reason(answer):
    assert feedback(assigned(), answer).state is ClockState.MET


def test_rejecting_without_a_reason_is_no_feedback():
    silent = Rejected(at(hours=3), ANA, "", objection=Objection.NO_REASON)
    assert feedback(assigned(), silent).state is ClockState.BREACHED
    assert feedback(assigned(), silent, now=at(hours=4)).state is ClockState.RUNNING


def test_a_rejection_within_the_hour_releases_the_first_touch():
    assert first_touch(assigned(), rejected(at(10))).state is ClockState.RELEASED
    assert first_touch(assigned(), rejected(at(70))).state is ClockState.BREACHED


def test_reassignment_releases_a_running_clock_and_starts_a_new_one():
    facts = assigned(), assigned(at(30), LUIS), touched(at(80), LUIS)
    old, new = first_touch(*facts), first_touch(*facts, which=1)
    assert (old.rep, old.state, old.elapsed) == (ANA, ClockState.RELEASED, timedelta(minutes=30))
    assert (new.rep, new.state, new.elapsed) == (LUIS, ClockState.MET, timedelta(minutes=50))


def test_reassignment_leaves_a_decided_clock_as_it_was():
    met = first_touch(assigned(), touched(at(10)), assigned(at(30), LUIS))
    breached = first_touch(assigned(), assigned(at(90), LUIS), touched(at(95), LUIS))
    assert met.state is ClockState.MET
    assert (breached.state, breached.stopped_at, breached.elapsed) == (ClockState.BREACHED, None, timedelta(minutes=90))


def test_a_release_without_a_new_rep_releases_the_clock():
    assert first_touch(assigned(), Released(at(10))).state is ClockState.RELEASED


def test_a_rep_who_gets_an_accepted_hand_off_owes_no_answer_but_a_touch():
    handoff = handoff_of(opened(), [assigned(), accepted(at(5)), assigned(at(30), LUIS)])
    kinds = [each.kind for each in clocks_of(handoff, AGREEMENT, LATER) if each.rep == LUIS]
    assert kinds == ["first_touch"]


def test_an_inferred_assignment_starts_no_clock():
    assert clocks_of(handoff_of(opened(), [assigned(inferred=True)]), AGREEMENT, LATER) == []


def test_persistence_is_met_by_the_fifth_touch_in_time():
    touches = [touched(at(days=day)) for day in range(5)]
    assert persistence(assigned(), *touches).stopped_at == at(days=4)
    assert persistence(assigned(), *touches).state is ClockState.MET
    assert persistence(assigned(), *touches[:4]).state is ClockState.BREACHED
    assert persistence(assigned()).due_at == madrid("2026-07-15 10:00")


def test_who_accepted_or_closed_needs_no_more_touches():
    assert persistence(assigned(), touched(at(1)), accepted(at(5))).state is ClockState.RELEASED
    assert persistence(assigned(), touched(at(1)), rejected(at(5))).state is ClockState.RELEASED
    assert persistence(assigned(), closed(at(5), Outcome.RECYCLED)).state is ClockState.RELEASED


def test_touches_after_the_acceptance_do_not_count_for_persistence():
    later = [touched(at(6 + n)) for n in range(4)]
    assert persistence(assigned(), touched(at(1)), accepted(at(5)), *later).state is ClockState.RELEASED


def test_accepting_after_the_time_for_persistence_does_not_mend_it():
    assert persistence(assigned(), accepted(at(days=20))).state is ClockState.BREACHED


def test_a_pause_puts_the_due_time_off_by_its_open_time():
    paused = first_touch(assigned(), Paused(at(30), ANA, "asked for tomorrow"), Resumed(at(50)), touched(at(75)))
    assert (paused.due_at, paused.state) == (at(80), ClockState.MET)
    assert (paused.elapsed, paused.paused) == (timedelta(minutes=55), timedelta(minutes=20))


def test_a_clock_that_waits_is_paused():
    facts = assigned(), Paused(at(30), ANA, "on holiday")
    assert first_touch(*facts, now=at(hours=5)).state is ClockState.PAUSED
    assert first_touch(*facts, now=at(hours=5)).elapsed == timedelta(minutes=30)


def test_a_pause_lasts_no_longer_than_agreed():
    facts = assigned(), Paused(at(30), ANA, "on holiday")  # one day at most: until tomorrow, half past ten
    paused = first_touch(*facts, now=at(days=1, minutes=29))
    assert (paused.state, paused.due_at) == (ClockState.PAUSED, at(days=1, minutes=60))
    assert first_touch(*facts, now=at(days=1, minutes=45)).state is ClockState.RUNNING
    assert first_touch(*facts, now=at(days=1, minutes=61)).state is ClockState.BREACHED


def test_two_pauses_share_the_allowance():
    facts = [assigned()]
    for hour in range(6):
        facts += [Paused(at(1, hours=2 * hour // 3, days=2 * hour), ANA, "again"), Resumed(at(days=2 * hour + 1))]
    feedback_clock = feedback(*facts, now=LATER)
    assert feedback_clock.paused <= timedelta(hours=9)


def test_a_pause_after_the_due_time_mends_nothing():
    assert first_touch(assigned(), Paused(at(61), ANA, "late"), touched(at(70))).state is ClockState.BREACHED


def test_a_pause_after_the_touch_changes_nothing():
    met = first_touch(assigned(), touched(at(5)), Paused(at(10), ANA, "later"))
    assert (met.state, met.due_at, met.paused) == (ClockState.MET, at(60), timedelta(0))


def test_a_touch_within_a_pause_ends_it_for_the_clock():
    met = first_touch(assigned(), Paused(at(10), ANA, "later"), touched(at(25)), Resumed(at(40)))
    assert (met.state, met.due_at, met.elapsed) == (ClockState.MET, at(75), timedelta(minutes=10))


def test_the_old_reps_pause_is_not_the_new_ones():
    facts = assigned(), Paused(at(10), ANA, "away"), assigned(at(30), LUIS)
    assert first_touch(*facts, which=1).due_at == at(90)


steps = st.lists(
    st.tuples(st.integers(1, 4000), st.sampled_from(["touch", "accept", "reject", "pass", "pause", "resume", "close"])),
    max_size=12,
)


def played(steps):
    """A hand-off in which each step comes so many minutes after the one before."""
    handoff, now = handoff_of(opened(), [assigned()]), START
    for minutes, name in steps:
        now += timedelta(minutes=minutes)
        fact = {
            "touch": touched(now),
            "accept": accepted(now),
            "reject": rejected(now),
            "pass": assigned(now, LUIS if handoff.rep == ANA else ANA),
            "pause": Paused(now, ANA, "away"),
            "resume": Resumed(now),
            "close": closed(now),
        }[name]
        handoff = handoff if refusal(handoff, fact) else apply(handoff, fact)
    return handoff


@settings(max_examples=200)
@given(steps, st.integers(0, 20_000), st.integers(0, 50_000))
def test_a_clock_is_decided_once(steps, one, other):
    handoff = played(steps)
    early, late = sorted((at(one), at(other)))
    before = {(each.kind, each.started_at): each for each in clocks_of(handoff, AGREEMENT, early)}
    after = {(each.kind, each.started_at): each for each in clocks_of(handoff, AGREEMENT, late)}
    for key, each in before.items():
        if each.is_decided:
            assert after[key].state is each.state
            assert after[key].due_at == each.due_at


@given(steps)
def test_a_met_clock_took_no_longer_than_promised_and_a_breached_one_did(steps):
    calendar = calendar_of(AGREEMENT.business_time, AGREEMENT.timezone)
    for each in clocks_of(played(steps), AGREEMENT, at(days=90)):
        promised = calendar.elapsed(each.started_at, each.due_at)
        if each.state is ClockState.MET:
            assert each.elapsed + each.paused <= promised
        if each.state is ClockState.BREACHED:
            assert each.elapsed + each.paused >= promised
        assert each.state not in (ClockState.RUNNING, ClockState.PAUSED)


def test_lengths_in_words():
    assert in_words(timedelta(0)) == "0 s"
    assert in_words(timedelta(seconds=59.9)) == "59 s"
    assert in_words(timedelta(minutes=45, seconds=31)) == "45 min"
    assert in_words(timedelta(hours=27)) == "27 h"
    assert in_words(timedelta(hours=1234, minutes=1)) == "1\u202f234 h 1 min"
    assert in_words(-timedelta(minutes=5)) == "-5 min"
