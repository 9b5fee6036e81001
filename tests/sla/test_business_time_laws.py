"""Laws of business time, held against a minute-by-minute reference and against a library that others wrote."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import businesstimedelta
import holidays
import pytz
from hypothesis import given, settings
from hypothesis import strategies as st

from entente.agreements.durations import Duration
from entente.sla.business_time import Calendar
from tests.sla.calendars import instants, weekdays

MINUTE = timedelta(minutes=1)
ZONES = ["Europe/Madrid", "America/Mexico_City", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]

clock_times = st.times().map(lambda t: t.replace(second=0, microsecond=0))
intervals = st.tuples(clock_times, clock_times)
hours = st.dictionaries(st.integers(0, 6), st.lists(intervals, min_size=1, max_size=2), min_size=1)
zones = st.sampled_from(ZONES).map(ZoneInfo)
calendars = st.builds(Calendar, hours, zones, st.sampled_from([None, "ES-MD", "US"]))
moments = instants("2024-01-01", "2028-01-01")
lengths = st.timedeltas(timedelta(0), timedelta(hours=20))


@given(calendars, moments, lengths)
def test_what_was_added_has_elapsed_to_the_microsecond(calendar, start, length):
    assert calendar.elapsed(start, calendar.add_open_time(start, length)) == length


@given(calendars, moments, st.integers(0, 20), st.sampled_from(["minutes", "hours"]))
def test_hours_and_minutes_elapse_as_promised(calendar, start, n, unit):
    length = Duration(n, unit)
    assert calendar.elapsed(start, calendar.add(start, length)) == length.as_timedelta()


@given(calendars, moments, lengths, lengths)
def test_adding_twice_is_adding_the_sum(calendar, start, first, second):
    stepwise = calendar.add_open_time(calendar.add_open_time(start, first), second)
    at_once = calendar.add_open_time(start, first + second)
    assert calendar.elapsed(stepwise, at_once) == timedelta(0)


@given(calendars, moments, moments, moments)
def test_elapsed_time_adds_up(calendar, a, b, c):
    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)


@given(calendars, moments, st.integers(1, 60), st.sampled_from(["minutes", "hours", "days", "weeks"]))
def test_a_later_start_is_never_due_earlier(calendar, start, n, unit):
    length = Duration(n, unit)
    assert calendar.add(start, length) <= calendar.add(start + timedelta(hours=7), length)


@given(calendars, moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(calendar, moment):
    opening = calendar.next_opening(moment)
    assert opening >= moment
    assert calendar.is_open(opening)
    assert calendar.elapsed(moment, opening) == timedelta(0)


@given(moments, st.integers(1, 40))
def test_n_days_are_n_times_a_day_where_every_day_has_the_same_hours(start, n):
    same = Calendar(weekdays((time(8, 30), time(17))), ZoneInfo("Europe/Madrid"), "ES-MD")
    due = start
    for _ in range(n):
        due = same.add(due, Duration(1, "days"))
    # A due time is never at closing here, as the start of a working day is open and its end is not.
    assert same.add(start, Duration(n, "days")) == due


@settings(max_examples=60)
@given(hours, zones, instants("2026-01-01", "2026-12-20"))
def test_open_minutes_are_those_in_which_the_wall_clock_stands_within_the_hours(hours, zone, start):
    start = start.replace(second=0, microsecond=0)
    calendar = Calendar(hours, zone)
    minutes = [start + n * MINUTE for n in range(3 * 1440)]
    expected = sum(
        wall_is_open(hours, minute.astimezone(zone)) for minute in minutes if away_from_changes(minute, zone)
    )
    counted = sum(calendar.is_open(minute) for minute in minutes if away_from_changes(minute, zone))
    assert counted == expected
    assert (
        calendar.elapsed(start, start + 4320 * MINUTE) == sum(calendar.is_open(minute) for minute in minutes) * MINUTE
    )


def wall_is_open(hours, wall):
    clock = wall.time()
    today = any(begin <= clock and (clock < end or end <= begin) for begin, end in hours.get(wall.weekday(), ()))
    last_night = any(end <= begin and clock < end for begin, end in hours.get((wall.weekday() - 1) % 7, ()))
    return today or last_night


def away_from_changes(moment, zone):
    """Times that are skipped or come twice have rules (and tests) of their own."""
    day = timedelta(hours=26)
    return (moment - day).astimezone(zone).utcoffset() == (moment + day).astimezone(zone).utcoffset()


@settings(max_examples=60)
@given(
    st.sampled_from(ZONES),
    instants("2026-01-01", "2026-11-01"),
    st.integers(0, 40 * 86_400),
)
def test_elapsed_agrees_with_businesstimedelta(name, start, seconds):
    start = start.replace(microsecond=0)
    end = start + timedelta(seconds=seconds)
    theirs = oracle(name).difference(start, end).timedelta
    assert split_day(name).elapsed(start, end) == theirs


@settings(max_examples=60)
@given(
    st.sampled_from(ZONES),
    instants("2026-01-01", "2026-11-01"),
    st.integers(1, 200 * 3600),
)
def test_added_hours_agree_with_businesstimedelta(name, start, seconds):
    start = start.replace(microsecond=0)
    theirs = start + businesstimedelta.BusinessTimeDelta(oracle(name), seconds=seconds)
    ours = split_day(name).add_open_time(start, timedelta(seconds=seconds))
    assert ours == theirs or split_day(name).elapsed(ours, theirs) == timedelta(0)  # closing, or the next opening


def split_day(name):
    days = weekdays((time(9), time(13)), (time(14), time(18)))
    return Calendar(days, ZoneInfo(name), "ES-MD")


def oracle(name):
    """The same hours in businesstimedelta; every rule is given its zone, without which it silently uses UTC."""
    zone = pytz.timezone(name)
    work = businesstimedelta.WorkDayRule(time(9), time(18), list(range(5)), tz=zone)
    lunch = businesstimedelta.LunchTimeRule(time(13), time(14), list(range(5)), tz=zone)
    off = businesstimedelta.HolidayRule(holidays.country_holidays("ES", subdiv="MD"), tz=zone)
    return businesstimedelta.Rules([work, lunch, off], tz=zone)
