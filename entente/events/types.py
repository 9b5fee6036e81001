"""The kinds of events that the log knows, and the shape in which one enters it.

The first six are the calls of the Segment specification. The others are ours: what a CRM, a mail system or a person
reports. Pure: no Django here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

SEGMENT_CALLS: Final = ("identify", "group", "alias", "page", "screen", "track")

OWN_TYPES: Final = {
    "form_submitted": "a form was sent; properties: form, and its fields",
    "email_sent": "a mail was sent to the person by a rep or a campaign; properties: by (rep) or campaign",
    "email_delivered": "a mail arrived",
    "email_opened": "a mail was opened (often by a machine)",
    "email_clicked": "a link in a mail was followed; properties: url",
    "call": "a rep called; properties: by, note",
    "meeting": "a rep met the person; properties: by, note",
    "message": "a rep wrote by chat or a network; properties: by, note",
    "owner_assigned": "a rep was made the owner; properties: owner",
    "stage_changed": "the CRM moved the person or deal to a stage; properties: stage, deal",
    "accepted": "the rep took the hand-off on; properties: by",
    "rejected": "the rep rejected the hand-off; properties: by, reason, note",
    "released": "the hand-off was taken from its rep; properties: by, why",
    "paused": "the clocks of the hand-off wait for the customer; properties: by, reason",
    "resumed": "the clocks go on; properties: by",
    "recycled": "the hand-off was closed without a deal and may come back; properties: by, reason",
    "deal_opened": "a deal was opened; properties: deal, amount, product, owner, stage",
    "deal_won": "a deal was won; properties: deal, amount, product, owner",
    "deal_lost": "a deal was lost; properties: deal, amount, product, owner, reason, competitor",
}

OURS: Final = "entente"
"""The source of events that Entente itself writes: who was given a lead, who accepted it. No sender is called so."""

TOUCHES: Final = ("call", "email_sent", "meeting", "message")
"""A touch is one of these types with a property ``by``: a person did it. A campaign's mail has none and is no touch."""

SEGMENT_MAIL_EVENTS: Final = {
    "Email Delivered": "email_delivered",
    "Email Opened": "email_opened",
    "Email Link Clicked": "email_clicked",
}
"""Segment's semantic track calls for mail, by name: such a call gets our type and keeps its name."""


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event before it is stored. Times are aware and in UTC; ``occurred_at`` is never later than ``received_at``.

    ``properties`` holds what the call carried: properties of page, screen and track, traits of identify and group,
    ``previousId`` of alias. ``name`` is the track call's event name, else empty; ``path`` a page view's path.
    ``identity`` is the identifier by which its person is found (``user:…``, ``email:…``, ``anon:…``), None when the
    event carries none that is one. ``mark`` is empty, or why the event never scores (``machine``, ``no_identity``).
    """

    message_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    name: str = ""
    path: str = ""
    identity: str | None = None
    user_id: str | None = None
    anonymous_id: str | None = None
    email: str | None = None
    group_id: str | None = None
    properties: dict[str, Any] = {}
    context: dict[str, Any] = {}
    mark: str = ""
