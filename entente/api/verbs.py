"""What can be done with a hand-off through the API: each route calls one verb of `handoffs.verbs`, as the pages do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from pydantic import Field

from entente.api.door import caller_of
from entente.api.fields import Body, Id, LongText, ShortText
from entente.api.handoff_bodies import HandoffDetail
from entente.api.handoffs import told
from entente.api.once import HEADER
from entente.api.problems import Problem
from entente.api.section import Need, Section
from entente.handoffs import models, verbs
from entente.handoffs.lifecycle import NotAllowed
from entente.handoffs.rights import may_work
from entente.members.models import User

section = Section("hand-offs", Need("handoffs.work", "handoffs:write"))


class NoteAsked(Body):
    note: LongText = Field("", description="What you want to add.", examples=["Calls back on Monday"])


class RejectionAsked(NoteAsked):
    """Why the hand-off is rejected."""

    reason: ShortText = Field(min_length=1, description="A reason of the agreement.", examples=["No budget"])


class TouchAsked(NoteAsked):
    """An attempt to reach the person."""

    kind: Literal["call", "email_sent", "meeting", "message"] = Field(description="How.", examples=["call"])


class ReassignmentAsked(Body):
    """Who shall have it."""

    to: ShortText = Field(min_length=1, description="The rep's e-mail address.", examples=["max@acme.example"])
    why: LongText = Field("", description="Why.", examples=["Speaks Portuguese"])


class WhyAsked(Body):
    why: LongText = Field("", description="Why.", examples=["Not in my region"])


class PauseAsked(Body):
    """Why its clocks wait for the customer."""

    reason: ShortText = Field(min_length=1, description="Why.", examples=["On holiday until Monday"])


@section.post("handoffs/{handoff_id}/accept", HandoffDetail)
def accept_handoff(request: HttpRequest, handoff_id: Id) -> Any:
    """Take the hand-off on. Stops its clock for feedback."""
    return _done(request, handoff_id, verbs.accept)


@section.post("handoffs/{handoff_id}/reject", HandoffDetail)
def reject_handoff(request: HttpRequest, handoff_id: Id, asked: RejectionAsked) -> Any:
    """Give the hand-off back for a reason of the agreement, which ends it."""
    return _done(request, handoff_id, partial(verbs.reject, reason=asked.reason, note=asked.note))


@section.post("handoffs/{handoff_id}/touch", HandoffDetail)
def touch_handoff(request: HttpRequest, handoff_id: Id, asked: TouchAsked) -> Any:
    """Log an attempt to reach the person. The first one stops the clock for it."""
    return _done(request, handoff_id, partial(verbs.touch, kind=asked.kind, note=asked.note))


@section.post("handoffs/{handoff_id}/reassign", HandoffDetail, Need("handoffs.move", "handoffs:write"))
def reassign_handoff(request: HttpRequest, handoff_id: Id, asked: ReassignmentAsked) -> Any:
    """Give the hand-off to a member of sales. The clocks of whoever had it end, and new ones begin."""
    to = _rep(asked.to)
    return _done(request, handoff_id, partial(verbs.reassign, to=to, why=asked.why))


@section.post("handoffs/{handoff_id}/release", HandoffDetail, Need("handoffs.move", "handoffs:write"))
def release_handoff(request: HttpRequest, handoff_id: Id, asked: WhyAsked) -> Any:
    """Take the hand-off from its rep, so that it is dealt again."""
    return _done(request, handoff_id, partial(verbs.release, why=asked.why))


@section.post("handoffs/{handoff_id}/recycle", HandoffDetail)
def recycle_handoff(request: HttpRequest, handoff_id: Id, asked: WhyAsked) -> Any:
    """Close the hand-off without a deal, back to marketing; the person may come again."""
    return _done(request, handoff_id, partial(verbs.recycle, reason=asked.why))


@section.post("handoffs/{handoff_id}/pause", HandoffDetail)
def pause_handoff(request: HttpRequest, handoff_id: Id, asked: PauseAsked) -> Any:
    """Let the clocks wait for the customer, for as long as the agreement allows."""
    return _done(request, handoff_id, partial(verbs.pause, reason=asked.reason))


@section.post("handoffs/{handoff_id}/resume", HandoffDetail)
def resume_handoff(request: HttpRequest, handoff_id: Id) -> Any:
    """Let the clocks go on."""
    return _done(request, handoff_id, verbs.resume)


def _done(request: HttpRequest, handoff_id: int, verb: Callable[..., models.Handoff]) -> HandoffDetail:
    """Do it as the caller, and tell the hand-off as it is now."""
    caller, now = caller_of(request), timezone.now()
    _check_whose(caller.user, handoff_id)
    given = request.headers.get(HEADER)
    key = f"{caller.holder}:{given}" if given else None
    try:
        verb(handoff_id, by=caller.user.email, now=now, key=key)
    except NotAllowed as refused:
        raise Problem(409, _sentence(str(refused))) from refused
    return told(handoff_id, now)


def _check_whose(user: User, handoff_id: int) -> None:
    rep = models.Handoff.objects.filter(pk=handoff_id).values_list("rep", flat=True).first()
    if rep is None:
        raise Problem(404, f"There is no hand-off {handoff_id}.")
    if not may_work(user, rep):
        raise Problem(403, f"This hand-off belongs to {rep or 'nobody yet'}; only they or their manager may do this.")


def _rep(address: str) -> str:
    """A member of sales with access, by address; a lead must not go to someone who cannot see it."""
    rep = User.objects.filter(email__iexact=address, is_active=True).first()
    if rep is None:
        wrong = [{"where": "body.to", "message": "no member with access has this address"}]
        raise Problem(422, f"There is no member {address}.", errors=wrong)
    return rep.email


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
