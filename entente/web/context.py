"""What every page's frame needs: the rooms that this reader may enter, and which one they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from entente.alerts.queries import bell_of
from entente.members.permissions import allows
from entente.members.request import signed_in


@dataclass(frozen=True, slots=True)
class Place:
    name: str | Promise
    address: str
    icon: str
    here: bool


Row = tuple[str | Promise, str, str, str]

MAIN: list[Row] = [
    (_("Overview"), "overview", "overview.view", "overview"),
    (_("Funnel"), "funnel", "funnel.view", "funnel"),
    (_("People"), "people", "people.view", "people"),
    (_("Hand-offs"), "handoffs", "people.view", "handoffs"),
    (_("Waiting"), "waiting", "queue.view", "queue"),
    (_("Teams"), "team", "team.view", "team"),
    (_("Clocks"), "clocks", "clocks.view", "clock"),
    (_("Agreement"), "agreement", "agreement.view", "agreement"),
    (_("Alerts"), "alerts", "alerts.own", "bell"),
    (_("Import"), "imports", "imports.view", "import"),
]
SETUP: list[Row] = [
    (_("Ingestion"), "ingestion", "ingestion.view", "ingestion"),
    (_("Deliveries"), "deliveries", "deliveries.manage", "outbox"),
    (_("Worker"), "workers", "worker.manage", "worker"),
    (_("Members"), "members", "members.view", "members"),
    (_("API keys"), "api_keys", "keys.manage", "key"),
    (_("Audit trail"), "audit_trail", "audit_trail.view", "trail"),
]


def navigation(request: HttpRequest) -> dict[str, object]:
    """`places` and `setup_places` for the rail, and the `bell`; empty where nobody is signed in."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"places": [], "setup_places": []}
    return {"places": _places(request, MAIN), "setup_places": _places(request, SETUP), "bell": _bell(request)}


def _bell(request: HttpRequest) -> SimpleLazyObject:
    """The reader's `Bell`, counted when a page shows it, so that a part of a page costs nothing."""
    member = signed_in(request).pk
    return SimpleLazyObject(lambda: bell_of(member))


def _places(request: HttpRequest, rows: Sequence[Row]) -> list[Place]:
    return [
        Place(name, address, drawing, _is_here(request.path, address))
        for name, url, permission, drawing in rows
        if allows(request.user, permission)
        for address in [reverse(url)]
    ]


def _is_here(path: str, address: str) -> bool:
    return path == address if address == "/" else path.startswith(address)
