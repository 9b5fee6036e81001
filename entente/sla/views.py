"""The page of clocks: which promises run now, which is due next, which are overdue."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from entente.agreements.queries import in_force
from entente.agreements.words import promise_words
from entente.members.permissions import needs
from entente.members.request import signed_in
from entente.sla import running
from entente.sla.running import Choice

ROWS_PER_PAGE: Final = 50
MINE: Final = "mine"

STANDING_LABELS: Final[dict[str, str | Promise]] = {
    "running": _("Running"),
    "overdue": _("Overdue"),
    "waiting": _("Nobody has the lead"),
    "before": _("From before Entente ran"),
}


@needs("clocks.view")
@require_safe
def clocks(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    which = request.GET.get("standing", "")
    which = which if which in running.STANDINGS else running.STANDINGS[0]
    choice = _choice(request)
    numbers = running.counts(choice, now)
    found = running.standing_clocks(which, choice, now).select_related("person__account")
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    reps, promises = running.choices()
    context = {
        "which": which,
        "choice": choice,
        "whose": request.GET.get("rep", ""),
        "standings": [(name, STANDING_LABELS[name], numbers[name]) for name in running.STANDINGS],
        "page": page,
        "rows": running.shown(page.object_list, now),
        "reps": reps,
        "promises": promises,
        "examples": _examples(request, choice),
        "now": now,
    }
    return render(request, "sla/clocks.html", context)


def _choice(request: HttpRequest) -> Choice:
    rep = _text(request, "rep")
    return Choice(signed_in(request).email.lower() if rep == MINE else rep, _text(request, "promise"))


def _text(request: HttpRequest, name: str) -> str:
    """A choice of the address; the database takes every character but one."""
    return request.GET.get(name, "").replace("\0", "").strip()


def _examples(request: HttpRequest, choice: Choice) -> list[tuple[str, str, Any]]:
    """What each promise means, by the date on which it would be due for a lead that is given now."""
    now = timezone.now()
    agreement = in_force(now)
    if agreement is None:
        return []
    rep = choice.rep or signed_in(request).email
    return [(promise.promise, promise_words(promise), due) for promise, due in running.given_now(agreement, rep, now)]
