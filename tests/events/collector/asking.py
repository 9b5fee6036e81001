"""A collector in this process, asked as a server would ask it, and writing through a connection of its own."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils import timezone

from entente.events.collector.app import Collector
from entente.events.collector.serving import address_of, connect
from entente.events.collector.writer import Connect, Writer
from entente.events.keys import create_key


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return msgspec.json.decode(self.body)


class Asking:
    """Asks a collector; its loop runs in a thread, as long as the test."""

    def __init__(self, connect: Connect = connect, most_waiting: int = 20_000) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.writer = Writer(connect, most_waiting)
        self.collector = Collector(self.writer, address_of)
        self.key = ""

    def end(self) -> None:
        self.wait(self._leave())
        self.writer.end()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _leave(self) -> None:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    def make_key(self, source: str = "web", **given: Any) -> str:
        _, self.key = create_key("test", source, None, timezone.now(), **given)
        return self.key

    def wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=30)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Reply:
        """Ask by POST, with basic auth unless ``key`` is empty. ``body`` is bytes, or a value to be sent as JSON."""
        return self.wait(self.posting(path, body, key=key, **headers))

    async def posting(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Reply:
        secret = self.key if key is None else key
        if secret:
            headers["authorization"] = "Basic " + base64.b64encode(f"{secret}:".encode()).decode()
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.asking("POST", path, sent, headers)

    def ask(self, method: str, path: str, **headers: str) -> Reply:
        return self.wait(self.asking(method, path, b"", headers))

    async def asking(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        path, _, query = path.partition("?")
        given = {"host": "localhost"} | {name.replace("_", "-"): value for name, value in headers.items()}
        scope = {
            "type": "http", "method": method, "path": path, "query_string": query.encode(), "scheme": "http",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
            "client": ("127.0.0.1", 1),
        }  # fmt: skip
        parts = [body[i : i + 60_000] for i in range(0, len(body), 60_000)] or [b""]
        messages = [
            {"type": "http.request", "body": part, "more_body": number < len(parts)}
            for number, part in enumerate(parts, 1)
        ]
        sent: list[Any] = []

        async def receive() -> Any:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.collector(scope, receive, send)
        head = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Reply(sent[0]["status"], head, sent[1]["body"])

    def write_down(self) -> None:
        """Have the counts written now."""
        self.wait(self.collector.write_down())


@contextmanager
def asking(**given: Any) -> Iterator[Asking]:
    one = Asking(**given)
    try:
        yield one
    finally:
        one.end()
