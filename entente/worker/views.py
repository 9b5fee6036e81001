"""The page for operations: who folds and how far behind, and the events that could not be folded."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Min, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from entente.events.models import Arrival
from entente.members import trail
from entente.members.permissions import needs
from entente.members.request import signed_in
from entente.worker.models import SetAside, Worker
from entente.worker.set_aside import retry

ROWS_PER_PAGE: Final = 30
ALIVE_FOR: Final = timedelta(seconds=15)
"""A worker whose last heartbeat is older is taken for dead."""


@needs("worker.manage")
@require_safe
def workers(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    waiting = Arrival.objects.aggregate(events=Sum("events"), since=Min("at"))
    rows = SetAside.objects.filter(resolved_at=None).select_related("event__source").order_by("-at", "-pk")
    context = {
        "workers": [(row, row.beat_at >= now - ALIVE_FOR) for row in Worker.objects.order_by("-started_at", "-pk")],
        "waiting": waiting["events"] or 0,
        "waiting_since": waiting["since"],
        "page": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "resolved": SetAside.objects.exclude(resolved_at=None).count(),
    }
    return render(request, "worker/workers.html", context)


@needs("worker.manage")
@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Let one event arrive anew."""
    row = get_object_or_404(SetAside, pk=pk)
    return _tried(request, [row])


@needs("worker.manage")
@require_POST
def try_all_again(request: HttpRequest) -> HttpResponse:
    return _tried(request, list(SetAside.objects.filter(resolved_at=None).order_by("event_id")))


def _tried(request: HttpRequest, rows: list[SetAside]) -> HttpResponse:
    now = timezone.now()
    tried = [row for row in rows if retry(row, now)]
    if tried:
        trail.record("events.tried_again", signed_in(request), now=now, events=[row.event_id for row in tried][:100])
        words = ngettext("%(n)d event is tried again.", "%(n)d events are tried again.", len(tried))
        messages.success(request, words % {"n": len(tried)})
    else:
        messages.info(request, _("There was nothing to try again."))
    return redirect("workers")
