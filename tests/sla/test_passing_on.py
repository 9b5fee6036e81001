"""A lead whose first touch is overdue goes on to another rep, as agreed, and only once."""

import pytest

from entente.events.models import Event
from entente.handoffs.models import Handoff
from entente.handoffs.verbs import touch
from entente.sla.actions import act_on_due, follow
from entente.sla.models import Clock
from tests.handoffs.world import ANA, LUIS, START, at
from tests.sla.calendars import madrid
from tests.sla.live import LIVE, MARIA, act_until_quiet, adopt_live, clock, happen, said, told

pytestmark = pytest.mark.django_db

BOTH = f"routing: {{teams: [{{team: All, reps: [{ANA}, {LUIS}]}}], keep_account_with_its_rep: false}}\n"
ALONE = f"routing: {{teams: [{{team: All, reps: [{ANA}]}}]}}\n"


def agree(routing, text=LIVE):
    head, _, _ = text.partition("routing:")
    return adopt_live(head + routing)


def given_to_ana(when=START):
    return happen(told(when, "owner_assigned", owner=ANA), now=when)


def settle(persons, now):
    """What the worker does next: the facts have changed, so the clocks follow."""
    return follow(persons.values(), now)


def test_after_the_agreed_time_the_lead_goes_to_another_rep():
    agree(BOTH)
    persons = given_to_ana()
    assert said(act_until_quiet(at(180))) == [("warning", "first_touch", 30), ("breach", "first_touch", 60)]
    (notice,) = act_on_due(at(181))
    assert (notice.kind, notice.rep, notice.moved_to) == ("escalation", ANA, LUIS)
    assert notice.receivers == ("rep", "sales_manager")
    settle(persons, at(182))
    assert Handoff.objects.get().rep == LUIS
    old, new = clock(rep=ANA), clock(rep=LUIS)
    assert (old.state, old.reassigned_to, old.over_at) == ("breached", LUIS, new.started_at)
    assert (new.state, clock("feedback", rep=ANA).state) == ("running", "released")
    assert Event.objects.filter(type="owner_assigned", properties__by="entente").count() == 1


def test_it_goes_once_also_before_the_clocks_have_followed():
    agree(BOTH)
    given_to_ana()
    assert [each.kind for each in act_until_quiet(at(200))] == ["warning", "breach", "escalation"]
    assert act_until_quiet(at(201)) == []
    assert Event.objects.filter(type="owner_assigned").count() == 2


def test_two_promises_that_ask_for_it_move_it_once():
    both_late = LIVE.replace("feedback: {on_breach: marketing_manager}", "feedback: {reassign_after: 1 hour}")
    agree(BOTH, both_late.replace("within: 2 days", "within: 1 hour"))
    given_to_ana()
    notices = act_until_quiet(at(300))
    assert [each.kind for each in notices].count("escalation") == 1
    assert Event.objects.filter(type="owner_assigned").count() == 2


def test_a_lead_that_was_touched_late_stays():
    agree(BOTH)
    persons = given_to_ana()
    act_until_quiet(at(100))
    touch(Handoff.objects.get().pk, ANA, "call", at(110))
    assert act_until_quiet(at(300)) == [], "the facts decide, whatever the rows say"
    settle(persons, at(301))
    assert clock().state == "breached"
    assert Handoff.objects.get().rep == ANA


def test_where_nobody_else_can_take_it_operations_hear_once_and_it_is_tried_again():
    agree(ALONE)
    given_to_ana()
    act_until_quiet(at(180))
    (notice,) = act_until_quiet(at(181))
    assert (notice.kind, notice.moved_to) == ("escalation", "")
    assert notice.receivers == ("rep", "sales_manager", "ops")
    assert clock().put_off_until == at(241)
    assert act_until_quiet(at(242)) == []
    assert (clock().put_off_until, clock().obstacle) == (at(302), "nobody else could take the lead")
    assert clock().reassigned_at is None


def test_it_waits_for_the_reps_working_time():
    agree(BOTH)
    friday = madrid("2026-07-03 12:00")
    given_to_ana(friday)  # due at 13:00; two open hours later is closing time
    kinds = [each.kind for each in act_until_quiet(madrid("2026-07-03 15:30"))]
    assert kinds == ["warning", "breach"]
    assert clock().put_off_until == madrid("2026-07-06 09:00")
    assert act_until_quiet(madrid("2026-07-05 12:00")) == []
    (notice,) = act_until_quiet(madrid("2026-07-06 09:00"))
    assert (notice.kind, notice.fell_at) == ("escalation", madrid("2026-07-03 15:00"))


def test_a_lead_that_cannot_be_moved_does_not_stop_the_others(monkeypatch):
    agree(BOTH)
    given_to_ana()
    happen(told(at(1), "owner_assigned", "jo@client.example", owner=ANA), now=at(1))
    broken = clock().handoff_id
    from entente.sla import due, moving

    def fails_for_one(handoff_id, now, promise):
        if handoff_id == broken:
            raise RuntimeError("the ledger is torn")
        return moving.pass_on(handoff_id, now, promise)

    monkeypatch.setattr(due, "pass_on", fails_for_one)
    moved = [each for each in act_until_quiet(at(200)) if each.kind == "escalation"]
    assert [each.person_id for each in moved] == [clock(person="jo@client.example", rep=ANA).person_id]
    assert clock(person=MARIA).obstacle == "RuntimeError: the ledger is torn"
    assert Clock.objects.filter(put_off_until__isnull=False).count() == 1
