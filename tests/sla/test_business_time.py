"""Business time, claim by claim. 3 July 2026 is a Friday."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from entente.agreements.durations import Duration
from entente.agreements.hours import BusinessTime
from entente.sla.business_time import Calendar, CalendarError, calendar_of
from tests.sla.calendars import ACME, ALWAYS, MADRID, OFFICE, acme, local, madrid, office, weekdays

HOUR = Duration(1, "hours")
DAY = Duration(1, "days")
WEEK = Duration(1, "weeks")


def test_an_hour_within_the_day_is_an_hour():
    assert office().add(madrid("2026-07-01 10:15"), HOUR) == madrid("2026-07-01 11:15")


def test_a_clock_started_on_friday_evening_is_due_on_monday_morning():
    assert office().add(madrid("2026-07-03 17:30"), HOUR) == madrid("2026-07-06 09:30")


def test_a_start_outside_open_hours_begins_at_the_next_opening():
    calendar = office()
    saturday = madrid("2026-07-04 12:00")
    assert calendar.next_opening(saturday) == madrid("2026-07-06 09:00")
    assert calendar.add(saturday, HOUR) == madrid("2026-07-06 10:00")
    assert calendar.add(saturday, DAY) == madrid("2026-07-07 09:00")
    assert calendar.add(saturday, Duration(0, "minutes")) == madrid("2026-07-06 09:00")


def test_an_open_moment_is_its_own_next_opening():
    now = madrid("2026-07-01 10:15")
    assert office().next_opening(now) == now


def test_the_moment_of_opening_is_open_and_the_moment_of_closing_is_not():
    calendar = office()
    assert calendar.is_open(madrid("2026-07-01 09:00"))
    assert not calendar.is_open(madrid("2026-07-01 18:00"))
    assert not calendar.is_open(madrid("2026-07-01 08:59:59.999999"))
    assert calendar.next_opening(madrid("2026-07-01 18:00")) == madrid("2026-07-02 09:00")


def test_a_days_last_hour_ends_when_the_day_does():
    assert office().add(madrid("2026-07-01 17:00"), HOUR) == madrid("2026-07-01 18:00")


def test_one_day_is_a_working_day_and_24_hours_are_24_open_hours():
    calendar = office()
    start = madrid("2026-07-03 16:00")
    assert calendar.add(start, DAY) == madrid("2026-07-06 16:00")
    assert calendar.add(start, Duration(24, "hours")) == madrid("2026-07-08 13:00")


def test_a_day_that_closes_earlier_ends_at_its_closing():
    assert acme().add(madrid("2026-07-02 17:00"), DAY) == madrid("2026-07-03 15:00")


def test_a_day_that_opens_later_begins_at_its_opening():
    late = Calendar({0: [(time(8), time(12))], 1: [(time(10), time(12))]}, MADRID)
    assert late.add(madrid("2026-07-06 08:30"), DAY) == madrid("2026-07-07 10:00")


def test_a_time_in_the_midday_break_ends_where_the_break_begins():
    split = Calendar({0: [(time(9), time(18))], 1: [(time(9), time(14)), (time(16), time(20))]}, MADRID)
    assert split.add(madrid("2026-07-06 15:00"), DAY) == madrid("2026-07-07 14:00")
    assert split.add(madrid("2026-07-06 17:00"), DAY) == madrid("2026-07-07 17:00")


def test_two_days_step_over_a_weekend_and_a_holiday():
    # 15 August 2026 is a Saturday; 12 October is a Monday and a holiday in all of Spain.
    assert acme().add(madrid("2026-10-08 10:00"), Duration(2, "days")) == madrid("2026-10-13 10:00")


def test_madrids_own_holiday_is_closed_in_madrid_and_open_in_barcelona():
    # The second of May 2025 was a Friday.
    assert not Calendar(OFFICE, MADRID, "ES-MD").is_open(madrid("2025-05-02 10:00"))
    assert Calendar(OFFICE, MADRID, "ES-CT").is_open(madrid("2025-05-02 10:00"))


def test_a_closed_day_of_the_agreement_is_closed():
    calendar = office(closed=[date(2026, 12, 24)])
    assert calendar.add(madrid("2026-12-23 17:30"), HOUR) == madrid("2026-12-25 09:30")


def test_a_week_is_the_same_weekday_and_time():
    assert office().add(madrid("2026-07-01 10:15"), WEEK) == madrid("2026-07-08 10:15")


def test_a_week_that_ends_on_a_holiday_ends_on_the_next_working_day():
    assert acme().add(madrid("2026-10-05 10:15"), WEEK) == madrid("2026-10-13 10:15")


def test_a_day_across_the_change_of_clocks_keeps_the_clock_time():
    # Clocks go forward on 29 March 2026, and back on 25 October.
    calendar = Calendar(ALWAYS, MADRID)
    spring = calendar.add(madrid("2026-03-28 10:00"), DAY)
    autumn = calendar.add(madrid("2026-10-24 10:00"), DAY)
    assert spring == madrid("2026-03-29 10:00")
    assert spring - madrid("2026-03-28 10:00") == timedelta(hours=23)
    assert autumn - madrid("2026-10-24 10:00") == timedelta(hours=25)


def test_24_open_hours_across_the_change_of_clocks_are_24_real_hours():
    calendar = Calendar(ALWAYS, MADRID)
    for start in (madrid("2026-03-28 10:00"), madrid("2026-10-24 10:00")):
        assert calendar.add(start, Duration(24, "hours")) - start == timedelta(hours=24)


def test_a_night_that_loses_an_hour_is_an_hour_shorter_and_one_that_gains_it_longer():
    nights = Calendar({6: [(time(1), time(5))]}, MADRID)
    day = timedelta(days=1)
    spring, autumn = madrid("2026-03-29 00:00"), madrid("2026-10-25 00:00")
    assert nights.elapsed(spring, spring + day) == timedelta(hours=3)
    assert nights.elapsed(autumn, autumn + day) == timedelta(hours=5)


def test_an_opening_that_the_change_of_clocks_skips_is_at_the_change():
    early = Calendar({6: [(time(2, 30), time(5))]}, MADRID)
    assert early.next_opening(madrid("2026-03-29 00:00")) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_half_hour_change_of_clocks_is_found_to_the_second():
    island = ZoneInfo("Australia/Lord_Howe")  # goes forward by 30 minutes at 02:00 on 4 October 2026
    early = Calendar({6: [(time(2, 10), time(5))]}, island)
    assert early.next_opening(local("2026-10-04 01:00", island)) == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)


def test_an_opening_time_that_comes_twice_opens_at_its_first_coming():
    early = Calendar({6: [(time(2, 30), time(5))]}, MADRID)
    assert early.next_opening(madrid("2026-10-25 00:00")) == madrid("2026-10-25 02:30", fold=0)
    assert early.elapsed(madrid("2026-10-25 00:00"), madrid("2026-10-25 06:00")) == timedelta(hours=3, minutes=30)


def test_midnight_as_an_end_is_the_end_of_the_day():
    late = Calendar({0: [(time(20), time(0))]}, MADRID)
    assert late.elapsed(madrid("2026-07-06 00:00"), madrid("2026-07-08 00:00")) == timedelta(hours=4)


def test_a_night_shift_belongs_to_the_day_on_which_it_begins():
    nights = Calendar(weekdays((time(22), time(6))), MADRID, closed=[date(2026, 7, 6)])
    assert nights.is_open(madrid("2026-07-04 05:00"))  # Friday's shift, on Saturday
    assert not nights.is_open(madrid("2026-07-07 05:00"))  # Monday was closed, so is its night
    assert nights.add(madrid("2026-07-04 02:00"), DAY) == madrid("2026-07-08 02:00")  # in Tuesday's shift


def test_shifts_that_overlap_count_once():
    calendar = Calendar({0: [(time(8), time(7))], 1: [(time(5), time(6))]}, MADRID)
    assert calendar.elapsed(madrid("2026-07-06 00:00"), madrid("2026-07-08 00:00")) == timedelta(hours=23)


def test_elapsed_is_negative_backwards():
    a, b = madrid("2026-07-03 17:30"), madrid("2026-07-06 09:30")
    assert office().elapsed(a, b) == timedelta(hours=1)
    assert office().elapsed(b, a) == -timedelta(hours=1)


def test_elapsed_between_two_moments_outside_open_hours_is_nothing():
    assert office().elapsed(madrid("2026-07-03 18:30"), madrid("2026-07-06 08:00")) == timedelta(0)


def test_years_apart_are_measured_without_walking():
    assert office().elapsed(madrid("2016-01-01 00:00"), madrid("2036-01-01 00:00")) > timedelta(hours=40_000)


def test_working_days_of_a_month():
    assert acme().working_days(date(2026, 10, 1), date(2026, 11, 1)) == 21
    assert office().working_days(date(2026, 10, 1), date(2026, 11, 1)) == 22


def test_no_open_hours_are_refused():
    with pytest.raises(CalendarError, match="no open hours on any weekday"):
        Calendar({0: []}, MADRID)


def test_an_unknown_holiday_region_is_refused_by_name():
    with pytest.raises(CalendarError, match="'ES-ZZ'"):
        office(holidays="ES-ZZ")


def test_a_calendar_that_is_closed_for_years_says_so():
    first = date(2027, 1, 1)
    closed = [first + timedelta(days=n) for n in range(366 * 8)]
    with pytest.raises(CalendarError, match="no open hours from 2027"):
        office(closed=closed).add(madrid("2026-12-31 17:30"), HOUR)


def test_a_year_beyond_all_calendars_is_refused():
    with pytest.raises(CalendarError, match="business time is known from"):
        office().is_open(datetime(9999, 12, 31, tzinfo=UTC))


def test_the_longest_promise_is_reached():
    due = office().add(madrid("2026-07-01 10:00"), Duration(3650, "days"))
    assert due == madrid("2040-06-27 10:00")
    assert office().working_days(date(2026, 7, 1), date(2040, 6, 27)) == 3650


def test_a_calendar_that_opens_a_minute_a_week_is_walked_in_strides():
    hardly = Calendar({0: [(time(9), time(9, 1))]}, MADRID)
    assert hardly.add(madrid("2026-07-06 09:00"), Duration(50, "hours")) == madrid("2083-12-27 09:01")
    with pytest.raises(CalendarError, match="business time is known from"):
        hardly.add(madrid("2026-07-06 09:00"), Duration(500, "hours"))


def test_an_agreements_calendar_is_laid_out_once():
    one = calendar_of(BusinessTime(hours=ACME, holidays="ES-MD"), "Europe/Madrid")
    assert one is calendar_of(BusinessTime(hours=dict(ACME), holidays="ES-MD"), "Europe/Madrid")
    assert one is not calendar_of(BusinessTime(hours=OFFICE, holidays="ES-MD"), "Europe/Madrid")
