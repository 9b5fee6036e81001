"""The page of how long leads waited, ours and theirs apart, and the hand-offs behind each of its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from entente.handoffs.models import Handoff
from entente.members.permissions import needs
from entente.reports.queries import ground
from entente.reports.views import frame_of, period_of
from entente.reports.waits import waited
from entente.sla.queries import Waited

ROWS_PER_PAGE: Final = 50
WHICH: Final = ("given", "untouched")


@dataclass(frozen=True, slots=True)
class Row:
    """One rep's line; the empty name is all together."""

    rep: str
    waited: Waited


@needs("overview.view")
@require_safe
def follow_up(request: HttpRequest) -> HttpResponse:
    """For each rep: until the lead was given to them, and until they touched it."""
    on = ground()
    period = period_of(request, on)
    found = waited(on, period, timezone.now())
    everybody = found.get("")
    reps = sorted((Row(rep, each) for rep, each in found.items() if rep), key=lambda row: -len(row.waited.given))
    context = {
        **frame_of(on, period),
        "everybody": Row("", everybody) if everybody and everybody.given else None,
        "rows": reps,
    }
    return render(request, "reports/follow_up.html", context)


@needs("overview.view")
@require_safe
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """The hand-offs behind a number: those given to the rep, or those never touched since."""
    on = ground()
    period = period_of(request, on)
    rep, which = request.GET.get("rep", ""), request.GET.get("which", "")
    which = which if which in WHICH else WHICH[0]
    found = waited(on, period, timezone.now()).get(rep)
    page = Paginator(getattr(found, which) if found else (), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    handoffs = Handoff.objects.select_related("person__account").in_bulk(list(page.object_list))
    context = {
        **frame_of(on, period),
        "rep": rep,
        "which": which,
        "waited": found,
        "page": page,
        "handoffs": [handoffs[id_] for id_ in page.object_list if id_ in handoffs],
    }
    return render(request, "reports/follow_up_list.html", context)
