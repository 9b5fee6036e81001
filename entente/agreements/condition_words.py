"""Conditions in plain words, in the reader's language: `the person's country is one of ES, PT, MX`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entente.agreements.conditions import (
    MISSING,
    AccountValue,
    All,
    Any,
    Bound,
    Condition,
    EventType,
    Not,
    Page,
    Test,
    Track,
    Trait,
    Value,
    Where,
)

EVENT_WORDS: Final = {
    "identify": gettext_lazy("tells who they are"),
    "group": gettext_lazy("tells which company they belong to"),
    "page": gettext_lazy("looks at any page"),
    "screen": gettext_lazy("looks at a screen of the app"),
    "track": gettext_lazy("does anything that is tracked"),
    "form_submitted": gettext_lazy("sends a form"),
    "email_sent": gettext_lazy("is sent a mail"),
    "email_delivered": gettext_lazy("receives a mail"),
    "email_opened": gettext_lazy("opens a mail"),
    "email_clicked": gettext_lazy("follows a link in a mail"),
    "call": gettext_lazy("is called by a rep"),
    "meeting": gettext_lazy("meets a rep"),
    "message": gettext_lazy("is written to by a rep"),
    "owner_assigned": gettext_lazy("is given to a rep"),
    "stage_changed": gettext_lazy("is moved to a stage in the CRM"),
    "accepted": gettext_lazy("is accepted by a rep"),
    "rejected": gettext_lazy("is rejected by a rep"),
    "recycled": gettext_lazy("is recycled"),
    "deal_opened": gettext_lazy("has a deal opened"),
    "deal_won": gettext_lazy("has a deal won"),
    "deal_lost": gettext_lazy("has a deal lost"),
}
ALTERNATIVE = re.compile(r"(?P<begins>\\b)?(?P<text>[\w\s,'&/-]+)(?P<ends>\\b)?")


def condition_words(condition: Condition) -> str:
    """The condition as a clause that can stand after `when`."""
    match condition:
        case All(parts) | Any(parts):
            return _joined_words(parts, _("and") if isinstance(condition, All) else _("or"))
        case Not(part):
            return _("it is not so that %(condition)s") % {"condition": _inner(part, alone=False)}
        case Trait(name, test):
            return _("the person's %(name)s %(test)s") % {"name": name, "test": predicate_words(test)}
        case AccountValue(name, test):
            return _("the company's %(name)s %(test)s") % {"name": name, "test": predicate_words(test)}
        case Page() | Track() | EventType():
            return _("the person %(deed)s") % {"deed": _deed_words(condition)}


def predicate_words(test: Test) -> str:
    """The test as a predicate: `is 50 or more and is not known`."""
    parts: list[str] = []
    if test.is_ is not MISSING:
        parts.append(_("is %(value)s") % {"value": value_words(test.is_)})
    if test.in_ is not None:
        parts.append(_one_of_words(test.in_))
    if test.not_in is not None:
        parts.append(_none_of_words(test.not_in))
    if test.matches is not None:
        parts.append(_pattern_words(test.matches))
    if test.from_ is not None or test.to is not None:
        parts.append(_range_words(test.from_, test.to))
    if test.exists is not None:
        parts.append(_("is known") if test.exists else _("is not known"))
    return listed(parts, _("and"))


def value_words(value: Value) -> str:
    if isinstance(value, bool):
        return _("true") if value else _("false")
    return str(value)


def listed(parts: Sequence[str], word: str) -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + f" {word} {parts[-1]}"


def _joined_words(parts: tuple[Condition, ...], word: str) -> str:
    """The parts joined by the word; deeds share their subject."""
    deeds = [part for part in parts if isinstance(part, (Page, Track, EventType))]
    if len(deeds) == len(parts):
        return _("the person %(deed)s") % {"deed": f" {word} ".join(map(_deed_words, deeds))}
    return f" {word} ".join(_inner(part, alone=len(parts) == 1) for part in parts)


def _inner(part: Condition, *, alone: bool) -> str:
    words = condition_words(part)
    return words if alone or not isinstance(part, (All, Any, Not)) else f"({words})"


def _deed_words(condition: Page | Track | EventType) -> str:
    """What the person does, without the person."""
    match condition:
        case Page(glob):
            words = _page_words(glob)
        case Track(name):
            words = _("does “%(name)s”") % {"name": name}
        case EventType(type_):
            words = str(EVENT_WORDS.get(type_) or _("has an event of the type %(type)s") % {"type": type_})
    return words + _where_words(condition.where)


def _page_words(glob: str) -> str:
    inner = glob.strip("*")
    if glob.strip("*/") == "" and "*" in glob:
        return _("looks at any page")
    if "*" in inner:
        return _("looks at a page like %(glob)s") % {"glob": glob}
    if glob.startswith("*") and glob.endswith("*"):
        return _("looks at a page with %(part)s in its address") % {"part": inner}
    if glob.endswith("*"):
        return _("looks at a page that begins with %(part)s") % {"part": inner}
    if glob.startswith("*"):
        return _("looks at a page that ends with %(part)s") % {"part": inner}
    return _("looks at the page %(path)s") % {"path": glob}


def _where_words(where: Where) -> str:
    if not where:
        return ""
    tests = listed([f"{name} {predicate_words(test)}" for name, test in where], _("and"))
    return _(", where %(tests)s") % {"tests": tests}


def _one_of_words(values: tuple[Value, ...]) -> str:
    if len(values) == 1:
        return _("is %(value)s") % {"value": value_words(values[0])}
    return _("is one of %(values)s") % {"values": ", ".join(map(value_words, values))}


def _none_of_words(values: tuple[Value, ...]) -> str:
    if len(values) == 1:
        return _("is known and is not %(value)s") % {"value": value_words(values[0])}
    return _("is known and is none of %(values)s") % {"values": ", ".join(map(value_words, values))}


def _pattern_words(pattern: str) -> str:
    """Plain alternatives are said as what they are; anything else is a pattern."""
    alternatives = [ALTERNATIVE.fullmatch(text) for text in pattern.split("|")]
    found = [alternative for alternative in alternatives if alternative]
    if len(found) < len(alternatives) or any((each["begins"] is None) != (each["ends"] is None) for each in found):
        return _("matches the pattern %(pattern)s") % {"pattern": pattern}
    whole = [_("the word “%(text)s”") if each["begins"] else "“%(text)s”" for each in found]
    texts = [words % {"text": each["text"]} for words, each in zip(whole, found, strict=True)]
    return _("contains %(texts)s") % {"texts": listed(texts, _("or"))}


def _range_words(from_: Bound | None, to: Bound | None) -> str:
    ends = {"from": _bound_words(from_), "to": _bound_words(to)}
    if from_ is not None and to is not None:
        return _("is from %(from)s to %(to)s") % ends
    if isinstance(from_, date) or isinstance(to, date):
        return _("is on %(from)s or later") % ends if to is None else _("is on %(to)s or earlier") % ends
    return _("is %(from)s or more") % ends if to is None else _("is %(to)s or less") % ends


def _bound_words(bound: Bound | None) -> str:
    return date_format(bound, "DATE_FORMAT") if isinstance(bound, date) else str(bound)
