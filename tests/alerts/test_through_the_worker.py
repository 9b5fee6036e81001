"""Through the worker as it runs: what is appended is folded, dealt, put on the clock, and told, each once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.events.actions import append
from entente.worker.timers import act_on_clocks, act_on_timers
from entente.worker.turn import take_turn
from tests.alerts import world
from tests.alerts.world import known, page, rep, texts

pytestmark = pytest.mark.django_db

AGREEMENT = (
    world.AGREEMENT
    + """
  escalation:
    first_touch: {on_warning: rep, on_breach: [rep, sales_manager]}
routing:
  teams:
    - {team: All, reps: [lola@acme.example]}
"""
)


@pytest.fixture
def company():
    adopt(parse(AGREEMENT.replace("  rejection_reasons: [No budget]\n", "")), None, world.NOW - timedelta(days=30))
    return rep("lola"), world.manager()


def turns(minutes: float) -> None:
    """The worker until it rests: a deed of the machine is an event that the next turn folds."""
    for _ in range(4):
        take_turn(world.at(minutes))
        act_on_timers(world.at(minutes))


def test_a_hot_lead_is_dealt_and_its_rep_is_told_once(company):
    lola, _maria = company
    append([known(title="chief"), page()], "site")
    turns(1)
    turns(2)
    assert texts(lola) == ["Ana (kunde.example) is yours: the hand-off was given to you"]


def test_a_promise_that_is_about_to_be_broken_and_then_is(company):
    lola, maria = company
    append([known(title="chief"), page()], "site")
    turns(1)
    for minutes in (32, 33, 62, 63):
        act_on_clocks(world.at(minutes))
    told = [text.partition(" by")[0] for text in texts(lola)[1:]]
    assert told == ["First touch: Ana (kunde.example) is due", "First touch: Ana (kunde.example) was due"]
    assert [text.partition(" by")[0] for text in texts(maria)] == ["First touch: Ana (kunde.example) was due"]


def test_who_qualified_is_told_to_who_asked(company):
    _lola, maria = company
    world.rule(maria, "Qualified", on=["qualified"])
    append([known(title="chief"), page()], "site")
    turns(1)
    assert texts(maria) == ["Ana (kunde.example) qualified"]
