"""Addresses of the API: its routes behind the door, its description, and the page that shows it."""

from __future__ import annotations

from django.urls import URLPattern, path

from entente.api import views
from entente.api.door import door
from entente.api.gateway import api
from entente.members.permissions import PUBLIC, needs

app_name = "api"


def _guarded(pattern: URLPattern) -> URLPattern:
    is_description = pattern.name == "openapi-json"
    pattern.callback = needs(PUBLIC)(pattern.callback) if is_description else door(pattern.callback)
    return pattern


urlpatterns = [
    path("docs", views.docs, name="docs"),
    *(_guarded(pattern) for pattern in api.urls[0] if isinstance(pattern, URLPattern)),
    path("<path:rest>", views.nothing, name="nothing"),
]
