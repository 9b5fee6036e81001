"""A rule in plain words, for the list of its owner."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from entente.agreements.condition_words import condition_words, listed
from entente.agreements.time_words import plain_time_words
from entente.alerts.document import BROWSER, EMAIL, AlertDocument
from entente.alerts.forms import KINDS
from entente.alerts.timing import Daily, Every, Timing


def described(document: AlertDocument) -> str:
    """What it hears of: `Tell me when the person looks at a page …; only mine`."""
    if document.on:
        names = dict(KINDS)
        heard = listed([str(names[kind.value]) for kind in document.on], _("or"))
    elif document.when is None:
        heard = _("the person does anything at all")
    else:
        heard = condition_words(document.when)
    return "; ".join([heard[:1].upper() + heard[1:], *_limits(document)])


def _limits(document: AlertDocument) -> list[str]:
    limits = []
    if document.mine:
        limits.append(_("only people whose open hand-off is mine"))
    if document.account:
        limits.append(_("only people of %(account)s") % {"account": document.account})
    if document.score_at_least is not None:
        limits.append(_("only with a score of at least %(score)s") % {"score": document.score_at_least})
    return limits


def rhythm(timing: Timing) -> str:
    """How often, and when not."""
    said = []
    if timing.at_most_one_per:
        said.append(_("of a person once in %(time)s at most") % {"time": plain_time_words(timing.at_most_one_per)})
    match timing.digest:
        case Every() as every:
            said.append(_("collected, every %(time)s") % {"time": plain_time_words(timedelta(minutes=every.minutes))})
        case Daily() as daily:
            said.append(_("collected, daily at %(time)s") % {"time": f"{daily.at:%H:%M}"})
    if timing.quiet:
        ends = {"from": f"{timing.quiet.begins:%H:%M}", "to": f"{timing.quiet.ends:%H:%M}"}
        said.append(_("quiet from %(from)s until %(to)s") % ends)
    return "; ".join(said) or _("at once, each time")


def place_name(name: str) -> str:
    """Where it is told, as its owner would say it."""
    return {BROWSER: _("in the browser"), EMAIL: _("by e-mail")}.get(name.lower(), name)
