"""What a hand-off's facts make of it, and which facts it refuses."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entente.handoffs.facts import Completed, Objection, Outcome, Paused, Qualified, Rejected, Released, Resumed
from entente.handoffs.lifecycle import NotAllowed, State, apply, handoff_of, refusal
from entente.handoffs.reasons import check_reason, objection_to
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

TERMS = AGREEMENT.commitments


def test_a_new_hand_off_waits_for_a_rep():
    assert handoff_of(opened()).state is State.WAITING


def test_one_that_lacks_agreed_information_is_held_until_it_comes():
    handoff = handoff_of(opened(missing=("phone",)))
    assert handoff.state is State.HELD
    assert apply(handoff, Completed(at(5))).state is State.WAITING
    assert not handoff.complete


def test_completing_it_later_does_not_make_it_complete_at_hand_off():
    handoff = handoff_of(opened(missing=("phone",)), [Completed(at(5))])
    assert handoff.complete
    assert handoff.opened.missing == ("phone",)


def test_it_goes_from_assigned_to_accepted_to_won():
    handoff = handoff_of(opened(), [assigned(at(1))])
    assert (handoff.state, handoff.rep) == (State.ASSIGNED, ANA)
    handoff = apply(handoff, accepted(at(2)))
    assert handoff.state is State.ACCEPTED
    handoff = apply(handoff, closed(at(3)))
    assert (handoff.state, handoff.closed_at, handoff.rep) == (State.CLOSED, at(3), ANA)


def test_a_rejection_ends_it():
    handoff = handoff_of(opened(), [assigned(), rejected(at(2))])
    assert (handoff.state, handoff.closed_at) == (State.REJECTED, at(2))


@pytest.mark.parametrize("fact", [touched(at(9)), assigned(at(9), LUIS), accepted(at(9)), closed(at(9))])
def test_nothing_can_be_added_to_one_that_is_over(fact):
    handoff = handoff_of(opened(), [assigned(), rejected(at(2))])
    with pytest.raises(NotAllowed, match="was rejected on 2026-07-01 08:02 UTC"):
        apply(handoff, fact)


def test_an_accepted_one_is_not_rejected_but_recycled():
    handoff = handoff_of(opened(), [assigned(), accepted(at(2))])
    with pytest.raises(NotAllowed, match=r"accepted by ana@acme.example .* recycle it"):
        apply(handoff, rejected(at(3)))
    assert apply(handoff, closed(at(3), Outcome.RECYCLED)).state is State.CLOSED


def test_it_is_accepted_once():
    with pytest.raises(NotAllowed, match="was accepted"):
        handoff_of(opened(), [assigned(), accepted(at(2)), accepted(at(3))])


@pytest.mark.parametrize("fact", [accepted(at(1)), rejected(at(1)), Released(at(1)), Paused(at(1), ANA, "away")])
def test_what_only_its_rep_can_do_needs_a_rep(fact):
    with pytest.raises(NotAllowed, match="nobody has this hand-off"):
        apply(handoff_of(opened()), fact)


def test_nothing_happens_before_it_is_opened():
    with pytest.raises(NotAllowed, match="before the hand-off was opened"):
        apply(handoff_of(opened()), touched(at(-1)))


def test_reassigning_ends_the_old_reps_time():
    handoff = handoff_of(opened(), [assigned(at(0)), assigned(at(10), LUIS)])
    assert [(each.rep, each.since, each.until) for each in handoff.assignments] == [
        (ANA, at(0), at(10)),
        (LUIS, at(10), None),
    ]
    assert handoff.rep == LUIS


def test_giving_it_to_who_has_it_is_refused():
    with pytest.raises(NotAllowed, match="has this hand-off already"):
        handoff_of(opened(), [assigned(), assigned(at(1))])


def test_a_released_one_waits_again():
    handoff = handoff_of(opened(), [assigned(), Released(at(5))])
    assert (handoff.state, handoff.rep) == (State.WAITING, "")


def test_an_acceptance_stays_when_it_changes_hands():
    handoff = handoff_of(opened(), [assigned(), accepted(at(1)), assigned(at(2), LUIS)])
    assert handoff.state is State.ACCEPTED


def test_a_touch_that_is_told_of_late_takes_its_place():
    handoff = handoff_of(opened(), [assigned(), touched(at(9)), touched(at(3))])
    assert [touch.at for touch in handoff.touches] == [at(3), at(9)]


def test_what_changes_the_state_is_not_told_of_late():
    handoff = handoff_of(opened(), [assigned(at(10))])
    with pytest.raises(NotAllowed, match="changed since then"):
        apply(handoff, accepted(at(5)))


def test_a_pause_needs_a_reason_and_ends_once():
    handoff = handoff_of(opened(), [assigned()])
    with pytest.raises(NotAllowed, match="a pause needs a reason"):
        apply(handoff, Paused(at(1), ANA, " "))
    paused = apply(handoff, Paused(at(1), ANA, "on holiday"))
    with pytest.raises(NotAllowed, match="paused already"):
        apply(paused, Paused(at(2), ANA, "still"))
    resumed = apply(paused, Resumed(at(3)))
    assert not resumed.is_paused
    with pytest.raises(NotAllowed, match="not paused"):
        apply(resumed, Resumed(at(4)))


def test_a_pause_ends_with_the_reps_time():
    handoff = handoff_of(opened(), [assigned(), Paused(at(1), ANA, "away"), assigned(at(5), LUIS)])
    assert handoff.pauses[0].until == at(5)


def test_a_rejection_needs_a_reason():
    with pytest.raises(NotAllowed, match="rejecting needs a reason"):
        handoff_of(opened(), [assigned(), rejected(at(1), " ")])


def test_a_history_may_hold_a_rejection_without_a_reason():
    handoff = handoff_of(opened(), [assigned(), Rejected(at(1), ANA, "", objection=Objection.NO_REASON)])
    assert handoff.state is State.REJECTED


def test_a_reason_is_one_of_the_agreement():
    handoff = handoff_of(opened(), [assigned()])
    with pytest.raises(NotAllowed, match="No budget, Unreachable"):
        check_reason(handoff, "I did not like them", TERMS)
    assert check_reason(handoff, " no BUDGET ", TERMS).name == "No budget"
    assert objection_to(handoff, "I did not like them", TERMS) is Objection.NOT_AGREED


def test_unreachable_can_be_chosen_only_after_the_agreed_touches():
    handoff = handoff_of(opened(), [assigned(), touched(at(1))])
    with pytest.raises(NotAllowed, match="after 2 touches; so far there are 1"):
        check_reason(handoff, "Unreachable", TERMS)
    assert objection_to(handoff, "Unreachable", TERMS) is Objection.TOO_FEW_TOUCHES
    assert check_reason(apply(handoff, touched(at(2))), "Unreachable", TERMS).after_touches == 2


def test_one_that_the_score_made_is_qualified_and_one_from_the_crm_may_become_so():
    assert handoff_of(opened()).qualified_at == START
    by_hand = handoff_of(opened(origin="crm"))
    assert by_hand.qualified_at is None
    assert apply(by_hand, Qualified(at(5))).qualified_at == at(5)


facts = st.one_of(
    st.builds(assigned, st.just(START), st.sampled_from([ANA, LUIS])),
    st.builds(Released, st.just(START)),
    st.builds(touched, st.just(START)),
    st.builds(accepted, st.just(START)),
    st.builds(rejected, st.just(START)),
    st.builds(Paused, st.just(START), st.just(ANA), st.just("away")),
    st.builds(Resumed, st.just(START)),
    st.builds(closed, st.just(START), st.sampled_from(Outcome)),
    st.builds(Completed, st.just(START)),
)


@given(st.lists(facts, max_size=25), st.sampled_from([(), ("phone",)]))
def test_whatever_is_tried_the_facts_stay_in_agreement(tried, missing):
    handoff = handoff_of(opened(missing=missing))
    for step, example in enumerate(tried):
        fact = replace(example, at=at(step))
        if refusal(handoff, fact):
            with pytest.raises(NotAllowed):
                apply(handoff, fact)
        else:
            handoff = apply(handoff, fact)
    assert not (handoff.acceptance and handoff.rejection)
    assert not (handoff.rejection and handoff.closure)
    assert handoff.is_open == (handoff.closed_at is None)
    ended = [each for each in handoff.assignments if each.until]
    assert len(handoff.assignments) - len(ended) == (1 if handoff.is_open and handoff.rep else 0)
    assert all(first.until <= second.since for first, second in pairwise(handoff.assignments))
    if not handoff.is_open:
        assert handoff.last_fact_at == handoff.closed_at
