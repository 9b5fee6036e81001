"""The collector of this process, with the database and the hosts that the settings name."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.http.request import split_domain_port, validate_host

from entente.events.collector.app import Collector
from entente.events.collector.requests import Request
from entente.events.collector.writer import Writer

CONNECT_SECONDS = 3
STATEMENT_SECONDS = 20


@cache
def collector() -> Collector:
    """The one of this process; its writer starts with the first request."""
    return Collector(Writer(connect), address_of)


def connect() -> psycopg.Connection[Any]:
    """A connection of the writer's own, which gives up soon: whoever waits is to be told."""
    parameters = connections["default"].get_connection_params()
    limits = f"-c statement_timeout={STATEMENT_SECONDS}s -c idle_in_transaction_session_timeout={STATEMENT_SECONDS}s"
    parameters |= {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": STATEMENT_SECONDS * 1000,
        "options": f"{parameters.get('options', '')} {limits}".strip(),
        "cursor_factory": psycopg.Cursor,
        "context": None,
        "prepare_threshold": 3,
        "autocommit": True,
        "application_name": "entente collector",
    }
    return psycopg.connect(**parameters)


def address_of(request: Request) -> tuple[str, str] | None:
    """Scheme and host by which the request reached us; None when the host is not one of ours."""
    host = request.header(b"host").lower()
    name, _ = split_domain_port(host)
    if not name or not validate_host(name, settings.ALLOWED_HOSTS):
        return None
    return _scheme(request), host


def _scheme(request: Request) -> str:
    """As the browser sees it: a proxy is believed if it is one of ours."""
    if settings.TLS:
        return "https"
    told = request.header(b"x-forwarded-proto").strip().lower()
    if told in ("http", "https") and _is_proxy(request):
        return told
    return str(request.scope.get("scheme", "http"))


def _is_proxy(request: Request) -> bool:
    client = request.scope.get("client")
    try:
        address = ip_address(client[0] if client else "")
    except ValueError:
        return False
    return any(address in ip_network(network) for network in settings.TRUSTED_PROXIES)
