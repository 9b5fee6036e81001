"""The database is restarted under load: senders hear 503, come again, and every event is in the log once."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from segment.analytics import Client

from tests.events.collector.served import Served

SENDERS, CALLS = 6, 120


@dataclass
class Sender:
    """Sends calls one by one, each until it is acknowledged; keeps what it heard."""

    served: Served
    key: str
    name: str
    heard: Counter[int] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)

    def run(self, pause: float) -> None:
        for number in range(CALLS):
            message_id = f"{self.name}-{number}"
            while (status := self._send(message_id)) != 200:
                time.sleep(0.05)
                assert status in (0, 503), status
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


def test_a_database_that_is_restarted_under_load_loses_and_repeats_nothing(served: Served):
    key = served.make_key("restart")
    senders = [Sender(served, key, f"sender{n}") for n in range(SENDERS)]
    threads = [threading.Thread(target=one.run, args=(0.02,)) for one in senders]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    served.stop_database()
    time.sleep(1)
    served.start_database()
    for thread in threads:
        thread.join(60)
    heard = sum((one.heard for one in senders), Counter())
    assert heard[503], "the restart was noticed"
    acknowledged = [message_id for one in senders for message_id in one.acknowledged]
    stored = Counter(event["message_id"] for event in served.events("restart"))
    assert len(acknowledged) == SENDERS * CALLS
    assert set(acknowledged) == set(stored)
    assert set(stored.values()) == {1}


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
