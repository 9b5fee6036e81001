"""Write keys: known by their hash, revocable, limited to websites and to a rate."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from entente.events.collector.keyring import FRESH
from entente.events.collector.limits import Bucket
from entente.events.keys import KeyProblem, create_key, read_origin, revoke_key
from entente.events.models import Event, WriteKey
from entente.members.models import TrailEntry
from tests.events.collector.asking import Asking, asking

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CALL = {"event": "A", "userId": "u"}
SITE = "https://www.acme.example"


@pytest.mark.usefixtures("log")
def test_a_key_is_shown_once_and_kept_as_its_hash():
    key, secret = create_key(" Website ", " web ", None, NOW, origins=[SITE])
    assert len(secret) > 30
    stored = WriteKey.objects.values().get()
    assert stored["digest"] == sha256(secret.encode()).hexdigest()
    assert secret not in str(stored)
    assert (key.name, key.source.name) == ("Website", "web")
    entry = TrailEntry.objects.get()
    assert (entry.verb, secret in str(entry.details)) == ("write_key.created", False)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 101}, "name"), ({"source": " "}, "source"),
        ({"source": "Entente"}, "Entente itself"), ({"origins": ["acme"]}, "web origin"),
        ({"origins": ["https://acme.example/path"]}, "web origin"), ({"origins": ["ftp://acme.example"]}, "web origin"),
        ({"rate_per_second": 0}, "rate"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("log")
def test_a_key_that_cannot_be_is_refused_in_words(given, words):
    with pytest.raises(KeyProblem, match=words):
        create_key(**{"name": "n", "source": "s", "by": None, "now": NOW} | given)
    assert not WriteKey.objects.exists()


def test_an_origin_is_read_as_a_browser_writes_it():
    assert read_origin(" HTTPS://WWW.Acme.example:443/ ") == SITE
    assert read_origin("http://localhost:8000") == "http://localhost:8000"
    assert read_origin("https://españa.example") == "https://xn--espaa-rta.example"


def test_without_a_key_nothing_goes_in(collector: Asking):
    for key, code in (("", "no_key"), ("wk_of_nobody", "unknown_key"), ("é" * 9, "unknown_key")):
        reply = collector.post("/v1/track", CALL, key=key)
        assert (reply.status, reply.said["code"]) == (401, code)
    assert collector.post("/v1/track", {**CALL, "writeKey": {"a": 1}}, key="").status == 401
    assert collector.post("/v1/track", CALL, key="", authorization="Basic ?").status == 401
    assert not Event.objects.exists()


def test_a_new_key_is_good_at_once_and_a_revoked_one_is_refused_soon(log):
    seconds = [0.0]
    with asking() as one:
        one.collector.keyring.clock = lambda: seconds[0]
        assert one.post("/v1/track", CALL, key="wk_unknown").status == 401
        one.make_key()
        assert one.post("/v1/track", CALL).status == 200
        key = WriteKey.objects.get()
        assert revoke_key(key, None, timezone.now())
        assert not revoke_key(key, None, timezone.now()), "once"
        seconds[0] += FRESH + 0.1
        assert one.post("/v1/track", CALL).status == 401
    assert TrailEntry.objects.filter(verb="write_key.revoked").count() == 1


def test_a_key_s_last_use_is_known(collector: Asking):
    collector.post("/v1/track", CALL)
    collector.write_down()
    assert WriteKey.objects.get().last_used_at is not None


class TestWebsites:
    def test_a_page_of_a_named_website_may_send_and_another_may_not(self, collector: Asking):
        collector.make_key("site", origins=[SITE])
        allowed = collector.post("/v1/track", CALL, origin=SITE)
        assert allowed.status == 200
        assert allowed.headers["access-control-allow-origin"] == SITE
        for origin in ("https://evil.example", "null", "http://www.acme.example"):
            refused = collector.post("/v1/track", CALL, origin=origin)
            assert (refused.status, refused.said["code"]) == (403, "origin")
            assert "access-control-allow-origin" not in refused.headers
            assert collector.ask("GET", f"/v1/projects/{collector.key}/settings", origin=origin).status == 403
        assert Event.objects.count() == 1

    def test_a_browser_that_asks_before_is_told(self, log):
        with asking() as one:
            one.make_key("site", origins=[SITE])
            yes = one.ask("OPTIONS", "/v1/t", origin=SITE, access_control_request_headers="authorization")
            assert yes.status == 204
            assert yes.headers["access-control-allow-origin"] == SITE
            assert "Authorization" in yes.headers["access-control-allow-headers"]
            no = one.ask("OPTIONS", "/v1/t", origin="https://evil.example")
            assert (no.status, "access-control-allow-origin" in no.headers) == (403, False)

    def test_errors_can_be_read_by_the_page_that_caused_them(self, collector: Asking):
        reply = collector.post("/v1/track", {}, origin=SITE)
        assert (reply.status, reply.headers["access-control-allow-origin"]) == (400, SITE)
        assert "Retry-After" in reply.headers["access-control-expose-headers"]

    def test_a_website_s_key_tells_nothing_that_only_our_own_systems_may_tell(self, collector: Asking):
        won = {"type": "deal_won", "userId": "u", "properties": {"deal": "1"}}
        form = {"type": "form_submitted", "userId": "u", "properties": {"form": "Contact"}}
        collector.make_key("site", origins=[SITE])
        assert collector.post("/v1/batch", {"batch": [won]}).said["code"] == "not_public"
        assert collector.post("/v1/batch", {"batch": [form]}).status == 200
        collector.make_key("crm")
        assert collector.post("/v1/batch", {"batch": [won]}).status == 200


class TestRates:
    def test_who_sends_more_than_the_rate_is_told_when_to_come_again(self, collector: Asking):
        seconds = [0.0]
        collector.collector._clock = collector.collector.keyring.clock = lambda: seconds[0]
        collector.make_key("slow", rate_per_second=2)
        replies = [collector.post("/v1/track", CALL) for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 200, 429]
        assert replies[2].headers["retry-after"] == "1"
        seconds[0] += 1
        assert collector.post("/v1/track", CALL).status == 200

    def test_a_batch_larger_than_the_rate_goes_in_and_the_next_waits_for_all_of_it(self, collector: Asking):
        seconds = [0.0]
        collector.collector._clock = collector.collector.keyring.clock = lambda: seconds[0]
        collector.make_key("slow", rate_per_second=10)
        batch = {"batch": [{"type": "track", **CALL}] * 100}
        assert collector.post("/v1/batch", batch).status == 200
        reply = collector.post("/v1/track", CALL)
        assert (reply.status, reply.headers["retry-after"]) == (429, "10")

    @given(
        st.integers(1, 100),
        st.lists(st.tuples(st.floats(0, 3), st.integers(1, 300)), max_size=60),
    )
    def test_over_any_time_no_more_goes_in_than_the_rate_and_one_request_beyond(self, rate, asked):
        bucket, at, taken, largest = Bucket.full(rate, 0.0), 0.0, 0, 0
        for pause, events in asked:
            at += pause
            if bucket.take(events, at) == 0.0:
                taken += events
                largest = max(largest, events)
        assert taken <= rate * (at + 1) + largest + 1e-6

    @given(st.integers(1, 100), st.integers(1, 1000))
    def test_who_waits_as_long_as_told_is_let_in(self, rate, events):
        bucket = Bucket.full(rate, 0.0)
        while not (wait := bucket.take(events, 0.0)):
            pass
        assert bucket.take(1, wait + 1e-6) == 0.0
