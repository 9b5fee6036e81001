"""From an accepted event to the alert in a channel's hands, through everything: collector, worker, outbox, webhook.

`entente serve` takes 300 events a second from the load program. Twenty a second beside them are page views that an
alert rule waits for; the time of each runs from its answer to the call of the webhook, a server in this process.
"""

from __future__ import annotations

import base64
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchmarks.collector import Server, served
from benchmarks.measure import Measurement

PER_SECOND, SECONDS, LONG = 300, 20, 60
EVERY = 0.05
"""Seconds between two events that are waited for."""
P50_MS, P99_MS, MEGABYTES = 150.0, 1_000.0, 1_000.0
PATIENCE = 20

RULE = """
import sys
from entente.cli.setup import load_django
load_django()
from django.utils import timezone
from entente.alerts import actions
from entente.alerts.document import from_data
from entente.members.models import Party, Role, User
owner = User.objects.create_user("rep@acme.example", name="Rep", party=Party.SALES, role=Role.MEMBER)
actions.add_address(owner, "webhook", "hook", sys.argv[1], timezone.now())
rule = {"name": "watch", "when": {"page": "/watched/*"}, "tell": ["hook"]}
actions.save_rule(owner, from_data(rule), timezone.now())
"""


def run(large: bool) -> list[Measurement]:
    seconds = LONG if large else SECONDS
    with _hook() as (port, arrived):
        url = f"http://127.0.0.1:{port}/"
        with served(ENTENTE_ALERT_HOSTS="127.0.0.1/32", ENTENTE_ALERT_PORTS=str(port)) as server:
            subprocess.run([sys.executable, "-c", RULE, url], env=server.environment, check=True)
            accepted = _send(server, seconds)
            delays = sorted(_delays(accepted, arrived))
            memory = server.memory()
    told = f"{len(delays):,} of {len(accepted):,} alerts, at {PER_SECOND + 1 / EVERY:.0f} events/s"
    return [
        _time("from acceptance to the alert in a channel's hands, p50", _share(delays, 50), P50_MS, told),
        _time("from acceptance to the alert in a channel's hands, p99", _share(delays, 99), P99_MS, told),
        Measurement(
            name=f"memory of all processes at {PER_SECOND} events/s", value=memory, unit="MB", limit=MEGABYTES,
            note="web, worker and database; what they share is counted once",
        ),
    ]  # fmt: skip


def _time(name: str, value: float, limit: float, note: str) -> Measurement:
    return Measurement(name=name, value=value, unit="ms", limit=limit, note=note)


def _share(delays: list[float], percent: int) -> float:
    return delays[min(len(delays) - 1, len(delays) * percent // 100)] * 1_000


def _send(server: Server, seconds: int) -> dict[str, float]:
    """Send what is watched for while the load program sends the rest; returns when each was answered."""
    load = threading.Thread(target=server.load, kwargs={"seconds": seconds + 3, "rate": PER_SECOND, "connections": 8})
    load.start()
    time.sleep(3)  # until everything is warm
    accepted: dict[str, float] = {}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    began = time.perf_counter()
    for number in range(int(seconds / EVERY)):
        time.sleep(max(0.0, began + number * EVERY - time.perf_counter()))
        path = f"/watched/{number}"
        _page(connection, server.key, path)
        accepted[path] = time.perf_counter()
    load.join()
    return accepted


def _page(connection: http.client.HTTPConnection, key: str, path: str) -> None:
    body = json.dumps({"anonymousId": f"watched-{path}", "properties": {"path": path}})
    basic = base64.b64encode(f"{key}:".encode()).decode()
    connection.request("POST", "/v1/page", body, {"Authorization": f"Basic {basic}"})
    with connection.getresponse() as answer:
        answer.read()
        assert answer.status == 200


def _delays(accepted: dict[str, float], arrived: dict[str, float]) -> Iterator[float]:
    """Seconds from each acceptance to its alert; what never came is infinitely late."""
    until = time.perf_counter() + PATIENCE
    while len(arrived) < len(accepted) and time.perf_counter() < until:
        time.sleep(0.1)
    return (arrived.get(path, float("inf")) - at for path, at in accepted.items())


@contextmanager
def _hook() -> Iterator[tuple[int, dict[str, float]]]:
    """A server that notes when the alert about each page arrived."""
    arrived: dict[str, float] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            now = time.perf_counter()
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in told["data"]["alerts"]:
                arrived.setdefault(alert["event"]["path"], now)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], arrived
        server.shutdown()
