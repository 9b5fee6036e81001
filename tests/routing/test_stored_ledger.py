"""What is stored between transactions is the pure ledger over the same sequence, to the bit."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entente.routing.fair import Ledger
from entente.routing.ledgers import Book, Offer, as_data, open_ledgers
from entente.routing.models import Balance, Decision, TeamLedger
from entente.routing.worth import MONEY, POINTS
from tests.routing.world import ANA, BEGAN, EVA, LUIS, agreement

REPS = (ANA, LUIS, EVA)
shares = st.dictionaries(st.sampled_from(REPS), st.sampled_from([0.25, 0.5, 1.0, 2.0]), min_size=1)
steps = st.lists(
    st.tuples(st.floats(0, 1e5), shares, st.sampled_from(["", "", "", *REPS]), st.booleans()), min_size=1, max_size=12
)


def kept(team: str = "Iberia") -> dict[str, tuple[float, float]]:
    return {b.rep: (b.count, b.value) for b in Balance.objects.filter(ledger__team=team)}


def dealt(number: int, value: float, eligible, to: str, measure: str = POINTS):
    """One deal in a transaction of its own: all is read anew and written."""
    book = Book()
    deal = book.deal("Iberia", Offer(f"lead {number}", value, measure, eligible), to)
    book.save()
    decision = Decision(
        cause="lead", opened_at=BEGAN, rep=deal.rep, team="Iberia", value=value, measure=measure,
        candidates=as_data(deal, eligible),
    )  # fmt: skip
    return deal, decision


class TheStoredLedger(TestCase):
    @settings(max_examples=25)
    @given(steps)
    def test_is_the_pure_ledger_over_the_same_sequence(self, sequence):
        open_ledgers(agreement(), BEGAN)
        pure = Ledger()
        for number, (value, eligible, to, back) in enumerate(sequence):
            deal, decision = dealt(number, value, eligible, to)
            assert deal == pure.deal(f"lead {number}", value, eligible, to or None)
            if back:
                book = Book()
                book.take_back(decision)
                book.save()
                pure.take_back(deal)
            assert kept() == {rep: (b.count, b.value) for rep, b in pure.balances.items()}
        assert TeamLedger.objects.get(team="Iberia").largest == pure.largest

    @settings(max_examples=25)
    @given(steps)
    def test_holds_what_was_got_apart_from_what_was_due(self, sequence):
        open_ledgers(agreement(), BEGAN)
        got, due = dict.fromkeys(REPS, 0.0), dict.fromkeys(REPS, 0.0)
        for number, (value, eligible, to, _) in enumerate(sequence):
            deal, _decision = dealt(number, value, eligible, to)
            got[deal.rep] += 1
            for each in deal.candidates:
                due[each.rep] += each.due
        for row in Balance.objects.all():
            assert row.got_count == got[row.rep]
            assert row.due_count == pytest.approx(due[row.rep], abs=1e-9)

    @settings(max_examples=25)
    @given(steps)
    def test_taken_back_and_counted_again_is_as_it_was(self, sequence):
        open_ledgers(agreement(), BEGAN)
        for number, (value, eligible, to, _) in enumerate(sequence):
            _deal, decision = dealt(number, value, eligible, to)
        before = kept()
        book = Book()
        book.take_back(decision)
        book.count_again(decision)
        book.save()
        for rep, (count, value) in kept().items():
            assert count == pytest.approx(before[rep][0], abs=1e-9)
            assert value == pytest.approx(before[rep][1], rel=1e-9, abs=1e-6)


@pytest.mark.django_db
def test_another_measure_of_value_starts_level_and_leaves_the_counts():
    open_ledgers(agreement(), BEGAN)
    dealt(0, 60.0, {ANA: 1.0, LUIS: 1.0}, ANA)
    dealt(1, 9000.0, {ANA: 1.0, LUIS: 1.0}, LUIS, MONEY)
    assert kept() == {ANA: (0.0, -4500.0), LUIS: (0.0, 4500.0)}


@pytest.mark.django_db
def test_a_change_of_members_resets_nothing_and_a_newcomer_starts_level():
    open_ledgers(agreement(), BEGAN)
    dealt(0, 60.0, {ANA: 1.0, LUIS: 1.0}, ANA)
    before = kept()
    open_ledgers(agreement(), datetime.now(UTC))
    dealt(1, 60.0, {EVA: 1.0}, "")
    assert kept() == before | {EVA: (0.0, 0.0)}
