"""The agreement as people read it: the version in force, those before and after it, and each as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from entente.agreements import queries
from entente.agreements.models import AgreementVersion
from entente.agreements.words import describe
from entente.members.permissions import needs

BOTH_SIDES = ("marketing", "sales")


@needs("agreement.view")
@require_safe
def agreement(request: HttpRequest) -> HttpResponse:
    """The version in force; before the first day of any, the newest."""
    now = timezone.now()
    return _page(request, queries.version_in_force(now) or queries.versions().first(), now)


@needs("agreement.view")
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    return _page(request, _found(number), timezone.now())


@needs("agreement.view")
@require_safe
def version_yaml(request: HttpRequest, number: int) -> HttpResponse:
    """The document as the file that `entente agreement import` reads back."""
    found = _found(number)
    name = f"{slugify(found.name) or 'agreement'}-v{found.number}.yaml"
    response = HttpResponse(found.agreement.to_yaml(), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _found(number: int) -> AgreementVersion:
    found = queries.version(number)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, shown: AgreementVersion | None, now: datetime) -> HttpResponse:
    if shown is None:
        return render(request, "agreements/none.html")
    sections = {section.key: section for section in describe(shown.agreement)}
    context = {
        "version": shown,
        "agreement": shown.agreement,
        "promises": [(party, sections.pop(party)) for party in BOTH_SIDES if party in sections],
        "sections": list(sections.values()),
        "terms": _terms(now),
    }
    return render(request, "agreements/agreement.html", context)


@dataclass(frozen=True, slots=True)
class Term:
    """A version's time in force, in days of its own zone; `last` is None while no later version ends it."""

    version: AgreementVersion
    first: date
    last: date | None
    state: str


def _terms(now: datetime) -> list[Term]:
    """All versions that are ever in force, the newest first."""
    terms = []
    for reign in queries.reigns():
        zone = reign.version.agreement.zone
        last = (reign.ends - timedelta(microseconds=1)).astimezone(zone).date() if reign.ends else None
        running = "in force" if not reign.ends or now < reign.ends else "past"
        state = "to come" if now < reign.begins else running
        terms.append(Term(reign.version, reign.version.agreement.effective, last, state))
    return terms[::-1]
