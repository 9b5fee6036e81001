"""Deals as the log tells them."""

from decimal import Decimal

import pytest

from entente.handoffs.deals import DealEvent, deals_of
from tests.handoffs.world import ANA, START, at


def told(*events):
    return deals_of(events)


def deal_event(when, type_, person=1, account=None, **properties):
    return DealEvent(when, type_, f"{type_}{when:%d%H%M}", properties, person, account)


def test_a_deal_is_what_its_events_say():
    deals = told(
        deal_event(START, "deal_opened", deal="D-1", amount="9000", product="Route", owner="Ana@acme.example"),
        deal_event(at(5), "stage_changed", deal="D-1", stage="Proposal"),
        deal_event(at(9), "deal_won", account="acme", deal="D-1", amount=12500.5),
    )
    deal = deals["D-1"]
    assert (deal.opened_at, deal.closed_at, deal.outcome) == (START, at(9), "won")
    assert (deal.amount, deal.product, deal.stage, deal.owner) == (Decimal("12500.50"), "Route", "Proposal", ANA)
    assert (deal.person, deal.account) == (1, "acme")


def test_a_lost_deal_says_why_and_to_whom():
    deal = told(deal_event(at(9), "deal_lost", deal="D-1", reason="Price", competitor="Rival"))["D-1"]
    assert (deal.outcome, deal.reason, deal.competitor, deal.opened_at) == ("lost", "Price", "Rival", None)


def test_a_deal_that_is_opened_again_is_open():
    deal = told(
        deal_event(START, "deal_opened", deal="D-1"),
        deal_event(at(5), "deal_lost", deal="D-1", reason="Price"),
        deal_event(at(9), "deal_opened", deal="D-1"),
    )["D-1"]
    assert (deal.outcome, deal.closed_at, deal.reason, deal.opened_at) == ("open", None, "", START)


def test_on_one_day_a_deal_is_opened_before_it_is_won():
    events = [deal_event(START, "deal_won", deal="D-1"), deal_event(START, "deal_opened", deal="D-1")]
    assert told(*events)["D-1"].outcome == "won"


def test_events_without_a_key_speak_of_the_persons_open_deal():
    deals = told(
        deal_event(START, "deal_opened", amount=10),
        deal_event(at(5), "deal_won"),
        deal_event(at(9), "deal_lost"),
        deal_event(at(9), "deal_opened", person=2),
    )
    assert sorted(deal.outcome for deal in deals.values()) == ["lost", "open", "won"]


def test_a_persons_stage_is_no_deal():
    assert told(deal_event(START, "stage_changed", stage="Lead")) == {}


def test_a_deal_may_have_no_person():
    assert told(deal_event(START, "deal_won", person=None, account="acme", deal="D-1"))["D-1"].person is None


@pytest.mark.parametrize("amount", ["much", "", None, True, "nan", "inf", 1e300, [5]])
def test_what_is_no_amount_is_none(amount):
    assert told(deal_event(START, "deal_won", deal="D-1", amount=amount))["D-1"].amount is None
