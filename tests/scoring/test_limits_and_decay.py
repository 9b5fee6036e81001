"""The exact semantics of a score, case by case, on small replays."""

from __future__ import annotations

import json

import pytest

from entente.agreements.document import from_data
from entente.scoring.days import as_micros
from entente.scoring.replay import replay
from entente.scoring.weave import LogEvent
from tests.scoring.logs import as_table, moment

PRICING = {"rule": "Pricing", "points": 10, "when": {"page": "/pricing*"}}


def agreement(*rules, threshold=1000, timezone="Europe/Madrid", half_life="30 days", groups=None, **definition):
    engagement = {"half_life": half_life, "rules": list(rules), "groups": groups or {}}
    return from_data(
        {
            "format": 1,
            "name": "Case",
            "effective": "2020-01-01",
            "timezone": timezone,
            "definition": {"threshold": threshold, "engagement": engagement} | definition,
        }
    )


def event(at, type_="page", person=1, id_=None, properties=None, **fields):
    fields = {"path": "/pricing"} | fields if type_ == "page" else fields
    micros = as_micros(moment(at))
    return LogEvent(person, micros, id_ or f"{at}", "web", type_, properties=json.dumps(properties or {}), **fields)


def result(agreement, *log, until, person=1):
    found = replay(as_table(list(log)), agreement, None, moment(until)).as_data()
    return next(each for each in found["people"] if each["id"] == person)


def test_a_half_life_halves():
    person = result(agreement(PRICING), event("2026-01-01"), until="2026-01-31")
    assert person["score"] == 5
    assert person["engagement"] == {"ungrouped": 5}


def test_a_limit_counts_the_first_hits_of_a_local_day():
    rule = PRICING | {"limit": "2 per day"}
    # Madrid's day of 1 July ends at 22:00 UTC.
    log = [event(f"2026-07-01T{time}:00") for time in ("20:00", "21:00", "21:30", "22:00", "23:00")]
    person = result(agreement(rule, half_life="3650 days"), *log, until="2026-07-02T00:00:00")
    assert person["score"] == pytest.approx(40, abs=0.01)


@pytest.mark.parametrize(
    ("hits", "counted"),
    [
        # 29 March 2026 has 23 hours in Madrid: from 23:00 UTC on the 28th to 22:00 on the 29th.
        (["2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00"], 2),
        # 25 October has 25: from 22:00 UTC on the 24th to 23:00 on the 25th.
        (["2026-10-24T22:00:00", "2026-10-25T22:59:59", "2026-10-25T23:00:00"], 2),
    ],
)
def test_days_are_as_long_as_the_clocks_make_them(hits, counted):
    rule = PRICING | {"limit": "1 per day"}
    found = result(agreement(rule, half_life="3650 days"), *map(event, hits), until=hits[-1][:10] + "T23:30:00")
    assert found["score"] == pytest.approx(10 * counted, abs=0.01)


def test_clocks_that_go_back_over_midnight_do_not_open_the_limit_again():
    # On 7 November 2010 at 00:01 clocks in St John's went back to 23:01 of the 6th.
    rule = PRICING | {"limit": "1 per day"}
    saturday, sunday, saturday_again = "2010-11-07T02:00:00", "2010-11-07T02:30:30", "2010-11-07T02:40:00"
    there = agreement(rule, timezone="America/St_Johns", half_life="3650 days")
    found = result(there, event(saturday), event(sunday), event(saturday_again), until="2010-11-08")
    assert found["score"] == pytest.approx(20, abs=0.01)


def test_a_group_is_cut_when_it_is_read_and_not_before():
    rule = PRICING | {"group": "Content"}
    one = agreement(rule, groups={"Content": {"at_most": 15}})
    log = [event("2026-01-01", id_="a"), event("2026-01-01", id_="b"), event("2026-01-01", id_="c")]
    # Thirty points, half of them left after a half-life: had they been cut to 15 at once, it would be 7.5.
    assert result(one, *log, until="2026-01-31")["score"] == 15
    assert result(one, *log, until="2026-03-02")["score"] == 7.5


def test_negative_points_decay_like_positive_ones():
    left = {"rule": "Left", "points": -20, "when": {"track": "Left"}}
    log = [event("2026-01-01"), event("2026-01-01", "track", id_="l", name="Left")]
    assert result(agreement(PRICING, left), *log, until="2026-01-31")["score"] == -5


def test_a_machine_s_event_does_nothing():
    person = result(
        agreement(PRICING, threshold=1, fit=[{"rule": "VP", "points": 9, "when": {"trait": "title", "is": "vp"}}]),
        event("2026-01-01", mark="machine"),
        event("2026-01-02", "identify", properties={"title": "VP"}, mark="machine"),
        until="2026-01-31",
    )
    assert (person["score"], person["qualified_at"]) == (0, [])


def test_fit_follows_what_is_known_and_never_adds_twice():
    fit = [{"rule": "VP", "points": 9, "when": {"trait": "title", "is": "vp"}}]
    log = [
        event("2026-01-01", "identify", properties={"title": "VP"}),
        event("2026-01-02", "identify", properties={"title": " vp ", "city": "Cádiz"}),
        event("2026-01-03", "identify", properties={"city": None}),
        event("2026-01-04", "identify", properties={"title": None}),
    ]
    assert [result(agreement(fit=fit), *log, until=f"2026-01-0{day}T12:00:00")["fit"] for day in (1, 2, 3, 4)] == [
        9,
        9,
        9,
        0,
    ]


def test_the_threshold_is_reached_with_the_rounding_of_sums_forgiven():
    tenth = {"rule": "Tenth", "points": 3, "when": {"page": "*"}}
    log = [event("2026-01-01T00:00:00", id_=str(n)) for n in range(7)]
    assert result(agreement(tenth, threshold=21), *log, until="2026-01-02")["qualified_at"] == ["2026-01-01T00:00:00Z"]


class TestQualifying:
    rules = agreement(PRICING, threshold=9, requalify_after="30 days", half_life="3650 days")

    def handoffs(self, *log, since=None, agreement=None):
        found = replay(as_table(list(log)), agreement or self.rules, since and moment(since), moment("2027-01-01"))
        return [(h["opened_at"][:10], (h["closed_at"] or "")[:10], h["outcome"]) for h in found.as_data()["handoffs"]]

    def test_nobody_is_handed_off_twice_at_once(self):
        assert self.handoffs(event("2026-01-01"), event("2026-01-02")) == [("2026-01-01", "", None)]

    @pytest.mark.parametrize("closing", ["rejected", "recycled", "deal_won", "deal_lost"])
    def test_who_comes_back_qualifies_again_when_the_agreed_time_has_passed(self, closing):
        log = [event("2026-01-01"), event("2026-01-05", closing), event("2026-02-03"), event("2026-02-04")]
        assert self.handoffs(*log) == [("2026-01-01", "2026-01-05", closing), ("2026-02-04", "", None)]

    def test_any_event_decides_also_one_without_points(self):
        log = [event("2026-01-01"), event("2026-01-05", "rejected"), event("2026-02-10", "email_sent")]
        assert self.handoffs(*log)[1][0] == "2026-02-10"

    def test_the_event_that_closes_a_hand_off_does_not_open_the_next(self):
        at_once = agreement(PRICING, threshold=9, requalify_after="0 days", half_life="3650 days")
        log = [event("2026-01-01"), event("2026-01-05", "rejected"), event("2026-01-06", "call")]
        assert self.handoffs(*log, agreement=at_once) == [
            ("2026-01-01", "2026-01-05", "rejected"),
            ("2026-01-06", "", None),
        ]

    def test_who_is_disqualified_does_not_qualify_until_that_ends(self):
        student = [{"rule": "Student", "when": {"trait": "title", "is": "student"}}]
        rules = agreement(PRICING, threshold=9, disqualify=student)
        log = [
            event("2026-01-01", "identify", properties={"title": "Student"}),
            event("2026-01-02"),
            event("2026-01-03", "identify", properties={"title": "Chief"}),
        ]
        assert self.handoffs(*log, agreement=rules) == [("2026-01-03", "", None)]

    def test_history_before_from_counts_and_is_not_listed(self):
        log = [event("2026-01-01"), event("2026-01-05", "rejected"), event("2026-03-01")]
        assert self.handoffs(*log, since="2026-02-01") == [("2026-03-01", "", None)]


def test_weeks_are_of_the_agreement_s_zone_and_none_is_left_out():
    rules = agreement(PRICING, threshold=10)
    # Sunday 4 January, 23:30 UTC, is Monday in Madrid.
    log = [event("2026-01-04T23:30:00"), event("2026-01-21", person=2)]
    found = replay(as_table(log), rules, moment("2026-01-01"), moment("2026-01-25T23:00:00"))
    assert [(monday.isoformat(), count) for monday, count in found.weeks()] == [
        ("2025-12-29", 0),
        ("2026-01-05", 1),
        ("2026-01-12", 0),
        ("2026-01-19", 1),
    ]


def test_an_empty_log_is_replayed_to_nothing():
    found = replay(as_table([event("2026-01-01")]).slice(0, 0), agreement(PRICING), None, moment("2026-02-01"))
    assert found.as_data()["people"] == []
