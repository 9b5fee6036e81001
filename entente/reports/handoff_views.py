"""Working on hand-offs: the list of them, and what a reader does to one from the person's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Min, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from entente.handoffs import models, queries, verbs
from entente.handoffs.lifecycle import NotAllowed
from entente.handoffs.rights import may_move, may_work
from entente.members.models import User
from entente.members.permissions import allows, needs
from entente.members.request import signed_in
from entente.reports.handoff_cards import cards_of
from entente.reports.labels import HANDOFF_LABELS
from entente.reports.person import earlier

ROWS_PER_PAGE: Final = 50
LONGEST: Final = 2_000
"""Characters of a note or a reason in free words."""

Fields = Mapping[str, str]
Deed = Callable[[int, User, Fields, datetime], models.Handoff]

DEEDS: Final[dict[str, tuple[Deed, bool, str | Promise]]] = {
    # address        what it does, whether it takes the right to move anybody's hand-offs, what was done
    "acceptance": (lambda id_, by, told, now: verbs.accept(id_, by.email, now), False, gettext_lazy("Accepted.")),
    "rejection": (
        lambda id_, by, told, now: verbs.reject(id_, by.email, told["reason"], now, told["note"]),
        False,
        gettext_lazy("Rejected."),
    ),
    "touch": (
        lambda id_, by, told, now: verbs.touch(id_, by.email, told["kind"], now, told["note"]),
        False,
        gettext_lazy("The touch is logged."),
    ),
    "pause": (
        lambda id_, by, told, now: verbs.pause(id_, by.email, told["reason"], now),
        False,
        gettext_lazy("Its clocks are paused."),
    ),
    "resumption": (
        lambda id_, by, told, now: verbs.resume(id_, by.email, now),
        False,
        gettext_lazy("Its clocks go on."),
    ),
    "recycling": (
        lambda id_, by, told, now: verbs.recycle(id_, by.email, now, told["reason"]),
        False,
        gettext_lazy("Given back to marketing."),
    ),
    "assignment": (
        lambda id_, by, told, now: verbs.reassign(id_, told["rep"], by.email, now, told["reason"]),
        True,
        gettext_lazy("Given to the rep."),
    ),
    "release": (
        lambda id_, by, told, now: verbs.release(id_, by.email, now, told["reason"]),
        True,
        gettext_lazy("Taken from its rep."),
    ),
}


@needs("handoffs.work")
@require_POST
def handoff_deed(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Do one thing to a hand-off. What cannot be done is said in the card, or above the page without script."""
    if deed not in DEEDS:
        raise Http404
    row = get_object_or_404(models.Handoff, pk=pk)
    act, moves, words = DEEDS[deed]
    reader = signed_in(request)
    if not (may_move(reader) if moves else may_work(reader, row.rep)):
        raise PermissionDenied
    told = {name: request.POST.get(name, "").strip()[:LONGEST] for name in ("reason", "note", "kind", "rep")}
    problem = ""
    try:
        row = act(pk, reader, told, timezone.now())
    except NotAllowed as no:
        problem = _("This was not done: %(why)s.") % {"why": str(no).rstrip(".")}
    return _answer(request, row, problem, str(words))


def _answer(request: HttpRequest, row: models.Handoff, problem: str, words: str) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        if problem:
            messages.error(request, problem)
        else:
            messages.success(request, words)
        return redirect(reverse("person", args=[row.person_id]) + f"#handoff-{row.pk}")
    stored = queries.stored(models.Handoff.objects.filter(pk=row.pk))
    (card,) = cards_of(stored, signed_in(request), timezone.now())
    card = replace(card, problem=problem, done="" if problem else words)
    context = {"card": card, "person": row.person, **earlier(row.person, "")}
    return render(request, "reports/handoff_card.html", {**context, "with_story": not problem})


@needs("people.view")
@require_safe
def handoffs(request: HttpRequest) -> HttpResponse:
    """The hand-offs that are not over: the reader's own, or all, those first whose next clock is due first."""
    reader = signed_in(request)
    whose = request.GET.get("whose", "mine" if _is_rep(reader) else "all")
    state = request.GET.get("state", "")
    state = state if state in HANDOFF_LABELS else ""
    page = Paginator(_open(reader if whose == "mine" else None, state), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "whose": whose,
        "state": state,
        "states": [(name, label) for name, label in HANDOFF_LABELS.items() if name != "open"],
        "now": timezone.now(),
    }
    return render(request, "reports/handoffs.html", context)


def _is_rep(reader: User) -> bool:
    return allows(reader, "handoffs.work") and not may_move(reader)


def _open(reader: User | None, state: str) -> QuerySet[Any]:
    rows = queries.open_handoffs(None if reader is None else reader.email.lower())
    if state and state != "open":
        rows = rows.filter(state=state)
    due = Min("clocks__due_at", filter=Q(clocks__over_at__isnull=True))
    return rows.annotate(due_at=due).select_related("person__account").order_by("due_at", "opened_at", "pk")
