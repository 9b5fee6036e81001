"""How the promises of both parties are kept, as the board shows it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from entente.api.fields import Asked
from entente.api.problems import Problem
from entente.api.section import Need, Section
from entente.reports.periods import EARLIEST, LATEST, Period, between, named
from entente.reports.promises import board
from entente.reports.queries import ground
from entente.sla.commitments import Measured

section = Section("promises", Need("overview.view", "commitments:read"))

Name = Literal["this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_12_months", "all"]


class PeriodAsked(Asked):
    """A period by its name, or by its two days."""

    period: Name = Field("this_month", description="Counted in the agreement's time zone.")
    first: date | None = Field(
        None, alias="from", description="Instead of a name: the first day.", examples=["2026-03-01"]
    )
    last: date | None = Field(None, alias="to", description="And the last day, included.", examples=["2026-03-31"])


PACE: Final = ("gone", "day", "days", "projection", "low", "high", "chance")


class WindowBody(Schema):
    """From the first instant up to before the second."""

    start: datetime = Field(alias="from", description="The first instant.", examples=["2026-03-01T00:00:00Z"])
    end: datetime = Field(alias="to", description="The instant after the last.", examples=["2026-04-01T00:00:00Z"])


class PaceBody(Schema):
    """How a running period is doing."""

    gone: float = Field(description="The share of its open time that is gone.", examples=[0.4])
    day: int = Field(description="The working day that it is.", examples=[9])
    days: int = Field(description="Working days in all.", examples=[22])
    projection: float | None = Field(description="Where it ends if all goes on so; null before it begins.")
    low: int | None = Field(description="It ends between this count …", examples=[104])
    high: int | None = Field(description="… and this one in nine of ten cases, at a steady rate.", examples=[139])
    chance: float | None = Field(description="How likely the promised number is reached, 0 to 1.", examples=[0.62])


class CommitmentBody(Schema):
    """One promise, measured."""

    promise: str = Field(description="Its name in the agreement.", examples=["First touch"])
    party: Literal["marketing", "sales"] = Field(description="Whose promise it is.", examples=["sales"])
    kind: str = Field(description="count, share, clock or persistence.", examples=["clock"])
    of: str = Field(description="Of what: `qualified`, `accepted`, `first_touch`, …", examples=["first_touch"])
    target: float = Field(description="A number for a count, else a share from 0 to 1.", examples=[0.9])
    actual: float | None = Field(description="The same, as it was; null where there is nothing to count.")
    met: bool | None = Field(description="Null where there is nothing to count, or while it may still be met.")
    n: int = Field(description="How many hand-offs or clocks it counted.", examples=[120])
    kept: int = Field(description="Of those, how many kept it.", examples=[111])
    waiting: int = Field(description="Clocks that are not due yet, and so are not counted.", examples=[4])
    window: WindowBody = Field(description="The time it speaks of.")
    pace: PaceBody | None = Field(description="Of a count whose period runs.")


class BoardBody(Schema):
    """Every promise over one period."""

    version: int | None = Field(description="The version whose promises they are; null without an agreement.")
    window: WindowBody = Field(description="The period asked for.")
    items: list[CommitmentBody] = Field(description="Marketing's first, in the agreement's order.")


@section.get("commitments", BoardBody)
def list_commitments(request: HttpRequest, asked: Query[PeriodAsked]) -> Any:
    """How each promise was kept in a period; this month, unless another is asked for."""
    now, on = timezone.now(), ground()
    period = _period(asked, now, on.agreement.zone if on.agreement else ZoneInfo("UTC"))
    return {
        "version": on.version and on.version.number,
        "window": _window(period.begins, period.ends),
        "items": [_body(promise) for promise in board(on, period, now).promises],
    }


def _period(asked: PeriodAsked, now: datetime, zone: ZoneInfo) -> Period:
    if asked.first is None and asked.last is None:
        return named(asked.period, now, zone)
    found = between(str(asked.first), str(asked.last), zone)
    if found is None:
        wrong = {"where": "query.from", "message": f"two days in order, from {EARLIEST} to {LATEST}"}
        raise Problem(422, "A period is from a day to the same or a later day; give both.", errors=[wrong])
    return found


def _body(promise: Measured) -> dict[str, Any]:
    names = ("promise", "party", "kind", "of", "target", "actual", "met", "n", "waiting")
    pace = promise.pace
    return {
        **{name: getattr(promise, name) for name in names},
        "kept": promise.k,
        "window": _window(promise.start, promise.end),
        "pace": pace and {name: getattr(pace, name) for name in PACE},
    }


def _window(start: datetime, end: datetime) -> dict[str, datetime]:
    return {"from": start, "to": end}
