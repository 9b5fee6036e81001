"""Leads are dealt evenly, in number and in value, and every decision can be read and undone."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entente.routing.fair import DealingError, Ledger

REPS = ("ana", "luis", "maria", "omar")
shares = st.dictionaries(st.sampled_from(REPS), st.sampled_from([0.25, 0.5, 1.0, 2.0]), min_size=1)
values = st.floats(0, 1e6, allow_nan=False)
leads = st.lists(st.tuples(values, shares), min_size=1, max_size=60)


def test_equal_reps_get_equal_numbers_of_equal_leads():
    ledger = Ledger()
    got = Counter(ledger.deal(f"lead {n}", 100, dict.fromkeys(REPS, 1.0)).rep for n in range(400))
    assert set(got.values()) == {100}


def test_a_half_share_gets_half():
    ledger = Ledger()
    got = Counter(ledger.deal(str(n), 100, {"ana": 1.0, "luis": 0.5}).rep for n in range(300))
    assert got == {"ana": 200, "luis": 100}


def test_rich_leads_do_not_all_go_to_one_rep():
    ledger = Ledger()
    for n in range(1000):
        ledger.deal(str(n), 10_000 if n % 4 == 0 else 100, dict.fromkeys(REPS, 1.0))
    assert all(abs(balance.value) <= 20_000 for balance in ledger.balances.values())
    assert all(abs(balance.count) <= 2 for balance in ledger.balances.values())


def test_leave_neither_owes_nor_costs():
    ledger = Ledger()
    for n in range(100):
        ledger.deal(f"away {n}", 100, {"ana": 1.0, "luis": 1.0})
    back = Counter(ledger.deal(f"back {n}", 100, {"ana": 1.0, "luis": 1.0, "maria": 1.0}).rep for n in range(30))
    assert back == {"ana": 10, "luis": 10, "maria": 10}


def test_ties_are_broken_evenly_and_always_the_same_way():
    def first(lead: str) -> str:
        return Ledger().deal(lead, 100, dict.fromkeys(REPS, 1.0)).rep

    winners = Counter(first(f"lead {n}") for n in range(2000))
    assert all(400 < count < 600 for count in winners.values())
    assert [first(f"lead {n}") for n in range(50)] == [first(f"lead {n}") for n in range(50)]


def test_a_lead_given_by_hand_counts():
    ledger = Ledger()
    ledger.deal("gift", 100, {"ana": 1.0, "luis": 1.0}, to="ana")
    assert ledger.deal("next", 100, {"ana": 1.0, "luis": 1.0}).rep == "luis"


def test_nobody_eligible_changes_nothing_and_says_so():
    ledger = Ledger()
    with pytest.raises(DealingError, match="nobody is eligible"):
        ledger.deal("lead", 100, {})
    assert ledger == Ledger()


@pytest.mark.parametrize(("value", "share"), [(-1, 1), (float("nan"), 1), (1, 0), (1, float("inf"))])
def test_what_is_no_value_or_share_is_refused(value, share):
    with pytest.raises(DealingError):
        Ledger().deal("lead", value, {"ana": share})


def test_a_rep_buried_by_hand_does_not_break_the_comparison():
    ledger = Ledger()
    for n in range(2000):
        ledger.deal(str(n), 100, {"ana": 1.0, "luis": 1.0, "maria": 1.0}, to="ana")
    assert {ledger.deal(f"next {n}", 100, dict.fromkeys(("ana", "luis", "maria"), 1.0)).rep for n in range(9)} == {
        "luis",
        "maria",
    }


@given(leads)
@settings(max_examples=200)
def test_what_was_got_equals_what_was_due(dealt):
    ledger = Ledger()
    for n, (value, eligible) in enumerate(dealt):
        ledger.deal(str(n), value, eligible)
    assert sum(b.count for b in ledger.balances.values()) == pytest.approx(0, abs=1e-6)
    assert sum(b.value for b in ledger.balances.values()) == pytest.approx(0, abs=1e-6 * (1 + ledger.largest))


@given(leads)
@settings(max_examples=200)
def test_the_first_candidate_raises_unevenness_least(dealt):
    ledger = Ledger()
    for n, (value, eligible) in enumerate(dealt):
        deal = ledger.deal(str(n), value, eligible)
        assert deal.rep in eligible
        assert {c.rep for c in deal.candidates} == set(eligible)
        assert deal.candidates[0].rise <= min(c.rise for c in deal.candidates) + 1e-9


@given(leads, st.data())
@settings(max_examples=100)
def test_taking_deals_back_restores_every_balance(dealt, data):
    ledger = Ledger()
    for n, (value, eligible) in enumerate(dealt):
        ledger.deal(str(n), value, eligible)
    before = {rep: (b.count, b.value) for rep, b in ledger.balances.items()}
    extra = [ledger.deal(f"x{n}", value, eligible) for n, (value, eligible) in enumerate(data.draw(leads))]
    for deal in data.draw(st.permutations(extra)):
        ledger.take_back(deal)
    for rep, balance in ledger.balances.items():
        count, value = before.get(rep, (0, 0))
        assert balance.count == pytest.approx(count, abs=1e-6)
        assert balance.value == pytest.approx(value, abs=1e-6 * (1 + ledger.largest))


@given(leads)
def test_a_preview_changes_nothing_and_tells_the_truth(dealt):
    ledger = Ledger()
    for n, (value, eligible) in enumerate(dealt):
        before = {rep: (b.count, b.value) for rep, b in ledger.balances.items()}
        foreseen = ledger.preview(str(n), value, eligible)
        assert before == {rep: (b.count, b.value) for rep, b in ledger.balances.items()}
        assert ledger.deal(str(n), value, eligible) == foreseen
