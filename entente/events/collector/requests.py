"""An HTTP request as ASGI gives it: its headers, its key, its body within limits. Pure: no Django here."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from entente.events.collector.limits import LARGEST_BODY

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_ZIPPED: Final = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class Refuse(Exception):
    """The request is answered with this status, and with a code and a reason for its sender."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


class ClientGone(Exception):
    """The client left before its request was whole."""


class Request:
    """A request whose body has not been read yet.

    ``origin`` is the web origin of the page that sends; empty when no browser sends for a page.
    """

    __slots__ = ("headers", "origin", "receive", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.origin = self.header(b"origin")

    def header(self, name: bytes) -> str:
        found = self.headers.get(name)
        return found.decode("latin-1") if found else ""

    @property
    def key(self) -> str:
        """The write key that the request names outside of its body: the user of basic auth, or in the address."""
        if authority := self.headers.get(b"authorization"):
            return _user_of(authority)
        named = parse_qs(self.scope.get("query_string", b"").decode("latin-1")).get("writeKey")
        return named[0] if named else ""

    async def body(self) -> bytes:
        """The body, unpacked. Raises Refuse when it is too large, or packed in a way that is not known."""
        packed = await self._read()
        how = self.header(b"content-encoding").strip().lower()
        if how in ("", "identity"):
            return packed
        if how not in _ZIPPED:
            raise Refuse(415, "unknown_encoding", f"Content-Encoding '{how[:40]}' is not known; send gzip or plain")
        return _unpack(packed, _ZIPPED[how])

    async def _read(self) -> bytes:
        told = self.headers.get(b"content-length", b"")
        if told.isdigit() and int(told[:20]) > LARGEST_BODY:
            raise too_large()
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > LARGEST_BODY:
                raise too_large()
            more = message.get("more_body", False)
        return b"".join(parts)


def too_large() -> Refuse:
    return Refuse(413, "body_too_large", f"a request of more than {LARGEST_BODY // 1024} KB")


@lru_cache(maxsize=1_024)
def _user_of(authority: bytes) -> str:
    """The user of basic auth; empty for other ways. Some senders leave the colon out."""
    scheme, _, given = authority.partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _unpack(packed: bytes, window: int) -> bytes:
    """Unpack no more than may be sent: a bomb is no larger here than its limit."""
    unpacker = zlib.decompressobj(window)
    try:
        text = unpacker.decompress(packed, LARGEST_BODY + 1)
    except zlib.error as error:
        raise Refuse(400, "bad_encoding", f"the body cannot be unpacked: {error}") from error
    if len(text) > LARGEST_BODY:
        raise too_large()
    if not unpacker.eof:
        raise Refuse(400, "bad_encoding", "the packed body is not whole")
    return text


@dataclass(slots=True)
class Answer:
    """What goes back; ``headers`` beside the type and length of the body."""

    status: int
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] | None = None
    type: bytes = b"application/json"

    @classmethod
    def json(cls, status: int, said: object, headers: list[tuple[bytes, bytes]] | None = None) -> Answer:
        return cls(status, msgspec.json.encode(said), headers)

    @classmethod
    def refusal(cls, refuse: Refuse) -> Answer:
        """A refusal in words. `message` beside `code` is what Segment's SDKs show to their user."""
        headers = [(b"retry-after", b"%d" % refuse.retry_after)] if refuse.retry_after else None
        return cls.json(refuse.status, {"success": False, "code": refuse.code, "message": refuse.message}, headers)

    async def send(self, send: Send, more_headers: list[tuple[bytes, bytes]]) -> None:
        headers = [
            (b"content-type", self.type),
            (b"content-length", b"%d" % len(self.body)),
            (b"x-content-type-options", b"nosniff"),
            *(self.headers or []),
            *more_headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})
