"""What a lead is worth: its score, until the past tells its chance and the size of its deal."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entente.handoffs.models import Closure, Deal, Handoff
from entente.people.models import Person
from entente.routing.learning import past_at, worth_at
from entente.routing.models import Learnt
from entente.routing.worth import BANDS, ENOUGH, MONEY, POINTS, PRIOR, Past, Worth, worth_of
from entente.scoring.models import Qualified
from tests.routing.world import MONDAY, begin

pasts = st.lists(
    st.builds(Past, st.floats(0, 200), st.booleans(), st.floats(1, 1e6)), min_size=ENOUGH, max_size=3 * ENOUGH
)


def test_with_little_past_a_lead_is_worth_its_score():
    little = worth_of([Past(60, True, 1000.0)] * (ENOUGH - 1))
    assert (little.measure, little.value(42.0), little.value(-5.0)) == (POINTS, 42.0, 0.0)


def test_a_hotter_band_that_was_won_more_often_is_worth_more():
    past = [Past(score, n % (12 if score < 60 else 3) == 0, 2000.0) for n in range(300) for score in (50 + n % 40,)]
    worth = worth_of(past)
    assert worth.measure == MONEY
    assert worth.value(85) > 2 * worth.value(52)


def test_the_deal_s_own_amount_counts_where_it_is_known():
    worth = Worth((60.0,), (0.1, 0.3), 5000.0)
    assert [worth.value(50), worth.value(60), worth.value(60, 20_000.0)] == [500.0, 1500.0, 6000.0]


def test_a_band_s_chance_is_drawn_towards_that_of_all():
    past = [Past(float(n), n >= 160, 100.0) for n in range(200)]
    worth = worth_of(past)
    assert worth.chances[0] == pytest.approx(PRIOR * 0.2 / (40 + PRIOR))
    assert worth.chances[-1] == pytest.approx((40 + PRIOR * 0.2) / (40 + PRIOR))


@given(pasts)
def test_chances_are_chances_and_every_score_has_one(past):
    worth = worth_of(past)
    if worth.measure == POINTS:
        return
    assert len(worth.chances) == len(worth.bounds) + 1 <= BANDS
    assert all(0 <= chance <= 1 for chance in worth.chances)
    assert list(worth.bounds) == sorted(set(worth.bounds))
    assert all(worth.value(score) >= 0 for score in (-1e9, 0.0, 1e9))
    assert Worth.from_data(worth.as_data()) == worth


@pytest.mark.django_db
def test_the_past_is_read_from_hand_offs_that_are_over():
    begin()
    for n in range(ENOUGH):
        over(n, "won" if n % 4 == 0 else "lost", score=50.0 + n)
    assert sorted(past_at(MONDAY))[0] == Past(50.0, True, 1000.0)
    assert len(past_at(MONDAY)) == ENOUGH
    worth = worth_at(MONDAY)
    assert (worth.measure, worth.amount) == (MONEY, 1000.0)


@pytest.mark.django_db
def test_what_was_learnt_is_good_for_a_day():
    begin()
    assert worth_at(MONDAY).measure == POINTS
    for n in range(ENOUGH):
        over(n, "won", score=50.0 + n)
    assert worth_at(MONDAY + timedelta(hours=23)).measure == POINTS
    assert worth_at(MONDAY + timedelta(hours=25)).measure == MONEY
    assert Learnt.objects.count() == 1


def over(n: int, outcome: str, score: float) -> None:
    """A hand-off of somebody that ended so, with a deal of 1,000."""
    start, end = MONDAY - timedelta(days=60), MONDAY - timedelta(days=30)
    person = Person.objects.create(first_seen=start, last_seen=end)
    Qualified.objects.create(
        person=person, at=start, version=1, message_id=f"q{n}", source="s", score=score, closed_at=end
    )
    handoff = Handoff.objects.create(
        person=person, version_id=1, opened_at=start, origin="score", cause=f"q{n}", qualified_at=start,
        state="closed", closed_at=end, fingerprint=str(n),
    )  # fmt: skip
    Closure.objects.create(handoff=handoff, at=end, outcome=outcome, deal=f"D{n}")
    Deal.objects.create(key=f"D{n}", person=person, amount=Decimal(1000), outcome=outcome, closed_at=end)
