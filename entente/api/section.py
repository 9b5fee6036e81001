"""A section of the API: the routes about one concept, each with the permission and scope that it needs.

A route cannot be written without them, and tells the errors that it can end with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ninja import Router

from entente.api.door import access
from entente.api.problems import ProblemBody

Route = TypeVar("Route", bound=Callable[..., Any])

ALWAYS: Final = (401, 403, 422, 429, 500, 503)
OF_WRITES: Final = (400, 409, 413)


@dataclass(frozen=True, slots=True)
class Need:
    """A row of the permission table, and the scope that a key must have; both empty where it is enough to be known."""

    permission: str
    scope: str


NOTHING: Final = Need("", "")


class Section:
    """Routes with one tag, which all need the same; a route may say that it needs something else."""

    def __init__(self, tag: str, need: Need) -> None:
        self.router, self.need = Router(tags=[tag]), need

    def get(self, path: str, answer: Any, need: Need | None = None) -> Callable[[Route], Route]:
        """A route that reads."""
        return self._route("GET", path, {200: answer}, need)

    def post(self, path: str, answer: Any, need: Need | None = None, status: int = 200) -> Callable[[Route], Route]:
        """A route that does something; 201 where it makes a thing with an address of its own."""
        return self._route("POST", path, {status: answer}, need)

    def patch(self, path: str, answer: Any, need: Need | None = None) -> Callable[[Route], Route]:
        """A route that changes what is named of a thing."""
        return self._route("PATCH", path, {200: answer}, need)

    def delete(self, path: str, need: Need | None = None) -> Callable[[Route], Route]:
        """A route that takes a thing away, and has nothing to say after."""
        return self._route("DELETE", path, {204: None}, need)

    def _route(self, method: str, path: str, answers: dict[int, Any], need: Need | None) -> Callable[[Route], Route]:
        need, more = need or self.need, () if method == "GET" else OF_WRITES
        found = (404,) if "{" in path or method == "GET" else ()
        errors = dict.fromkeys(sorted({*ALWAYS, *found, *more}), ProblemBody)
        return self.router.api_operation(
            [method],
            path,
            auth=access(need.permission, need.scope),
            response={**answers, **errors},
            openapi_extra={"x-permission": need.permission, "x-scope": need.scope},
        )
