"""How leads are dealt, through the API: why somebody was given one, and where one would go now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from entente.api.fields import Asked, Id, ShortText
from entente.api.people import found_person
from entente.api.problems import Problem
from entente.api.section import Need, Section
from entente.handoffs.models import Handoff
from entente.routing.models import Decision
from entente.routing.queries import decisions_of, read_changes, what_if

section = Section("dealing", Need("people.view", "handoffs:read"))

SCORE = Field(description="The person's score then; null where nothing was scored.", examples=[52.5])
VALUE = Field(description="What the lead was held to be worth.", examples=[61.0])
MEASURE = Field(description="In which measure: points, or money.", examples=["points"])
CANDIDATES = Field(description="Who could have it, with the numbers that decide, the first best.")
PASSED_OVER = Field(description="Who could not, each with `rep` and `why`.")


class DecisionBody(Schema):
    """Why a rep was given a hand-off."""

    number: int = Field(description="The how-manieth time that it was given.", examples=[1])
    at: datetime = Field(description="When.", examples=["2026-03-02T10:30:00Z"])
    rep: str = Field(description="Who was given it.", examples=["lola@acme.example"])
    why: str = Field(description="dealt; account: the rep has the account; anyway: nobody was free; hand.")
    team: str = Field(description="The team in whose count it stands; empty for none.", examples=["Iberia"])
    version: int | None = Field(description="The version of the agreement by which it was dealt.", examples=[1])
    covers: str = Field(description="The account's rep, in whose stead it was dealt.", examples=[""])
    instead_of: str = Field(description="From whom it was taken.", examples=[""])
    score: float | None = SCORE
    value: float = VALUE
    measure: str = MEASURE
    candidates: list[dict[str, Any]] = CANDIDATES
    passed_over: list[dict[str, Any]] = PASSED_OVER
    taken_back: str = Field(description="Why it counts no longer; empty where it counts.", examples=[""])


class DecisionsBody(Schema):
    """Every time that a hand-off was given."""

    items: list[DecisionBody] = Field(description="The latest first.")


class ForesightAsked(Asked):
    set: list[ShortText] = Field(
        [],
        max_length=50,
        description="What if this were known: `name=value`, or `account.name=value`; no value takes it away. More than "
        "once for more.",
        examples=[["country=PT"]],
    )


class ForesightBody(Schema):
    """Where a lead would go at this moment. Nothing is stored."""

    person: int = Field(description="The person's number.", examples=[7])
    at: datetime = Field(description="The moment.", examples=["2026-03-02T10:30:00Z"])
    version: int | None = Field(description="The version in force; null without an agreement.", examples=[1])
    rep: str | None = Field(description="Who would get it; null where it would wait.", examples=["lola@acme.example"])
    team: str | None = Field(description="In which team.", examples=["Iberia"])
    waits: str | None = Field(description="Why it would wait; null where it would not.")
    account_rep: str | None = Field(description="The rep who has the account.")
    covered: bool = Field(description="Whether somebody covers for that rep.")
    anyway: bool = Field(description="Whether it goes to somebody who is not free, as agreed.")
    score: float | None = SCORE
    value: float = VALUE
    measure: str = MEASURE
    chance_to_win: float | None = Field(description="As learned from deals; null where too few are known.")
    candidates: list[dict[str, Any]] = CANDIDATES
    passed_over: list[dict[str, Any]] = PASSED_OVER


@section.get("handoffs/{handoff_id}/decisions", DecisionsBody)
def list_decisions(request: HttpRequest, handoff_id: Id) -> Any:
    """Why each rep of a hand-off was given it."""
    row = Handoff.objects.filter(pk=handoff_id).values_list("cause", "opened_at").first()
    if row is None:
        raise Http404(f"There is no hand-off {handoff_id}.")
    return DecisionsBody(items=[_body(decision) for decision in decisions_of(*row)])


def _body(decision: Decision) -> DecisionBody:
    return DecisionBody(**{name: getattr(decision, name) for name in DecisionBody.model_fields})


@section.get("people/{person_id}/foresight", ForesightBody, Need("queue.view", "handoffs:read"))
def foresee(request: HttpRequest, person_id: Id, asked: Query[ForesightAsked]) -> Any:
    """To whom this person's lead would go at this moment, and why; also if something else were known of them."""
    person = found_person(person_id)
    try:
        changes = read_changes(asked.set)
    except ValueError as error:
        wrong = {"where": "query.set", "message": f"'{error}' is not name=value"}
        raise Problem(422, "What if what?", errors=[wrong]) from error
    return ForesightBody(**what_if(person.pk, timezone.now(), changes).as_data())
