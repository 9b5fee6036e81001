"""The kinds of values that requests carry, each with its bounds: what is out of bounds never reaches the database."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Self

from django.http import HttpRequest
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

NO_NUL = r"^[^\x00]*$"

Id = Annotated[int, Field(ge=1, le=2**63 - 1, description="The number of the thing.", examples=[7])]
ShortText = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
LongText = Annotated[str, Field(max_length=4_000, pattern=NO_NUL)]


def _as_written(value: Any) -> Any:
    """ISO 8601 alone: a number is no time, though pydantic counts it from 1970. A plus that a query lost is mended."""
    if not isinstance(value, str) or not DAY.match(value):
        raise ValueError("write a time as 2026-03-01T09:00:00Z")
    return LOST_PLUS.sub("+", value)


def in_utc(value: datetime) -> datetime:
    """The same instant in UTC: PostgreSQL takes no offset of 16 hours or more. ValueError where a calendar ends."""
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no calendar has this time in UTC") from error


DAY: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]", re.ASCII)
LOST_PLUS: Final = re.compile(r" (?=\d\d:?\d\d$)", re.ASCII)
Moment = Annotated[AwareDatetime, BeforeValidator(_as_written), AfterValidator(in_utc)]


class Asked(Schema):
    """What stands behind the `?`: a parameter that is not known is an error, not a silence."""

    @model_validator(mode="wrap")
    @classmethod
    def only_known(cls, data: Any, handler: Any, info: ValidationInfo) -> Self:
        request = (info.context or {}).get("request")
        if isinstance(request, HttpRequest):
            unknown = sorted(set(request.GET) - set(cls.model_fields) - {f.alias for f in cls.model_fields.values()})
            if unknown:
                raise ValueError(f"'{unknown[0][:40]}' is not known here; there are {', '.join(cls.model_fields)}")
        return handler(data)


class Paged(Asked):
    """The page that is asked for."""

    cursor: str = Field(
        "",
        max_length=400,
        pattern=r"^[A-Za-z0-9_-]*$",
        description="`next` of the page before; empty for the first.",
        examples=[""],
    )
    limit: int = Field(50, ge=1, le=200, description="How many at most.", examples=[50])


class Body(Schema):
    """A body takes the fields it names and no other."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
