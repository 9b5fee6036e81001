"""The collector speaks Segment's tracking API: each call, in its long and its short form, becomes an event."""

from __future__ import annotations

import gzip
import zlib
from datetime import timedelta

import pytest
from django.utils import timezone

from entente.events.collector import limits
from entente.events.models import Arrival, Conflict, Event
from tests.events.collector.asking import Asking

CALLS = {
    "identify": {"userId": "u1", "traits": {"email": "ana@acme.es"}},
    "track": {"userId": "u1", "event": "Demo Requested", "properties": {"plan": "team"}},
    "page": {"anonymousId": "d1", "properties": {"path": "/pricing"}},
    "screen": {"userId": "u1", "name": "Home"},
    "group": {"userId": "u1", "groupId": "Acme", "traits": {"employees": 50}},
    "alias": {"userId": "u1", "previousId": "d1"},
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("short", [False, True])
def test_each_call_becomes_an_event(collector: Asking, call: str, short: bool):
    reply = collector.post(f"/v1/{call[0] if short else call}", CALLS[call])
    assert (reply.status, reply.said) == (200, {"success": True})
    event = Event.objects.select_related("source").get()
    assert (event.type, event.source.name, event.mark) == (call, "web", "")
    assert event.identity in ("user:u1", "anon:d1")


@pytest.mark.parametrize("address", ["/v1/batch", "/v1/b", "/v1/import", "/v1/batch/"])
def test_a_batch_is_its_calls(collector: Asking, address: str):
    batch = [{"type": name, **call} for name, call in CALLS.items()]
    assert collector.post(address, {"batch": batch}).said == {"success": True}
    assert set(Event.objects.values_list("type", flat=True)) == set(CALLS)


def test_a_batch_tells_its_events_what_they_leave_out(collector: Asking):
    mine = {"type": "track", "event": "A", "userId": "u", "context": {"ip": "mine"}}
    plain = {"type": "track", "event": "B", "userId": "u"}
    collector.post("/v1/batch", {"batch": [mine, plain], "context": {"ip": "batch", "locale": "es"}})
    contexts = dict(Event.objects.values_list("name", "context"))
    assert contexts == {"A": {"ip": "mine", "locale": "es"}, "B": {"ip": "batch", "locale": "es"}}


def test_the_key_may_stand_in_the_body_or_the_address(collector: Asking):
    for path, more in (("/v1/track", {"writeKey": collector.key}), (f"/v1/track?writeKey={collector.key}", {})):
        assert collector.post(path, {"event": "A", "userId": "u", **more}, key="").status == 200
    batch = {"batch": [{"type": "track", "event": "A", "userId": "u"}], "writeKey": collector.key}
    assert collector.post("/v1/batch", batch, key="").status == 200
    assert Event.objects.count() == 3


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_body_may_be_packed(collector: Asking, encoding: str, pack):
    body = pack(b'{"event": "A", "userId": "u"}')
    assert collector.post("/v1/track", body, content_encoding=encoding).status == 200
    assert Event.objects.count() == 1


def test_a_sender_s_wrong_clock_is_corrected(collector: Asking):
    wrong = timezone.now() + timedelta(days=400)
    call = {"event": "A", "userId": "u", "timestamp": (wrong - timedelta(minutes=5)).isoformat()}
    before = timezone.now()
    collector.post("/v1/batch", {"batch": [{"type": "track", **call}], "sentAt": wrong.isoformat()})
    event = Event.objects.get()
    assert event.received_at - event.occurred_at == timedelta(minutes=5)
    assert before <= event.received_at <= timezone.now()


def test_an_event_is_counted_once_and_the_first_is_kept(collector: Asking):
    for name in ("A", "A", "B"):
        assert collector.post("/v1/track", {"event": name, "userId": "u", "messageId": "m"}).status == 200
    assert Event.objects.get().name == "A"
    assert Conflict.objects.get().example["name"] == "B"
    twice = {"type": "track", "event": "C", "userId": "u", "messageId": "twice"}
    collector.post("/v1/batch", {"batch": [twice, twice]})
    assert Event.objects.filter(message_id="twice").count() == 1


def test_sources_have_ids_of_their_own(collector: Asking):
    call = {"event": "A", "userId": "u", "messageId": "m"}
    for source in ("web", "app"):
        collector.make_key(source)
        collector.post("/v1/track", call)
    assert Event.objects.count() == 2


def test_every_commit_leaves_an_arrival_to_be_folded(collector: Asking):
    collector.post("/v1/batch", {"batch": [{"type": "track", "event": "A", "userId": f"u{n}"} for n in range(5)]})
    arrival = Arrival.objects.get()
    within = Event.objects.filter(arrival=arrival.pk, pk__range=(arrival.first, arrival.last))
    assert arrival.events == within.count() == 5


def test_metrics_of_the_browser_sdk_are_taken_and_dropped(collector: Asking):
    assert collector.post("/v1/m", {"series": [{"type": "Counter"}]}, key="").status == 200
    assert not Event.objects.exists()


def test_the_settings_send_the_browser_sdk_to_us_and_nowhere_else(collector: Asking):
    reply = collector.ask("GET", f"/v1/projects/{collector.key}/settings", host="127.0.0.1:8123")
    told = reply.said["integrations"]
    assert list(told) == ["Segment.io"]
    assert told["Segment.io"]["apiHost"] == "127.0.0.1:8123/v1"
    assert told["Segment.io"]["protocol"] == "http"
    assert "segment.com" not in reply.body.decode()


def test_the_settings_name_no_host_that_is_not_ours(collector: Asking):
    assert collector.ask("GET", f"/v1/projects/{collector.key}/settings", host="evil.example").status == 400
    assert collector.ask("GET", "/v1/projects/wk_nobody/settings").status == 401


def test_what_is_at_no_address_is_not_found(collector: Asking):
    assert collector.post("/v1/nothing", {}).status == 404
    assert collector.ask("GET", "/v1/track").status == 405


class TestVerdicts:
    def test_each_refused_event_of_a_batch_has_its_reason(self, collector: Asking):
        batch = [
            {"type": "track", "event": "A", "userId": "u"}, {"type": "nothing", "messageId": "m1"}, 7,
            {"type": "track", "userId": "u"}, {"type": "track", "event": "B", "timestamp": "0000-01-01"},
            {"type": "track", "event": "C", "properties": {"long": "x" * limits.LARGEST_EVENT}},
        ]  # fmt: skip
        reply = collector.post("/v1/batch", {"batch": batch})
        assert reply.status == 200
        assert (reply.said["success"], reply.said["accepted"]) == (True, 1)
        assert [(one["index"], one["code"]) for one in reply.said["refused"]] == [
            (1, "unknown_type"), (2, "not_an_object"), (3, "no_name"), (4, "bad_time"), (5, "too_large"),
        ]  # fmt: skip
        assert reply.said["refused"][0]["messageId"] == "m1"
        assert all(one["message"] for one in reply.said["refused"])

    def test_a_batch_of_which_nothing_goes_in_is_no_success(self, collector: Asking):
        reply = collector.post("/v1/batch", {"batch": [{"type": "nothing"}]})
        assert (reply.status, reply.said["success"], reply.said["refused"][0]["index"]) == (400, False, 0)

    def test_an_event_may_have_32_kb_and_no_more(self, collector: Asking):
        frame = len(b'{"event":"A","userId":"u","x":""}')
        for size, status in ((limits.LARGEST_EVENT, 200), (limits.LARGEST_EVENT + 1, 413)):
            body = b'{"event":"A","userId":"u","x":"' + b"x" * (size - frame) + b'"}'
            assert len(body) == size
            assert collector.post("/v1/track", body).status == status

    def test_a_batch_may_have_2500_events_and_no_more(self, collector: Asking):
        call = {"type": "track", "event": "A", "userId": "u"}
        assert collector.post("/v1/batch", {"batch": [call] * 2_500}).status == 200
        reply = collector.post("/v1/batch", {"batch": [call] * 2_501})
        assert (reply.status, reply.said["code"]) == (413, "too_many")
        assert Event.objects.count() == 1, "calls without id or time, received at once, are one"

    def test_a_request_may_have_500_kb_unpacked_and_no_more(self, collector: Asking):
        frame = len(b'{"batch":[],"x":""}')
        for size, status in ((limits.LARGEST_BODY, 200), (limits.LARGEST_BODY + 1, 413)):
            body = b'{"batch":[],"x":"' + b"x" * (size - frame) + b'"}'
            assert collector.post("/v1/batch", body).status == status
            assert collector.post("/v1/batch", gzip.compress(body), content_encoding="gzip").status == status
        assert collector.post("/v1/batch", gzip.compress(b"0" * 10**8), content_encoding="gzip").status == 413

    def test_a_batch_s_own_context_is_small_since_it_is_copied(self, collector: Asking):
        batch = {"batch": [{"type": "track", "event": "A"}], "context": {"x": "x" * limits.LARGEST_SHARED_CONTEXT}}
        assert collector.post("/v1/batch", batch).status == 413

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "not_json"), (b"{", "not_json"), (b"nonsense", "not_json"), (b"\xff\xfe", "not_json"),
            (b"[" * 100_000, "no_batch"), (b'{"batch":[' + b"[" * 100_000, "not_json"), (b"[]", "no_batch"),
            (b'{"batch":[' + b"9" * 5_000 + b"]", "not_json"), (b"{}", "no_batch"),
            (b'{"batch":7}', "no_batch"), (b'{"batch":NaN}', "no_batch"), (b'"x"', "no_batch"),
        ],
    )  # fmt: skip
    def test_what_is_no_batch_is_refused_with_a_reason(self, collector: Asking, body: bytes, code: str):
        reply = collector.post("/v1/batch", body)
        assert (reply.status, reply.said["code"], reply.said["success"]) == (400, code, False)
        assert reply.said["message"]

    @pytest.mark.parametrize("packed", [b"no gzip", gzip.compress(b"{}" * 99)[:-4]], ids=["no gzip", "cut off"])
    def test_what_cannot_be_unpacked_is_refused(self, collector: Asking, packed: bytes):
        assert collector.post("/v1/batch", packed, content_encoding="gzip").said["code"] == "bad_encoding"

    def test_a_way_of_packing_that_is_not_known_is_refused(self, collector: Asking):
        assert collector.post("/v1/batch", b"{}", content_encoding="br").status == 415
