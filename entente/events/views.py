"""Ingestion: what did not go into the log as it came, and the keys of those who send."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entente.events import queries
from entente.events.forms import WriteKeyForm
from entente.events.keys import KeyProblem, create_key, revoke_key
from entente.events.models import WriteKey
from entente.members.permissions import needs
from entente.members.request import signed_in


@needs("ingestion.view")
@require_safe
def ingestion(request: HttpRequest) -> HttpResponse:
    """Each kind of refusal and of remark with its count and an example, and the conflicts."""
    context = {
        "refused": queries.refused(),
        "kept": queries.kept_with_a_remark(),
        "conflicts": queries.conflicts(),
        "has_keys": WriteKey.objects.exists(),
    }
    return render(request, "events/ingestion.html", context)


@needs("write_keys.manage")
@require_safe
def write_keys(request: HttpRequest) -> HttpResponse:
    return render(request, "events/write_keys.html", {"keys": queries.write_keys()})


@needs("write_keys.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def new_write_key(request: HttpRequest) -> HttpResponse:
    """Make a key. The page that answers shows it, and none does again."""
    form = WriteKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            key, secret = create_key(
                asked["name"], asked["source"], signed_in(request), timezone.now(),
                origins=asked["origins"], rate_per_second=asked["rate_per_second"],
            )  # fmt: skip
        except KeyProblem as problem:
            form.add_error(None, str(problem))
        else:
            host = f"{request.scheme}://{request.get_host()}"
            return render(request, "events/write_key_made.html", {"key": key, "secret": secret, "host": host})
    return render(request, "events/new_write_key.html", {"form": form})


@needs("write_keys.manage")
@require_POST
def write_key_revocation(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(WriteKey, pk=pk)
    if revoke_key(key, signed_in(request), timezone.now()):
        messages.success(request, _("The key is revoked. What still sends with it is refused."))
    return redirect("write_keys")
