"""DESIGN section 6, line by line: what a condition means."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entente.agreements.conditions import (
    AccountValue,
    All,
    EventType,
    Not,
    Page,
    Test,
    Track,
    Trait,
)
from entente.agreements.conditions import Any as AnyOf
from entente.scoring.evaluator import NO_EVENT, Sight, holds, look_up, passes, path_matches


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("/pricing*", "/pricing", True),
        ("/pricing*", "/pricing/eu/large", True),
        ("/pricing*", "/Pricing", False),
        ("/pricing*", "/old/pricing", False),
        ("/pricing", "/pricing/", True),
        ("/pricing/", "/pricing", True),
        ("/pricing", "/pricing//", False),
        ("/", "/", True),
        ("/", "", False),
        ("*", "", True),
        ("/blog/*", "/blog/", False),  # without its slash it is the blog itself, not below it
        ("*demo*", "/book/demo/now", True),
        ("/a/*/b", "/a/b", False),
        ("/a*b*c", "/a-b-b-c", True),
        ("/a*b", "/ab/c", False),
        ("/aa*aa", "/aaa", False),
        ("/what?", "/whatx", False),
        ("/[ab]", "/a", False),
        ("/a.c", "/abc", False),
        ("/*", "/líneas\nrotas", True),
    ],
)
def test_a_star_is_any_run_of_characters_and_nothing_else_is_special(glob, path, matches):
    assert path_matches(glob, path) is matches


def test_a_hostile_glob_and_path_take_no_time():
    assert not path_matches("*a" * 200 + "b", "a" * 100_000)


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        (Test(is_="es"), " ES ", True),
        (Test(is_="STRASSE"), "straße", True),
        (Test(is_="5"), "5.0", False),  # texts, both
        (Test(is_=5), "5.0", True),
        (Test(is_="5"), 5, True),
        (Test(is_=5), " 5 ", True),
        (Test(is_=5), "5 %", False),
        (Test(is_=1), True, False),
        (Test(is_=True), 1, False),
        (Test(is_=True), "true", False),
        (Test(is_=True), True, True),
        (Test(in_=("ES", "PT")), "pt", True),
        (Test(in_=("ES", 3)), "3", True),
        (Test(not_in=("ES", "PT")), "fr", True),
        (Test(not_in=("ES", "PT")), None, False),
        (Test(not_in=("ES",)), "", False),
        (Test(from_=50, to=5000), 50, True),
        (Test(from_=50, to=5000), 5000.0, True),
        (Test(from_=50, to=5000), "49.99", False),
        (Test(from_=50), "fifty", False),
        (Test(from_=50), "1e3", False),  # not a plain decimal number
        (Test(from_=50), "1,000", False),
        (Test(from_=0), True, False),
        (Test(from_=0), float("nan"), False),
        (Test(to=date(2026, 1, 31)), "2026-01-31T23:59:59-08:00", True),
        (Test(to=date(2026, 1, 31)), "2026-02-01T00:30:00+02:00", False),  # the day as written
        (Test(from_=date(2026, 1, 31)), "2026-01-31", True),
        (Test(from_=date(2026, 1, 31)), "31/01/2026", False),
        (Test(from_=date(2026, 1, 31)), "2026-02-30", False),
        (Test(from_=date(2026, 1, 31)), 20260201, False),
        (Test(matches="chief|vp"), "Deputy CHIEF of staff", True),
        (Test(matches="^chief"), "the chief", False),
        (Test(matches=r"\d{4}"), 2026.0, True),
        (Test(matches="true"), True, False),
        (Test(matches="vp"), "a \ud800 VP", True),
        (Test(exists=True), 0, True),
        (Test(exists=True), False, True),
        (Test(exists=True), "  ", False),
        (Test(exists=False), None, True),
        (Test(exists=False), [None, ""], True),
        (Test(exists=False), "x", False),
        (Test(exists=True), {"a": 1}, True),
        (Test(is_="es"), ["FR", "ES"], True),
        (Test(not_in=("ES",)), ["FR", "ES"], True),  # some element is none of them
        (Test(from_=10, to=20), [5, 30], False),  # no element passes both parts
        (Test(is_="es", matches="e"), "ES", True),
        (Test(is_="es", matches="x"), "ES", False),
    ],
)
def test_a_value_against_a_test(test, value, expected):
    assert passes(test, value) is expected


def test_a_bound_with_a_time_meets_the_instant():
    noon = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=1)))
    assert passes(Test(from_=noon), "2026-01-31T11:00Z")
    assert not passes(Test(from_=noon), "2026-01-31T10:59:59.999Z")
    assert passes(Test(to=noon), "2026-01-31 11:00:00")  # without an offset: UTC


@given(
    st.sampled_from(
        [
            Test(is_="x"),
            Test(in_=("x",)),
            Test(not_in=("x",)),
            Test(from_=0),
            Test(to=0),
            Test(matches=""),
            Test(exists=True),
        ]
    ),
    st.sampled_from([None, "", "  ", "\t\n", [], [None], ["", " "], {}]),
)
def test_what_is_missing_fails_every_test_but_exists_false(test, missing):
    assert not passes(test, missing)
    assert passes(Test(exists=False), missing)


def test_dotted_names_are_keys_first_and_ways_into_tables_then():
    assert look_up({"a.b": 1, "a": {"b": 2}}, "a.b") == 1
    assert look_up({"a": {"b": {"c": 3}}}, "a.b.c") == 3
    assert look_up({"a": {"b.c": 4}}, "a.b.c") == 4
    assert look_up({"a": 5}, "a.b") is None


def test_what_kinds_of_events_conditions_see():
    page = Sight("page", "", "/pricing", {"plan": "pro"})
    track = Sight("track", "Demo Requested", "", {})
    mail = Sight("email_opened", "Email Opened", "", {})
    assert holds(Page("/pricing"), page, {}, {})
    assert not holds(Page("*"), track, {}, {})
    assert holds(Page("*", (("plan", Test(is_="PRO")),)), page, {}, {})
    assert not holds(Page("*", (("plan", Test(is_="PRO")), ("seats", Test(from_=1)))), page, {}, {})
    assert holds(Track("Demo Requested"), track, {}, {})
    assert not holds(Track("demo requested"), track, {}, {})
    assert holds(EventType("track"), track, {}, {})
    assert holds(EventType("email_opened"), mail, {}, {})
    assert holds(Track("Email Opened"), mail, {}, {})  # a mail event of Segment's is the track call that it was
    assert not holds(Track("Email Opened"), Sight("email_clicked", "Email Opened", "", {}), {}, {})


def test_traits_accounts_and_logic():
    traits, account = {"title": "VP"}, {"employees": 60}
    chief, large = Trait("title", Test(matches="vp")), AccountValue("employees", Test(from_=50))
    for condition, expected in [
        (chief, True),
        (large, True),
        (All((chief, Not(large))), False),
        (AnyOf((Not(chief), large)), True),
        (Not(Trait("country", Test(not_in=("ES",)))), True),  # a failed test, logically
        (Not(Page("*")), True),
    ]:
        assert holds(condition, NO_EVENT, traits, account) is expected
