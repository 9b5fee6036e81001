"""Alerts: how many events a second are put to 200 rules, and how long it takes from hearing to a channel's hands."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

from benchmarks.log import _fresh_database
from benchmarks.measure import Measurement, best_of

RULES = 200
BATCH = 1_000
EVENTS = 20_000
PER_SECOND = 10_000.0
ALERTS = 200
P50_MS, P99_MS = 100.0, 500.0
NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)


def run(large: bool) -> list[Measurement]:
    """Match in memory, hear out of the database, and deliver to a server on this machine."""
    _fresh_database()
    world = World(EVENTS * (5 if large else 1))
    return [world.matching(), world.hearing(), *world.handing_over()]


class World:
    """A rep with 200 rules, people, and page views of which one in a hundred concerns a rule."""

    def __init__(self, events: int) -> None:
        from entente.alerts import actions
        from entente.alerts.document import from_data
        from entente.members.models import Party, Role, User

        self.events = events
        self.owner = User.objects.create_user("rep@acme.example", name="Rep", party=Party.SALES, role=Role.MEMBER)
        for number in range(RULES):
            owner = self.owner if number % 50 == 0 else self._member(number)
            document = {"name": f"rule {number}", "when": _condition(number), "at_most_one_per": "1 hour"}
            actions.save_rule(owner, from_data(document), NOW)
        self._append()

    def _member(self, number: int) -> Any:
        from entente.members.models import Party, Role, User

        email = f"rep{number}@acme.example"
        return User.objects.create_user(email, name=email, party=Party.SALES, role=Role.MEMBER)

    def _append(self) -> None:
        from entente.events.actions import append
        from entente.events.types import NewEvent
        from entente.people.actions import resolve_new

        append(
            (
                NewEvent(
                    message_id=str(n), type="page", occurred_at=NOW, received_at=NOW, path=_path(n),
                    identity=f"user:{n % 500}", user_id=str(n % 500), properties={"title": "A page", "n": n},
                )
                for n in range(self.events)
            ),
            "site",
        )  # fmt: skip
        resolve_new(NOW)

    def matching(self) -> Measurement:
        from entente.alerts import rulebook

        keys = [("page", "", f"{_path(n)}/{n}") for n in range(self.events)]
        seconds = best_of(3, lambda: _match_afresh(rulebook.current().matcher.rules, keys))
        return Measurement(
            name=f"alerts: events matched against {RULES} rules",
            value=len(keys) / seconds,
            unit="events/s",
            limit=3 * PER_SECOND,
            bound="at_least",
            note="in memory, each of a page that was never seen before",
        )

    def hearing(self) -> Measurement:
        from entente.alerts.actions import hear
        from entente.alerts.happened import Happened
        from entente.alerts.models import Notification
        from entente.events.models import Event

        first = Event.objects.order_by("pk").values_list("pk", flat=True)[0]
        began = time.perf_counter()
        for start in range(first, first + self.events, BATCH):
            hear(Happened(start, start + BATCH - 1), NOW + timedelta(seconds=1))
        seconds = time.perf_counter() - began
        return Measurement(
            name=f"alerts: events heard in batches of {BATCH:,}, with {RULES} rules",
            value=self.events / seconds,
            unit="events/s",
            limit=PER_SECOND,
            bound="at_least",
            note=f"out of the database; {Notification.objects.count():,} notifications written",
        )

    def handing_over(self) -> list[Measurement]:
        with _server() as (url, arrived):
            self._tell_at(url)
            delays = sorted(self._delays(arrived))
        note = f"{len(delays)} alerts, 20 a second, to a webhook on this machine"
        return [
            Measurement(
                name=f"alerts: from hear() to a channel's hands, p{share}",
                value=delays[min(len(delays) * share // 100, len(delays) - 1)] * 1e3,
                unit="ms",
                limit=limit,
                note=note,
            )
            for share, limit in ((50, P50_MS), (99, P99_MS))
        ]

    def _tell_at(self, url: str) -> None:
        from entente.alerts import actions
        from entente.alerts.document import from_data

        actions.add_address(self.owner, "webhook", "hook", url, NOW)
        document = {"name": "hand over", "when": {"track": "Called"}, "tell": ["browser", "hook"]}
        actions.save_rule(self.owner, from_data(document), NOW)

    def _delays(self, arrived: dict[int, float]) -> list[float]:
        from entente.alerts import delivery

        stop = threading.Event()
        running = threading.Thread(target=delivery.run, args=(stop,))
        running.start()
        time.sleep(0.5)
        try:
            heard = dict(self._heard_one_by_one())
            deadline = time.monotonic() + 20
            while len(arrived) < len(heard) and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            stop.set()
            running.join()
        return [arrived[event] - at for event, at in heard.items()]

    def _heard_one_by_one(self) -> Iterator[tuple[int, float]]:
        from entente.alerts.actions import hear
        from entente.alerts.happened import Happened
        from entente.events.actions import append
        from entente.events.models import Event
        from entente.events.types import NewEvent

        for n in range(ALERTS):
            one = NewEvent(
                message_id=f"called-{n}", type="track", name="Called", occurred_at=NOW, received_at=NOW,
                identity=f"user:{n % 500}", user_id=str(n % 500),
            )  # fmt: skip
            append([one], "site")
            last = Event.objects.latest("pk").pk
            at = time.perf_counter()
            hear(Happened(last, last), NOW + timedelta(seconds=2))
            yield last, at
            time.sleep(0.05)


def _condition(number: int) -> dict[str, Any]:
    if number % 4 == 0:
        return {"all": [{"page": f"/special/{number}*"}, {"trait": "title", "matches": "chief|head"}]}
    return {"page": f"/special/{number}*"} if number % 2 else {"track": f"Thing {number}"}


def _path(n: int) -> str:
    """One page view in a hundred is of a page that a rule watches."""
    return f"/special/{(n // 100) % RULES}/x" if n % 100 == 0 else f"/blog/{n % 400}"


def _match_afresh(rules: Any, keys: list[tuple[str, str, str]]) -> int:
    from entente.alerts.matching import Matcher

    matcher = Matcher(rules)
    return sum(bool(matcher.candidates(*key)) for key in keys)


@contextlib.contextmanager
def _server() -> Iterator[tuple[str, dict[int, float]]]:
    """A server that notes when each alert, by its event, arrived."""
    from django.conf import settings

    arrived: dict[int, float] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            at = time.perf_counter()
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["data"]["alerts"]:
                arrived.setdefault(alert["event"]["id"], at)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        settings.ALERT_NETWORKS = [ip_network("127.0.0.1/32")]
        settings.ALERT_PORTS = [server.server_address[1]]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", arrived
        server.shutdown()
