"""Pages about API keys: which programs may do what, and as whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entente.members import keys
from entente.members.actions import MembersError
from entente.members.forms import ApiKeyForm
from entente.members.models import ApiKey
from entente.members.permissions import needs
from entente.members.request import signed_in


@needs("keys.manage")
@require_safe
def api_keys(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = [(key, keys.works(key, now)) for key in keys.api_keys()]
    return render(request, "members/api_keys.html", {"rows": rows})


@needs("keys.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def new_api_key(request: HttpRequest) -> HttpResponse:
    """Make a key. The page that answers shows its secret, and none does again."""
    form = ApiKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked, now = form.cleaned_data, timezone.now()
        try:
            made = keys.create_api_key(
                asked["name"],
                asked["scopes"],
                asked["acts_as"],
                by=signed_in(request),
                now=now,
                expires_at=_beginning_of(asked["expires"]),
            )
        except MembersError as error:
            form.add_error(None, str(error))
        else:
            return render(request, "members/api_key_made.html", {"key": made.key, "secret": made.secret})
    return render(request, "members/new_api_key.html", {"form": form})


def _beginning_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


@needs("keys.manage")
@require_POST
def api_key_revocation(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk)
    keys.revoke_api_key(key, by=signed_in(request), now=timezone.now())
    messages.success(request, _("The key is revoked. What still uses it is refused."))
    return redirect("api_keys")
