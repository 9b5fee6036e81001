"""When something goes wrong, in our design: what happened, and what to do now."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400, _("That request cannot be read"), _("Go back, reload the page and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    wanted = str(exception)
    text = (
        _("Your role does not allow you to %(what)s.") % {"what": wanted} if wanted else _("This is not yours to see.")
    )
    return _page(request, 403, _("No access"), text + " " + _("Members of operations can change that."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404, _("Nothing is here"), _("The address is wrong, or what was here is gone."))


def server_error(request: HttpRequest) -> HttpResponse:
    # Nothing that could fail again: no user, no database, no context processors.
    return HttpResponse(render_to_string("web/broken.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    log.warning("a form was refused: %s", reason)
    text = _("The form had been open for too long, or cookies are off. Go back, reload the page and send it again.")
    return _page(request, 403, _("The form was not accepted"), text)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "web/error.html", {"status": status, "title": title, "text": text}, status=status)
