"""Who may take a lead, and why not the others: each rule a claim, and the laws that hold for all of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from entente.agreements.hours import BusinessTime
from entente.routing.eligibility import (
    ANYWAY,
    Away,
    Lead,
    Obstacle,
    Standing,
    Waits,
    anyone_of,
    choose,
    obstacle_of,
    team_naming,
)
from entente.routing.hours import is_at_work
from entente.sla.business_time import Calendar
from tests.routing.world import ANA, EVA, LUIS, MARIA, MONDAY, agreement

IBERIA = (ANA, LUIS, EVA)
HOURS = """
  teams:
    - team: Iberia
      when: {trait: country, in: [ES, PT]}
      hours: {mon-fri: "09:00-18:00"}
      holidays: ES-MD
      reps: [ana@acme.example, {rep: luis@acme.example, share: 0.5}, eva@acme.example]
"""
SPAIN = Lead({"country": "ES"})
PLAIN = agreement()
ANYWAY_AGREED = agreement(more="  at_most: 2 open per rep\n  when_nobody: assign_anyway\n")
WORKING_HOURS = agreement(HOURS)


def why_not(choice) -> dict[str, Obstacle]:
    return {each.rep: each.why for each in choice.passed_over}


def day(number: int) -> date:
    return (MONDAY + timedelta(days=number)).date()


def test_the_first_team_whose_condition_holds_takes_it():
    assert choose(SPAIN, PLAIN, {}, MONDAY).team == "Iberia"
    assert choose(Lead({"country": "mx "}), PLAIN, {}, MONDAY).team == "Rest"


def test_a_lead_of_no_team_waits():
    choice = choose(Lead({"country": "FR"}), PLAIN, {}, MONDAY)
    assert (choice.waits, choice.eligible) == (Waits.NO_TEAM, {})


def test_without_agreement_or_teams_every_lead_waits():
    assert choose(SPAIN, None, {}, MONDAY).waits is Waits.NO_AGREEMENT
    assert choose(SPAIN, agreement(" {}\n", ""), {}, MONDAY).waits is Waits.NO_TEAMS


def test_shares_are_those_of_the_agreement():
    assert choose(SPAIN, WORKING_HOURS, {}, MONDAY).eligible == {ANA: 1, LUIS: 0.5, EVA: 1}


def test_an_absence_counts_from_its_first_day_to_the_end_of_its_last_in_the_rep_s_time_zone():
    away = {ANA: Standing(away=(Away(day(0), day(1)),))}
    last_minute = datetime(2026, 7, 7, 21, 59, tzinfo=UTC)  # one minute to midnight in Madrid
    assert why_not(choose(SPAIN, PLAIN, away, last_minute)) == {ANA: Obstacle.AWAY}
    assert why_not(choose(SPAIN, PLAIN, away, last_minute + timedelta(minutes=1))) == {}


def test_nothing_new_is_dealt_on_the_agreed_days_before_an_absence():
    leaving = {ANA: Standing(away=(Away(day(3), day(9), days_before=2),))}
    days = [why_not(choose(SPAIN, PLAIN, leaving, MONDAY + timedelta(days=n))).get(ANA) for n in range(4)]
    assert days == [None, Obstacle.LEAVING, Obstacle.LEAVING, Obstacle.AWAY]


def test_who_is_full_is_passed_over_with_the_numbers():
    (passed,) = choose(SPAIN, PLAIN, {ANA: Standing(open=25)}, MONDAY).passed_over
    assert (passed.rep, passed.why, passed.open, passed.at_most) == (ANA, Obstacle.FULL, 25, 25)


def test_a_rep_s_own_capacity_overrides_the_agreement_s():
    staff = {ANA: Standing(open=3, at_most=3), LUIS: Standing(open=30, at_most=40)}
    assert why_not(choose(SPAIN, PLAIN, staff, MONDAY)) == {ANA: Obstacle.FULL}


def test_who_let_this_hand_off_lapse_never_gets_it_back_even_if_it_is_agreed_to_assign_anyway():
    choice = choose(replace(SPAIN, had=frozenset(IBERIA)), ANYWAY_AGREED, {}, MONDAY)
    assert choice.waits is Waits.NOBODY


def test_who_let_an_earlier_one_lapse_takes_part_only_when_nobody_else_does():
    lead = replace(SPAIN, let_lapse=frozenset({ANA}))
    assert why_not(choose(lead, PLAIN, {}, MONDAY)) == {ANA: Obstacle.LET_LAPSE}
    others_full = {LUIS: Standing(open=25), EVA: Standing(open=25)}
    assert choose(lead, PLAIN, others_full, MONDAY).eligible == {ANA: 1}


def test_when_nobody_is_free_the_agreed_rule_holds():
    full = {rep: Standing(open=99) for rep in IBERIA}
    assert choose(SPAIN, PLAIN, full, MONDAY).waits is Waits.NOBODY
    anyway = choose(SPAIN, ANYWAY_AGREED, full, MONDAY)
    assert (set(anyway.eligible), anyway.anyway) == (set(IBERIA), True)


def test_assigning_anyway_goes_by_what_least_speaks_against_them():
    away = Standing(away=(Away(day(0), day(3)),))
    choice = choose(SPAIN, ANYWAY_AGREED, {ANA: away, LUIS: Standing(open=99), EVA: away}, MONDAY)
    assert set(choice.eligible) == {LUIS}
    assert why_not(choice) == {ANA: Obstacle.AWAY, EVA: Obstacle.AWAY}


def test_hours_bind_only_a_team_to_which_the_agreement_gives_some():
    night = MONDAY + timedelta(hours=14)
    assert choose(SPAIN, PLAIN, {}, night).waits is None
    choice = choose(SPAIN, WORKING_HOURS, {}, night)
    assert (choice.waits, set(why_not(choice).values())) == (Waits.NOBODY, {Obstacle.OFF_HOURS})


def test_the_account_s_rep_comes_first_wherever_they_are():
    assert choose(replace(SPAIN, account_rep=LUIS), PLAIN, {}, MONDAY).to == LUIS
    other_team = choose(replace(SPAIN, account_rep=MARIA), PLAIN, {}, MONDAY)
    assert (other_team.to, other_team.team) == (MARIA, "Rest")


def test_the_team_covers_for_an_account_s_rep_who_is_away():
    away = {LUIS: Standing(away=(Away(day(0), day(3)),))}
    choice = choose(replace(SPAIN, account_rep=LUIS), PLAIN, away, MONDAY)
    assert (choice.to, choice.covers, set(choice.eligible)) == ("", LUIS, {ANA, EVA})


def test_an_account_is_kept_only_where_that_is_agreed_and_with_who_is_still_here():
    lead = replace(SPAIN, account_rep=LUIS)
    loose = agreement(more="  keep_account_with_its_rep: false\n")
    assert choose(lead, loose, {}, MONDAY).to == ""
    gone = choose(lead, PLAIN, {LUIS: Standing(gone=True)}, MONDAY)
    assert (gone.to, gone.covers, why_not(gone)) == ("", "", {LUIS: Obstacle.GONE})


def test_the_hours_of_a_team_are_those_of_the_calendar_that_clocks_run_by():
    hours = {0: PLAIN.business_time.hours[0], 4: ((PLAIN.business_time.hours[0][0][0], datetime.min.time()),)}
    business = BusinessTime(hours, "ES-MD", (date(2026, 7, 6),))
    calendar = Calendar(hours, PLAIN.zone, "ES-MD", business.closed)
    start = datetime(2026, 3, 20, tzinfo=UTC)
    for step in range(24 * 4 * 120):
        moment = start + timedelta(minutes=15 * step)
        assert is_at_work(business, "Europe/Madrid", moment) == calendar.is_open(moment), moment


absences = st.builds(
    lambda first, length, before: Away(day(first), day(first + length), before),
    st.integers(-3, 5),
    st.integers(0, 4),
    st.integers(0, 3),
)
standings = st.builds(
    Standing,
    open=st.integers(0, 30),
    at_most=st.none() | st.integers(0, 30),
    away=st.lists(absences, max_size=2).map(tuple),
    gone=st.booleans(),
)
staffs = st.dictionaries(st.sampled_from((*IBERIA, MARIA)), standings)
some = st.frozensets(st.sampled_from((*IBERIA, MARIA)))
leads = st.builds(
    lambda country, rep, had, lapsed: Lead({"country": country}, {}, rep, had, lapsed),
    st.sampled_from(["ES", "MX", "FR"]),
    st.sampled_from(["", *IBERIA, MARIA, "nobody@acme.example"]),
    some,
    some,
)
agreements = st.sampled_from([PLAIN, ANYWAY_AGREED, WORKING_HOURS])
moments = st.integers(0, 5 * 24).map(lambda hours: MONDAY + timedelta(hours=hours))


@given(leads, agreements, staffs, moments)
def test_everybody_of_the_team_takes_part_or_is_told_why_not(lead, agreed, staff, now):
    choice = choose(lead, agreed, staff, now)
    if not choice.team:
        assert choice.waits
        return
    team = next(team for team in agreed.routing.teams if team.name == choice.team)
    members = {each.rep for each in team.reps}
    passed = {each.rep for each in choice.passed_over}
    assert set(choice.eligible) | passed >= members
    assert not set(choice.eligible) & passed
    assert passed <= members | {choice.covers}


@given(leads, agreements, staffs, moments)
def test_it_waits_exactly_when_nobody_takes_part(lead, agreed, staff, now):
    choice = choose(lead, agreed, staff, now)
    assert bool(choice.waits) == (not choice.eligible)
    assert not choice.to or choice.to in choice.eligible


@given(leads, agreements, staffs, moments)
def test_nobody_gets_what_was_taken_from_them_and_nobody_who_is_gone_gets_anything(lead, agreed, staff, now):
    choice = choose(lead, agreed, staff, now)
    gone = {rep for rep, standing in staff.items() if standing.gone}
    assert not (set(choice.eligible) & (lead.had | gone))
    assert choice.to not in lead.had | gone


@given(leads, agreements, staffs, moments)
def test_obstacles_are_disregarded_only_where_that_is_agreed(lead, agreed, staff, now):
    choice = choose(lead, agreed, staff, now)
    alone = {rep: choose(replace(lead, account_rep=rep), agreed, staff, now).to == rep for rep in choice.eligible}
    if choice.anyway:
        assert agreed.routing.when_nobody == "assign_anyway"
    elif not choice.to:
        assert all(alone.values()) or set(choice.eligible) <= lead.let_lapse


@given(leads, agreements, staffs, moments)
def test_nobody_is_put_before_a_colleague_against_whom_less_speaks(lead, agreed, staff, now):
    choice = choose(lead, agreed, staff, now)
    if choice.to or not choice.team:
        return
    order = [None, Obstacle.LET_LAPSE, *ANYWAY]
    told = {rep: obstacle_of(rep, lead, agreed, staff, now) for rep in choice.eligible}
    taken = {order.index(each.why if each else None) for each in told.values()}
    left = [order.index(each.why) for each in choice.passed_over if each.why in order and each.rep != choice.covers]
    assert len(taken) <= 1
    assert all(place > max(taken, default=-1) for place in left)


@given(leads, agreements, staffs, moments)
def test_who_could_have_had_a_lead_given_by_hand_is_found_whatever_is_agreed(lead, agreed, staff, now):
    team = team_naming(ANA, agreed)
    found = anyone_of(team, lead, agreed, staff, now)
    never = {rep for rep in IBERIA if staff.get(rep, Standing()).gone} | lead.had
    assert bool(found.eligible) == bool(set(IBERIA) - never)
