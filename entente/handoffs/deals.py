"""Deals as the log tells them: what is known of each after all of its events. Pure.

A later event overrides what it names and leaves the rest. A deal that was lost and is opened again is open. Events
without the CRM's own key speak of the person's last open deal without one, or begin one of that event's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

TYPES: Final = ("stage_changed", "deal_opened", "deal_lost", "deal_won")
"""The events that speak of deals, in the order in which they are taken where they bear one time."""

LARGEST: Final = Decimal(10) ** 15
OUTCOMES: Final = {"deal_won": "won", "deal_lost": "lost"}


class DealEvent(NamedTuple):
    """One event that speaks of a deal; `account` is the key of the group it was sent for."""

    at: datetime
    type: str
    id: str
    properties: Mapping[str, Any]
    person: int | None = None
    account: str | None = None

    @property
    def key(self) -> str:
        """The CRM's own key; empty where the event has none."""
        return _text(self.properties.get("deal"))


@dataclass(frozen=True, slots=True)
class KnownDeal:
    """A deal as of its last event. Amounts are in the agreement's currency, with cents."""

    key: str
    person: int | None = None
    account: str | None = None
    opened_at: datetime | None = None
    amount: Decimal | None = None
    product: str = ""
    stage: str = ""
    owner: str = ""
    outcome: str = "open"
    closed_at: datetime | None = None
    reason: str = ""
    competitor: str = ""


def deals_of(events: Iterable[DealEvent]) -> dict[str, KnownDeal]:
    """The deals that the events speak of, by key. All events of a deal must be among them."""
    deals: dict[str, KnownDeal] = {}
    open_keyless: dict[int | None, str] = {}
    for event in sorted(events, key=_order):
        key = event.key or _keyless(event, open_keyless)
        if key:
            deals[key] = _told(deals.get(key) or KnownDeal(key), event)
    return deals


def _order(event: DealEvent) -> tuple[datetime, int, str]:
    return event.at, TYPES.index(event.type), event.id


def _keyless(event: DealEvent, open_keyless: dict[int | None, str]) -> str:
    """The key of a deal that the CRM gave none; empty for a stage of a person, which is no deal's."""
    if event.type == "stage_changed":
        return ""
    if event.type == "deal_opened":
        key = f"event:{event.id}"
        if event.person is not None:
            open_keyless[event.person] = key
        return key
    return open_keyless.pop(event.person, f"event:{event.id}")


def _told(deal: KnownDeal, event: DealEvent) -> KnownDeal:
    said = event.properties
    amount = _amount(said.get("amount"))
    deal = replace(
        deal,
        person=deal.person if deal.person is not None else event.person,
        account=event.account or deal.account,
        amount=deal.amount if amount is None else amount,
        product=_text(said.get("product")) or deal.product,
        stage=_text(said.get("stage")) or deal.stage,
        owner=_who(said.get("owner")) or deal.owner,
    )
    if event.type in OUTCOMES:
        return replace(
            deal,
            outcome=OUTCOMES[event.type],
            closed_at=event.at,
            reason=_text(said.get("reason")),
            competitor=_text(said.get("competitor")),
        )
    if event.type == "deal_opened":
        return replace(
            deal, opened_at=deal.opened_at or event.at, outcome="open", closed_at=None, reason="", competitor=""
        )
    return deal


def _amount(value: Any) -> Decimal | None:
    """A number, or a text that is one; None for what is none, or is out of all measure."""
    if value is None or isinstance(value, bool):
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) >= LARGEST:
        return None
    return amount.quantize(Decimal("0.01"))


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _who(value: Any) -> str:
    who = _text(value)
    return who.lower() if "@" in who else who
