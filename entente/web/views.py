"""The style guide, and the health check of whoever watches over this process."""

from __future__ import annotations

from django.contrib import messages
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from entente.members.forms import MemberForm
from entente.members.permissions import PUBLIC, needs
from entente.reports.charts import bars
from entente.web.icons import ICONS

COLOURS = ["paper", "surface", "sunken", "ink", "accent", "marketing", "sales", "good", "warn", "bad"]


@needs("design.view")
@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Every component with its markup: what a page is made of."""
    chart = bars([("2026-01", 12), ("2026-02", 19), ("2026-03", 16)], name="Leads", title="Leads by month")
    parts = {"colours": COLOURS, "icons": ICONS, "form": MemberForm(), "chart": chart, "levels": messages.DEFAULT_TAGS}
    return render(request, "web/design.html", parts)


@needs(PUBLIC)
@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 when this process answers and reaches its database, else 503; it says no more to strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})
