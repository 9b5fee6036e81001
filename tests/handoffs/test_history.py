"""A person's hand-offs as the log tells them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from entente.handoffs.facts import Objection, Origin, Outcome, Touched
from entente.handoffs.history import Happening, handoffs_of
from entente.handoffs.lifecycle import State, apply
from entente.handoffs.pins import pin
from entente.handoffs.versions import Version, Versions
from tests.handoffs.world import AGREEMENT, ANA, LUIS, START, at, happening, opened, told


def one(*happenings, **rest):
    (handoff,) = told(*happenings, **rest)
    return handoff


def test_a_hand_off_opens_when_the_person_qualifies():
    handoff = one(qualified=[START])
    assert (handoff.opened.at, handoff.opened.origin, handoff.opened.version) == (START, Origin.SCORE, 1)
    assert handoff.state is State.HELD


def test_it_is_given_touched_accepted_and_won():
    handoff = one(
        happening(at(5), "owner_assigned", owner=ANA),
        happening(at(20), "call", by=ANA),
        happening(at(90), "accepted", by=ANA),
        happening(at(days=9), "deal_opened", deal="D-1", owner=ANA),
        happening(at(days=40), "deal_won", deal="D-1", owner=ANA),
        qualified=[START],
    )
    assert [each.since for each in handoff.assignments] == [at(5)]
    assert [touch.at for touch in handoff.touches] == [at(20)]
    assert (handoff.acceptance.at, handoff.acceptance.how) == (at(90), "")
    assert (handoff.closure.outcome, handoff.closure.deal) == (Outcome.WON, "D-1")


def test_what_was_before_the_hand_off_is_no_fact_of_it():
    assert not one(happening(at(-5), "call", by=ANA), qualified=[START]).touches


def test_a_campaigns_mail_is_no_touch():
    mail = happening(at(5), "email_sent", campaign="spring")
    assert not one(mail, qualified=[START]).touches


def test_every_kind_of_touch_by_a_person_counts():
    kinds = ("call", "email_sent", "meeting", "message")
    handoff = one(*(happening(at(n), kind, by=ANA) for n, kind in enumerate(kinds, 1)), qualified=[START])
    assert tuple(touch.kind for touch in handoff.touches) == kinds


def test_a_lead_that_the_crm_handed_over_by_hand_opens_at_its_assignment():
    handoff = one(happening(START, "owner_assigned", owner=ANA))
    assert (handoff.opened.at, handoff.opened.origin, handoff.rep) == (START, Origin.CRM, ANA)
    assert handoff.qualified_at is None


def test_the_same_owner_said_again_is_nothing_new():
    handoff = one(
        happening(START, "owner_assigned", owner=ANA), happening(at(9), "owner_assigned", owner="Ana@ACME.example")
    )
    assert len(handoff.assignments) == 1


def test_another_owner_is_a_reassignment():
    handoff = one(happening(START, "owner_assigned", owner=ANA), happening(at(9), "owner_assigned", owner=LUIS))
    assert [each.rep for each in handoff.assignments] == [ANA, LUIS]


def test_an_owner_taken_away_is_a_release():
    handoff = one(happening(START, "owner_assigned", owner=ANA), happening(at(9), "owner_assigned", owner=None))
    assert handoff.state is not State.ASSIGNED
    assert handoff.rep == ""


def test_who_qualifies_while_a_hand_made_hand_off_is_alive_is_qualified_in_it():
    handoff = one(happening(START, "owner_assigned", owner=ANA), qualified=[at(days=3)])
    assert (handoff.opened.origin, handoff.qualified_at) == (Origin.CRM, at(days=3))


def test_a_hand_made_hand_off_that_lay_still_has_lapsed_when_the_person_qualifies():
    old, new = told(happening(START, "owner_assigned", owner=ANA), qualified=[at(days=31)])
    assert (old.closure.outcome, old.closed_at) == (Outcome.LAPSED, at(days=31))
    assert (new.opened.origin, new.rep) == (Origin.SCORE, ANA)


def test_a_qualified_hand_off_never_lapses():
    assert len(told(happening(at(1), "owner_assigned", owner=ANA), qualified=[START, at(days=300)])) == 1


def test_a_person_with_an_owner_is_assigned_to_them_on_qualifying():
    customer = [
        happening(START, "owner_assigned", owner=ANA),
        happening(at(1), "deal_won", deal="D-1", owner=ANA),
    ]
    _, again = told(*customer, qualified=[at(days=60)])
    assert (again.rep, again.assignments[0].since) == (ANA, at(days=60))


def test_a_customer_who_changes_hands_is_no_hand_off():
    customer = [
        happening(START, "owner_assigned", owner=ANA),
        happening(at(1), "deal_won", deal="D-1", owner=ANA),
        happening(at(days=2), "owner_assigned", owner=LUIS),
    ]
    assert len(told(*customer)) == 1


def test_who_comes_back_after_a_rejection_is_a_new_hand_off():
    first, second = told(
        happening(at(1), "owner_assigned", owner=ANA),
        happening(at(2), "rejected", by=ANA, reason="no budget"),
        happening(at(days=41), "owner_assigned", owner=LUIS),
        qualified=[START, at(days=40)],
    )
    assert (first.state, first.rejection.reason, first.rejection.objection) == (State.REJECTED, "No budget", None)
    assert (second.rep, second.is_open) == (LUIS, True)


def test_a_rejection_for_another_reason_is_kept_and_marked():
    owned = happening(START, "owner_assigned", owner=ANA)
    assert one(owned, happening(at(1), "rejected", reason="Rude")).rejection.objection is Objection.NOT_AGREED
    assert one(owned, happening(at(1), "rejected")).rejection.objection is Objection.NO_REASON
    early = one(owned, happening(at(1), "rejected", reason="Unreachable"))
    assert early.rejection.objection is Objection.TOO_FEW_TOUCHES
    assert early.rejection.by == ANA


def test_rejecting_what_was_accepted_recycles_it():
    handoff = one(
        happening(START, "owner_assigned", owner=ANA),
        happening(at(1), "accepted"),
        happening(at(2), "rejected", reason="No budget"),
    )
    assert (handoff.closure.outcome, handoff.closure.reason) == (Outcome.RECYCLED, "No budget")


def test_a_rejection_by_nobody_still_ends_it():
    assert not one(happening(at(1), "rejected", reason="No budget"), qualified=[START]).is_open


def test_who_answers_had_it_but_no_clock_starts_by_that():
    handoff = one(happening(at(7), "accepted", by=LUIS), qualified=[START])
    assert (handoff.state, handoff.rep) == (State.ACCEPTED, LUIS)
    assert handoff.assignments[0].given.inferred


def test_an_acceptance_in_a_history_without_owners_is_a_hand_off():
    handoff = one(happening(START, "accepted", by=LUIS))
    assert (handoff.opened.origin, handoff.state) == (Origin.CRM, State.ACCEPTED)


def test_opening_a_deal_accepts():
    handoff = one(happening(START, "owner_assigned", owner=ANA), happening(at(5), "deal_opened", deal="D-1", owner=ANA))
    assert (handoff.acceptance.at, handoff.acceptance.by, handoff.acceptance.how) == (at(5), ANA, "deal")


def test_a_deal_without_a_hand_off_makes_none():
    assert told(happening(START, "deal_opened", deal="D-1"), happening(at(1), "deal_lost", deal="D-1")) == []


def test_the_agreements_stage_names_are_understood():
    handoff = one(
        happening(START, "stage_changed", stage="qualified"),
        happening(at(1), "owner_assigned", owner=ANA),
        happening(at(2), "stage_changed", stage=" ACCEPTED "),
        happening(at(3), "stage_changed", stage="Something else"),
        happening(at(4), "stage_changed", stage="Customer"),
    )
    assert (handoff.qualified_at, handoff.opened.origin) == (START, Origin.CRM)
    assert (handoff.acceptance.at, handoff.acceptance.how) == (at(2), "stage")
    assert handoff.closure.outcome is Outcome.WON


def test_a_day_in_which_all_happens_at_once_is_taken_in_its_natural_order():
    handoff = one(
        happening(START, "deal_won", deal="D-1"),
        happening(START, "accepted"),
        happening(START, "call", by=ANA),
        happening(START, "owner_assigned", owner=ANA),
    )
    assert (len(handoff.touches), handoff.acceptance.how, handoff.closure.outcome) == (1, "", Outcome.WON)


def test_what_is_missing_is_what_was_missing_at_that_moment():
    handoff = one(
        Happening(at(-9), "identify", "i1", {"phone": " "}, "maria@acme.example", None),
        Happening(at(-8), "group", "g1", {"employees": 80}, None, "acme"),
        Happening(at(60), "identify", "i2", {"phone": "+34 600 000 000"}),
        qualified=[START],
    )
    assert handoff.opened.missing == ("phone",)
    assert handoff.completed_at == at(60)


def test_information_that_is_taken_back_is_missing():
    handoff = one(
        Happening(at(-9), "identify", "i1", {"phone": "1", "company": "ACME"}, "maria@acme.example"),
        Happening(at(-8), "identify", "i2", {"phone": None}),
        qualified=[START],
    )
    assert handoff.opened.missing == ("phone",)


def test_a_hand_off_keeps_the_version_under_which_it_was_opened():
    versions = Versions([Version(1, at(-1), AGREEMENT), Version(2, at(days=1), AGREEMENT)])
    first = happening(START, "owner_assigned", owner=ANA)
    assert one(first, versions=versions).opened.version == 1
    assert one(happening(at(days=2), "owner_assigned", owner=ANA), versions=versions).opened.version == 2
    assert one(happening(at(days=-9), "owner_assigned", owner=ANA), versions=versions).opened.version == 1


def test_a_hand_off_that_was_given_is_not_taken_back_by_a_late_event():
    given_one = opened(at(50), version=1)
    late = happening(at(10), "owner_assigned", owner=ANA)
    handoff = one(late, qualified=[at(20)], given=[given_one])
    assert handoff.opened is given_one
    assert handoff.rep == ANA


def test_after_the_hand_offs_that_were_given_new_ones_open():
    first, second = told(
        happening(at(60), "rejected", reason="No budget", by=ANA), qualified=[at(days=40)], given=[opened(at(50))]
    )
    assert (first.opened.at, second.opened.at) == (at(50), at(days=40))


events = st.builds(
    lambda minute, type_, who, stage, reason: happening(
        at(minute), type_, owner=who, by=who, stage=stage, reason=reason, deal="D"
    ),
    st.integers(0, 200),
    st.sampled_from(
        [
            "owner_assigned",
            "call",
            "accepted",
            "rejected",
            "recycled",
            "deal_opened",
            "deal_won",
            "deal_lost",
            "stage_changed",
        ]
    ),
    st.sampled_from([ANA, LUIS, None]),
    st.sampled_from(["Accepted", "Qualified", "Customer"]),
    st.sampled_from(["No budget", "", "Rude"]),
)


@given(st.lists(events, max_size=30), st.lists(st.integers(0, 200), max_size=4))
def test_any_history_makes_hand_offs_that_follow_one_another(happenings, minutes):
    handoffs = told(*happenings, qualified=[at(minute) for minute in minutes])
    assert all(each.closed_at is not None for each in handoffs[:-1])
    assert all(a.closed_at <= b.opened.at for a, b in pairwise(handoffs))
    assert all(each.opened.at <= each.last_fact_at for each in handoffs)


@given(st.lists(events, max_size=30, unique_by=lambda event: event.id), st.randoms())
def test_the_order_in_which_events_arrive_does_not_matter(happenings, random):
    shuffled = list(happenings)
    random.shuffle(shuffled)
    assert told(*happenings) == told(*shuffled)


@given(st.lists(events, max_size=30, unique_by=lambda event: event.id), st.lists(st.integers(0, 200), max_size=4))
def test_a_hand_off_that_is_pinned_is_told_as_it_was(happenings, minutes):
    """Our own event about it adds one touch, and nothing of what was told before changes by that."""
    before = told(*happenings, qualified=[at(minute) for minute in minutes])
    for number, handoff in enumerate(before):
        ours = Happening(at(300), "call", "ours", {"by": ANA, "handoff": pin(handoff.opened)}, ours=True)
        after = told(*happenings, ours, qualified=[at(minute) for minute in minutes])
        assert after[:number] == before[:number]
        if handoff.is_open:
            assert after == [*before[:-1], apply(handoff, Touched(at(300), ANA, "call", "ours"))]
        else:
            assert after[number] == handoff


def test_unknown_events_say_nothing():
    assert handoffs_of([happening(START, "page")], [], Versions.only(AGREEMENT)) == []
