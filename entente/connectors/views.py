"""Import: files in, a look at what they are taken for, changes to it, and everything that was imported, with undo."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import caches
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from entente.connectors import actions, drafts, running
from entente.connectors.actions import ImportProblem
from entente.connectors.drafts import DONE, RUNNING, Draft
from entente.connectors.files import FileProblem, MappingProblem, limits
from entente.connectors.files.preview import Preview, preview
from entente.connectors.labels import MEANING_LABELS, ROLE_LABELS, STEP_LABELS, WARNING_LABELS
from entente.events.models import Import
from entente.members import trail
from entente.members.forms import time_zones
from entente.members.models import Role
from entente.members.permissions import needs
from entente.members.request import signed_in

IMPORTS_PER_PAGE = 30


@needs("imports.view")
@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported, newest first, and the drafts of the reader."""
    rows = Import.objects.select_related("by", "source").order_by("-started_at", "-pk")
    context = {
        "page": Paginator(rows, IMPORTS_PER_PAGE).get_page(request.GET.get("page")),
        "drafts": drafts.of(signed_in(request).pk),
        "zones": time_zones(),
        "most_megabytes": settings.UPLOAD_MAX_BYTES // 1_000_000,
    }
    return render(request, "connectors/imports.html", context)


@needs("imports.run")
@require_POST
def new_draft(request: HttpRequest) -> HttpResponse:
    files = request.FILES.getlist("files")
    if request.META.get("ENTENTE_UPLOAD_TOO_LARGE"):
        most = settings.UPLOAD_MAX_BYTES // 1_000_000
        messages.error(request, _("A file is larger than %(n)s MB. Split it, or use “entente import”.") % {"n": most})
    elif not files:
        messages.error(request, _("Choose at least one file."))
    elif len(files) > limits.FILES:
        messages.error(request, _("At most %(n)s files at once.") % {"n": limits.FILES})
    else:
        zone = request.POST.get("timezone", "")
        known = zone if zone in dict(time_zones()) else signed_in(request).timezone
        draft = drafts.begin(files, signed_in(request).pk, known, timezone.now())
        return redirect("import_draft", id_=draft.id)
    return redirect("imports")


@needs("imports.run")
@require_safe
def draft(request: HttpRequest, id_: str) -> HttpResponse:
    """What the files are taken for; while they are imported, how far that is."""
    found = _mine(request, id_)
    if found.state == DONE:
        return redirect("imports")
    if found.state == RUNNING and not found.interrupted:
        return render(request, "connectors/progress_page.html", {"draft": found, "steps": STEP_LABELS})
    try:
        seen = _seen(found)
    except (FileProblem, MappingProblem) as problem:
        return render(request, "connectors/unreadable.html", {"draft": found, "problem": str(problem)})
    context = {
        "draft": found,
        "preview": seen,
        "meanings": MEANING_LABELS,
        "roles": ROLE_LABELS,
        "labels": WARNING_LABELS,
        "warnings": [(WARNING_LABELS.get(warning.code, ""), warning) for warning in seen.warnings],
        "zones": time_zones(),
    }
    return render(request, "connectors/draft.html", context)


def _seen(found: Draft) -> Preview:
    """The preview, kept while nobody changes the choices: a large file takes seconds to read."""
    told = repr((found.id, found.timezone, found.columns))
    key = "preview:" + hashlib.sha256(told.encode()).hexdigest()
    kept = caches["charts"].get(key)
    if not isinstance(kept, Preview):
        kept = preview(found.paths, found.mapping)
        caches["charts"].set(key, kept)
    return kept


@needs("imports.run")
@require_POST
def draft_choices(request: HttpRequest, id_: str) -> HttpResponse:
    """Change what columns mean, or the time zone of the times; choices that cannot be are refused with a reason."""
    found = _mine(request, id_)
    before = (found.columns, found.timezone)
    found.columns = _choices(request, found)
    zone = request.POST.get("timezone", "")
    found.timezone = zone if zone in dict(time_zones()) else found.timezone
    try:
        _seen(found)
    except (FileProblem, MappingProblem) as problem:
        messages.error(request, str(problem))
        found.columns, found.timezone = before
    found.save()
    if request.POST.get("then") == "import" and (found.columns, found.timezone) != before:
        messages.info(request, _("The changed meanings are shown below; look once more, then import."))
    elif request.POST.get("then") == "import":
        running.start(found, signed_in(request))
    return redirect("import_draft", id_=found.id)


def _choices(request: HttpRequest, found: Draft) -> list[dict[str, Any]]:
    """What a person chose, of what is shown: earlier choices stay, and everything that differs from the guess."""
    seen = _seen(found)
    chosen = {(entry["file"], entry.get("sheet")): dict(entry["columns"]) for entry in found.columns}
    for number, table in enumerate(seen.tables):
        columns = chosen.setdefault((table.file, table.sheet), {})
        for place, column in enumerate(table.columns):
            meaning = request.POST.get(f"meaning-{number}-{place}", "")
            if meaning in MEANING_LABELS and (meaning != column.meaning or column.header in columns):
                columns[column.header] = meaning
    return [
        {"file": file, **({"sheet": sheet} if sheet else {}), "columns": columns}
        for (file, sheet), columns in chosen.items()
        if columns
    ]


@needs("imports.run")
@require_safe
def draft_progress(request: HttpRequest, id_: str) -> HttpResponse:
    """How far the import is, for the page to show; it leaves for the list when there is nothing more to wait for."""
    found = _mine(request, id_)
    if found.state == RUNNING and not found.interrupted:
        return render(request, "connectors/progress.html", {"draft": found, "steps": STEP_LABELS})
    target = "/imports/" if found.state == DONE else f"/imports/drafts/{found.id}/"
    return HttpResponse(status=200, headers={"HX-Redirect": target})


@needs("imports.run")
@require_safe
def draft_mapping(request: HttpRequest, id_: str) -> HttpResponse:
    """The meanings as a mapping file, for the command line and for the next export of the same shape."""
    try:
        text = _seen(_mine(request, id_)).mapping
    except (FileProblem, MappingProblem) as problem:
        raise Http404 from problem
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mapping.yaml"'
    return response


@needs("imports.run")
@require_POST
def draft_end(request: HttpRequest, id_: str) -> HttpResponse:
    found = _mine(request, id_)
    if found.state != RUNNING or found.interrupted:
        drafts.forget(found)
    return redirect("imports")


def _mine(request: HttpRequest, id_: str) -> Draft:
    """The draft, if it is the reader's own; operations see everybody's."""
    try:
        found = drafts.find(id_)
    except drafts.DraftMissing as missing:
        raise Http404 from missing
    user = signed_in(request)
    if found.by != user.pk and user.role != Role.OPS:
        raise Http404
    return found


@needs("imports.undo")
@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(Import, pk=pk)
    try:
        removed = actions.undo(unit.pk, signed_in(request), now=timezone.now())
    except ImportProblem as problem:
        messages.error(request, str(problem))
    else:
        names = ", ".join(file.get("name", "") for file in unit.files)
        trail.record("import.undone", signed_in(request), names, events=removed)
        messages.success(request, _("The import is undone; its events have left the log."))
    return redirect("imports")


@needs("imports.view")
@require_safe
def import_rejects(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows that did not go in, each with its reason."""
    unit = get_object_or_404(Import, pk=pk)
    path = Path(unit.rejects_file) if unit.rejects_file else None
    if path is None or not path.is_file() or settings.DATA not in path.resolve().parents:
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"left-out-{unit.pk}.csv", content_type="text/csv"
    )
