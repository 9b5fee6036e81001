"""Errors as RFC 9457 tells them (`application/problem+json`): what is wrong, where, and what would be right.

Programs decide by the `type`, which is a name and no address; people read `detail`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from django.http import HttpResponse
from ninja import Schema
from pydantic import Field

MEDIA_TYPE: Final = "application/problem+json"


class FieldError(Schema):
    """One thing that is wrong with the request."""

    where: str = Field(description="The place, as a path.", examples=["body.reason", "query.limit"])
    message: str = Field(description="What is wrong there.", examples=["Field required"])


class ProblemBody(Schema):
    """An error, after RFC 9457."""

    type: str = Field(description="Which kind of error: decide by its last part.", examples=["urn:entente:not-found"])
    title: str = Field(description="The kind in words, always the same for a type.", examples=["Not found"])
    status: int = Field(description="The HTTP status, repeated.", examples=[404])
    detail: str = Field(description="What is wrong here, for a person.", examples=["There is no person 7."])
    errors: list[FieldError] | None = Field(
        None, description="Every wrong field at once; only where fields are wrong, null otherwise."
    )


class Problem(Exception):
    """Ends a request with an error. ``kind`` is the last part of its type."""

    def __init__(
        self,
        status: int,
        detail: str,
        kind: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, list(errors), dict(headers or {})
        self.kind = kind or KINDS.get(status, "error")

    def response(self) -> HttpResponse:
        """The answer that tells it."""
        body: dict[str, Any] = {
            "type": f"urn:entente:{self.kind}",
            "title": TITLES.get(self.kind) or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = self.errors
        return HttpResponse(msgspec.json.encode(body), MEDIA_TYPE, self.status, headers=self.headers)


KINDS: Final[dict[int, str]] = {
    400: "unreadable",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "does-not-fit",
    413: "too-large",
    422: "wrong-fields",
    429: "too-often",
    500: "broken",
    503: "not-now",
}
"""The usual kind of error for a status."""

TITLES: Final[dict[str, str]] = {
    "unreadable": "The request cannot be read",
    "not-signed-in": "Who asks is not known",
    "not-allowed": "Not allowed",
    "no-scope": "The key lacks a scope",
    "no-csrf-token": "The form token is missing or wrong",
    "not-found": "Not found",
    "method-not-allowed": "Nothing here takes this method",
    "does-not-fit": "The state of things does not allow it",
    "key-used-otherwise": "The idempotency key was used for another request",
    "too-large": "Too large",
    "wrong-fields": "Fields are wrong",
    "too-often": "Too many requests",
    "broken": "Something broke on our side",
    "not-now": "Not available now",
}
