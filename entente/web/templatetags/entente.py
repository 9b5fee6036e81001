"""How numbers, times and small parts are written on every page, so that they read the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from entente.connectors.labels import written_in_words
from entente.members.permissions import allows
from entente.reports.labels import STATE_LABELS
from entente.reports.story import short_name
from entente.sla.words import in_words
from entente.web.icons import ICONS

register = template.Library()

NONE = "\u2013"
MINUS = "\u2212"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "MXN": "MX$", "BRL": "R$", "CHF": "CHF", "PLN": "zł"}
BROWSERS = [("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")]
SYSTEMS = [
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
]  # fmt: skip
Number = float | Decimal


@register.filter
def number(value: Number | None, places: int = 0) -> str:
    """12,345 (12.345 in Spanish); a dash where there is nothing to say."""
    if value is None:
        return NONE
    rounded = round(float(value), places)
    return number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)


@register.filter
def share(value: Number | None, places: int = 1) -> str:
    """A fraction as a percentage: 0.1053 is 10.5 %."""
    if value is None:
        return NONE
    return number(float(value) * 100, places) + ("\u202f%" if get_language() == "es" else "%")


@register.filter
def money(value: Number | None, currency: str = "EUR") -> str:
    """A sum without cents: what a report needs."""
    if value is None:
        return NONE
    symbol, digits = SYMBOLS.get(currency, currency), number(abs(float(value)))
    sign = MINUS if value < 0 else ""
    if get_language() == "es":
        return f"{sign}{digits}\u00a0{symbol}"
    return f"{sign}{symbol}{digits}" if len(symbol) == 1 else f"{sign}{symbol}\u00a0{digits}"


@register.filter
def points(value: Number | None) -> str:
    """A score or its parts: one decimal place, with a real minus."""
    return NONE if value is None else number(value, 1).replace("-", MINUS)


@register.filter
def signed(value: Number | None) -> str:
    """Points that are added or taken: +10, and -5 with a real minus."""
    if value is None:
        return NONE
    shown = number(value, 0 if float(value).is_integer() else 1)
    return shown.replace("-", MINUS) if value < 0 else f"+{shown}"


@register.filter
def span(value: timedelta | float | None) -> str:
    """A length of time in one or two units that matter; a bare number is a count of days."""
    if value is None:
        return NONE
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value) * 86400
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return _("%(h)s h %(m)s min") % {"h": hours, "m": rest} if rest else _("%(h)s h") % {"h": hours}
    days = seconds / 86400
    places = 1 if days < 100 else 0
    return ngettext("%(n)s day", "%(n)s days", round(days)) % {"n": number(days, places)}


@register.filter
def when(value: datetime | None) -> SafeString | str:
    """A moment: the day and the time, in the reader's zone, machine-readable."""
    if value is None:
        return NONE
    local = timezone.localtime(value)
    exact, shown = value.isoformat(timespec="seconds"), date_format(local, "SHORT_DATETIME_FORMAT")
    return format_html('<time datetime="{}">{}</time>', exact, shown)


@register.filter
def day(value: Any) -> SafeString | str:
    """A day, as the reader's language writes it."""
    if value is None:
        return NONE
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', local.strftime("%Y-%m-%d"), date_format(local, "DATE_FORMAT"))


@register.filter
def web_link(value: Any) -> SafeString | str:
    """An address that people sent us: a link when it is http or https, else mere text."""
    text = str(value or "")
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    if parts.scheme.lower() in ("http", "https") and parts.netloc:
        return format_html('<a href="{}" rel="noopener noreferrer nofollow" class="break">{}</a>', text, text)
    return text


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """The value under a key that is itself a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing beside a word; it says nothing by itself, so that screen readers pass over it."""
    strokes = mark_safe(ICONS[name])  # noqa: S308 - our own constants
    return format_html(
        '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" '
        'stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        strokes,
    )


@register.simple_tag(takes_context=True)
def can(context: template.Context, permission: str) -> bool:
    """Whether the reader has a permission; what they cannot do is not offered."""
    return allows(context["request"].user, permission)


@register.simple_tag(takes_context=True)
def here_with(context: template.Context, **changes: Any) -> str:
    """This page's query with some keys changed; an empty value drops its key."""
    query: QueryDict = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return "?" + query.urlencode()


@register.filter
def plain(value: Number | None) -> str:
    """A number as machines read it, in whatever language the page is."""
    return "" if value is None else format(float(value), ".6g")


@register.filter
def minus(value: int, other: int) -> int:
    return value - other


@register.filter
def at_least(value: int, other: int) -> str:
    """The greater of two counts, and 1 at least: the whole of a bar."""
    return str(max(value, other, 1))


@register.filter
def state_name(state: str) -> str | Promise:
    """The state of a hand-off or the outcome of a deal, in words."""
    return STATE_LABELS.get(state, state)


@register.filter
def last_name(steps: Sequence[Any]) -> str:
    return str(steps[-1].name) if steps else ""


@register.filter
def stage_name(selection: Any, stages: Sequence[Any]) -> str:
    """The name of the stage that a selection speaks of."""
    return "" if selection.stage is None else str(stages[selection.stage].name)


register.filter("rep_name", short_name)
register.filter("business_time", in_words)
register.filter("written", written_in_words)


@register.filter
def device(agent: str) -> str:
    """A browser and its system, as its owner would call them."""
    browser = next((name for sign, name in BROWSERS if sign in agent), _("A browser"))
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return f"{browser}, {system}" if system else browser


@register.filter
def called(person: Any) -> str:
    """A person by name, else by address, else by number."""
    return person.name or person.email or _("Person %(n)s") % {"n": person.pk}


@register.filter
def share_against(value: Number | None, target: float) -> str:
    """A share beside the one that was promised: never rounded up to look kept when it is not."""
    if value is None:
        return NONE
    for places in (1, 2, 3):
        shown = round(float(value) * 100, places)
        if (shown >= round(target * 100, places)) == (value >= target):
            return share(value, places)
    return share(value, 4)


@register.filter
def agreed_share(value: float) -> str:
    """A share as it was agreed: with decimals only where it has some."""
    return share(value, 0 if abs(value * 100 - round(value * 100)) < 1e-9 else 1)


@register.filter
def said(value: Any) -> str | Promise:
    """A trait's value as a person would say it: yes and no instead of true and false."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)
