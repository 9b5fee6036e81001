"""What the API tells about hand-offs, deals and clocks, field by field."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from entente.handoffs.facts import Origin, Outcome
from entente.handoffs.lifecycle import State
from entente.sla.clocks import ClockState

AT = Field(description="When.", examples=["2026-03-02T10:30:00Z"])
BY = Field(description="Who, as the log names them; mostly an e-mail address.", examples=["lola@acme.example"])
UNTIL = Field(None, description="When it ended; null while it lasts.")
NOTE = Field("", description="What they wrote beside it.", examples=[""])


class PersonOfHandoff(Schema):
    """Whom the hand-off is about."""

    id: int = Field(description="The person's number.", examples=[7])
    name: str = Field(description="Empty if unknown.", examples=["Ana"])
    email: str = Field(description="Empty if unknown.", examples=["ana@kunde.example"])


class AssignmentBody(Schema):
    """A rep's time with the hand-off."""

    at: datetime = AT
    rep: str = Field(description="To whom it was given.", examples=["lola@acme.example"])
    by: str = BY
    why: str = Field("", description="Why this rep.", examples=["dealt"])
    inferred: bool = Field(description="Known only from what the rep did later; such a one starts no clock.")
    until: datetime | None = UNTIL


class TouchBody(Schema):
    """A rep's attempt to reach the person."""

    at: datetime = AT
    by: str = BY
    kind: str = Field(description="call, email_sent, meeting or message.", examples=["call"])


class AcceptanceBody(Schema):
    """The rep took the hand-off on."""

    at: datetime = AT
    by: str = BY
    how: str = Field(description="Empty if the rep said so; else what showed it: stage, deal.", examples=[""])


class RejectionBody(Schema):
    """The rep gave it back, with a reason."""

    at: datetime = AT
    by: str = BY
    reason: str = Field(description="A reason of the agreement.", examples=["No budget"])
    note: str = NOTE
    objection: str = Field("", description="What is wrong with the reason, in an imported history.", examples=[""])


class PauseBody(Schema):
    """A time in which the clocks waited for the customer."""

    at: datetime = AT
    by: str = BY
    reason: str = Field(description="Why.", examples=["On holiday until Monday"])
    until: datetime | None = UNTIL


class ClosureBody(Schema):
    """How it ended, other than by rejection."""

    at: datetime = AT
    outcome: Outcome = Field(description="What came of it.", examples=["won"])
    by: str = BY
    reason: str = Field("", description="Why, where told.", examples=[""])
    deal: str = Field("", description="Key of the deal that closed it.", examples=["D-1"])


class HandoffBody(Schema):
    """One qualified person given to sales, as the facts tell it."""

    id: int = Field(description="The hand-off's number.", examples=[3])
    person: PersonOfHandoff = Field(description="Whom it is about.")
    state: State = Field(description="Read off the facts below.", examples=["assigned"])
    rep: str = Field(description="Who has it, or had it at its end; empty for nobody.", examples=["lola@acme.example"])
    version: int | None = Field(description="Under which version of the agreement it was opened.", examples=[1])
    origin: Origin = Field(description="What opened it: the score, or the CRM.", examples=["score"])
    opened_at: datetime = Field(description="When it was opened.", examples=["2026-03-02T10:30:00Z"])
    qualified_at: datetime | None = Field(description="When the person qualified for it.")
    missing: list[str] = Field(description="Required information that was missing when opened.", examples=[["phone"]])
    complete: bool = Field(description="Whether all of it is there by now.")
    paused: bool = Field(description="Whether its clocks wait now.")
    disputed: bool = Field(description="Given, though by events that came late it would not have been opened then.")
    closed_at: datetime | None = Field(description="When it ended; null while open.")
    assignments: list[AssignmentBody] = Field(description="Who had it, in order.")
    touches: list[TouchBody] = Field(description="Attempts to reach the person, in order.")
    acceptance: AcceptanceBody | None = Field(description="Null unless accepted.")
    rejection: RejectionBody | None = Field(description="Null unless rejected.")
    pauses: list[PauseBody] = Field(description="Pauses of its clocks, in order.")
    closure: ClosureBody | None = Field(description="Null unless closed otherwise than by rejection.")


class ClockBody(Schema):
    """One promise, running for one hand-off and one rep."""

    handoff: int = Field(description="The hand-off's number.", examples=[3])
    person: int = Field(description="The person's number.", examples=[7])
    kind: str = Field(description="first_touch, feedback or persistence.", examples=["first_touch"])
    promise: str = Field(description="The promise's name in the agreement.", examples=["First touch"])
    rep: str = Field(description="Whose promise it is.", examples=["lola@acme.example"])
    started_at: datetime = Field(description="When it began: at the assignment.", examples=["2026-03-02T10:30:00Z"])
    due_at: datetime = Field(description="When it is due, in business time.", examples=["2026-03-02T11:30:00Z"])
    warn_at: datetime | None = Field(description="When the rep is warned; null where nobody is.")
    stopped_at: datetime | None = Field(description="When the promised thing happened, also after the breach.")
    state: ClockState = Field(description="How it stands.", examples=["running"])


class HandoffDetail(HandoffBody):
    """A hand-off with its clocks."""

    clocks: list[ClockBody] = Field(description="Its promises, as they stand now.")


class DealBody(Schema):
    """An opportunity of the CRM."""

    key: str = Field(description="The CRM's own.", examples=["D-1"])
    outcome: str = Field(description="open, won or lost.", examples=["open"])
    amount: float | None = Field(description="In the agreement's currency; null if not told.", examples=[1200.0])
    stage: str = Field(description="The CRM's stage.", examples=["Proposal"])
    product: str = Field(description="Empty if not told.", examples=["Plan"])
    owner: str = Field(description="The rep.", examples=["lola@acme.example"])
    opened_at: datetime | None = Field(description="Null if not told.")
    closed_at: datetime | None = Field(description="Null while open.")
    reason: str = Field(description="Why it was lost, if told.", examples=[""])
    competitor: str = Field(description="To whom it was lost, if told.", examples=[""])


class HandoffPage(Schema):
    """A page of hand-offs."""

    items: list[HandoffBody] = Field(description="The hand-offs of this page.")
    next: str | None = Field(None, description="The cursor of the page after this one; null at the end.")


class ClockPage(Schema):
    """A page of clocks."""

    items: list[ClockBody] = Field(description="The clocks of this page.")
    next: str | None = Field(None, description="The cursor of the page after this one; null at the end.")
