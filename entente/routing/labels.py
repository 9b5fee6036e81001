"""Why somebody was passed over, why a lead waits, why a rep got it: in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entente.routing.eligibility import Obstacle, PassedOver, Waits
from entente.routing.models import Decision

WAITS_WORDS: Final[dict[Waits, str | Promise]] = {
    Waits.NO_AGREEMENT: gettext_lazy("No agreement is in force, so nobody is dealt anything."),
    Waits.NO_TEAMS: gettext_lazy("The agreement has no teams: every lead is given by hand."),
    Waits.NO_TEAM: gettext_lazy("No team of the agreement takes leads like this one."),
    Waits.NOBODY: gettext_lazy("Nobody in the team can take it now."),
}
WHY_WORDS: Final[dict[str, str | Promise]] = {
    Decision.Why.DEALT: gettext_lazy("Dealt: it leaves the team the most even."),
    Decision.Why.ACCOUNT: gettext_lazy("The company is theirs, and stays with them."),
    Decision.Why.ANYWAY: gettext_lazy("Nobody was free, and it is agreed to assign anyway."),
    Decision.Why.HAND: gettext_lazy("Given by hand."),
}
PERIODS: Final[dict[str, str | Promise]] = {
    "30": gettext_lazy("Last 30 days"),
    "90": gettext_lazy("Last 90 days"),
    "365": gettext_lazy("Last 365 days"),
    "all": gettext_lazy("Since dealing began"),
}


def passed_words(passed: PassedOver) -> str:
    """What speaks against a rep, as a short sentence without their name."""
    return _PASSED[passed.why](passed)


def stored_words(passed: Mapping[str, Any]) -> str:
    """The same of a stored `Decision.passed_over`."""
    until = passed.get("until")
    return passed_words(
        PassedOver(
            passed["rep"],
            Obstacle(passed["why"]),
            date.fromisoformat(until) if until else None,
            passed.get("open"),
            passed.get("at_most"),
        )
    )


def taken_back_words(taken_back: str) -> str:
    """Why a decision counts no longer."""
    kind, _sep, reason = taken_back.partition(": ")
    if kind == "rejected":
        return _("Counts no longer: rejected for “%(reason)s”, which gives credit.") % {"reason": reason}
    if kind == "taken away":
        return _("Counts no longer: it was taken away.")
    return _("Counts no longer: the hand-off is not in the log any more.")


def _until(passed: PassedOver) -> str:
    return date_format(passed.until, "DATE_FORMAT") if passed.until else ""


def _full(passed: PassedOver) -> str:
    words = _("is full: %(open)d open of at most %(most)d")
    return words % {"open": passed.open or 0, "most": passed.at_most or 0}


_PASSED: Final[dict[Obstacle, Callable[[PassedOver], str]]] = {
    Obstacle.GONE: lambda p: _("has no access any more"),
    Obstacle.HAD_IT: lambda p: _("had this hand-off, and it was taken from them"),
    Obstacle.AWAY: lambda p: _("is away until %(day)s") % {"day": _until(p)},
    Obstacle.LEAVING: lambda p: _("leaves soon, and is dealt nothing new until %(day)s") % {"day": _until(p)},
    Obstacle.OFF_HOURS: lambda p: _("is not at work at this hour"),
    Obstacle.FULL: _full,
    Obstacle.LET_LAPSE: lambda p: _("had an earlier hand-off of this person, and it was taken from them"),
}
