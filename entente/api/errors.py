"""What goes wrong before a view is reached: a page of our design, or for programs a problem.

Such is a host that we do not answer to, an address that there is not, a database gone while the session is read.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from entente.api.problems import Problem
from entente.web import errors as pages

BEGINNING = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_of_a_program(request):
        return Problem(400, "The request cannot be read.").response()
    return pages.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_of_a_program(request):
        return Problem(403, "This is not allowed.").response()
    return pages.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_of_a_program(request):
        return Problem(404, "There is no such address; see /api/v1/docs.").response()
    return pages.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_of_a_program(request):
        return Problem(500, "This is ours to mend, and was written into the log.").response()
    return pages.server_error(request)


def _is_of_a_program(request: HttpRequest) -> bool:
    return request.path.startswith(BEGINNING)
