"""A load program: many connections that send prepared requests to a collector, one after the other each.

`python -m benchmarks.http_load '{"port": …, "key": …, …}'` runs in a process of its own, so that it takes no time from
the server's. It speaks HTTP/1.1 itself, since a client library would need more of the processor than the server that is
measured. It prints one line of JSON: answers by status, seconds, and latencies.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to send: events in one request (0: single calls to /v1/track), over how many connections, for how long.

    ``rate`` is of requests a second over all connections; 0 is as many as are answered. The first ``warm`` seconds are
    sent and not counted.
    """

    port: int
    key: str
    connections: int = 64
    seconds: float = 10
    warm: float = 2
    batch: int = 0
    rate: float = 0
    persons: int = 5_000


@dataclass(slots=True)
class Found:
    """What came back: how many answers of which status, in how many seconds; latencies in milliseconds."""

    answers: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Connection(asyncio.Protocol):
    """One connection of HTTP/1.1, kept open."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[int] | None = None
        self.received = b""
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end or self.answered is None:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(body) >= length:
            self.received = b""
            self.answered.set_result(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self.answered and not self.answered.done():
            self.answered.set_exception(error or ConnectionError("closed"))

    async def send(self, request: bytes) -> int:
        self.answered = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answered


def run(plan: Plan) -> Found:
    """Send, wait, count."""
    return asyncio.run(_run(plan))


async def _run(plan: Plan) -> Found:
    found = Found()
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(Connection, "127.0.0.1", plan.port))[1] for _ in range(plan.connections)
    ]
    start = time.perf_counter()
    await asyncio.gather(*(_drive(one, number, plan, found, start) for number, one in enumerate(connections)))
    found.seconds = plan.seconds
    return found


async def _drive(connection: Connection, number: int, plan: Plan, found: Found, start: float) -> None:
    """Send until the time is over; a request's time begins when it should have been sent."""
    counted, ended = start + plan.warm, start + plan.warm + plan.seconds
    pause = plan.connections / plan.rate if plan.rate else 0.0
    due = start + pause * number / plan.connections
    turn = 0
    while True:
        now = time.perf_counter()
        if pause and due > now:
            await asyncio.sleep(due - now)
        began = due if pause else now
        if began >= ended:
            return
        status = await connection.send(_request(plan, number, turn))
        done = time.perf_counter()
        if counted <= done < ended:
            found.answers[status] += 1
            found.latencies.append((done - began) * 1000)
        turn += 1
        due += pause


def _request(plan: Plan, number: int, turn: int) -> bytes:
    if plan.batch:
        calls = ",".join(_call(plan, number, turn * plan.batch + place) for place in range(plan.batch))
        return _post(plan, "/v1/batch", f'{{"batch":[{calls}]}}')
    return _post(plan, "/v1/track", _call(plan, number, turn))


RUN = uuid.uuid4().hex[:12]


def _call(plan: Plan, number: int, turn: int) -> str:
    """A track call as the SDKs send it, some 500 bytes."""
    person = (number * 7919 + turn * 104_729) % plan.persons
    return (
        f'{{"type":"track","event":"Pricing Viewed","messageId":"{RUN}-{number}-{turn}",'
        f'"anonymousId":"visitor-{person}",'
        '"properties":{"path":"/pricing","plan":"team","seats":12,"amount":1180.5,"currency":"EUR"},'
        '"context":{"library":{"name":"analytics.js","version":"1.84.3"},"locale":"es-ES",'
        '"page":{"path":"/pricing","referrer":"https://search.example/","title":"Pricing",'
        '"url":"https://www.acme.example/pricing"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) '
        'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"}}'
    )


def _post(plan: Plan, path: str, body: str) -> bytes:
    authority = base64.b64encode(f"{plan.key}:".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nAuthorization: Basic {authority}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


if __name__ == "__main__":
    outcome = run(Plan(**json.loads(sys.argv[1])))
    told = {"answers": outcome.answers, "seconds": outcome.seconds, "latencies": outcome.latencies}
    print(json.dumps(told))
