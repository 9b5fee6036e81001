"""The promises of both parties, measured. The world's first moment is Wednesday 1 July 2026, ten in Madrid."""

from datetime import timedelta
from itertools import pairwise

import pytest

from entente.agreements.document import parse
from entente.handoffs.facts import Origin, Outcome, Paused, Resumed
from entente.handoffs.lifecycle import handoff_of
from entente.handoffs.versions import Version, Versions
from entente.sla.business_time import calendar_of
from entente.sla.commitments import measure
from entente.sla.delays import delay_of, follow_up
from entente.sla.windows import window_at, windows_between
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
from tests.sla.calendars import MADRID, madrid

JULY = madrid("2026-07-01 00:00"), madrid("2026-08-01 00:00")
AUGUST = madrid("2026-08-01 00:00"), madrid("2026-09-01 00:00")
LATER = madrid("2026-12-01 00:00")
CALENDAR = calendar_of(AGREEMENT.business_time, AGREEMENT.timezone)


def given(when=START, *facts, **fields):
    """A hand-off that qualifies and is assigned at once."""
    return handoff_of(opened(when, **fields), [assigned(when), *facts])


def measured(promise, handoffs, now=LATER, period=JULY, **rest):
    every = measure(AGREEMENT, handoffs, now, *period, **rest)
    return next(each for each in every if each.promise == promise)


def test_every_promise_of_both_parties_is_measured_in_order():
    every = measure(AGREEMENT, [], LATER, *JULY)
    assert [(each.party, each.promise, each.kind) for each in every] == [
        ("marketing", "Volume", "count"),
        ("marketing", "Completeness", "share"),
        ("marketing", "Quality", "share"),
        ("sales", "First touch", "clock"),
        ("sales", "Feedback", "clock"),
        ("sales", "Persistence", "persistence"),
    ]


def test_nothing_to_measure_is_not_nothing_achieved():
    for each in measure(AGREEMENT, [], LATER, *JULY):
        assert (each.actual, each.met, each.n) == (None, None, 0)


def test_volume_counts_who_qualified_in_the_month_of_the_agreements_zone():
    inside, just_before = given(madrid("2026-07-01 00:00")), given(madrid("2026-06-30 23:59:59"))
    volume = measured("Volume", [inside, just_before])
    assert (volume.actual, volume.target, volume.met, volume.counted) == (1, 4, False, (0,))


def test_a_month_without_anyone_is_zero_once_anyone_ever_qualified():
    volume = measured("Volume", [given(madrid("2026-06-15 12:00"))])
    assert (volume.actual, volume.met) == (0, False)


def test_leads_handed_over_by_hand_are_not_counted_as_qualified_but_shown():
    volume = measured("Volume", [given(), given(origin=Origin.CRM)])
    assert (volume.actual, volume.by_hand) == (1, 1)
    only_by_hand = measured("Volume", [given(origin=Origin.CRM)])
    assert (only_by_hand.actual, only_by_hand.met, only_by_hand.by_hand) == (None, None, 1)


def test_a_running_month_is_neither_kept_nor_broken_until_it_is():
    running = madrid("2026-07-15 12:00")
    assert measured("Volume", [given()], now=running).met is None
    assert measured("Volume", [given()] * 4, now=running).met is True
    assert measured("Volume", [given()], now=JULY[1]).met is False


def test_pace_is_by_business_days_and_projects_the_month():
    volume = measured("Volume", [given(), given()], now=madrid("2026-07-16 18:00"))
    assert (volume.pace.day, volume.pace.days) == (12, 23)
    assert volume.pace.projection == pytest.approx(2 / volume.pace.gone)
    assert volume.pace.gone == pytest.approx(102 / 192)  # hours: ten long days and two Fridays, of 18 and 5
    assert measured("Volume", [given()]).pace is None


def test_a_month_that_has_not_opened_yet_projects_nothing():
    volume = measured("Volume", [given()], now=madrid("2026-08-01 12:00"), period=AUGUST)
    assert (volume.pace.gone, volume.pace.projection, volume.pace.day) == (0.0, None, 0)


def test_a_period_of_several_months_shows_each_and_reports_the_last_begun():
    handoffs = [given(madrid("2026-07-10 12:00"))] * 4 + [given(madrid("2026-08-10 12:00"))]
    volume = measured("Volume", handoffs, now=madrid("2026-08-20 12:00"), period=(JULY[0], LATER))
    assert [(window.actual, window.met) for window in volume.windows] == [(4, True), (1, None)]
    assert (volume.start, volume.actual) == (AUGUST[0], 1)


def test_completeness_is_of_the_moment_of_hand_off():
    share = measured("Completeness", [given(), given(missing=("phone",)), given(AUGUST[0], missing=("phone",))])
    assert (share.actual, share.k, share.n, share.met) == (0.5, 1, 2, False)


def test_quality_is_acceptances_among_answers():
    handoffs = [
        given(START, accepted(at(5))),
        given(START, accepted(at(5))),
        given(START, accepted(at(5)), closed(at(6), Outcome.LOST)),
        given(START, rejected(at(5))),
        given(START),
        given(START, closed(at(5), Outcome.RECYCLED)),
    ]
    share = measured("Quality", handoffs)
    assert (share.actual, share.kept, share.counted, share.met) == (0.75, (0, 1, 2), (0, 1, 2, 3), True)


def test_an_answer_counts_in_the_period_in_which_it_was_given():
    late = given(START, accepted(AUGUST[0]))
    assert measured("Quality", [late]).n == 0
    assert measured("Quality", [late], period=AUGUST).n == 1


def test_first_touch_is_the_share_of_those_due():
    in_time, late, never = given(START, touched(at(30))), given(START, touched(at(61))), given()
    share = measured("First touch", [in_time, late, never])
    assert (share.k, share.n, share.kept) == (1, 3, (0,))


def test_what_is_not_due_yet_is_not_counted_even_where_it_is_met():
    now = at(50)
    share = measured("First touch", [given(START, touched(at(30))), given()], now=now)
    assert (share.actual, share.n, share.waiting) == (None, 0, 2)


def test_a_released_clock_counts_for_nobody():
    passed_on = given(START, assigned(at(10), LUIS), touched(at(20), LUIS))
    share = measured("First touch", [passed_on])
    assert (share.k, share.n) == (1, 1)


def test_a_clock_counts_in_the_period_in_which_it_falls_due():
    last_minute = given(madrid("2026-07-31 14:50"))  # a Friday that ends at three
    assert measured("First touch", [last_minute]).n == 0
    assert measured("First touch", [last_minute], period=AUGUST).n == 1


def test_persistence_is_of_those_whom_nobody_reached():
    tried = given(START, *(touched(at(days=day)) for day in range(5)))
    left = given(START, touched(at(5)))
    reached = given(START, touched(at(5)), accepted(at(6)))
    share = measured("Persistence", [tried, left, reached])
    assert (share.k, share.n, share.actual) == (1, 2, 0.5)


def test_a_hand_off_is_measured_by_the_version_it_was_opened_under():
    stricter = parse(AGREEMENT.to_yaml().replace("within: 1 hour,", "within: 10 minutes,"))
    assert stricter != AGREEMENT
    versions = Versions([Version(1, START, AGREEMENT), Version(2, at(days=1), stricter)])
    handoffs = [given(START, touched(at(30)), version=1), given(at(days=1), touched(at(30, days=1)), version=2)]
    every = measure(stricter, handoffs, LATER, *JULY, versions=versions)
    share = next(each for each in every if each.promise == "First touch")
    assert (share.kept, share.counted, share.versions) == ((0,), (0, 1), (1, 2))


def test_four_thousand_hand_offs_are_measured_exactly():
    handoffs = [given(at(n % 60), *([touched(at(n % 60 + 30))] if n % 4 else [])) for n in range(4_000)]
    share = measured("First touch", handoffs)
    assert (share.k, share.n, share.actual) == (3_000, 4_000, 0.75)


def test_our_delay_and_theirs_are_measured_apart():
    handoff = handoff_of(opened(START), [assigned(at(12)), touched(at(57))])
    delay = delay_of(handoff, CALENDAR, LATER)
    assert (delay.ours, delay.theirs) == (timedelta(minutes=12), timedelta(minutes=45))


def test_delays_are_of_business_time():
    handoff = handoff_of(opened(madrid("2026-07-04 03:00")), [assigned(madrid("2026-07-06 09:02"))])
    delay = delay_of(handoff, CALENDAR, LATER)
    assert (delay.ours, delay.theirs) == (timedelta(minutes=2), None)


def test_follow_up_of_many():
    handoffs = [given(START, touched(at(minutes))) for minutes in range(1, 12)] + [given(), handoff_of(opened())]
    seen = follow_up([(handoff, CALENDAR) for handoff in handoffs], LATER)
    assert (seen.theirs.n, seen.theirs.median, seen.theirs.ninety) == (11, timedelta(minutes=6), timedelta(minutes=10))
    assert (seen.ours.n, seen.ours.median, seen.untouched) == (12, timedelta(0), (11,))
    assert follow_up([], LATER).theirs is None


def test_a_touch_before_the_first_assignment_is_not_theirs():
    handoff = handoff_of(opened(), [touched(at(1), ANA), assigned(at(5))])
    assert delay_of(handoff, CALENDAR, LATER).theirs is None


def test_periods_are_those_of_the_zone():
    moment = madrid("2026-10-26 00:30")  # still Sunday in UTC, and the day after the clocks went back
    assert window_at("week", moment, MADRID) == (madrid("2026-10-26 00:00"), madrid("2026-11-02 00:00"))
    assert window_at("month", moment, MADRID) == (madrid("2026-10-01 00:00"), madrid("2026-11-01 00:00"))
    assert window_at("quarter", moment, MADRID) == (madrid("2026-10-01 00:00"), madrid("2027-01-01 00:00"))
    assert window_at("year", moment, MADRID) == (madrid("2026-01-01 00:00"), madrid("2027-01-01 00:00"))


def test_periods_follow_one_another_without_a_gap():
    windows = list(windows_between("week", *JULY, MADRID))
    assert len(windows) == 5
    assert all(one[1] == next_one[0] for one, next_one in pairwise(windows))


def test_clocks_that_waited_for_the_customer_are_counted():
    paused = given(START, Paused(at(10), ANA, "on holiday"), Resumed(at(40)), touched(at(80)))
    first_touch = measured("First touch", [paused, given(START, touched(at(5)))])
    assert (first_touch.n, first_touch.k, first_touch.paused) == (2, 2, 1)
