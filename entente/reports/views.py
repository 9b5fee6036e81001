"""Overview, funnel, and the lists of deals and hand-offs behind their numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from entente.agreements.commitments import Count
from entente.agreements.document import Agreement
from entente.agreements.words import promise_words
from entente.handoffs.models import Handoff
from entente.members.permissions import needs
from entente.reports import queries
from entente.reports.attention import needs_attention
from entente.reports.charts import MARKETING, Chart, bars
from entente.reports.labels import CUT_LABELS, PERIOD_LABELS
from entente.reports.periods import Period, named
from entente.reports.promises import Board, board, known_board
from entente.reports.queries import DEAL_KINDS, Ground, ground, zone_of
from entente.reports.selection import CUTS, read_period, read_selection
from entente.sla import running
from entente.sla.commitments import Measured
from entente.sla.running import Choice

ROWS_PER_PAGE = 50


@needs("overview.view")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    now, on = timezone.now(), ground()
    period = period_of(request, on)
    here, before = queries.so_far(period, now)
    this, that = queries.outcomes(*here), queries.outcomes(*before)
    # Measuring takes a moment: unless it was done lately, the page asks for the promises when it is there itself.
    kept = board(on, period, now) if request.GET.get("measured") == "1" else known_board(on, period, now)
    context = {
        **frame_of(on, period),
        **(_promises(on, period, kept) if kept else {"later": _said(period)}),
        "this": this,
        "that": that,
        "growth": queries.growth(this.revenue, that.revenue),
        "chart": _by_month(on, now),
        "has_people": on.at is not None and queries.choices_exist(),
    }
    return render(request, "reports/overview.html", context)


@needs("overview.view")
@require_safe
def promises(request: HttpRequest) -> HttpResponse:
    """The promises and what needs attention, for the overview to put in its place."""
    on = ground()
    period = period_of(request, on)
    kept = board(on, period, timezone.now())
    return render(request, "reports/promises.html", {**frame_of(on, period), **_promises(on, period, kept)})


def _promises(on: Ground, period: Period, kept: Board) -> dict[str, Any]:
    now = timezone.now()
    return {
        "promises": _both_sides(on.agreement, kept.promises),
        "attention": needs_attention(kept, period, now),
        "running": running.counts(Choice(), now),
        "next_due": running.next_due(now),
        "said_period": _said(period),
    }


def _said(period: Period) -> str:
    """The period as the query of an address."""
    said = {"period": period.name} if period.name else {"from": str(period.first), "to": str(period.last)}
    return urlencode(said)


def _both_sides(agreement: Agreement | None, measured: Any) -> list[tuple[str, list[Any]]]:
    """For each party its promises, each with its words and its place in the address."""
    sides: dict[str, list[Any]] = {"marketing": [], "sales": []}
    if agreement:
        for promise in measured:
            agreed = getattr(agreement.commitments, promise.party)
            place = len(sides[promise.party])
            sides[promise.party].append((place, promise, promise_words(agreed[place])))
    return [(party, promises) for party, promises in sides.items() if promises]


def _by_month(on: Ground, now: datetime) -> Chart | None:
    """Qualified people in the twelve months up to the latest, with the number that marketing promised.

    Where nobody ever qualified, it is leads; None where there are none either.
    """
    qualified = [place for place, stage in enumerate(on.stages) if stage.entered_when == "qualified"]
    for place in (*qualified, 0):
        if latest := queries.latest_entry(place):
            break
    else:
        return None
    counted = queries.people_by_month(place, named("last_12_months", min(latest, now), zone_of(on.agreement)))
    promised = on.agreement.commitments.marketing if on.agreement else ()
    targets = [each.at_least for each in promised if isinstance(each, Count) and each.per == "month" and place]
    values = [(f"{month:%Y-%m}", count) for month, count in counted]
    title = _("People who entered “%(stage)s”, by month") % {"stage": on.stages[place].name}
    return bars(values, name=_("People"), title=title, colour=MARKETING, target=targets[0] if targets else None)


@needs("funnel.view")
@require_safe
def funnel(request: HttpRequest) -> HttpResponse:
    now, on = timezone.now(), ground()
    selection = read_selection(request.GET.dict(), on.agreement, len(on.stages), now)
    if not {"period", "from"} & request.GET.keys():
        selection = replace(selection, period=queries.period_with_something(selection.period))
    cut = request.GET.get("by", "")
    cut = cut if cut in CUTS else CUTS[0]
    steps = queries.funnel(selection, on.stages)
    context = {
        **frame_of(on, selection.period),
        "selection": selection,
        "steps": steps,
        "cut": cut,
        "cuts": [(name, CUT_LABELS[name]) for name in CUTS],
        "groups": queries.funnel_by(cut, selection, on.stages),
        "choices": [(name, CUT_LABELS[name], queries.choices(name), getattr(selection, name)) for name in CUTS],
    }
    return render(request, "reports/funnel.html", context)


@needs("overview.view")
@require_safe
def deals(request: HttpRequest) -> HttpResponse:
    """The deals behind an outcome's number: won, lost, lost to a competitor, or all that were closed."""
    on = ground()
    period = period_of(request, on)
    kind = request.GET.get("kind", "")
    kind = kind if kind in DEAL_KINDS else "closed"
    here, before = queries.so_far(period, timezone.now())
    stretch = before if request.GET.get("before") == "1" else here
    rows = queries.closed_deals(*stretch).filter(DEAL_KINDS[kind]).select_related("person", "account")
    page = Paginator(rows.order_by("-closed_at", "pk"), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/deals.html", {**frame_of(on, period), "page": page, "kind": kind})


@needs("overview.view")
@require_safe
def promise(request: HttpRequest, party: str, place: int) -> HttpResponse:
    """The hand-offs behind one promise: those that it counted, those that kept it, or those that did not."""
    now, on = timezone.now(), ground()
    agreed = getattr(on.agreement.commitments, party) if on.agreement and party in ("marketing", "sales") else ()
    if place >= len(agreed):
        raise Http404
    period = period_of(request, on)
    kept = board(on, period, now)
    measured = [each for each in kept.promises if each.party == party][place]
    which = {"kept": True, "missed": False}.get(request.GET.get("which", ""))
    ids = kept.behind(measured, which)
    page = Paginator(ids, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    found = Handoff.objects.select_related("person__account").in_bulk(list(page.object_list))
    context = {
        **frame_of(on, period),
        "party": party,
        "place": place,
        "promise": measured,
        "words": promise_words(agreed[place]),
        "which": request.GET.get("which", "") if which is not None else "",
        "page": page,
        "handoffs": [found[id_] for id_ in page.object_list if id_ in found],
        "clocks": running.clocks_of_handoffs(measured.of, measured.promise, found) if _is_timed(measured) else None,
    }
    return render(request, "reports/promise.html", context)


def _is_timed(promise: Measured) -> bool:
    return promise.kind in ("clock", "persistence")


def period_of(request: HttpRequest, on: Ground) -> Period:
    """The period of the address; without one, this quarter, or all time when this quarter is empty."""
    period = read_period(request.GET.dict(), timezone.now(), zone_of(on.agreement), "this_quarter")
    return period if {"period", "from"} & request.GET.keys() else queries.period_with_something(period)


def frame_of(on: Ground, period: Period) -> dict[str, Any]:
    """What all of these pages show: the agreement's currency and the choice of the period."""
    return {
        "agreement": on.agreement,
        "version": on.version,
        "currency": on.agreement.currency if on.agreement else "EUR",
        "followed_at": on.at,
        "period": period,
        "periods": PERIOD_LABELS,
    }
