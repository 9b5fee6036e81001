"""The pace of a running month: against its working days, with a projection that says how sure it is."""

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from entente.sla.pace import pace
from tests.handoffs.world import AGREEMENT
from tests.sla.calendars import madrid

JULY = madrid("2026-07-01 00:00"), madrid("2026-08-01 00:00")
OCTOBER = madrid("2026-10-01 00:00"), madrid("2026-11-01 00:00")  # the clocks are put back on the 25th


def july(at, actual, promised=120):
    return pace(AGREEMENT, *JULY, madrid(f"2026-07-{at}"), actual, promised)


def test_working_days_are_counted_and_the_present_one_is_one_of_them():
    assert (july("01 08:00", 0).day, july("01 08:00", 0).days) == (1, 23)
    assert july("05 12:00", 10).day == 3, "on a Sunday it is still the third"
    assert july("31 20:00", 110).day == 23


def test_before_the_first_open_minute_nothing_is_projected():
    early = july("01 08:59", 0)
    assert (early.projection, early.low, early.high, early.chance) == (None, None, None, None)


def test_nights_and_weekends_do_not_slow_the_pace():
    assert july("03 15:00", 10).projection == july("06 09:00", 10).projection


def test_after_the_last_closing_the_count_is_the_end():
    last = july("31 15:00", 110)
    assert (last.projection, last.low, last.high, last.chance) == (110, 110, 110, 0.0)


def test_the_range_holds_the_projection_and_narrows_towards_the_end():
    widths = []
    for day in ("02", "09", "16", "23", "30"):
        found = july(f"{day} 18:00", round(100 * july(f"{day} 18:00", 0).gone))
        assert found.low <= found.projection <= found.high
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 60
    assert widths[-1] < 12


def test_the_month_with_the_night_that_comes_twice_has_its_22_working_days():
    # 12 October is a holiday; of 22 weekdays 21 are left.
    found = pace(AGREEMENT, *OCTOBER, madrid("2026-10-26 09:00"), 50, 100)
    assert (found.day, found.days) == (17, 21)
    assert found.gone == pace(AGREEMENT, *OCTOBER, madrid("2026-10-23 15:00"), 50, 100).gone


def test_nine_of_ten_months_end_within_the_range_and_the_chance_is_what_happens():
    dice, months, within, reached, chances = random.Random(7), 1000, 0, 0, 0.0
    now = madrid("2026-07-10 18:00")
    gone = july("10 18:00", 0).gone
    for _ in range(months):
        rate = dice.uniform(20, 200)
        so_far, rest = _poisson(dice, rate * gone), _poisson(dice, rate * (1 - gone))
        found = pace(AGREEMENT, *JULY, now, so_far, 110)
        within += found.low <= so_far + rest <= found.high
        reached += so_far + rest >= 110
        chances += found.chance
    assert 0.87 < within / months < 0.94
    assert abs(reached - chances) / months < 0.03


def _poisson(dice, mean):
    """How many of a steady rate's arrivals come within a time of `mean` of them."""
    count, time = 0, dice.expovariate(1)
    while time < mean:
        count, time = count + 1, time + dice.expovariate(1)
    return count


@given(st.integers(0, 500), st.integers(1, 500), st.integers(0, 31 * 24 * 60 - 1))
def test_whatever_the_moment_the_range_makes_sense(actual, promised, minutes):
    found = pace(AGREEMENT, *JULY, JULY[0] + timedelta(minutes=minutes), actual, promised)
    if found.projection is not None:
        assert actual <= found.low <= found.high
        assert 0 <= found.chance <= 1
        assert (found.chance == 1) is (actual >= promised) or found.chance > 0.999
