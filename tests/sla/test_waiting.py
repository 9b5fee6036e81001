"""A lead that nobody could take: operations hear of it before its promise is at risk."""

from datetime import timedelta

import pytest

from entente.handoffs.facts import Completed, Released
from entente.handoffs.lifecycle import handoff_of
from entente.sla.models import Clock
from entente.sla.waits import wait_of
from tests.handoffs.world import AGREEMENT, ANA, START, assigned, at, closed, opened
from tests.sla.calendars import madrid
from tests.sla.live import JO, act_until_quiet, adopt_live, happen, said, told


def test_a_wait_is_told_when_the_promise_would_warn():
    wait = wait_of(handoff_of(opened()), AGREEMENT)
    assert (wait.promise, wait.since, wait.tell_at, wait.due_at) == ("First touch", START, at(30), at(60))


def test_it_is_counted_in_business_time():
    wait = wait_of(handoff_of(opened(madrid("2026-07-03 14:40"))), AGREEMENT)
    assert wait.tell_at == madrid("2026-07-06 09:10")


def test_it_begins_when_the_information_came_or_the_last_rep_let_go():
    held = opened(missing=("phone",))
    assert wait_of(handoff_of(held), AGREEMENT) is None
    assert wait_of(handoff_of(held, [Completed(at(5))]), AGREEMENT).since == at(5)
    let_go = handoff_of(opened(), [assigned(), Released(at(20))])
    assert wait_of(let_go, AGREEMENT).since == at(20)


def test_who_has_a_rep_or_is_over_waits_for_nobody():
    assert wait_of(handoff_of(opened(), [assigned()]), AGREEMENT) is None
    assert wait_of(handoff_of(opened(), [closed(at(5))]), AGREEMENT) is None


def waiting(person=JO):
    """All is known of them; handed over by hand, and let go again: nobody has it."""
    known = {"email": person, "company": "Kunde", "phone": "+34 91 000 00 00"}
    return (
        told(at(-5), "identify", person, **known),
        told(START, "owner_assigned", person, owner=ANA),
        told(at(10), "released", person, by=ANA),
    )


@pytest.mark.django_db
def test_operations_hear_of_a_wait_once():
    adopt_live()
    happen(*waiting(), now=at(11))
    assert act_until_quiet(at(40)) == []
    (notice,) = act_until_quiet(at(41))
    assert (notice.kind, notice.receivers, notice.rep, notice.due_at) == ("waiting_too_long", ("ops",), "", at(70))
    assert Clock.objects.get(kind="waiting").next_at is None, "nobody broke a promise to it"
    assert act_until_quiet(at(500)) == []


@pytest.mark.django_db
def test_a_wait_that_is_over_is_no_news():
    adopt_live()
    happen(*waiting(), now=at(11))
    assert Clock.objects.filter(kind="waiting").exists()
    happen(told(at(35), "owner_assigned", JO, owner=ANA), now=at(50))
    assert not Clock.objects.filter(kind="waiting").exists()
    assert said(act_until_quiet(at(50))) == []
    assert said(act_until_quiet(at(66))) == [("warning", "first_touch", 65)]


@pytest.mark.django_db
def test_a_second_wait_is_told_of_again():
    adopt_live()
    happen(*waiting(), now=at(11))
    act_until_quiet(at(60))
    happen(told(at(61), "owner_assigned", JO, owner=ANA), told(at(62), "released", JO, by=ANA), now=at(63))
    assert said(act_until_quiet(at(93))) == [("waiting_too_long", "waiting", 92)]
    assert Clock.objects.get(kind="waiting").elapsed is None
    assert at(92) - START == timedelta(minutes=92)
