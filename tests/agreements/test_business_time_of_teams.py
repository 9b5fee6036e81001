"""A team may work by a business time of its own; an agreement without one is what it always was."""

from datetime import time

import pytest

from entente.agreements.document import parse
from entente.agreements.hours import OFFICE_HOURS, BusinessTime
from entente.agreements.words import describe
from tests.agreements.documents import SMALL, problems_of

TEAMS = """
business_time: {{hours: {{mon-fri: "09:00-18:00"}}, holidays: ES, closed: [2026-12-24]}}
routing:
  teams:
    - {{team: Iberia, reps: [ana@acme.example]}}
    - {{team: Americas, {own}reps: [karen@acme.example, {{rep: joel@acme.example, share: 0.5}}]}}
"""
OWN = 'timezone: America/Mexico_City, hours: {mon-thu: "08:00-17:00"}, holidays: MX, '


def agreed(own=""):
    return parse(SMALL + TEAMS.format(own=own))


def team_line(own):
    (routing,) = [section for section in describe(agreed(own)) if section.key == "routing"]
    return next(line for line in routing.lines if line.name == "Americas")


def test_a_document_without_them_keeps_its_canonical_form_to_the_byte():
    teams = agreed().as_data()["routing"]["teams"]
    assert teams[1] == {
        "team": "Americas", "reps": ["karen@acme.example", {"rep": "joel@acme.example", "share": 0.5}],
    }  # fmt: skip
    # As it was before teams could have a business time: signatures stay valid.
    assert agreed().sha256() == "d2e3918b72c89f65abfe755c99c67d859a1ec6c32cbe16a3d69c21e503d4ca8a"


def test_a_team_has_its_own_hours_zone_and_holidays_and_shares_the_closed_days():
    agreement = agreed(OWN)
    own, zone = agreement.business_time_of("joel@acme.example")
    assert zone == "America/Mexico_City"
    assert own == BusinessTime(dict.fromkeys(range(4), ((time(8), time(17)),)), "MX", agreement.business_time.closed)
    assert agreement.business_time_of("ana@acme.example") == (agreement.business_time, "Europe/Madrid")
    assert agreement.business_time_of("Somebody of the CRM") == (agreement.business_time, "Europe/Madrid")


@pytest.mark.parametrize(
    ("own", "zone", "hours", "holidays"),
    [
        ("timezone: UTC, ", "UTC", OFFICE_HOURS, "ES"),
        ('hours: {sat: "10:00-12:00"}, ', "Europe/Madrid", {5: ((time(10), time(12)),)}, "ES"),
        ("holidays: PT, ", "Europe/Madrid", OFFICE_HOURS, "PT"),
        ("holidays: none, ", "Europe/Madrid", OFFICE_HOURS, None),
    ],
)
def test_what_a_team_leaves_out_is_the_agreements(own, zone, hours, holidays):
    found, named = agreed(own).business_time_of("karen@acme.example")
    assert (named, dict(found.hours), found.holidays) == (zone, dict(hours), holidays)


def test_a_teams_time_is_part_of_what_is_signed_and_is_read_back():
    assert len({agreed(own).sha256() for own in ("", OWN, "holidays: none, ", "timezone: UTC, ")}) == 4
    assert parse(agreed(OWN).to_yaml()) == agreed(OWN)


def test_every_mistake_in_a_teams_time_is_told_with_its_place():
    wrong = 'timezone: Europe/Madrit, hours: {mon-fry: "08:00-17:00"}, holidays: ES-XX, open: 9, '
    problems = problems_of(SMALL + TEAMS.format(own=wrong))
    assert {problem.path for problem in problems} == {
        "routing.teams[1].timezone", "routing.teams[1].hours.mon-fry", "routing.teams[1].holidays",
        "routing.teams[1].open",
    }  # fmt: skip
    assert {problem.line for problem in problems} == {12}
    assert next(p for p in problems if p.path.endswith("timezone")).remedy == "did you mean 'Europe/Madrid'?"


def test_a_rep_has_one_working_day():
    twice = TEAMS.format(own=OWN).replace("[karen@acme.example,", "[ana@acme.example, karen@acme.example,")
    (problem,) = problems_of(SMALL + twice)
    assert (problem.path, problem.line) == ("routing.teams[1]", 12)
    assert problem.message == "ana@acme.example is in the team 'Iberia' too, which has another business time"
    assert "the same timezone, hours and holidays" in problem.remedy
    same = twice.replace("team: Iberia,", f"team: Iberia, {OWN}")
    assert parse(SMALL + same).business_time_of("ana@acme.example")[1] == "America/Mexico_City"


def test_a_teams_time_is_said_in_words():
    assert team_line(OWN).note == (
        "The team is open Monday to Thursday 08:00-17:00. Its clocks run in the time zone America/Mexico_City. "
        "It is closed on the public holidays of MX."
    )
    assert team_line("holidays: none, ").note == "It works on public holidays."
    assert team_line("").note == ""
