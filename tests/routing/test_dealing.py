"""From a lead to a rep, through the stored hand-offs and ledgers."""

from collections import Counter
from datetime import date

import pytest

from entente.events.actions import erase, source_named
from entente.events.models import Event, Import
from entente.handoffs import verbs
from entente.handoffs.models import Assignment, Handoff
from entente.members.models import Role, User
from entente.people.models import Person
from entente.routing import actions, departures
from entente.routing.absences import enter_absence
from entente.routing.actions import FEW
from entente.routing.models import Balance, Capacity, Decision
from entente.routing.queries import left_from_before, waiting
from entente.worker.fold import rebuild
from entente.worker.turn import take_turn
from tests.events.factories import event
from tests.members.factories import UserFactory
from tests.routing.world import (
    ANA,
    BEGAN,
    EVA,
    LUIS,
    MARIA,
    MONDAY,
    asks,
    at,
    begin,
    come,
    handoff_of,
    rep_of,
    told,
    worked,
)

pytestmark = pytest.mark.django_db


def balances() -> dict[str, float]:
    return {rep: round(count, 9) for rep, count in Balance.objects.values_list("rep", "count")}


def test_a_qualified_lead_is_given_to_a_rep_of_the_team_whose_condition_holds():
    begin()
    come(["carla"], MONDAY, country="MX")
    (dealt,) = worked(at(1))
    assert (dealt.rep, rep_of("carla")) == (MARIA, MARIA)


def test_dealing_is_an_event_of_the_log_and_can_be_derived_again():
    begin()
    come(["carla"], MONDAY)
    (dealt,) = worked(at(1))
    given = Event.objects.get(type="owner_assigned")
    assert (given.properties["owner"], given.properties["by"], given.properties["why"]) == (
        dealt.rep,
        "entente",
        "dealt",
    )
    assert given.properties["decision"] == dealt.decision
    before = list(Assignment.objects.values_list("rep", "at", "by", "why"))
    rebuild(at(2))
    assert list(Assignment.objects.values_list("rep", "at", "by", "why")) == before


def test_equal_leads_are_dealt_evenly():
    begin()
    come([f"p{n}" for n in range(9)], MONDAY)
    assert set(Counter(each.rep for each in worked(at(1))).values()) == {3}


def test_each_decision_is_kept_with_everybody_s_numbers():
    begin()
    enter_absence(EVA, date(2026, 7, 1), date(2026, 7, 31), 0, "", by=None, now=MONDAY)
    come(["carla"], MONDAY)
    (dealt,) = worked(at(1))
    decision = Decision.objects.get(pk=dealt.decision)
    assert {each["rep"] for each in decision.candidates} == {ANA, LUIS}
    assert decision.passed_over == [{"rep": EVA, "why": "away", "until": "2026-07-31"}]
    assert decision.candidates[0]["rep"] == decision.rep
    assert all(len(each["lot"]) == 16 for each in decision.candidates)


def test_nothing_is_dealt_twice():
    begin()
    come(["carla", "dora"], MONDAY)
    assert len(worked(at(1))) == 2
    assert worked(at(2)) == []
    assert Decision.objects.count() == Assignment.objects.count() == 2


def test_when_nobody_can_take_it_the_lead_waits_with_the_reason_and_is_dealt_the_moment_somebody_can():
    begin(more="  at_most: 1 open per rep\n")
    come(["carla", "dora"], MONDAY, country="MX")
    worked(at(1))
    (left,) = waiting(at(2))
    (passed,) = left.choice.passed_over
    assert (left.choice.waits, passed.rep, passed.why, passed.open, passed.at_most) == ("nobody", MARIA, "full", 1, 1)
    given = Handoff.objects.get(rep=MARIA)
    verbs.recycle(given.pk, MARIA, at(3))
    assert [each.rep for each in worked(at(4))] == [MARIA]


def test_the_hottest_is_dealt_first():
    begin(more="  at_most: 1 open per rep\n")
    told(MONDAY, *asks("cold", MONDAY, country="MX"), *asks("hot", MONDAY, country="MX", views=3))
    worked(at(1))
    assert (rep_of("hot"), rep_of("cold")) == (MARIA, "")


def test_a_long_queue_of_what_nobody_can_take_stands_in_nobody_s_way():
    begin()
    Capacity.objects.create(rep=MARIA, at_most=0, set_at=MONDAY)
    come([f"m{n}" for n in range(FEW + 5)], MONDAY, country="MX", views=1)
    come(["carla"], MONDAY)
    (dealt,) = worked(at(1))
    assert (dealt.rep, len(waiting(at(2)))) == (rep_of("carla"), FEW + 5)


def test_a_lead_held_for_missing_information_is_not_dealt():
    begin()
    told(MONDAY, event("track", anonymous="v1", name="Demo Requested", occurred_at=MONDAY, received_at=MONDAY))
    worked(at(1))
    assert [each.state for each in Handoff.objects.all()] == ["held"]
    assert not Decision.objects.exists()


def test_an_import_of_history_does_not_flood_the_reps_until_somebody_lets_it():
    begin()
    unit = Import.objects.create(source=source_named("site"), files=[], started_at=MONDAY)
    told(MONDAY, *asks("old", MONDAY), imported_by=unit)
    assert worked(at(1)) == []
    assert [each.pk for each in left_from_before()] == [handoff_of("old").pk]
    departures.let_be_dealt(left_from_before(), by=UserFactory(role=Role.OPS), now=at(2))
    assert len(worked(at(3))) == 1
    assert rep_of("old")


def test_what_somebody_releases_is_dealt_anew_even_if_it_is_from_before():
    begin()
    unit = Import.objects.create(source=source_named("site"), files=[], started_at=MONDAY)
    told(MONDAY, *asks("old", MONDAY), imported_by=unit)
    assert worked(at(1)) == []
    verbs.reassign(handoff_of("old").pk, ANA, "boss@acme.example", at(2))
    verbs.release(handoff_of("old").pk, "boss@acme.example", at(3))
    (dealt,) = worked(at(4))
    assert dealt.rep in {LUIS, EVA}


def customer_of(owner: str):
    """Carla became a customer of this rep before dealing began."""
    then = {"occurred_at": at(days=-9.5), "received_at": at(days=-9.5)}
    owned = event("owner_assigned", user="carla", properties={"owner": owner}, **then)
    won = event("deal_won", user="carla", properties={"deal": "D", "amount": 1, "owner": owner}, **then)
    told(at(-60), *asks("carla", BEGAN)[:1], owned, won)


def test_a_lead_that_goes_to_an_owner_of_old_who_is_gone_is_dealt_to_another():
    begin()
    User.objects.create(email="old@acme.example", name="Old", is_active=False)
    customer_of("old@acme.example")
    come(["carla"], MONDAY)
    assert rep_of("carla") == "old@acme.example"
    (dealt,) = worked(at(1))
    assert rep_of("carla") == dealt.rep
    assert dealt.rep in {ANA, LUIS, EVA}


def test_the_team_covers_for_a_customer_s_owner_who_is_away_that_day_and_only_then():
    begin()
    customer_of(ANA)
    enter_absence(ANA, date(2026, 7, 6), date(2026, 7, 8), 0, "", by=None, now=BEGAN)
    come(["carla"], MONDAY)
    (dealt,) = worked(at(1))
    decision = Decision.objects.get(pk=dealt.decision)
    assert (rep_of("carla"), decision.instead_of, decision.covers) == (dealt.rep, ANA, ANA)
    verbs.recycle(handoff_of("carla").pk, dealt.rep, at(2))
    assert worked(at(3)) == []


def test_a_customer_s_owner_who_is_here_keeps_them():
    begin()
    customer_of(ANA)
    enter_absence(ANA, date(2026, 7, 8), date(2026, 7, 9), 0, "", by=None, now=BEGAN)
    come(["carla"], MONDAY)
    assert worked(at(1)) == worked(at(days=2)) == []
    assert rep_of("carla") == ANA


def test_a_lead_given_by_hand_counts_and_is_marked():
    begin()
    come(["carla"], MONDAY)
    verbs.reassign(handoff_of("carla").pk, ANA, "boss@acme.example", at(1))
    worked(at(2))
    assert balances() == {ANA: round(2 / 3, 9), LUIS: round(-1 / 3, 9), EVA: round(-1 / 3, 9)}
    assert Decision.objects.get().by_hand
    come(["dora", "elsa"], at(3))
    assert {each.rep for each in worked(at(4))} == {LUIS, EVA}


def test_counting_again_changes_nothing():
    begin()
    come(["carla"], MONDAY)
    verbs.reassign(handoff_of("carla").pk, ANA, "boss@acme.example", at(1))
    everybody = list(Person.objects.values_list("pk", flat=True))
    assert [actions.follow(everybody, at(2)), actions.follow(everybody, at(2))] == [1, 0]


def test_a_rejection_that_gives_credit_gives_back_count_and_value():
    begin()
    come(["carla"], MONDAY)
    (dealt,) = worked(at(1))
    verbs.reject(handoff_of("carla").pk, dealt.rep, "Wrong contact data", at(5))
    worked(at(6))
    assert set(balances().values()) == {0}
    assert {round(b.value, 6) for b in Balance.objects.all()} == {0}
    assert Decision.objects.get().taken_back == "rejected: Wrong contact data"


def test_any_other_rejection_counts():
    begin()
    come(["carla"], MONDAY)
    (dealt,) = worked(at(1))
    verbs.reject(handoff_of("carla").pk, dealt.rep, "No budget", at(5))
    worked(at(6))
    assert balances()[dealt.rep] == round(2 / 3, 9)


def test_a_lead_that_was_left_lying_moves_on_and_never_back():
    begin()
    come(["carla"], MONDAY)
    had = [worked(at(1))[0].rep]
    had += [actions.reassign(handoff_of("carla").pk, at(60 * hour), "breach") for hour in (1, 2)]
    assert set(had) == {ANA, LUIS, EVA}
    assert actions.reassign(handoff_of("carla").pk, at(180), "breach") is None
    assert rep_of("carla") == had[-1]
    assert [d.taken_back for d in Decision.objects.order_by("number")] == ["taken away", "taken away", ""]


def test_a_lead_is_not_moved_on_to_who_is_away_even_if_it_is_agreed_to_assign_anyway():
    begin(more="  when_nobody: assign_anyway\n")
    come(["carla"], MONDAY)
    (dealt,) = worked(at(1))
    for rep in {ANA, LUIS, EVA} - {dealt.rep}:
        enter_absence(rep, date(2026, 7, 1), date(2026, 7, 31), 0, "", by=None, now=MONDAY)
    assert actions.reassign(handoff_of("carla").pk, at(60), "breach") is None
    assert rep_of("carla") == dealt.rep


def test_who_let_a_lead_lapse_gets_the_next_of_the_person_only_when_nobody_else_can():
    begin()
    come(["carla"], MONDAY)
    (dealt,) = worked(at(1))
    second = actions.reassign(handoff_of("carla").pk, at(60), "breach")
    verbs.recycle(handoff_of("carla").pk, second, at(61))
    for rep in {ANA, LUIS, EVA} - {dealt.rep}:
        enter_absence(rep, date(2026, 7, 1), date(2026, 7, 31), 0, "", by=None, now=MONDAY)
    come(["carla"], at(days=3))
    assert [each.rep for each in worked(at(1, days=3))] == [dealt.rep]


def test_the_account_stays_with_its_rep_and_the_team_covers_while_they_are_away():
    begin()
    come(["carla"], MONDAY, domain="kunde.example")
    (first,) = worked(at(1))
    come(["dora"], at(5), domain="kunde.example")
    assert worked(at(6))[0].rep == first.rep
    enter_absence(first.rep, date(2026, 7, 7), date(2026, 7, 8), 0, "", by=None, now=at(7))
    come(["elsa"], at(days=1), domain="kunde.example")
    (cover,) = worked(at(1, days=1))
    assert cover.rep != first.rep
    assert Decision.objects.get(pk=cover.decision).covers == first.rep
    come(["fina"], at(days=3), domain="kunde.example")
    assert worked(at(1, days=3))[0].rep == first.rep


def test_leave_neither_owes_nor_costs():
    begin()
    enter_absence(ANA, date(2026, 7, 6), date(2026, 7, 6), 0, "", by=None, now=MONDAY)
    come([f"p{n}" for n in range(10)], MONDAY)
    worked(at(1))
    come([f"q{n}" for n in range(9)], at(days=1))
    assert set(Counter(each.rep for each in worked(at(1, days=1))).values()) == {3}


def test_nothing_is_dealt_to_a_disabled_member_and_their_hand_offs_go_where_ops_says():
    begin()
    ops = UserFactory(role=Role.OPS)
    come(["carla"], MONDAY)
    (dealt,) = worked(at(1))
    User.objects.create(email=dealt.rep, name="Left", is_active=False)
    assert departures.hand_on(dealt.rep, "", by=ops, now=at(2)) == 1
    (again,) = worked(at(3))
    assert again.rep != dealt.rep
    colleague = UserFactory(email=MARIA)
    departures.hand_on(again.rep, colleague.email, by=ops, now=at(4))
    assert rep_of("carla") == MARIA


def test_the_stored_balances_are_the_sum_of_the_decisions_that_count():
    begin()
    come([f"p{n}" for n in range(7)], MONDAY)
    dealt = worked(at(1))
    verbs.reject(dealt[0].handoff_id, dealt[0].rep, "Wrong contact data", at(2))
    verbs.reassign(dealt[1].handoff_id, MARIA, "boss@acme.example", at(3))
    worked(at(4))
    sums: Counter[tuple[str, str]] = Counter()
    for decision in Decision.objects.filter(taken_back=""):
        sums[decision.team, decision.rep] += 1
        for each in decision.candidates:
            sums[decision.team, each["rep"]] -= each["due"]
    stored = {(b.ledger.team, b.rep): b.count for b in Balance.objects.select_related("ledger")}
    assert stored == pytest.approx({key: sums[key] for key in stored})


def test_what_was_given_of_an_erased_person_counts_no_longer():
    begin()
    come(["carla"], MONDAY)
    worked(at(1))
    erase(["user:carla", "email:carla@carla.example"], at(2))
    take_turn(at(3))
    assert not Handoff.objects.exists()
    assert Decision.objects.get().taken_back == "undone"
    assert set(balances().values()) == {0}
