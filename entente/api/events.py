"""Events through the API, many at once: calls of the Segment specification, or of our own types.

They are read and cleaned as the collector reads and cleans them, and each gets its verdict.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from entente.api.fields import NO_NUL, Body
from entente.api.problems import Problem
from entente.api.section import Need, Section
from entente.events.actions import append
from entente.events.collector.consent import without_identifiers
from entente.events.collector.limits import LARGEST_EVENT, MOST_EVENTS
from entente.events.collector.machines import is_machine
from entente.events.models import Event
from entente.events.segment import Refused, parse
from entente.events.types import OURS, NewEvent

section = Section("events", Need("events.send", "events:write"))


class EventsAsked(Body):
    """Events to be written into the log."""

    source: str = Field(
        "api",
        min_length=1,
        max_length=100,
        pattern=NO_NUL,
        description="Where they come from; message ids count once within one source. `entente` is ours alone.",
        examples=["crm"],
    )
    events: list[Any] = Field(
        min_length=1,
        max_length=MOST_EVENTS,
        description="Objects with `type` (track, page, identify, … or a type of ours), `userId` or `anonymousId`, "
        "`messageId`, `timestamp` and `properties` or `traits`, as the Segment specification has them; 32 KB each.",
        examples=[[{"type": "track", "event": "Demo Requested", "userId": "u1", "messageId": "m1"}]],
    )


class VerdictBody(Schema):
    """What became of one event."""

    index: int = Field(description="Its place in the request, from 0.", examples=[0])
    message_id: str | None = Field(description="Its id in the log; null for one that was refused.", examples=["m1"])
    verdict: Literal["stored", "known", "erased", "refused"] = Field(
        description="stored: it is new. known: the log had this id of this source, and keeps what it had. erased: it "
        "speaks of a person who was erased. refused: see `reason`."
    )
    code: str = Field("", description="The kind of refusal.", examples=["bad_time"])
    reason: str = Field("", description="The refusal in words.", examples=["year 0 is no year"])


class EventsBody(Schema):
    """What became of all of them; those not refused are on disk."""

    stored: int = Field(description="How many are new.", examples=[1])
    known: int = Field(description="How many the log had already.", examples=[0])
    conflicts: int = Field(description="Of those, how many came with another body; the first is kept.", examples=[0])
    erased: int = Field(description="How many speak of erased persons.", examples=[0])
    refused: int = Field(description="How many were refused.", examples=[0])
    events: list[VerdictBody] = Field(description="One verdict for each event, in the order of the request.")


@section.post("events", EventsBody)
def send_events(request: HttpRequest, asked: EventsAsked) -> Any:
    """Write events into the log, at most 2,500 at once; the answer comes when they are on disk."""
    if asked.source.lower() == OURS:
        wrong = [{"where": "body.source", "message": f"'{OURS}' is the source of our own events"}]
        raise Problem(422, "Choose another source.", errors=wrong)
    now = timezone.now()
    read = [_read(call, now) for call in asked.events]
    return _written(read, asked.source)


def _read(call: Any, now: datetime) -> NewEvent | Refused:
    """As the collector reads a call of a server's key."""
    if len(json.dumps(call)) > LARGEST_EVENT:
        return Refused("too_large", f"larger than {LARGEST_EVENT // 1024} KB")
    event = parse(without_identifiers(call) if isinstance(call, dict) else call, now)
    if isinstance(event, NewEvent) and is_machine(event.context.get("userAgent")):
        return msgspec.structs.replace(event, mark="machine")
    return event


@dataclass(frozen=True, slots=True)
class _Known:
    """Ids of the source that the log has."""

    source: str

    def among(self, ids: Sequence[str]) -> set[str]:
        rows = Event.objects.filter(source__name=self.source, message_id__in=ids)
        return set(rows.values_list("message_id", flat=True))


@transaction.atomic
def _written(read: Sequence[NewEvent | Refused], source: str) -> EventsBody:
    events = [each for each in read if isinstance(each, NewEvent)]
    log, ids = _Known(source), [event.message_id for event in events]
    before = log.among(ids)
    became = append(events, source)
    verdicts = _verdicts(read, before, log.among(ids))
    return EventsBody(
        stored=became.stored,
        known=became.known,
        conflicts=became.conflicts,
        erased=became.erased,
        refused=len(read) - len(events),
        events=verdicts,
    )


def _verdicts(read: Sequence[NewEvent | Refused], before: set[str], after: set[str]) -> list[VerdictBody]:
    seen, found = set(before), []
    for index, each in enumerate(read):
        if isinstance(each, Refused):
            told = VerdictBody(index=index, message_id=None, verdict="refused", code=each.code, reason=each.reason)
        else:
            id_ = each.message_id
            told = VerdictBody(index=index, message_id=id_, verdict=_verdict(id_, seen, after), code="", reason="")
            seen.add(id_)
        found.append(told)
    return found


def _verdict(id_: str, seen: set[str], after: set[str]) -> Literal["stored", "known", "erased"]:
    if id_ not in after:
        return "erased"
    return "known" if id_ in seen else "stored"
