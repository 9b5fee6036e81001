"""The door of the API, through which every request comes: who asks, how often, whether it was done before.

Whatever goes wrong behind it leaves as problem+json. A route declares its permission and scope with `access`, which is
checked before anything of the request is read; `gateway` finds routes without one when the API is put together.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError, ValidationError
from ninja.security.base import AuthBase

from entente.api.caller import Caller, identify
from entente.api.once import once
from entente.api.problems import Problem
from entente.members.permissions import API, TABLE, asking
from entente.members.scopes import SCOPES

log = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]


def caller_of(request: HttpRequest) -> Caller:
    """The caller whom the door let in."""
    caller = getattr(request, "caller", None)
    if not isinstance(caller, Caller):
        raise Problem(401, "Nobody was let in.")
    return caller


class _Access(AuthBase):
    """What a route needs: a row of the permission table and a scope; empty for whoever is known."""

    def __init__(self, permission: str, scope: str) -> None:
        self.permission, self.scope = permission, scope
        super().__init__()

    def let_in(self, caller: Caller) -> Caller:
        caller.check(self.permission, self.scope)
        return caller


class ApiKey(_Access):
    """An API key as `Authorization: Bearer KEY`."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "An API key, made by operations under API keys or by `entente key create`."

    def __call__(self, request: HttpRequest) -> Caller | None:
        caller = caller_of(request)
        return self.let_in(caller) if caller.key else None


class Session(_Access):
    """A member who is signed in; what changes something carries `X-CSRFToken`, which the door has checked."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME
    openapi_description = "A member signed in with a browser; writes also need the header `X-CSRFToken`."

    def __call__(self, request: HttpRequest) -> Caller | None:
        caller = caller_of(request)
        return None if caller.key else self.let_in(caller)


def access(permission: str, scope: str) -> list[_Access]:
    """The ways into a route. Unknown names are an error when the module is loaded; both empty let in any caller."""
    if (permission and permission not in TABLE) or (scope and scope not in SCOPES):
        raise LookupError(f"no permission '{permission}' or no scope '{scope}'")
    return [ApiKey(permission, scope), Session(permission, scope)]


def door(view: View) -> View:
    """A view of the API, behind the door."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with translation.override("en"):  # programs read the answers
            if request.method == "HEAD":
                return _head_of(request, lambda: view(request, *args, **kwargs))
            return _answer(request, lambda: view(request, *args, **kwargs))

    return asking(API, csrf_exempt(guarded))  # `caller.identify` checks against forgery, for sessions


def _head_of(request: HttpRequest, respond: Callable[[], HttpResponseBase]) -> HttpResponse:
    request.method = "GET"
    response = _answer(request, respond)
    request.method, response.content = "HEAD", b""
    return response


def _answer(request: HttpRequest, respond: Callable[[], HttpResponseBase]) -> HttpResponse:
    now = timezone.now()
    try:
        caller = identify(request, now)
        request.caller = caller  # type: ignore[attr-defined]  # read by `caller_of`
        return once(request, caller.holder, now, lambda: _checked(respond()))
    except Exception as error:  # noqa: BLE001 - the door is where every error becomes an answer
        return as_problem(error).response()


def _checked(response: HttpResponseBase) -> HttpResponse:
    if response.status_code == 405:
        allowed = response.headers.get("Allow", "")
        raise Problem(405, f"This address takes {allowed}.", headers={"Allow": allowed})
    if not isinstance(response, HttpResponse):
        raise TypeError("the API streams nothing")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def as_problem(error: BaseException) -> Problem:
    """Any error as the problem that its sender reads; what is ours to mend is logged and not told."""
    for kind, tell in TELLERS.items():
        if isinstance(error, kind):
            return tell(error)
    log.error("the API failed", exc_info=error)
    return Problem(500, "This is ours to mend, and was written into the log. Nothing was changed.")


def _of_fields(error: ValidationError) -> Problem:
    wrong = [
        {"where": ".".join(str(part) for part in each["loc"]), "message": str(each["msg"])} for each in error.errors
    ]
    return Problem(422, "; ".join(f"{each['where']}: {each['message']}" for each in wrong)[:500], errors=wrong)


def _of_status(error: HttpError) -> Problem:
    cause = error.__cause__  # django-ninja puts an error of its own around ours of a body
    return cause if isinstance(cause, Problem) else Problem(error.status_code, str(error))


def _not_now(error: DatabaseError | InterfaceError) -> Problem:
    log.warning("the database does not answer: %s", error)
    return Problem(503, "The database does not answer; try again.", headers={"Retry-After": "2"})


TELLERS: Final[dict[type[BaseException], Callable[[Any], Problem]]] = {
    Problem: lambda error: error,
    ValidationError: _of_fields,
    Http404: lambda error: Problem(404, str(error) or "Nothing is here."),
    RequestDataTooBig: lambda error: Problem(413, "A request is at most 5 MB."),
    UnreadablePostError: lambda error: Problem(400, "The body broke off."),
    BadRequest: lambda error: Problem(400, str(error) or "The request cannot be read."),
    SuspiciousOperation: lambda error: Problem(400, "The request cannot be read."),
    HttpError: _of_status,
    OperationalError: _not_now,
    InterfaceError: _not_now,
}
