"""The guard before every address that a person can type: nothing inside the company's network is reached through us.

The name is resolved here, every answer must be a public address, and the connection goes to the address that was
checked, so that a name which answers otherwise a moment later gains nothing. TLS still checks the name. Redirects are
not followed, and time and size are limited. What the operator allows (`ENTENTE_ALERT_HOSTS`, `ENTENTE_ALERT_PORTS`) is
reached nevertheless. Holes of this kind in others: PostHog CVE-2023-46746, Mautic CVE-2025-9821, Postiz CVE-2026-34590.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, TypeAlias
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

PORTS: Final = {"http": 80, "https": 443}
SECONDS: Final = 10.0
"""So long a connection may take, and all of an exchange three times that."""
LONGEST: Final = 2_000

Address: TypeAlias = IPv4Address | IPv6Address


class Forbidden(Exception):
    """The address may not be called; the text says why, to who typed it."""


class Unreachable(Exception):
    """Nobody answered; the text says what happened, in our words."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An address that may be called, and where its host was found."""

    scheme: str
    host: str
    port: int
    path: str
    found: tuple[str, ...]

    @property
    def named(self) -> str:
        """Its host, and the port where that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept of an answer: its status, and how long it asks us to wait. Its body is not read."""

    status: int
    retry_after: int | None = None


def check(url: str) -> Checked:
    """The address, if it may be called now; raises Forbidden. To be asked on save, on test and on each call."""
    scheme, host, port, path = _parts(url)
    if port not in (80, 443, *settings.ALERT_PORTS):
        raise Forbidden(_("Port %(port)s is not allowed here; 80 and 443 are.") % {"port": port})
    found = _resolved(host, port)
    if not _is_allowed(host) and not all(_is_allowed(each) or is_public(ip_address(each)) for each in found):
        raise Forbidden(_("%(host)s is an address inside a network, which may not be called.") % {"host": host})
    return Checked(scheme, host, port, path, found)


def _parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port, and path with query, of an address that is one; raises Forbidden."""
    if len(url) > LONGEST or any(character.isspace() or not character.isprintable() for character in url):
        raise Forbidden(_("That is not an address of the web."))
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode() if parts.hostname else "", parts.port
    except ValueError as error:
        raise Forbidden(_("That is not an address of the web.")) from error
    if parts.scheme not in PORTS or not host:
        raise Forbidden(_("The address begins with https:// and names a host."))
    if parts.username is not None or parts.password is not None:
        raise Forbidden(_("The address may not carry a user's name or password."))
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return parts.scheme, host, port or PORTS[parts.scheme], f"{path}?{query}" if query else path


def _resolved(host: str, port: int) -> tuple[str, ...]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Forbidden(_("There is no host %(host)s.") % {"host": host}) from error
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def is_public(address: Address) -> bool:
    """Whether anyone on the internet can call the address, whichever way it is written."""
    return all(
        each.is_global and not (each.is_multicast or each.is_reserved or each.is_unspecified)
        for each in (address, *_meant(address))
    )


def _meant(address: Address) -> list[Address]:
    """The older addresses that one of a tunnel carries. (Mapped and translated ones are reserved, and so refused.)"""
    if isinstance(address, IPv4Address):
        return []
    return [each for each in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if each is not None]


def _is_allowed(host: str) -> bool:
    """Whether the operator allows the host by its name, or the address by a network."""
    if host.lower() in settings.ALERT_HOSTS:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in settings.ALERT_NETWORKS)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send ``body``; raises Forbidden, or Unreachable when no answer came in time."""
    checked = check(url)
    connection = _Pinned(checked)
    overdue = threading.Timer(3 * SECONDS, connection.cut)
    overdue.daemon = True
    overdue.start()
    try:
        connection.request("POST", checked.path, body, {**headers, "Host": checked.named, "User-Agent": "Entente"})
        response = connection.getresponse()
        return Answer(response.status, _seconds(response.getheader("Retry-After")))
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(_("The certificate is not that of %(host)s.") % {"host": checked.host}) from error
    except TimeoutError as error:
        raise Unreachable(_("%(host)s did not answer in time.") % {"host": checked.host}) from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(_("%(host)s cannot be reached.") % {"host": checked.host}) from error
    finally:
        overdue.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to the addresses that were checked, and to no other."""

    def __init__(self, checked: Checked) -> None:
        super().__init__(checked.host, checked.port, timeout=SECONDS)
        self.checked = checked

    def connect(self) -> None:
        self.sock = self._connected()
        if self.checked.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.checked.host)

    def _connected(self) -> socket.socket:
        refused: OSError | None = None
        for address in self.checked.found[:3]:
            try:
                return socket.create_connection((address, self.checked.port), SECONDS / 2)
            except OSError as error:
                refused = error
        raise refused or OSError("no address")

    def cut(self) -> None:
        """End the exchange, however slowly the other side goes on with it."""
        if self.sock:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _seconds(retry_after: str | None) -> int | None:
    """The header as a number of seconds, a day at most; dates are not understood and count as nothing said."""
    written = (retry_after or "").strip()
    return min(int(written), 86_400) if written.isascii() and written.isdigit() and len(written) < 9 else None
