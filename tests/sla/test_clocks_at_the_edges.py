"""Clocks where calendars are awkward: nights that lose or gain an hour, ends of months and years, days and hours."""

from datetime import timedelta

import pytest

from entente.agreements.document import parse
from entente.handoffs.facts import Paused, Resumed
from entente.handoffs.lifecycle import handoff_of
from entente.sla.clocks import ClockState, clocks_of
from entente.sla.running import given_now
from tests.handoffs.world import AGREEMENT, ANA, assigned, at, opened, touched
from tests.sla.calendars import ZoneInfo, local, madrid

NEW_YORK = ZoneInfo("America/New_York")


def open_always(zone="Europe/Madrid", within="3 hours"):
    text = AGREEMENT.to_yaml().replace("holidays: ES-MD", "holidays: none").replace("Europe/Madrid", zone)
    text = text.replace("hours: {mon-thu: 09:00-18:00, fri: 09:00-15:00}", "hours: {mon-sun: 00:00-24:00}")
    return parse(text.replace("within: 1 hour", f"within: {within}"))


def first_touch(agreement, start, *facts, now=None):
    handoff = handoff_of(opened(start), [assigned(start), *facts])
    return next(each for each in clocks_of(handoff, agreement, now or start) if each.kind == "first_touch")


def test_the_night_that_loses_an_hour_still_gives_the_rep_three():
    start = madrid("2026-03-29 01:00")  # at two it is three
    due = first_touch(open_always(), start).due_at
    assert due - start == timedelta(hours=3)
    assert due == madrid("2026-03-29 05:00")


def test_the_night_that_comes_twice_gives_no_more_than_three():
    start = madrid("2026-10-25 01:00")  # at three it is two again
    due = first_touch(open_always(), start).due_at
    assert due - start == timedelta(hours=3)
    assert due == madrid("2026-10-25 03:00")


def test_a_clock_started_in_the_second_two_oclock_is_not_due_in_the_first():
    first, second = madrid("2026-10-25 02:30"), madrid("2026-10-25 02:30", fold=1)
    agreement = open_always()
    assert first_touch(agreement, second).due_at - first_touch(agreement, first).due_at == timedelta(hours=1)


def test_a_day_across_the_change_is_the_same_time_on_the_clock():
    start = local("2026-03-07 15:00", NEW_YORK)
    due = first_touch(open_always("America/New_York", "1 day"), start).due_at
    assert due == local("2026-03-08 15:00", NEW_YORK)
    assert due - start == timedelta(hours=23)


def test_a_pause_over_the_changed_night_puts_off_by_what_went_by():
    start = madrid("2026-10-25 01:00")
    facts = Paused(madrid("2026-10-25 02:00"), ANA, "asleep"), Resumed(madrid("2026-10-25 02:00", fold=1))
    back = first_touch(open_always(), start, *facts, now=madrid("2026-10-25 03:00"))
    assert (back.paused, back.due_at - start) == (timedelta(hours=1), timedelta(hours=4))


def test_the_last_half_hour_of_a_month_and_the_first_of_the_next_are_one_hour():
    start = madrid("2026-08-31 17:30")
    assert first_touch(AGREEMENT, start).due_at == madrid("2026-09-01 09:30")


def test_the_end_of_a_year_steps_over_its_holidays():
    # New Year is a Friday in 2027; the sixth of January, a Wednesday, is a holiday too.
    assert first_touch(AGREEMENT, madrid("2026-12-31 17:30")).due_at == madrid("2027-01-04 09:30")
    assert first_touch(AGREEMENT, madrid("2027-01-05 17:30")).due_at == madrid("2027-01-07 09:30")


@pytest.mark.parametrize(
    ("within", "due"),
    [("1 day", "2026-07-06 14:30"), ("24 hours", "2026-07-08 14:30"), ("1 week", "2026-07-10 14:30")],
)
def test_a_day_is_a_working_day_24_hours_are_open_hours_and_the_example_says_so_by_a_date(within, due):
    agreement = parse(AGREEMENT.to_yaml().replace("within: 1 hour", f"within: {within}"))
    friday = madrid("2026-07-03 14:30")
    examples = {promise.promise: when for promise, when in given_now(agreement, ANA, friday)}
    assert examples["First touch"] == madrid(due) == first_touch(agreement, friday).due_at


def test_a_touch_a_microsecond_before_closing_is_before_one_at_the_next_opening():
    start = madrid("2026-07-02 17:00")  # due when the day ends
    late = touched(madrid("2026-07-03 09:00"))
    assert first_touch(AGREEMENT, start, touched(madrid("2026-07-02 18:00")), now=at(days=9)).state is ClockState.MET
    assert first_touch(AGREEMENT, start, late, now=at(days=9)).state is ClockState.BREACHED
