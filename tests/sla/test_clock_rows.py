"""Stored clocks say what the facts say, and find what falls due. Wednesday 1 July 2026, ten in Madrid, is START."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from entente.events.actions import append, undo_import
from entente.events.models import Import, Source
from entente.handoffs.actions import derive
from entente.people.actions import resolve_new
from entente.sla.actions import act_on_due, catch_up, follow, follow_all
from entente.sla.models import Clock
from entente.worker.live import LiveWorker
from tests.handoffs.world import ANA, LUIS, START, at
from tests.sla.live import JO, LIVE, MARIA, act_until_quiet, adopt_live, clock, happen, said, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def agreement():
    return adopt_live()


def given(when=START, person=MARIA, rep=ANA):
    return told(when, "owner_assigned", person, owner=rep)


def test_a_lead_that_is_assigned_has_a_clock_for_each_timed_promise():
    happen(given(), now=at(1))
    assert list(Clock.objects.order_by("due_at").values_list("kind", "rep", "state")) == [
        ("first_touch", ANA, "running"), ("feedback", ANA, "running"), ("persistence", ANA, "running"),
    ]  # fmt: skip
    first = clock()
    assert (first.started_at, first.warn_at, first.due_at, first.reassign_at) == (START, at(30), at(60), at(180))
    assert (first.next_at, clock("feedback").next_at) == (at(30), at(days=2))


def test_following_again_changes_nothing():
    persons = happen(given(), told(at(45), "call", by=ANA), given(at(50), JO), now=at(60))
    assert follow(persons.values(), at(60)) == 0
    assert follow_all(at(60)) == 0


def test_a_touch_stops_the_clock_and_its_time_is_kept():
    happen(given(), told(at(45), "call", by=ANA), now=at(46))
    met = clock()
    assert (met.state, met.stopped_at, met.over_at, met.elapsed) == ("met", at(45), at(45), timedelta(minutes=45))
    assert said(act_until_quiet(at(600))) == [("warning", "first_touch", 30)]


def test_a_warning_is_told_once_to_whom_the_agreement_names():
    happen(given(), now=at(1))
    assert act_on_due(at(30)) == [], "at the very moment there is still time"
    (notice,) = act_on_due(at(31))
    assert (notice.kind, notice.receivers, notice.rep, notice.due_at) == ("warning", ("rep",), ANA, at(60))
    assert (notice.at, notice.fell_at, notice.state) == (at(31), at(30), "running")
    assert act_on_due(at(40)) == []
    assert clock().warned_at == at(31)


def test_a_breach_is_told_and_measuring_goes_on_after_it():
    happen(given(), now=at(1))
    act_on_due(at(31))
    assert act_on_due(at(60)) == [], "a touch at the due time is in time"
    (notice,) = act_on_due(at(61))
    assert (notice.kind, notice.receivers, notice.state) == ("breach", ("rep", "sales_manager"), "breached")
    late = clock()
    assert (late.state, late.breached_at, late.elapsed) == ("breached", at(61), None)
    happen(told(at(75), "call", by=ANA), now=at(76))
    late = clock()
    assert (late.state, late.elapsed, late.breached_at) == ("breached", timedelta(minutes=75), at(61))


def test_a_worker_that_was_down_finds_all_that_it_missed_in_order_once():
    happen(given(), given(at(5), JO, LUIS), now=at(6))
    happen(told(at(62), "call", JO, by=LUIS), now=at(100))
    assert said(act_until_quiet(at(130))) == [
        ("warning", "first_touch", 30), ("warning", "first_touch", 35), ("breach", "first_touch", 60),
    ]  # fmt: skip
    assert act_until_quiet(at(130)) == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_in_order_also_when_it_takes_several_calls(limit):
    for n in range(4):
        happen(given(at(7 * n), f"lead{n}@client.example"), now=at(28))
    notices = act_until_quiet(at(100), limit)
    assert [each.fell_at for each in notices] == sorted(each.fell_at for each in notices)
    assert len(notices) == 8


def test_a_touch_that_was_told_of_late_corrects_a_breach_that_was_told():
    happen(given(), now=at(1))
    act_until_quiet(at(70))
    happen(told(at(20), "call", received=at(80), by=ANA), now=at(80))
    met = clock()
    assert (met.state, met.elapsed) == ("met", timedelta(minutes=20))
    assert (met.breached_at, met.corrected_at) == (at(70), at(80))
    assert act_until_quiet(at(600)) == []


def test_a_touch_that_is_in_the_facts_but_not_yet_in_the_row_stops_the_breach():
    persons = happen(given(), now=at(1))
    act_until_quiet(at(50))
    append([told(at(55), "call", by=ANA)], "crm")
    resolve_new(at(61))
    derive([persons[MARIA]])  # as a rep's click does, before the worker has followed it
    assert act_until_quiet(at(61)) == []
    assert clock().state == "met"


def test_a_hand_off_that_changes_hands_releases_the_old_clock_and_starts_a_new_one():
    happen(given(), given(at(20), rep=LUIS), now=at(21))
    assert (clock(rep=ANA).state, clock(rep=ANA).over_at) == ("released", at(20))
    assert (clock(rep=LUIS).state, clock(rep=LUIS).due_at) == ("running", at(80))
    assert said(act_until_quiet(at(100))) == [("warning", "first_touch", 50), ("breach", "first_touch", 80)]


def test_a_pause_puts_off_what_is_due_and_its_end_brings_it_nearer():
    happen(given(), told(at(10), "paused", by=ANA, reason="on holiday until noon"), now=at(11))
    assert (clock().state, clock().due_at) == ("paused", at(60, days=1))
    happen(told(at(40), "resumed", by=ANA), now=at(41))
    back = clock()
    assert (back.state, back.warn_at, back.due_at, back.paused) == ("running", at(60), at(90), timedelta(minutes=30))
    assert back.reassign_at == at(210)


def test_a_pause_ends_by_itself_when_the_allowance_is_used_up():
    happen(given(), told(at(10), "paused", by=ANA, reason="asked to call later"), now=at(11))
    assert act_until_quiet(at(0, days=1)) == []
    assert [each.kind for each in act_until_quiet(at(61, days=1))] == ["warning", "breach"]


def test_an_imported_history_is_measured_and_told_to_nobody():
    source, _ = Source.objects.get_or_create(name="crm")
    run = Import.objects.create(source=source, files=[], started_at=at(90))
    happen(given(), now=at(100), imported_by=run)
    assert (clock().state, clock().quiet, clock().next_at) == ("breached", True, None)
    assert not clock("feedback").quiet, "what is not due yet can still be kept"
    assert act_until_quiet(at(200)) == []
    assert said(act_until_quiet(at(1, days=3))) == [("breach", "feedback", 2 * 1440)]


def test_what_was_told_to_us_days_after_it_happened_is_history_too():
    happen(told(START, "owner_assigned", owner=ANA, received=at(days=2)), now=at(days=2, hours=1))
    assert clock().quiet


def test_a_worker_that_slept_for_a_weekend_tells_all_the_same():
    happen(given(), now=at(days=5))
    assert [each.kind for each in act_until_quiet(at(days=5))][:2] == ["warning", "breach"]


def test_what_fell_due_more_than_a_week_before_anybody_looked_is_told_to_nobody():
    happen(given(), now=at(61, days=7))
    assert clock().quiet
    assert not clock("feedback").quiet
    assert [each.clock for each in act_until_quiet(at(61, days=7))] == ["feedback"]


def test_the_clocks_of_a_hand_off_that_is_gone_are_gone():
    source, _ = Source.objects.get_or_create(name="crm")
    run = Import.objects.create(source=source, files=[], started_at=at(0))
    persons = happen(given(), now=at(1), imported_by=run)
    assert Clock.objects.count() == 3
    undo_import(run, at(2))
    derive(persons.values())
    assert act_on_due(at(31)) == []
    follow(persons.values(), at(32))
    assert not Clock.objects.exists()


def test_an_automatic_mail_is_no_touch():
    happen(given(), told(at(5), "email_sent", template="Thank you"), told(at(6), "email_opened"), now=at(7))
    assert clock().state == "running"


def test_a_new_version_leaves_the_clocks_of_open_hand_offs_as_they_were_agreed():
    persons = happen(given(), now=at(1))
    stricter = LIVE.replace("2026-01-01", "2026-07-02").replace("within: 1 hour", "within: 10 minutes")
    adopt_live(stricter)
    derive(persons.values())
    follow_all(at(30))
    assert (clock().version, clock().due_at) == (1, at(60))
    happen(given(at(days=1), JO), now=at(days=1))
    assert (clock(person=JO).version, clock(person=JO).due_at) == (2, at(10, days=1))


def test_two_persons_who_are_one_keep_the_clock_and_what_was_told():
    visit = replace(told(at(-60), "page"), identity="user:m1", user_id="m1", email=None)
    append([visit], "site")
    resolve_new(at(-60))
    before = happen(given(), now=at(1))[MARIA]
    act_until_quiet(at(40))
    kept = clock().pk
    joins = replace(told(at(45), "identify"), identity="user:m1", user_id="m1")
    after = happen(joins, now=at(46))[MARIA]
    assert before != after, "the older person survives"
    moved = Clock.objects.get(kind="first_touch")
    assert (moved.pk, moved.person_id, moved.warned_at) == (kept, after, at(40))
    assert said(act_until_quiet(at(61))) == [("breach", "first_touch", 60)]


def test_a_fact_that_came_while_the_worker_was_at_it_is_not_forgotten():
    persons = happen(given(), now=at(0) - timedelta(milliseconds=3))
    assert clock().state == "running"
    happen(told(at(10), "call", by=ANA), now=at(10) - timedelta(milliseconds=3))
    assert clock().state == "met"
    assert follow(persons.values(), at(10)) == 0


def test_a_worker_that_begins_follows_hand_offs_from_before_there_were_stored_clocks():
    happen(given(), now=at(1))
    Clock.objects.all().delete()
    worker = LiveWorker(clock=lambda: at(31))
    worker.step()
    assert clock().warned_at == at(31)
    assert catch_up(at(32)) == 0
