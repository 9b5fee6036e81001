"""The kinds of values that requests carry, each with its bounds: what is out of bounds never reaches the database."""

from __future__ import annotations

from typing import Annotated, Any, Self

from django.http import HttpRequest
from ninja import Schema
from pydantic import ConfigDict, Field, ValidationInfo, model_validator

NO_NUL = r"^[^\x00]*$"

Id = Annotated[int, Field(ge=1, le=2**63 - 1, description="The number of the thing.", examples=[7])]
ShortText = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
LongText = Annotated[str, Field(max_length=4_000, pattern=NO_NUL)]


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
