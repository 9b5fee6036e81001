"""The ASGI application of the collector: which address does what, and what goes back.

Addresses and answers are those of Segment's HTTP tracking API, so that its SDKs are our clients: 200 when the events
are on disk; 400, 401, 403, 413 for what will never be taken; 429 and 503, with `Retry-After`, for what may come again.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from entente.events.collector.calls import BATCH, BadBody, Body, Sender, Verdicts, judge, read_body
from entente.events.collector.documents import script, settings_for
from entente.events.collector.keyring import Key, Keyring
from entente.events.collector.requests import Answer, ClientGone, Receive, Refuse, Request, Scope, Send
from entente.events.collector.tally import Tally
from entente.events.collector.writer import Away, Full, Unstorable, Writer
from entente.events.storing import Stored

METRICS: Final = "m"
KINDS: Final = {
    name: call
    for call in ("identify", "track", "page", "screen", "group", "alias")
    for name in (call, call[0])
} | {BATCH: BATCH, "b": BATCH, "import": BATCH}  # fmt: skip
LARGE: Final = 32 * 1024
"""Bytes from which on a body is read in a thread, so that small requests are answered in between."""
WRITE_DOWN_AFTER: Final = 1.0
TAKEN: Final = b'{"success":true}'
READABLE: Final = [(b"access-control-expose-headers", b"Retry-After"), (b"vary", b"Origin")]
PREFLIGHT: Final = [
    (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Content-Encoding, X-Retry-Count"),
    (b"access-control-max-age", b"7200"),
]

Headers = list[tuple[bytes, bytes]]


def is_for_collector(path: str) -> bool:
    """Whether the collector answers for this address."""
    return path.startswith("/v1/") or path == "/entente.js"


class Collector:
    """One process's collector. ``address`` gives scheme and host by which a request reached us, or None if neither
    is ours."""

    def __init__(
        self,
        writer: Writer,
        address: Callable[[Request], tuple[str, str] | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.writer = writer
        self.keyring = Keyring(writer, clock)
        self.tally = Tally()
        self._address = address
        self._clock = clock
        self._writing_down: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        cross: Headers = []
        if request.origin:
            cross = [(b"access-control-allow-origin", request.headers[b"origin"]), *READABLE]
        with contextlib.suppress(ClientGone):
            try:
                answer = await self._answer(request)
            except Refuse as refuse:
                answer = Answer.refusal(refuse)
                if refuse.code == "origin":
                    cross = []
            await answer.send(send, cross)

    async def _answer(self, request: Request) -> Answer:
        method, parts = request.scope["method"], request.scope["path"].strip("/").split("/")
        if parts == ["entente.js"]:
            return _readable_by_all(method, _script(request))
        kind = KINDS.get(parts[1]) if len(parts) == 2 else None
        is_settings = len(parts) == 4 and parts[1] == "projects" and parts[3] == "settings"
        if not (kind or is_settings or parts == ["v1", METRICS]):
            raise Refuse(404, "no_such_address", "there is nothing at this address; see docs/reference/collector.md")
        if method == "OPTIONS":
            return await self._preflight(request)
        if is_settings:
            return await self._settings(method, parts[2], request)
        if method != "POST":
            raise Refuse(405, "method", "send calls by POST")
        return await self._collect(request, kind) if kind else await _metrics(request)

    async def _preflight(self, request: Request) -> Answer:
        """A browser asks before it sends. Whether this page may use its key is found out when it names it."""
        if not await self.keyring.allows_somewhere(request.origin):
            raise Refuse(403, "origin", "no key may be used by pages of this origin")
        return Answer(204, headers=PREFLIGHT)

    async def _settings(self, method: str, secret: str, request: Request) -> Answer:
        if method not in ("GET", "HEAD"):
            raise Refuse(405, "method", "settings are fetched by GET")
        await self._key(secret, request)
        address = self._address(request)
        if address is None:
            raise Refuse(400, "host", "this host is not one of ENTENTE_HOSTS")
        return Answer.json(200, settings_for(secret, *address), [(b"cache-control", b"private, max-age=300")])

    async def _collect(self, request: Request, kind: str) -> Answer:
        now = datetime.now(UTC)
        source: int | None = None
        try:
            key = await self._key(request.key, request) if request.key else None
            source = key.source if key else None
            text = await request.body()
            body = await _aside(len(text), read_body, text, kind)
            key = key or await self._key(body.write_key, request)
            source = key.source
            self._within_rate(key, len(body.calls))
            sender = Sender(key.source, bool(key.origins), request.header(b"user-agent") if request.origin else None)
            verdicts = await _aside(len(text), judge, body, kind, sender, now)
            for remark, example in verdicts.remarks:
                self._note(remark, source, example, now)
            await self._store(verdicts, now)
        except BadBody as bad:
            refuse = Refuse(_status(bad.refused.code), bad.refused.code, bad.refused.reason)
            self._note(refuse.code, source, {"reason": refuse.message}, now)
            raise refuse from bad
        except Refuse as refuse:
            self._note(refuse.code, source, {"reason": refuse.message, "origin": request.origin[:200]}, now)
            raise
        return _verdict(verdicts, body, kind)

    async def _key(self, secret: object, request: Request) -> Key:
        if not isinstance(secret, str) or not secret:
            raise Refuse(401, "no_key", "name a write key: as user of basic auth, or as writeKey in the body")
        try:
            key = await self.keyring.find(secret)
        except Away as away:
            raise _away() from away
        if key is None:
            raise Refuse(401, "unknown_key", "this write key is not known, or was revoked")
        if not key.allows(request.origin):
            raise Refuse(403, "origin", "this write key may not be used by pages of this origin")
        return key

    def _within_rate(self, key: Key, events: int) -> None:
        wait = key.bucket.take(events, self._clock())
        if wait:
            raise Refuse(
                429, "rate", f"more than {key.rate:,} events a second from this write key", max(1, math.ceil(wait))
            )

    async def _store(self, verdicts: Verdicts, now: datetime) -> None:
        """Return when the rows are on disk."""
        if not verdicts.rows:
            return
        try:
            stored = await self.writer.write(verdicts.rows)
        except Full as full:
            raise Refuse(503, "busy", "more comes in than can be written now; come again", 1) from full
        except Away as away:
            raise _away() from away
        except Unstorable as unstorable:
            raise Refuse(400, "unfit", f"the database cannot hold it: {unstorable}") from unstorable
        self._note_repeated(stored, now)

    def _note_repeated(self, stored: Stored, now: datetime) -> None:
        for kind, times in (("repeated", stored.known - stored.conflicts), ("erased", stored.erased)):
            if times:
                self._note(kind, None, {}, now, times)

    def _note(self, kind: str, source: int | None, example: dict[str, Any], now: datetime, times: int = 1) -> None:
        self.tally.note(kind, source, example, now, times)
        if self._writing_down is None:
            self._writing_down = asyncio.get_running_loop().create_task(self._write_down_soon())

    async def _write_down_soon(self) -> None:
        await asyncio.sleep(WRITE_DOWN_AFTER)
        self._writing_down = None
        await self.write_down()

    async def write_down(self) -> None:
        """Write down what was counted, and which keys were used; what cannot be now, is later."""
        taken = self.tally.take()
        try:
            await self.writer.ask(taken.write)
            await self.keyring.remember_use(datetime.now(UTC))
        except (Away, Full):
            self.tally.put_back(taken)


async def _metrics(request: Request) -> Answer:
    """Segment's browser SDK may report on itself. It is thanked, and nothing is kept."""
    await request.body()
    return Answer(200, TAKEN)


async def _aside(size: int, work: Callable[..., Any], *arguments: Any) -> Any:
    """Do the work; large work in a thread."""
    return await asyncio.to_thread(work, *arguments) if size > LARGE else work(*arguments)


def _verdict(verdicts: Verdicts, body: Body, kind: str) -> Answer:
    """All is well, or what was refused and why. Where nothing went in, the whole request is refused."""
    if not verdicts.refused:
        return Answer(200, TAKEN)
    _, first, _ = verdicts.refused[0]
    listed = [
        {"index": index, "code": refused.code, "message": refused.reason, "messageId": message_id or None}
        for index, refused, message_id in verdicts.refused
    ]
    if verdicts.rows:
        return Answer.json(200, {"success": True, "accepted": len(verdicts.rows), "refused": listed})
    said = {"success": False, "code": first.code, "message": first.reason}
    return Answer.json(_status(first.code), said if kind != BATCH else {**said, "accepted": 0, "refused": listed})


def _status(code: str) -> int:
    return {"too_large": 413, "too_many": 413, "not_public": 403}.get(code, 400)


def _away() -> Refuse:
    return Refuse(503, "database_away", "the database does not answer; nothing of this is stored, come again", 2)


def _script(request: Request) -> Answer:
    ours = script()
    headers: Headers = [
        (b"cache-control", b"public, max-age=3600"),
        (b"etag", ours.tag),
        (b"vary", b"Accept-Encoding"),
        (b"cross-origin-resource-policy", b"cross-origin"),
    ]
    if request.headers.get(b"if-none-match") == ours.tag:
        return Answer(304, b"", headers, b"text/javascript; charset=utf-8")
    if "gzip" in request.header(b"accept-encoding"):
        return Answer(200, ours.zipped, [*headers, (b"content-encoding", b"gzip")], b"text/javascript; charset=utf-8")
    return Answer(200, ours.plain, headers, b"text/javascript; charset=utf-8")


def _readable_by_all(method: str, answer: Answer) -> Answer:
    if method not in ("GET", "HEAD"):
        raise Refuse(405, "method", "the script is fetched by GET")
    return answer
