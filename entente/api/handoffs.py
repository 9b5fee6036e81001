"""Hand-offs through the API: found by state, rep, person or time, and one with its clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query
from pydantic import Field

from entente.api.fields import Id, Moment, Paged, ShortText
from entente.api.handoff_bodies import (
    AcceptanceBody,
    AssignmentBody,
    ClockBody,
    ClosureBody,
    DealBody,
    HandoffBody,
    HandoffDetail,
    HandoffPage,
    PauseBody,
    PersonOfHandoff,
    RejectionBody,
    TouchBody,
)
from entente.api.paging import Order, page_of
from entente.api.section import Need, Section
from entente.handoffs import models
from entente.handoffs.lifecycle import Handoff
from entente.handoffs.queries import Stored, stored
from entente.people.models import Person
from entente.sla.queries import clocks_of_person

section = Section("hand-offs", Need("people.view", "handoffs:read"))

NEWEST_FIRST: Final = Order("opened_at", newest_first=True)
OLDEST_FIRST: Final = Order("opened_at")

StateAsked = Literal["", "open", "held", "waiting", "assigned", "accepted", "rejected", "closed"]


class HandoffsAsked(Paged):
    """Which hand-offs to list."""

    state: StateAsked = Field("", description="Only those in this state; `open` is any that is not over.")
    rep: ShortText = Field("", description="Only those that this rep has, or had at their end.", examples=[""])
    person: int | None = Field(None, ge=1, le=2**63 - 1, description="Only those of this person.")
    since: Moment | None = Field(None, description="Only those opened then or later.")
    sort: Literal["newest", "oldest"] = Field("newest", description="By when they were opened.")


@section.get("handoffs", HandoffPage)
def list_handoffs(request: HttpRequest, asked: Query[HandoffsAsked]) -> Any:
    """List hand-offs, the newest first."""
    order = OLDEST_FIRST if asked.sort == "oldest" else NEWEST_FIRST
    rows, following = page_of(_chosen(asked), order, asked.cursor, asked.limit)
    return HandoffPage(items=_in_order(rows), next=following)


def _chosen(asked: HandoffsAsked) -> QuerySet[models.Handoff]:
    rows = models.Handoff.objects.all()
    if asked.state == "open":
        rows = rows.filter(closed_at=None)
    elif asked.state:
        rows = rows.filter(state=asked.state)
    if asked.rep:
        rows = rows.filter(rep=asked.rep)
    if asked.person:
        rows = rows.filter(person=asked.person)
    return rows.filter(opened_at__gte=asked.since) if asked.since else rows


def _in_order(rows: Sequence[models.Handoff]) -> list[HandoffBody]:
    numbers = [row.pk for row in rows]
    found = stored(models.Handoff.objects.filter(pk__in=numbers))
    people = Person.objects.in_bulk([each.person_id for each in found])
    by_number = {body.id: body for body in handoff_bodies(found, people)}
    return [by_number[number] for number in numbers if number in by_number]


@section.get("handoffs/{handoff_id}", HandoffDetail)
def get_handoff(request: HttpRequest, handoff_id: Id) -> Any:
    """One hand-off with every fact of it and its clocks as they stand now."""
    return told(handoff_id, timezone.now())


def told(handoff_id: int, now: datetime) -> HandoffDetail:
    """The hand-off as it stands. Raises Http404 for a number that none has."""
    found = stored(models.Handoff.objects.filter(pk=handoff_id))
    if not found:
        raise Http404(f"There is no hand-off {handoff_id}.")
    people = Person.objects.in_bulk([found[0].person_id])
    clocks = [
        ClockBody(handoff=handoff_id, person=found[0].person_id, **clock_fields(clock))
        for each in clocks_of_person(found[0].person_id, now)
        if each.stored.id == handoff_id
        for clock in each.clocks
    ]
    return HandoffDetail(**_fields(found[0], people), clocks=clocks)


def clock_fields(clock: Any) -> dict[str, Any]:
    """What a clock tells of itself, stored or computed."""
    names = ("kind", "promise", "rep", "started_at", "due_at", "warn_at", "stopped_at", "state")
    return {name: getattr(clock, name) for name in names}


def handoff_bodies(found: Sequence[Stored], people: Mapping[int, Person]) -> list[HandoffBody]:
    """The hand-offs as the API tells them, in their order; ``people`` holds their persons."""
    return [HandoffBody(**_fields(each, people)) for each in found]


def _fields(each: Stored, people: Mapping[int, Person]) -> dict[str, Any]:
    handoff, person = each.handoff, people[each.person_id]
    opened = handoff.opened
    return {
        "id": each.id,
        "person": PersonOfHandoff(id=person.pk, name=person.name, email=person.email),
        "state": handoff.state,
        "rep": handoff.rep,
        "version": opened.version,
        "origin": opened.origin,
        "opened_at": opened.at,
        "qualified_at": handoff.qualified_at,
        "missing": list(opened.missing),
        "complete": handoff.complete,
        "paused": handoff.is_paused,
        "disputed": handoff.disputed,
        "closed_at": handoff.closed_at,
        **_facts(handoff),
    }


def _facts(handoff: Handoff) -> dict[str, Any]:
    acceptance, rejection, closure = handoff.acceptance, handoff.rejection, handoff.closure
    return {
        "assignments": [
            AssignmentBody(
                at=each.since,
                rep=each.rep,
                by=each.given.by,
                why=each.given.why,
                inferred=each.given.inferred,
                until=each.until,
            )
            for each in handoff.assignments
        ],
        "touches": [TouchBody(at=each.at, by=each.by, kind=each.kind) for each in handoff.touches],
        "acceptance": acceptance and AcceptanceBody(at=acceptance.at, by=acceptance.by, how=acceptance.how),
        "rejection": rejection
        and RejectionBody(
            at=rejection.at,
            by=rejection.by,
            reason=rejection.reason,
            note=rejection.note,
            objection=rejection.objection or "",
        ),
        "pauses": [
            PauseBody(at=each.began.at, by=each.began.by, reason=each.began.reason, until=each.until)
            for each in handoff.pauses
        ],
        "closure": closure
        and ClosureBody(
            at=closure.at, outcome=closure.outcome, by=closure.by, reason=closure.reason, deal=closure.deal
        ),
    }


def deal_body(deal: models.Deal) -> DealBody:
    """A deal as the API tells it."""
    return DealBody(
        key=deal.key,
        outcome=deal.outcome,
        amount=None if deal.amount is None else float(deal.amount),
        stage=deal.stage,
        product=deal.product,
        owner=deal.owner,
        opened_at=deal.opened_at,
        closed_at=deal.closed_at,
        reason=deal.reason,
        competitor=deal.competitor,
    )
