"""Clocks through the API: the promises that run, were kept or were broken, by when they are due."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query
from pydantic import Field

from entente.api.fields import Moment, Paged, ShortText
from entente.api.handoff_bodies import ClockBody, ClockPage
from entente.api.handoffs import clock_fields
from entente.api.paging import Order, page_of
from entente.api.section import Need, Section
from entente.sla.clocks import ClockState
from entente.sla.models import Clock

section = Section("promises", Need("clocks.view", "handoffs:read"))

SOONEST: Final = Order("due_at")
State = Literal["", "running", "paused", "breached", "met", "released"]


class ClocksAsked(Paged):
    """Which clocks to list."""

    state: State = Field("", description="Only those that stand so.")
    rep: ShortText = Field("", description="Only those of this rep.", examples=["lola@acme.example"])
    kind: Literal["", "first_touch", "feedback", "persistence", "waiting"] = Field(
        "", description="Only of this kind; `waiting` is a lead that nobody could take."
    )
    due_before: Moment | None = Field(None, description="Only those due before.")
    due_after: Moment | None = Field(None, description="Only those due then or later.")


@section.get("clocks", ClockPage)
def list_clocks(request: HttpRequest, asked: Query[ClocksAsked]) -> Any:
    """List clocks, the soonest due first."""
    now = timezone.now()
    rows, following = page_of(_chosen(asked, now), SOONEST, asked.cursor, asked.limit)
    return ClockPage(items=[_body(row, now) for row in rows], next=following)


def _chosen(asked: ClocksAsked, now: datetime) -> QuerySet[Clock]:
    named = {"rep": asked.rep, "kind": asked.kind, "due_at__lt": asked.due_before, "due_at__gte": asked.due_after}
    return Clock.objects.filter(_stands(asked.state, now), **{name: value for name, value in named.items() if value})


def _stands(state: str, now: datetime) -> Q:
    """A clock that runs past its due time is breached, whether or not the worker has come to it yet."""
    overdue = Q(state__in=(ClockState.RUNNING, ClockState.PAUSED), due_at__lt=now)
    if not state:
        return Q()
    return Q(state=state) | overdue if state == ClockState.BREACHED else Q(state=state) & ~overdue


def _body(row: Clock, now: datetime) -> ClockBody:
    fields = clock_fields(row)
    if row.due_at < now and row.state in (ClockState.RUNNING, ClockState.PAUSED):
        fields["state"] = ClockState.BREACHED
    return ClockBody(handoff=row.handoff_id, person=row.person_id, **fields)
