"""What the API tells about people, field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from entente.api.handoff_bodies import DealBody, HandoffBody

NEXT = Field(None, description="The cursor of the page after this one; null at the end.", examples=["WyJwayIsIiIsN10"])


class AccountBody(Schema):
    """The company that a person belongs to."""

    key: str = Field(description="Its group id, or the domain of its people's e-mail.", examples=["kunde.example"])
    name: str = Field(description="Empty where nobody told it.", examples=["Kunde"])
    domain: str = Field(description="The domain of its e-mail, if known.", examples=["kunde.example"])


class PersonKnown(Schema):
    id: int = Field(description="The person's number; it never changes.", examples=[7])
    name: str = Field(description="Empty if unknown.", examples=["Ana"])
    email: str = Field(description="Normalised; empty if unknown.", examples=["ana@kunde.example"])
    account: AccountBody | None = Field(description="Null where no company is known.")
    first_seen: datetime = Field(description="Time of the first event.", examples=["2026-03-01T09:00:00Z"])
    last_seen: datetime = Field(description="Time of the last event.", examples=["2026-03-02T10:30:00Z"])


class PersonLine(PersonKnown):
    """A person in a list."""

    score: float | None = Field(description="The score now; null for whom nothing was scored.", examples=[52.5])


class PeoplePage(Schema):
    """A page of people."""

    items: list[PersonLine] = Field(description="The people of this page.")
    next: str | None = NEXT


class ContributionBody(Schema):
    """One reason for a score; all `now` together are the score, exactly."""

    rule: str = Field(description="The rule of the agreement.", examples=["Looked at pricing"])
    group: str = Field(description="The group of an engagement rule; empty for fit.", examples=["engagement"])
    event: str | None = Field(description="Message id of the event that caused it; null where none did.")
    at: datetime = Field(description="When.", examples=["2026-03-02T10:30:00Z"])
    points: float = Field(description="Its points then.", examples=[10.0])
    now: float = Field(description="What is left of them at the moment asked for.", examples=[9.1])


class ScoreBody(Schema):
    """The score at one moment, and why it was so."""

    at: datetime = Field(description="The moment.", examples=["2026-03-02T11:00:00Z"])
    version: int = Field(description="The version of the agreement in force then.", examples=[1])
    score: float = Field(description="Fit and engagement together.", examples=[52.5])
    fit: float = Field(description="Points for who they are.", examples=[25.0])
    engagement: dict[str, float] = Field(description="Points for what they did, by group.")
    threshold: float = Field(description="From this score on a person qualifies.", examples=[50.0])
    disqualified_by: list[str] = Field(description="The disqualifiers that hold.", examples=[[]])
    qualifies: bool = Field(description="Whether the threshold is reached and nothing disqualifies.")
    contributions: list[ContributionBody] = Field(description="Every reason, with its event.")


class TimelineEntry(Schema):
    """One event of a person's story."""

    event: str = Field(description="Message id, unique in its source.", examples=["m-1"])
    source: str = Field(description="Where it came from.", examples=["website"])
    at: datetime = Field(description="When it occurred.", examples=["2026-03-02T10:30:00Z"])
    received_at: datetime = Field(description="When it reached us.", examples=["2026-03-02T10:30:01Z"])
    type: str = Field(description="A Segment call or a type of ours.", examples=["page"])
    name: str = Field(description="The name of a track call.", examples=[""])
    path: str = Field(description="The path of a page view.", examples=["/pricing"])
    title: str = Field(description="The event in words.", examples=["Looked at /pricing"])
    properties: dict[str, Any] = Field(description="What the event carried.")
    mark: str = Field(description="Why it never scores (`machine`, `no_identity`); empty where it may.", examples=[""])


class TimelinePage(Schema):
    """A page of a story, the newest first."""

    items: list[TimelineEntry] = Field(description="The events of this page.")
    next: str | None = NEXT


class PersonBody(PersonKnown):
    """A person, whole."""

    traits: dict[str, Any] = Field(description="What is known of them.")
    identifiers: list[str] = Field(description="By what they are recognised.", examples=[["user:u1"]])
    score: ScoreBody | None = Field(description="Null without an agreement, or before their first event.")
    handoffs: list[HandoffBody] = Field(description="Every hand-off of theirs, the newest first.")
    deals: list[DealBody] = Field(description="Their deals, in the order of opening.")
    timeline: list[TimelineEntry] = Field(description="Their latest events, the newest first.")
    timeline_next: str | None = Field(description="Cursor for `people/{id}/timeline`; null where that was all.")
