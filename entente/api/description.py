"""The description of the API (OpenAPI 3.1), made complete: what every route shares stands here once.

Errors are problem+json with an example each, writes take an Idempotency-Key, and each route says which permission and
scope it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from entente.api.once import HEADER, LONGEST, PATTERN
from entente.api.problems import KINDS, MEDIA_TYPE, TITLES
from entente.members.permissions import TABLE

ABOUT: Final = """\
Everything that Entente's pages can do, for programs.

**Who asks.** Send an API key as `Authorization: Bearer KEY`. A key acts as a member: it may do what its scopes *and*
the member's role allow. A member who is signed in may use the API from the browser, with `X-CSRFToken` on writes.

**Pages.** A list answers `items` and `next`; ask again with `cursor` set to `next` until it is null.

**Writes** take an `Idempotency-Key`. A request that is repeated with the same key does nothing more and gets the same
answer, for a day; with another body it is refused (422).

**Errors** are `application/problem+json` (RFC 9457): decide by the last part of `type`, show `detail` to people.

**Rates.** Each key may ask so often a second, with a burst on top; beyond, the answer is 429 with `Retry-After`.

**Times** are ISO 8601 with an offset; answers are in UTC.
"""

DETAILS: Final[dict[int, str]] = {
    400: "The body is no JSON.",
    401: "This key is not known, or was revoked, has expired, or its member has no access any more.",
    403: "The role of Ana does not allow to send events through the API.",
    404: "There is no person 7.",
    409: "This hand-off was rejected on 2026-03-02 10:30 UTC; nothing can be added to it.",
    413: "A request is at most 5 MB.",
    422: "query.limit: Input should be less than or equal to 200",
    429: "Too many requests; the next is taken in 1 s.",
    500: "This is ours to mend, and was written into the log. Nothing was changed.",
    503: "The database does not answer; try again.",
}
"""An example of what each error says."""

IN_PATHS: Final = {
    "person_id": "The person's number.",
    "handoff_id": "The hand-off's number.",
    "notification_id": "The notification's number.",
    "rule_id": "The alert rule's number.",
}
RETRY_AFTER: Final = {
    "Retry-After": {"description": "Whole seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}
IDEMPOTENCY: Final = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Any text of your own, one for each deed; repeat the request with the same key after a failure.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": PATTERN},
    "example": "7f1a2c",
}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document that django-ninja made, with what it does not know of; changed in place."""
    for method, route in _routes(document):
        _say_needs(route)
        for parameter in route["parameters"]:
            _mend(parameter)
        if method != "get":
            route["parameters"].append(IDEMPOTENCY)
        for status, answer in route["responses"].items():
            if int(status) >= 400:
                _tell_problem(int(status), answer)
    return document


def _routes(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in document["paths"].values():
        yield from methods.items()


def _say_needs(route: dict[str, Any]) -> None:
    permission, scope = route.pop("x-permission"), route.pop("x-scope")
    if not permission:
        return
    needs = f"Needs the scope `{scope}` and a member who may {TABLE[permission].allows} (`{permission}`)."
    route["description"] = f"{route.get('description', '')}\n\n{needs}".strip()


def _mend(parameter: dict[str, Any]) -> None:
    """In a parameter, `examples` is a map, and what stands in the path is explained by its name."""
    if isinstance(examples := parameter.pop("examples", None), list):
        parameter["example"] = examples[0]
    if parameter["in"] == "path":
        parameter["description"] = IN_PATHS[parameter["name"]]


def _tell_problem(status: int, answer: dict[str, Any]) -> None:
    kind = KINDS[status]
    example = {"type": f"urn:entente:{kind}", "title": TITLES[kind], "status": status, "detail": DETAILS[status]}
    answer["description"] = TITLES[kind]
    answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}, "example": example}}
    if status in (429, 503):
        answer["headers"] = RETRY_AFTER
