"""Periods: names become instants in the agreement's zone, and each has one before it of the same kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entente.reports.periods import NAMES, between, named
from entente.reports.queries import so_far

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 5, 14, 22, 30, tzinfo=UTC)  # the 15th in Madrid


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("this_month", date(2026, 5, 1), date(2026, 5, 31)),
        ("last_month", date(2026, 4, 1), date(2026, 4, 30)),
        ("this_quarter", date(2026, 4, 1), date(2026, 6, 30)),
        ("last_quarter", date(2026, 1, 1), date(2026, 3, 31)),
        ("this_year", date(2026, 1, 1), date(2026, 12, 31)),
        ("last_12_months", date(2025, 6, 1), date(2026, 5, 31)),
        ("nonsense", date(2025, 6, 1), date(2026, 5, 31)),
    ],
)
def test_a_name_is_a_stretch_of_days(name: str, first: date, last: date):
    period = named(name, NOW, MADRID)
    assert (period.first, period.last) == (first, last)


def test_days_begin_at_midnight_of_the_zone_across_daylight_saving():
    march = named("last_month", datetime(2026, 4, 10, tzinfo=UTC), MADRID)
    assert march.begins == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert march.ends == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_the_month_before_is_a_month_and_ten_days_before_are_ten_days():
    may = named("this_month", NOW, MADRID)
    assert (may.previous.first, may.previous.last) == (date(2026, 4, 1), date(2026, 4, 30))
    ten = between("2026-05-11", "2026-05-20", MADRID)
    assert (ten.previous.first, ten.previous.last) == (date(2026, 5, 1), date(2026, 5, 10))


@pytest.mark.parametrize("days", [("2026-05-20", "2026-05-11"), ("x", "y"), ("2026-02-30", "2026-03-01"), ("", "")])
def test_days_that_are_none_are_no_period(days: tuple[str, str]):
    assert between(*days, MADRID) is None


@given(st.sampled_from(NAMES[:-1]), st.integers(0, 36_500 * 24))
def test_periods_follow_each_other_without_gap(name: str, hours: int):
    now = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    period = named(name, now, MADRID)
    assert period.previous.ends == period.begins
    if not name.startswith("last_m") and not name.startswith("last_q"):
        assert period.begins <= now < period.ends


def test_half_a_month_is_compared_with_half_a_month():
    (begins, ends), (before, until) = so_far(named("this_month", NOW, MADRID), NOW)
    assert ends == NOW
    assert until - before == ends - begins == timedelta(days=14, minutes=30)
