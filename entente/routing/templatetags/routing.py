"""Parts of pages that tell of dealing."""

from __future__ import annotations

from typing import Any

from django import template

from entente.members.models import User
from entente.routing import queries
from entente.routing.eligibility import Waits
from entente.routing.labels import WAITS_WORDS, WHY_WORDS, passed_words, stored_words, taken_back_words
from entente.routing.models import Decision

register = template.Library()


@register.inclusion_tag("routing/why.html")
def why_this_rep(handoff: Any) -> dict[str, Any]:
    """Why the reps of a hand-off were given it. Takes a stored hand-off, or the facts of one (`lifecycle.Handoff`)."""
    opened = getattr(handoff, "opened", None)
    cause, at = (opened.cause, opened.at) if opened else (handoff.cause, handoff.opened_at)
    decisions = queries.decisions_of(cause, at)
    reps = {each["rep"] for decision in decisions for each in [*decision.candidates, *decision.passed_over]}
    reps |= {rep for decision in decisions for rep in (decision.rep, decision.covers, decision.instead_of)}
    names = dict(User.objects.filter(email__in=reps).values_list("email", "name")) if reps else {}
    return {"decisions": decisions, "names": names}


@register.filter
def rep_called(rep: str, names: dict[str, str]) -> str:
    """A rep by name where they are a member, else by address."""
    return names.get(rep, rep)


@register.filter
def passed(found: Any) -> str:
    """Why a rep was passed over: of a `PassedOver`, or as a decision stores it."""
    return stored_words(found) if isinstance(found, dict) else passed_words(found)


@register.filter
def waits(reason: Waits) -> Any:
    return WAITS_WORDS[reason]


@register.filter
def why_words(decision: Decision) -> Any:
    return WHY_WORDS[decision.why]


@register.filter
def back_words(taken_back: str) -> str:
    return taken_back_words(taken_back)
