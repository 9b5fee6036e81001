"""Quiet hours, digests and throttles: laws for any time, and cases on the days when the clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from entente.alerts.timing import AT_ONCE, Daily, Every, Quiet, Timing, may_tell, next_time, when_to_send

ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata", "UTC"]
instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
zones = st.sampled_from(ZONES)


@st.composite
def quiets(draw):
    begins, ends = draw(times), draw(times)
    return Quiet(begins, ends if ends != begins else time((begins.hour + 1) % 24), draw(zones))


digests = st.one_of(st.integers(1, 1440).map(Every), st.builds(Daily, times, zones), st.none())
timings = st.builds(Timing, quiet=st.none() | quiets(), digest=digests)


def clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%d %H:%M}"


@given(timings, instants)
def test_nothing_is_sent_in_quiet_hours_nor_before_it_happened(timing, at):
    due = when_to_send(timing, at)
    assert due is None or due > at
    assert timing.quiet is None or not timing.quiet.covers(due or at)


@given(timings, instants)
def test_what_is_collected_is_sent_within_a_day_of_its_rhythm_and_its_quiet_hours(timing, at):
    due = when_to_send(timing, at)
    rhythm = {Every: timedelta(minutes=getattr(timing.digest, "minutes", 0)), Daily: timedelta(hours=25)}
    longest = rhythm.get(type(timing.digest), timedelta()) + timedelta(hours=25 if timing.quiet else 0)
    assert (due or at) - at <= longest


@given(timings, instants, instants)
def test_what_happened_later_is_never_sent_earlier(timing, one, other):
    first, second = sorted((one, other))
    assert (when_to_send(timing, first) or first) <= (when_to_send(timing, second) or second)


@given(st.builds(Timing, quiet=st.none() | quiets(), digest=digests.filter(bool)), instants, st.integers(0, 59))
def test_a_digest_collects_all_that_happens_before_its_time(timing, at, part):
    between = at + (timing.digest.next_after(at) - at) * part / 60
    assert when_to_send(timing, between) == when_to_send(timing, at)


@given(times, zones, instants)
@example(time(2, 30), "Europe/Madrid", datetime(2026, 3, 28, 23, tzinfo=UTC))
@example(time(2, 30), "Europe/Madrid", datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
def test_the_next_time_is_on_the_clock_of_the_place_or_where_the_clock_skips_it(at, zone, after):
    instant = next_time(at, zone, after)
    assert timedelta() < instant - after <= timedelta(hours=25)
    shown = instant.astimezone(ZoneInfo(zone))
    skipped = (instant - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).time() < at < shown.time()
    assert shown.time() == at or skipped


@pytest.mark.parametrize(
    ("at", "due"),
    [
        # the night on which the clock is put forward from 2 to 3: 02:30 never comes, and quiet ends with the skip
        ("2026-03-29T00:10+00:00", "29 03:00"),
        # the night on which it is put back from 3 to 2: 02:30 comes twice
        ("2026-10-24T23:30+00:00", "25 02:30"),
        ("2026-10-25T01:10+00:00", "25 02:30"),
        ("2026-07-01T23:30+00:00", "02 02:30"),
    ],
)
def test_quiet_until_half_past_two_over_the_change_of_the_clock(at, due):
    quiet = Quiet(time(1), time(2, 30), "Europe/Madrid")
    sent = when_to_send(Timing(quiet=quiet), datetime.fromisoformat(at))
    assert clock(sent, "Europe/Madrid") == due
    assert not quiet.covers(sent)


def test_quiet_over_midnight():
    timing = Timing(quiet=Quiet(time(20), time(8), "Europe/Madrid"))
    assert when_to_send(timing, datetime(2026, 7, 1, 17, 59, tzinfo=UTC)) is None
    assert clock(when_to_send(timing, datetime(2026, 7, 1, 18, tzinfo=UTC)), "Europe/Madrid") == "02 08:00"
    assert clock(when_to_send(timing, datetime(2026, 7, 2, 5, tzinfo=UTC)), "Europe/Madrid") == "02 08:00"
    assert when_to_send(timing, datetime(2026, 7, 2, 6, tzinfo=UTC)) is None


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60).map(sorted), st.integers(1, 600))
def test_a_throttle_never_tells_twice_within_its_time_and_never_stays_silent_longer(minutes, pause):
    timing = Timing(at_most_one_per=timedelta(minutes=pause))
    start, told = datetime(2026, 1, 1, tzinfo=UTC), []
    for minute in minutes:
        at = start + timedelta(minutes=minute)
        if may_tell(timing, told[-1] if told else None, at):
            told.append(at)
    assert all(later - earlier >= timing.at_most_one_per for earlier, later in pairwise(told))
    for minute in minutes:
        at = start + timedelta(minutes=minute)
        assert any(timedelta() <= at - each < timing.at_most_one_per for each in told), "each is covered by one told"


def test_without_wishes_everything_is_told_at_once():
    now = datetime(2026, 7, 1, tzinfo=UTC)
    assert when_to_send(AT_ONCE, now) is None
    assert may_tell(AT_ONCE, now, now)
