"""Databases restarted and processes killed under load: senders come again, and every event is in the log once."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from segment.analytics import Client

from tests.events.collector.served import Served

SENDERS, CALLS = 6, 120
PATIENCE = 600
"""Seconds within which a sender must have been answered for all of its calls."""


@dataclass
class Sender:
    """Sends calls one by one, each until it is acknowledged; keeps what it heard."""

    served: Served
    key: str
    name: str
    calls: int = CALLS
    heard: Counter[int] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)

    def run(self, pause: float) -> None:
        patience = time.monotonic() + PATIENCE
        for number in range(self.calls):
            message_id = f"{self.name}-{number}"
            while (status := self._send(message_id)) != 200:
                time.sleep(0.05)
                assert status in (0, 503), status
                assert time.monotonic() < patience, "nobody answers any more"
            self.acknowledged.append(message_id)
            time.sleep(pause)

    def _send(self, message_id: str) -> int:
        body = json.dumps({"event": "A", "userId": self.name, "messageId": message_id})
        authority = base64.b64encode(f"{self.key}:".encode()).decode()
        status = 0
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=30)
            connection.request("POST", "/v1/track", body, {"Authorization": f"Basic {authority}"})
            answer = connection.getresponse()
            status = answer.status
            if status == 503:
                assert int(answer.headers["Retry-After"]) > 0
            connection.close()
        self.heard[status] += 1
        return status


def under_load(
    served: Served, source: str, disturb: Callable[[], object], pause: float, calls: int = CALLS
) -> Counter[int]:
    """What senders heard, of whom each call was acknowledged in the end; every one is in the log, and once."""
    key = served.make_key(source)
    senders = [Sender(served, key, f"{source}{n}", calls) for n in range(SENDERS)]
    threads = [threading.Thread(target=one.run, args=(pause,)) for one in senders]
    for thread in threads:
        thread.start()
    disturb()
    for thread in threads:
        thread.join()
    acknowledged = [message_id for one in senders for message_id in one.acknowledged]
    stored = Counter(event["message_id"] for event in served.events(source))
    assert len(acknowledged) == SENDERS * calls
    assert set(acknowledged) == set(stored)
    assert set(stored.values()) == {1}
    return sum((one.heard for one in senders), Counter())


def test_a_database_that_is_restarted_under_load_loses_and_repeats_nothing(served: Served):
    def restart() -> None:
        time.sleep(0.7)
        served.stop_database()
        time.sleep(1)
        served.start_database()

    assert under_load(served, "restart", restart, 0.02)[503], "the restart was noticed"


def kills(served: Served, source: str, times: int, calls: int) -> Counter[int]:
    """What senders heard while web processes and databases were killed in turn, with no chance to say anything."""
    dice = random.Random(7)

    def kill() -> None:
        for turn in range(times):
            time.sleep(dice.uniform(0.3, 0.9 if times < 10 else 3))
            if turn % 2:
                served.kill_database()
                served.start_database()
            else:
                served.kill_web_process(dice)

    return under_load(served, source, kill, 0.04, calls)


def test_processes_that_are_killed_under_load_lose_and_repeat_nothing(served: Served):
    heard = kills(served, "killed", 5, CALLS)
    assert heard[0] + heard[503], "the kills were noticed"


@pytest.mark.long
def test_fifty_kills_lose_and_repeat_nothing(served: Served):
    assert kills(served, "killed often", 50, 10 * CALLS)[200] >= 10 * CALLS


def test_segment_s_own_sdk_comes_again_until_the_database_is_back(served: Served):
    key = served.make_key("sdk restart")
    client = Client(key, host=served.address, upload_interval=0.1, sync_mode=False)
    served.stop_database()
    for number in range(50):
        client.track("u1", "Sent while away", {"number": number})
    time.sleep(1)
    assert client.queue.qsize() or client.consumers, "it has not given up"
    served.start_database()
    client.shutdown()
    stored = served.events("sdk restart")
    assert sorted(event["properties"]["number"] for event in stored) == list(range(50))
