"""A person's events in words: what happened, who did it, and how it is marked on the timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from entente.events.models import Event


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a story. ``kind`` is the dot beside it: empty, `marketing`, `sales`, `good` or `bad`.

    ``note`` explains the title, ``more`` is what else the event says, and ``link`` an address that it carries.
    """

    at: datetime
    title: str
    kind: str = ""
    note: str = ""
    more: tuple[tuple[str, str], ...] = ()
    link: str = ""
    machine: bool = False


Words = tuple[str, str]
Properties = Mapping[str, Any]


def tell(event: Event) -> Told:
    """One event as a line; types that we have no words for are told by their name."""
    properties = event.properties if isinstance(event.properties, dict) else {}
    title, kind = WORDS.get(event.type, _other)(event, properties)
    shown = SHOWN.get(event.type, ())
    more = tuple((name, _text(properties[name])) for name in shown if properties.get(name) not in (None, "", [], {}))
    note = _text(properties.get("title")) if event.type == "page" else ""
    return Told(event.occurred_at, title, kind, note, more, _link(event, properties), event.mark == "machine")


def _page(event: Event, properties: Properties) -> Words:
    return _("Looked at %(page)s") % {"page": event.path or _text(properties.get("url")) or "?"}, ""


def _screen(event: Event, properties: Properties) -> Words:
    return _("Opened the screen %(screen)s") % {"screen": event.name or _text(properties.get("name"))}, ""


def _track(event: Event, properties: Properties) -> Words:
    return event.name, ""


def _identify(event: Event, properties: Properties) -> Words:
    told = [name for name in properties if name not in ("email",)]
    if not told:
        return _("Became known by an e-mail address"), ""
    return _("Told us: %(traits)s") % {"traits": ", ".join(str(name) for name in told[:8])}, ""


def _group(event: Event, properties: Properties) -> Words:
    return _("Belongs to %(account)s") % {"account": _text(properties.get("name")) or event.group_id or "?"}, ""


def _alias(event: Event, properties: Properties) -> Words:
    return _("Found to be one person with an earlier visitor"), ""


def _form(event: Event, properties: Properties) -> Words:
    return _("Sent the form %(form)s") % {"form": _text(properties.get("form")) or event.name or "?"}, ""


def _mail_sent(event: Event, properties: Properties) -> Words:
    if properties.get("by"):
        return _("%(who)s wrote a mail") % {"who": _who(properties["by"])}, "sales"
    return _("Was sent the mail %(campaign)s") % {"campaign": _campaign(event, properties)}, "marketing"


def _mail(words: Callable[[], str]) -> Callable[[Event, Properties], Words]:
    return lambda event, properties: (words() % {"campaign": _campaign(event, properties)}, "marketing")


def _campaign(event: Event, properties: Properties) -> str:
    return _text(properties.get("campaign")) or event.name or "?"


def _by_rep(words: Callable[[], str]) -> Callable[[Event, Properties], Words]:
    return lambda event, properties: (words() % {"who": _who(properties.get("by"))}, "sales")


def _owner(event: Event, properties: Properties) -> Words:
    return _("Given to %(who)s") % {"who": short_name(_text(properties.get("owner"))) or _("nobody")}, "sales"


def _released(event: Event, properties: Properties) -> Words:
    return _("Taken from its rep by %(who)s") % {"who": _who(properties.get("by"))}, "sales"


def _paused(event: Event, properties: Properties) -> Words:
    told = {"who": _who(properties.get("by")), "reason": _text(properties.get("reason")) or "?"}
    return _("%(who)s paused the clocks: %(reason)s") % told, "sales"


def _stage(event: Event, properties: Properties) -> Words:
    return _("The CRM moved this to %(stage)s") % {"stage": _text(properties.get("stage")) or "?"}, "sales"


def _rejected(event: Event, properties: Properties) -> Words:
    who, reason = _who(properties.get("by")), _text(properties.get("reason"))
    if reason:
        return _("%(who)s rejected: %(reason)s") % {"who": who, "reason": reason}, "bad"
    return _("%(who)s rejected, without a reason") % {"who": who}, "bad"


def _deal(words: Callable[[], str], kind: str) -> Callable[[Event, Properties], Words]:
    return lambda event, properties: (words() % {"deal": _text(properties.get("deal")) or "?"}, kind)


def _other(event: Event, properties: Properties) -> Words:
    return event.name or event.type.replace("_", " "), ""


WORDS: Final[dict[str, Callable[[Event, Properties], Words]]] = {
    "page": _page,
    "screen": _screen,
    "track": _track,
    "identify": _identify,
    "group": _group,
    "alias": _alias,
    "form_submitted": _form,
    "email_sent": _mail_sent,
    "email_delivered": _mail(lambda: _("The mail %(campaign)s arrived")),
    "email_opened": _mail(lambda: _("Opened the mail %(campaign)s")),
    "email_clicked": _mail(lambda: _("Followed a link in the mail %(campaign)s")),
    "call": _by_rep(lambda: _("%(who)s called")),
    "meeting": _by_rep(lambda: _("%(who)s met them")),
    "message": _by_rep(lambda: _("%(who)s wrote a message")),
    "owner_assigned": _owner,
    "stage_changed": _stage,
    "accepted": _by_rep(lambda: _("%(who)s accepted")),
    "rejected": _rejected,
    "released": _released,
    "paused": _paused,
    "resumed": _by_rep(lambda: _("%(who)s let the clocks go on")),
    "recycled": _by_rep(lambda: _("%(who)s gave this back to marketing")),
    "deal_opened": _deal(lambda: _("Deal %(deal)s was opened"), "sales"),
    "deal_won": _deal(lambda: _("Deal %(deal)s was won"), "good"),
    "deal_lost": _deal(lambda: _("Deal %(deal)s was lost"), "bad"),
}

SHOWN: Final[dict[str, tuple[str, ...]]] = {
    "page": ("referrer",),
    "owner_assigned": ("why",),
    "released": ("why",),
    "call": ("note",),
    "email_sent": ("note",),
    "meeting": ("note",),
    "message": ("note",),
    "rejected": ("note",),
    "recycled": ("reason", "note"),
    "deal_opened": ("amount", "product", "owner"),
    "deal_won": ("amount", "product", "owner"),
    "deal_lost": ("amount", "product", "owner", "reason", "competitor"),
    "track": ("amount", "product", "plan"),
}
"""What an event says beyond its title, by its type."""


def short_name(rep: str) -> str:
    """A rep as the log names them, shortened to what comes before the @ of an address."""
    return rep.split("@", 1)[0] if "@" in rep else rep


def _who(value: Any) -> str:
    return short_name(_text(value)) or _("Somebody")


def _text(value: Any) -> str:
    """A value from outside as one short line of text; whatever it is, it is never markup."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    return " ".join(str(value).split())[:300]


def _link(event: Event, properties: Properties) -> str:
    if event.type == "page" and event.path:
        return ""  # the title tells it
    address = _text(properties.get("url"))
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme.lower() in ("http", "https") and parts.netloc else ""
