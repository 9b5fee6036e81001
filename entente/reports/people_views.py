"""People: the list that every number opens, its export, and one person with their story and score."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from entente.members import trail
from entente.members.permissions import needs
from entente.members.request import signed_in
from entente.people.models import Person
from entente.reports import queries
from entente.reports.labels import CUT_LABELS, HANDOFF_LABELS, PERIOD_LABELS
from entente.reports.models import Journey
from entente.reports.person import PersonPage, earlier
from entente.reports.queries import ground
from entente.reports.scores import scores_of
from entente.reports.selection import CUTS, Selection, read_selection
from entente.scoring.queries import with_score

ROWS_PER_PAGE: Final = 50
PAGES: Final = 200
"""Further than this nobody reads: the page says to narrow the search instead."""

SORTS: Final[dict[str, Any]] = {
    "seen": F("person__last_seen").desc(),
    "name": F("person__name").asc(),
    "first": F("person__first_seen").desc(),
    "stage": F("position").desc(),
    "score": F("score").desc(nulls_last=True),
}
EXPORT_AT_ONCE: Final = 2_000


@needs("people.view")
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    now, on = timezone.now(), ground()
    selection = read_selection(request.GET.dict(), on.agreement, len(on.stages), now)
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "seen"
    page = Paginator(_sorted(selection, sort, now), ROWS_PER_PAGE).get_page(_page_number(request))
    shown = list(page.object_list)
    context = {
        "selection": selection,
        "filtered": bool(_filters(selection)),
        "filters": _filters(selection),
        "stages": on.stages,
        "agreement": on.agreement,
        "sort": sort,
        "page": page,
        "deepest": page.number >= PAGES,
        "rows": _rows(shown, on.stages, scores_of([journey.person_id for journey in shown], now)),
        "choices": [(name, CUT_LABELS[name], queries.choices(name), getattr(selection, name)) for name in CUTS],
        "handoffs": HANDOFF_LABELS,
        "periods": PERIOD_LABELS,
        "period": selection.period,
    }
    return render(request, "reports/people.html", context)


def _page_number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return min(int(asked), PAGES) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def _sorted(selection: Selection, sort: str, now: datetime) -> QuerySet[Journey]:
    chosen = selection.journeys().select_related("person__account")
    if sort == "score":
        chosen = with_score(chosen, now, path="person__standing")
    return chosen.order_by(SORTS[sort], "-person_id")


def _filters(selection: Selection) -> str:
    """The filters but for the text, as hidden fields keep them."""
    told = (selection.stage, selection.stayed, selection.source, selection.segment, selection.rep, selection.handoff)
    return "1" if any(each not in (None, "", False) for each in told) else ""


def _rows(journeys: Sequence[Journey], stages: Sequence[Any], scores: dict[int, float]) -> list[dict[str, Any]]:
    return [
        {
            "journey": journey,
            "person": journey.person,
            "stage": stages[journey.position].name if 0 <= journey.position < len(stages) else "",
            "score": scores.get(journey.person_id),
        }
        for journey in journeys
    ]


@needs("people.export")
@require_safe
def people_csv(request: HttpRequest) -> HttpResponseBase:
    """The whole selection as a file. Cells that a spreadsheet would take for a formula are quoted."""
    now, on = timezone.now(), ground()
    selection = read_selection(request.GET.dict(), on.agreement, len(on.stages), now)
    trail.record("people.exported", signed_in(request), object=selection.address())
    heads = [_("Name"), _("E-mail"), _("Company"), _("Stage"), _("Score"), _("Rep"), _("Source"), _("Segment")]
    heads += [_("First seen"), _("Last seen")]  # while the reader's language is spoken; the lines come later
    response = StreamingHttpResponse(_lines(heads, selection, on.stages, now), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="people-{now:%Y-%m-%d}.csv"'
    return response


class _Echo:
    """A file that hands back what is written to it, for csv to write on."""

    def write(self, text: str) -> str:
        return text


def _lines(heads: list[str], selection: Selection, stages: Sequence[Any], now: datetime) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(heads)
    last = None
    while True:  # by key and not by a cursor, which would keep a transaction open while a slow reader reads
        some = selection.journeys().select_related("person__account").order_by("person_id")
        batch = list((some if last is None else some.filter(person_id__gt=last))[:EXPORT_AT_ONCE])
        if not batch:
            return
        last = batch[-1].person_id
        for row in _rows(batch, stages, scores_of([journey.person_id for journey in batch], now)):
            yield writer.writerow([_harmless(cell) for cell in _cells(row)])


def _cells(row: dict[str, Any]) -> list[str]:
    person, journey = row["person"], row["journey"]
    score = "" if row["score"] is None else f"{row['score']:.1f}"
    seen = [person.first_seen.isoformat(timespec="seconds"), person.last_seen.isoformat(timespec="seconds")]
    who = [person.name, person.email, str(person.account or ""), row["stage"]]
    return [*who, score, journey.rep, journey.source, journey.segment, *seen]


def _harmless(cell: str) -> str:
    """A cell that begins like a formula is marked as text; a negative number stays a number."""
    if not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell


@needs("people.view")
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person. Whoever was joined into another is found there."""
    found = get_object_or_404(Person.objects.select_related("account", "joined_into"), pk=pk)
    if found.joined_into_id:
        return redirect("person", pk=found.joined_into_id)
    now = timezone.now()
    page = PersonPage(found, ground(), now, _moment(request, now), request.GET.get("before", ""), signed_in(request))
    return render(request, "reports/person.html", page.context())


@needs("people.view")
@require_safe
def person_story(request: HttpRequest, pk: int) -> HttpResponse:
    """Earlier parts of the timeline, for the page to append."""
    found = get_object_or_404(Person, pk=pk)
    return render(request, "reports/story.html", {"person": found, **earlier(found, request.GET.get("before", ""))})


def _moment(request: HttpRequest, now: datetime) -> datetime:
    """The moment of the explanation: now, or a past one of the address, in the reader's time zone."""
    try:
        asked = parse_datetime(request.GET.get("at", ""))
    except ValueError:
        return now
    if asked is None:
        return now
    aware = asked if timezone.is_aware(asked) else timezone.make_aware(asked)
    return min(aware, now)
