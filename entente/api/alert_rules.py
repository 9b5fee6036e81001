"""A member's own alert rules through the API: listed, made, changed, paused and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Schema
from ninja.responses import Status
from pydantic import Field

from entente.agreements.problems import AgreementError
from entente.agreements.problems import Problem as Mistake
from entente.alerts import actions
from entente.alerts.actions import AlertsError
from entente.alerts.document import AlertDocument, from_data
from entente.alerts.models import AlertRule
from entente.api.door import caller_of
from entente.api.fields import Body, Id, Paged, ShortText
from entente.api.paging import Order, page_of
from entente.api.problems import Problem
from entente.api.section import Need, Section
from entente.events.cleaning import Unfit, clean
from entente.members.models import User

section = Section("alerts", Need("alerts.own", "alerts:write"))
reading = Need("alerts.own", "alerts:read")

BY_ID: Final = Order()
WHEN = "A condition of the agreement's vocabulary on what people do."
EXAMPLE = {"page": "/pricing*"}


class RuleAsked(Body):
    """What to hear of, and how. Either `when` or `on`; the rest narrows it."""

    name: ShortText = Field(min_length=1, description="Yours to choose, once.", examples=["Pricing at ACME"])
    when: dict[str, Any] | None = Field(None, description=WHEN, examples=[EXAMPLE])
    on: list[str] | None = Field(
        None, max_length=20, description="Kinds of what happens to hand-offs and promises.", examples=[None]
    )
    mine: bool = Field(False, description="Only people whose open hand-off is yours.", examples=[False])
    score_at_least: float | None = Field(None, description="Only people with that score.", examples=[40])
    account: ShortText | None = Field(None, description="Only people of this company.", examples=["acme.example"])
    at_most_one_per: ShortText | None = Field(None, description="Of the same person.", examples=["1 hour"])
    quiet: dict[str, str] | None = Field(
        None, description="Quiet hours.", examples=[{"from": "20:00", "to": "08:00", "timezone": "Europe/Madrid"}]
    )
    digest: ShortText | None = Field(None, description="Collect, and tell all at once.", examples=["15 minutes"])
    tell: list[str] = Field(
        ["browser"],
        max_length=30,
        description="browser, email, or names of addresses of yours.",
        examples=[["browser"]],
    )
    active: bool = Field(True, description="False: kept, and silent.", examples=[True])


class RuleChange(RuleAsked):
    """What to change; what is not named stays. Null takes a condition away."""

    name: ShortText = Field("", min_length=1, description="Another name.", examples=["Pricing at ACME"])


class RuleBody(Schema):
    """An alert rule of yours."""

    id: int = Field(description="Its number.", examples=[4])
    name: str = Field(description="As you called it.", examples=["Pricing at ACME"])
    active: bool = Field(description="False while it is paused.", examples=[True])
    document: dict[str, Any] = Field(description="The rule: `when`, `on`, `mine`, … as they were given.")
    created_at: datetime = Field(description="When it was made.", examples=["2026-03-02T10:30:00Z"])
    changed_at: datetime = Field(description="When it was changed last.", examples=["2026-03-02T10:30:00Z"])


class RulePage(Schema):
    """A page of alert rules."""

    items: list[RuleBody] = Field(description="The rules of this page.")
    next: str | None = Field(None, description="The cursor of the page after this one; null at the end.")


@section.get("alert-rules", RulePage, reading)
def list_rules(request: HttpRequest, asked: Query[Paged]) -> Any:
    """List your own alert rules, the oldest first."""
    rows, following = page_of(_own(request), BY_ID, asked.cursor, asked.limit)
    return RulePage(items=[_body(row) for row in rows], next=following)


@section.get("alert-rules/{rule_id}", RuleBody, reading)
def get_rule(request: HttpRequest, rule_id: Id) -> Any:
    """One alert rule of yours."""
    return _body(_found(request, rule_id))


@section.post("alert-rules", RuleBody, status=201)
def create_rule(request: HttpRequest, asked: RuleAsked) -> Any:
    """Make an alert rule of your own."""
    given = asked.dict(exclude_unset=True)
    return Status(201, _saved(_user(request), given, asked.active))


@section.patch("alert-rules/{rule_id}", RuleBody)
def change_rule(request: HttpRequest, rule_id: Id, asked: RuleChange) -> Any:
    """Change, pause or wake an alert rule of yours."""
    rule = _found(request, rule_id)
    given = asked.dict(exclude_unset=True)
    active = given.pop("active", rule.active)
    return _saved(_user(request), {**rule.document, **given}, active, rule)


@section.delete("alert-rules/{rule_id}")
def delete_rule(request: HttpRequest, rule_id: Id) -> Any:
    """Delete an alert rule of yours; what it told stays."""
    actions.delete_rule(_found(request, rule_id))
    return Status(204, None)


def _user(request: HttpRequest) -> User:
    return caller_of(request).user


def _own(request: HttpRequest) -> Any:
    return AlertRule.objects.filter(owner=_user(request))


def _found(request: HttpRequest, number: int) -> AlertRule:
    """Another's rule is not found: whether there is one is nobody else's business."""
    rule = _own(request).select_related("owner").filter(pk=number).first()
    if rule is None:
        raise Http404(f"You have no alert rule {number}.")
    return rule


def _saved(owner: User, given: Mapping[str, Any], active: bool, rule: AlertRule | None = None) -> RuleBody:
    now = timezone.now()
    try:
        saved = actions.save_rule(owner, _document(given, owner), now, rule)
    except AlertsError as error:
        raise Problem(409, str(error)) from error
    if saved.active != active:
        actions.pause_rule(saved, now, paused=not active)
        saved.refresh_from_db()
    return _body(saved)


def _document(given: Mapping[str, Any], owner: User) -> AlertDocument:
    """Of what is given, with every mistake at its place."""
    said = {name: value for name, value in given.items() if name != "active" and value not in (None, False)}
    try:
        if clean(said) != said:
            raise Unfit("a text holds NUL or half a character, or a number is none")
        return from_data(said, owner.timezone)
    except Unfit as error:
        raise Problem(422, f"The rule cannot be kept: {error}.") from error
    except AgreementError as error:
        raise Problem(422, "The rule is wrong.", errors=[_told(each) for each in error.problems]) from error


def _told(mistake: Mistake) -> dict[str, str]:
    where = ".".join(("body", mistake.path)) if mistake.path else "body"
    return {"where": where, "message": f"{mistake.message}; {mistake.remedy}"}


def _body(rule: AlertRule) -> RuleBody:
    return RuleBody(
        id=rule.pk,
        name=rule.name,
        active=rule.active,
        document=rule.document,
        created_at=rule.created_at,
        changed_at=rule.changed_at,
    )
