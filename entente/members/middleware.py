"""What happens to each request before its view: whose it is, in which language and time zone, and whether it may."""

from __future__ import annotations

import time
import zoneinfo
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from entente.members import trail

Respond = Callable[[HttpRequest], HttpResponseBase]

REMEMBER_EVERY = 300
"""Seconds: how exactly the last use of a session is known; less would be one more write for each page."""


def client_address(respond: Respond) -> Respond:
    """Believe X-Forwarded-For and X-Forwarded-Proto from configured proxies only, from nobody else."""
    proxies = [ip_network(name) for name in settings.TRUSTED_PROXIES]

    def trusted(address: str) -> bool:
        try:
            parsed = ip_address(address.strip())
        except ValueError:
            return False
        return any(parsed in network for network in proxies)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        scheme = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        request.META["ENTENTE_FORWARDED"] = bool(forwarded)  # by whomever: the asker may be elsewhere
        if trusted(request.META.get("REMOTE_ADDR") or ""):
            request.META["ENTENTE_SCHEME"] = scheme
            request.META["REMOTE_ADDR"] = _nearest_stranger(forwarded, trusted) or request.META["REMOTE_ADDR"]
        with trail.coming_from(_valid(request.META.get("REMOTE_ADDR"))):
            return respond(request)

    return middleware


def _nearest_stranger(forwarded: str, trusted: Callable[[str], bool]) -> str | None:
    """The last address of the chain that is not one of our proxies: what stands before it may be invented."""
    for address in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not trusted(address):
            return _valid(address)
    return None


def _valid(address: str | None) -> str | None:
    try:
        return str(ip_address(address or ""))
    except ValueError:
        return None


def session_limits(respond: Respond) -> Respond:
    """End a session that was idle for too long, or that is too old however busy it is."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = int(time.time())
            began = request.session.setdefault("began", now)
            used = request.session.setdefault("used", now)
            if now - used > settings.SESSION_IDLE_SECONDS or now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif now - used > REMEMBER_EVERY and not _by_itself(request):
                request.session["used"] = now
        return respond(request)

    return middleware


def _by_itself(request: HttpRequest) -> bool:
    """Whether an open page asks that nobody uses: the stream of notifications comes back every few minutes."""
    return request.headers.get("Accept") == "text/event-stream"


def preferences(respond: Respond) -> Respond:
    """Speak the user's language and tell the time of their place."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return respond(request)
        with translation.override(request.user.language), timezone.override(_zone(request.user.timezone)):
            request.LANGUAGE_CODE = translation.get_language()
            response = respond(request)
            response.headers["Content-Language"] = translation.get_language()
            return response

    return middleware


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


class EveryViewHasAPermission:
    """Refuse a view that carries no entry of the permission table: forgetting one must not open a door."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.respond(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not hasattr(view, "permission"):
            raise PermissionDenied(f"the view {view} has no permission")
