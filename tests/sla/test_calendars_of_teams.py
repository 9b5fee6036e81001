"""A rep's clocks run by the business time of their team: live, in reports and in delays alike.

1 July 2026 is a Wednesday. Ten in Madrid is two at night in Mexico City.
"""

from datetime import timedelta

import pytest

from entente.agreements.document import parse
from entente.handoffs.facts import Paused, Resumed
from entente.handoffs.lifecycle import handoff_of
from entente.sla.clocks import ClockState, clocks_of
from entente.sla.commitments import measure
from entente.sla.models import Clock
from entente.sla.queries import clocks_of_person, commitments_between, follow_up_between
from tests.handoffs.world import AGREEMENT, ANA, START, assigned, at, opened, touched
from tests.sla.calendars import ZoneInfo, local, madrid
from tests.sla.live import JO, LIVE, MARIA, act_until_quiet, adopt_live, happen, said, told

KAREN = "karen@acme.example"
MEXICO = ZoneInfo("America/Mexico_City")
TEAMS = f"""routing:
  teams:
    - {{team: Iberia, reps: [{ANA}]}}
    - team: Americas
      timezone: America/Mexico_City
      hours: {{mon-fri: "08:00-17:00"}}
      holidays: MX
      reps: [{KAREN}]
"""
JULY = madrid("2026-07-01 00:00"), madrid("2026-08-01 00:00")


def with_teams(text):
    head, _, _ = text.partition("routing:")
    return head + TEAMS


AGREED = parse(with_teams(AGREEMENT.to_yaml()))


def mexico(text):
    return local(text, MEXICO)


def first_touch(*facts):
    clocks = clocks_of(handoff_of(opened(), facts), AGREED, at(days=60))
    return next(each for each in clocks if each.kind == "first_touch")


def test_each_reps_clock_runs_by_their_own_teams_hours():
    assert first_touch(assigned()).due_at == at(60)
    karen = first_touch(assigned(rep=KAREN), touched(mexico("2026-07-01 08:45")))
    assert (karen.due_at, karen.warn_at) == (mexico("2026-07-01 09:00"), mexico("2026-07-01 08:30"))
    assert (karen.state, karen.elapsed) == (ClockState.MET, timedelta(minutes=45))


def test_who_is_in_no_team_runs_by_the_agreements():
    assert first_touch(assigned(rep="A rep of the CRM")).due_at == at(60)


def test_a_lead_that_changes_teams_changes_calendars():
    night = mexico("2026-07-01 23:00")
    given = handoff_of(opened(), [assigned(), assigned(night, KAREN)])
    ana, karen = [each for each in clocks_of(given, AGREED, at(days=9)) if each.kind == "first_touch"]
    assert (ana.rep, ana.due_at) == (ANA, at(60))
    assert (karen.rep, karen.due_at) == (KAREN, mexico("2026-07-02 09:00"))


def test_the_teams_public_holidays_are_its_own():
    # 16 September is a holiday in Mexico, 12 October in Spain; in 2026 a Wednesday and a Monday.
    independence, discovery = madrid("2026-09-16 10:00"), madrid("2026-10-12 16:00")
    by_rep = {
        (rep, when): clocks_of(handoff_of(opened(when), [assigned(when, rep)]), AGREED, when)[0].due_at
        for rep in (ANA, KAREN)
        for when in (independence, discovery)
    }
    assert by_rep[ANA, independence] == madrid("2026-09-16 11:00")
    assert by_rep[KAREN, independence] == mexico("2026-09-17 09:00")
    assert by_rep[ANA, discovery] == madrid("2026-10-13 10:00")
    assert by_rep[KAREN, discovery] == mexico("2026-10-12 09:00")


def test_a_pause_takes_the_teams_open_time_out():
    morning = mexico("2026-07-01 08:10")
    facts = assigned(rep=KAREN), Paused(morning, KAREN, "away"), Resumed(morning + timedelta(minutes=20))
    assert first_touch(*facts).due_at == mexico("2026-07-01 09:20")


def test_n_days_are_the_teams_working_days():
    friday = mexico("2026-07-03 16:30")  # in Madrid it is Saturday by then
    feedback = clocks_of(handoff_of(opened(friday), [assigned(friday, KAREN)]), AGREED, friday)[1]
    assert (feedback.kind, feedback.due_at) == ("feedback", mexico("2026-07-07 16:30"))


def test_an_agreement_measures_by_the_same_calendars():
    in_time = handoff_of(opened(), [assigned(rep=KAREN), touched(mexico("2026-07-01 09:00"))])
    late = handoff_of(opened(), [assigned(rep=ANA), touched(mexico("2026-07-01 09:00"))])
    found = next(each for each in measure(AGREED, [in_time, late], at(days=90), *JULY) if each.promise == "First touch")
    assert (found.counted, found.kept) == ((0, 1), (0,))


@pytest.mark.django_db
def test_stored_clocks_reports_and_delays_agree():
    adopt_live(with_teams(LIVE))
    persons = happen(
        told(START, "owner_assigned", MARIA, owner=ANA), told(START, "owner_assigned", JO, owner=KAREN), now=at(1)
    )
    assert said(act_until_quiet(at(200))) == [
        ("warning", "first_touch", 30), ("breach", "first_touch", 60), ("escalation", "first_touch", 180),
    ]  # fmt: skip
    touch = mexico("2026-07-01 08:20")
    happen(told(touch, "call", JO, by=KAREN), now=touch)
    row = Clock.objects.get(kind="first_touch", rep=KAREN)
    (computed,) = clocks_of_person(persons[JO], at(days=9))
    first = next(each for each in computed.clocks if each.kind == "first_touch")
    assert (row.state, row.due_at, row.elapsed) == ("met", first.due_at, first.elapsed) == (
        "met", mexico("2026-07-01 09:00"), timedelta(minutes=20),
    )  # fmt: skip
    board = {each.promise: each for each in commitments_between(*JULY, at(days=40)).measured}
    assert (board["First touch"].n, board["First touch"].k) == (2, 1)
    assert follow_up_between(*JULY, at(days=40))[KAREN].theirs.median == timedelta(minutes=20)
