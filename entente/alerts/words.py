"""What is told, in one line of the receiver's own language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from entente.alerts.happened import BEHAVIOUR, Kind
from entente.alerts.plain import one_line

NAME = 80
"""Characters of a name or path that are shown; the whole of it is one click away."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of something that happened, before it is said. ``who`` may be empty for a visitor without a name;
    ``event`` is (type, name, path, what its form was called)."""

    kind: str
    who: str = ""
    account: str = ""
    event: tuple[str, str, str, str] = ("", "", "", "")
    promise: str = ""
    rep: str = ""
    moved_to: str = ""
    due_at: datetime | None = None


def told(facts: Facts, email: str, language: str, zone: str) -> str:
    """The line for the member with that e-mail, language and time zone."""
    with translation.override(language), timezone.override(_zone(zone)):
        return one_line(_line(facts, email))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _line(facts: Facts, email: str) -> str:
    if facts.kind == BEHAVIOUR:
        return f"{_who(facts)} {_deed(*facts.event)}"
    values = {
        "who": _who(facts), "promise": facts.promise, "rep": facts.rep, "to": facts.moved_to,
        "time": _moment(facts.due_at),
    }  # fmt: skip
    return _sentence(facts, email) % values


def _sentence(facts: Facts, email: str) -> str:
    if facts.kind == Kind.ASSIGNED and facts.rep == email:
        return _("%(who)s is yours: the hand-off was given to you")
    if facts.kind == Kind.ESCALATION and facts.moved_to:
        return _("%(promise)s: %(who)s was due by %(time)s and went from %(rep)s to %(to)s")
    sentences = {
        Kind.ASSIGNED.value: _("%(who)s was given to %(rep)s"),
        Kind.QUALIFIED.value: _("%(who)s qualified"),
        Kind.WAITING.value: _("%(who)s waits, and nobody can take the hand-off on"),
        Kind.WARNING.value: _("%(promise)s: %(who)s is due by %(time)s (%(rep)s)"),
        Kind.BREACH.value: _("%(promise)s: %(who)s was due by %(time)s (%(rep)s)"),
        Kind.ESCALATION.value: _("%(promise)s: %(who)s was due by %(time)s, and nobody else can take it (%(rep)s)"),
    }
    return sentences[facts.kind]


def _who(facts: Facts) -> str:
    who = one_line(facts.who, NAME) or _("A visitor")
    return f"{who} ({one_line(facts.account, NAME)})" if facts.account else who


def _moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else ""


def _deed(type_: str, name: str, path: str, form: str) -> str:
    """What they did, as a predicate."""
    said = {"name": one_line(name, NAME), "path": one_line(path, NAME) or "/", "form": one_line(form, NAME)}
    if type_ == "page":
        return _("looked at %(path)s") % said
    if name:
        return _("did “%(name)s”") % said
    if type_ == "form_submitted" and form:
        return _("sent the form “%(form)s”") % said
    plain = DEEDS.get(type_)
    return str(plain()) if plain else _("has a new event: %(type)s") % {"type": one_line(type_, NAME)}


DEEDS: dict[str, Any] = {
    "screen": lambda: _("looked at a screen of the app"),
    "identify": lambda: _("told who they are"),
    "group": lambda: _("told which company they belong to"),
    "form_submitted": lambda: _("sent a form"),
    "email_opened": lambda: _("opened a mail"),
    "email_clicked": lambda: _("followed a link in a mail"),
    "call": lambda: _("was called by a rep"),
    "meeting": lambda: _("met a rep"),
    "message": lambda: _("was written to by a rep"),
    "email_sent": lambda: _("was sent a mail"),
    "stage_changed": lambda: _("was moved to another stage in the CRM"),
    "accepted": lambda: _("was accepted by a rep"),
    "rejected": lambda: _("was rejected by a rep"),
    "recycled": lambda: _("was recycled"),
    "deal_opened": lambda: _("has a new deal"),
    "deal_won": lambda: _("has become a customer: the deal is won"),
    "deal_lost": lambda: _("has a deal that is lost"),
}
