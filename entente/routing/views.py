"""Pages of routing: who waits for a rep, the teams and what each got, and one rep with their absences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entente.agreements.queries import version_in_force
from entente.handoffs.models import Handoff
from entente.handoffs.queries import open_handoffs
from entente.members.models import User
from entente.members.permissions import allows, needs
from entente.members.request import signed_in
from entente.people.queries import find_person
from entente.routing import absences, board, departures, queries
from entente.routing.absences import RoutingError
from entente.routing.forms import AbsenceForm, CapacityForm, LeavingForm
from entente.routing.labels import PERIODS
from entente.routing.models import Absence, Capacity, Decision

ROWS_PER_PAGE = 50
SHOWN = 200
"""Waiting leads that are listed at once: the hottest."""

LATEST = 30
"""Decisions that a rep's page lists."""


@needs("queue.view")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    left = Paginator(queries.left_from_before(), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    waiting = queries.waiting(now)
    context = {"waiting": waiting[:SHOWN], "more": len(waiting) - SHOWN, "page": left, "names": _names()}
    return render(request, "routing/waiting.html", context)


@needs("queue.manage")
@require_POST
def admissions(request: HttpRequest) -> HttpResponse:
    """Let the chosen hand-offs from before be dealt (`handoff`, several), or all of them (`all=1`)."""
    rows = queries.left_from_before()
    if request.POST.get("all") != "1":
        rows = rows.filter(pk__in=_numbers(request.POST.getlist("handoff")))
    count = departures.let_be_dealt(rows, by=signed_in(request), now=timezone.now())
    said = ngettext("%(n)d lead is dealt now.", "%(n)d leads are dealt now.", count) % {"n": count}
    messages.success(request, said if count else _("Nothing was chosen."))
    return redirect("waiting")


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


@needs("team.view")
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    now, period = timezone.now(), request.GET.get("period", "30")
    period = period if period in PERIODS else "30"
    version = version_in_force(now)
    agreement = version.agreement if version else None
    context = {
        "cards": board.cards(version, now, _since(period, now)) if version else [],
        "agreement": agreement,
        "version": version,
        "departed": board.departed(agreement),
        "away": queries.absences(None, now),
        "period": period,
        "periods": PERIODS,
        "names": _names(),
    }
    return render(request, "routing/team.html", context)


def _since(period: str, now: datetime) -> datetime | None:
    return None if period == "all" else now - timedelta(days=int(period))


@needs("team.view")
@require_safe
def rep(request: HttpRequest, rep: str) -> HttpResponse:
    return _rep_page(request, _known(rep), AbsenceForm(), _capacity_form(rep))


def _rep_page(request: HttpRequest, rep: str, absence: AbsenceForm, capacity: CapacityForm) -> HttpResponse:
    now = timezone.now()
    version = version_in_force(now)
    agreement = version.agreement if version else None
    cards = board.cards(version, now) if version else []
    names = _names()
    context = {
        "rep": rep,
        "name": names.get(rep, rep),
        "names": names,
        "seats": [(card, row) for card in cards for row in card.rows if row.rep == rep],
        "agreement": agreement,
        "open": open_handoffs(rep).count(),
        "absences": queries.absences([rep], now),
        "absence_form": absence if absences.may_enter_for(signed_in(request), rep) else None,
        "capacity_form": capacity if allows(request.user, "team.manage") else None,
        "decisions": list(Decision.objects.filter(rep=rep).order_by("-at")[:LATEST]),
        "covered": list(Decision.objects.filter(covers=rep).order_by("-at")[:LATEST]),
    }
    return render(request, "routing/rep.html", context)


@needs("own.absences")
@require_POST
def rep_absences(request: HttpRequest, rep: str) -> HttpResponse:
    """Enter an absence, one's own or that of a rep one leads."""
    form = AbsenceForm(request.POST)
    rep = _known(rep)
    if form.is_valid():
        told = form.cleaned_data
        try:
            absences.enter_absence(
                rep,
                told["first"],
                told["last"],
                told["days_before"],
                told["note"],
                by=signed_in(request),
                now=timezone.now(),
            )
        except RoutingError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The absence is entered."))
        return redirect("rep", rep=rep)
    return _rep_page(request, rep, form, _capacity_form(rep))


@needs("own.absences")
@require_POST
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    absence = get_object_or_404(Absence, pk=pk)
    try:
        absences.cancel_absence(absence, by=signed_in(request), now=timezone.now())
    except RoutingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The absence is taken back."))
    return redirect("rep", rep=absence.rep)


@needs("team.manage")
@require_POST
def rep_capacity(request: HttpRequest, rep: str) -> HttpResponse:
    rep, form = _known(rep), CapacityForm(request.POST)
    if not form.is_valid():
        return _rep_page(request, rep, AbsenceForm(), form)
    absences.set_capacity(rep, form.cleaned_data["at_most"], by=signed_in(request), now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("rep", rep=rep)


@needs("queue.view")
@require_safe
def what_if(request: HttpRequest) -> HttpResponse:
    """Where a person's lead would go at this moment, with other values (`set`, `name=value` a line)."""
    asked, lines = request.GET.get("person", "")[:300].replace("\0", ""), request.GET.get("set", "")[:2000]
    context: dict[str, Any] = {"asked": asked, "set": lines, "names": _names()}
    if asked:
        context |= _foreseen(asked, lines)
    return render(request, "routing/what_if.html", context)


def _foreseen(asked: str, lines: str) -> dict[str, Any]:
    person = find_person(asked)
    if person is None:
        return {"problem": _("Nobody is known as “%(who)s”.") % {"who": asked}}
    try:
        changes = queries.read_changes(line for line in lines.splitlines() if line.strip())
    except ValueError as line:
        return {"problem": _("“%(line)s” is not name=value.") % {"line": line}}
    preview = queries.what_if(person.pk, timezone.now(), changes)
    return {"person": person, "preview": preview, "candidates": preview.as_data()["candidates"]}


@needs("people.view")
@require_safe
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """Why the reps of a hand-off were given it: a page, or the part of one that htmx asks for."""
    handoff = get_object_or_404(Handoff.objects.select_related("person"), pk=pk)
    part = request.headers.get("HX-Request") == "true"
    return render(request, "routing/why_part.html" if part else "routing/why_page.html", {"handoff": handoff})


@needs("team.manage")
@require_http_methods(["GET", "POST"])
def leaving(request: HttpRequest, rep: str) -> HttpResponse:
    """Say where the open hand-offs of somebody go: asked when they are disabled, and possible at any time."""
    rep = _known(rep)
    form = LeavingForm(request.POST or None, colleagues=_colleagues(rep))
    if request.method == "POST" and form.is_valid():
        try:
            count = departures.hand_on(rep, form.cleaned_data["to"], by=signed_in(request), now=timezone.now())
        except RoutingError as error:
            form.add_error("to", str(error))
        else:
            said = ngettext("%(n)d hand-off is sent on.", "%(n)d hand-offs are sent on.", count) % {"n": count}
            messages.success(request, said)
            return redirect("team")
    context = {"rep": rep, "name": _names().get(rep, rep), "open": open_handoffs(rep).count(), "form": form}
    return render(request, "routing/leaving.html", context)


def _colleagues(rep: str) -> list[tuple[str, str]]:
    """Members with access who are in sales."""
    rows = User.objects.filter(is_active=True, party="sales").exclude(email=rep).order_by("name")
    return list(rows.values_list("email", "name"))


def _known(rep: str) -> str:
    """The rep of an address: one whom the agreement names, a member, or one who has or had a hand-off."""
    rep = rep.strip().lower().replace("\0", "")
    version = version_in_force(timezone.now())
    named = {each.rep for team in version.agreement.routing.teams for each in team.reps} if version else set()
    if rep in named or User.objects.filter(email=rep, party="sales").exists() or open_handoffs(rep).exists():
        return rep
    raise Http404(_("There is no rep of this address."))


def _capacity_form(rep: str) -> CapacityForm:
    set_to = Capacity.objects.filter(rep=rep).values_list("at_most", flat=True).first()
    return CapacityForm(initial={"at_most": set_to})


def _names() -> dict[str, Any]:
    return dict(User.objects.values_list("email", "name"))
