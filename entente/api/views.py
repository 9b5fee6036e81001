"""The page that shows the API, the answer where there is nothing, and the numbers for a monitor."""

from __future__ import annotations

import json
from ipaddress import ip_address

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from entente.api.caller import identify
from entente.api.door import as_problem
from entente.api.metrics import MEDIA_TYPE, as_metrics
from entente.api.problems import Problem
from entente.api.status import status_at
from entente.members.permissions import API, PUBLIC, asking, needs


@needs(PUBLIC)
@csp_update({"img-src": ["data:"]})  # the arrows of Swagger UI's style sheet
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The API to read and to try: Swagger UI from the files that django-ninja carries."""
    settings = {"url": reverse("api:openapi-json"), "layout": "BaseLayout", "deepLinking": True}
    return render(request, "api/docs.html", {"settings": json.dumps(settings)})


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """No such address. It says so to anybody, since it says nothing else."""
    return Problem(404, "The API has no such address; see /api/v1/docs.").response()


asking(API, nothing)


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The status as Prometheus reads it: for this machine itself, or whoever may see the status."""
    now = timezone.now()
    try:
        if not _is_from_here(request):
            identify(request, now).check("status.view", "status:read")
        return HttpResponse(as_metrics(status_at(now)), content_type=MEDIA_TYPE)
    except Exception as error:  # noqa: BLE001 - the same errors as the API's
        return as_problem(error).response()


asking(API, metrics)


def _is_from_here(request: HttpRequest) -> bool:
    """From this machine, and not through a proxy on it, which would speak for anybody."""
    if request.META.get("ENTENTE_FORWARDED"):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR") or "").is_loopback
    except ValueError:
        return False
