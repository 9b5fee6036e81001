"""Whatever is sent: the answer is a 200 or a 4xx with a reason, never a 500, and what is acknowledged is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entente.events.models import Event
from tests.events.collector.asking import Asking

NASTY = st.sampled_from(
    [
        "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e", "undefined", "null", "[object Object]", "", " ",
        "0000-00-00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "+275760-09-13", "2026-13-45", "now",
        "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "x" * 3_000, "ana@acme.es", "info@acme.es", "@", "a@b",
        "http://[::1", "javascript:alert(1)", "1e400", "-1",
    ]
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(), st.integers(-(10**300), 10**300), st.floats(allow_nan=True),
    st.sampled_from([0, -1, 2**63, -(2**63) - 1, 10**500, 1e308, float("inf"), 253402300800, -62135596800]),
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | NASTY | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NASTY | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def deep(depth: int) -> Any:
    value: Any = "bottom"
    for _ in range(depth):
        value = {"deeper": value}
    return value


ANYTHING = st.one_of(VALUES, st.integers(1, 900).map(deep))
FIELDS = (
    "userId", "anonymousId", "messageId", "event", "name", "groupId", "previousId", "timestamp", "originalTimestamp",
    "sentAt", "properties", "traits", "context", "email", "integrations",
)  # fmt: skip
CALLS = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "page", "identify", "group", "alias", "screen", "deal_won"]) | ANYTHING},
    optional=dict.fromkeys(FIELDS, ANYTHING),
)
ENVELOPES = st.fixed_dictionaries(
    {"batch": st.lists(CALLS, max_size=4) | ANYTHING}, optional={"context": ANYTHING, "sentAt": ANYTHING}
)
ENOUGH = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def check(collector: Asking, path: str, body: bytes) -> None:
    before = Event.objects.count()
    reply = collector.post(path, body)
    assert reply.status in (200, 400, 403, 413), (reply, body)
    if reply.status == 200:
        assert reply.said["success"] is True
    else:
        assert reply.said["success"] is False
        assert reply.said["code"]
        assert reply.said["message"]
        assert Event.objects.count() == before


@ENOUGH
@given(call=CALLS, kind=st.sampled_from(["track", "page", "identify", "group", "alias", "screen"]))
def test_any_call_is_taken_in_or_refused_with_a_reason(collector: Asking, call, kind):
    check(collector, f"/v1/{kind}", json.dumps(call).encode())


@ENOUGH
@given(envelope=ENVELOPES)
def test_any_batch_is_taken_in_or_refused_with_a_reason(collector: Asking, envelope):
    check(collector, "/v1/batch", json.dumps(envelope).encode())


@ENOUGH
@given(body=st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_reason(collector: Asking, body):
    check(collector, "/v1/batch", body)
    check(collector, "/v1/track", body)


@ENOUGH
@given(call=CALLS, cut=st.integers(0, 400), junk=st.binary(max_size=4))
def test_a_body_that_was_broken_on_its_way_is_refused_with_a_reason(collector: Asking, call, cut, junk):
    body = json.dumps({"batch": [call]}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    check(collector, "/v1/batch", body[:cut] + junk + body[cut:])
    check(collector, "/v1/batch", body[:cut])


KEPT = [
    {"userId": "u", "event": "NUL \x00 within", "properties": {"a\x00": "b\x00"}},
    {"userId": "u", "event": "surrogate \ud800"}, {"userId": "u", "event": "many digits", "properties": {"n": 10**300}},
    {"userId": "u", "event": "not a number", "properties": {"n": float("nan"), "m": float("inf")}},
    {"userId": "undefined", "event": "nobody"}, {"userId": "u", "event": "far future", "timestamp": "9999-01-01"},
    {"userId": "u", "event": "A", "properties": deep(20)}, {"userId": "u" * 30_000, "event": "endless id"},
]  # fmt: skip


@pytest.mark.parametrize("call", KEPT, ids=lambda call: call["event"][:20].encode("ascii", "replace").decode())
def test_what_can_be_kept_is_kept(collector: Asking, call):
    assert collector.post("/v1/track", call).status == 200
    assert Event.objects.get().occurred_at <= Event.objects.get().received_at


REFUSED = [
    ({"userId": "u", "event": "A", "timestamp": "0000-01-01T00:00:00Z"}, "bad_time"),
    ({"userId": "u", "event": "A", "timestamp": "1823-01-01"}, "bad_time"),
    ({"userId": "u", "event": "A", "properties": deep(60)}, "unfit"),
    ({"userId": "u", "event": "A", "properties": {"n": 10**4000}}, "unfit"),
    ({"userId": "u", "event": "A", "properties": []}, None),
    ({"userId": "u", "event": "A", "properties": 7}, "not_an_object"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "code"), REFUSED)
def test_what_cannot_be_kept_is_refused_with_its_reason(collector: Asking, call, code):
    reply = collector.post("/v1/track", call)
    assert reply.status == (400 if code else 200)
    assert code is None or reply.said["code"] == code
