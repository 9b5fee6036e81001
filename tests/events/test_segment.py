"""Calls of the Segment specification become events, or are refused with a reason; nothing raises."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entente.events.cleaning import clean, is_clean_json
from entente.events.rows import row_of
from entente.events.segment import Refused, parse
from entente.events.types import NewEvent

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def told(**call) -> NewEvent:
    found = parse(call, NOW)
    assert isinstance(found, NewEvent), found
    return found


def refusal(call, **how) -> str:
    found = parse(call, NOW, **how)
    assert isinstance(found, Refused)
    assert found.reason
    return found.code


def test_a_track_call():
    event = told(type="track", event="Demo Requested", userId="u1", messageId="m1", properties={"plan": "pro"})
    assert (event.type, event.name, event.identity, event.message_id) == ("track", "Demo Requested", "user:u1", "m1")
    assert event.properties == {"plan": "pro"}


def test_an_identify_call_has_its_traits_as_properties_and_the_address_as_identifier():
    event = told(type="identify", anonymousId="a", traits={"email": "Ana@Acme.es", "title": "CEO"})
    assert event.email == "ana@acme.es"
    assert event.identity == "email:ana@acme.es"
    assert event.properties["title"] == "CEO"


def test_a_user_id_that_is_an_address_is_known_as_that_address_too():
    event = told(type="identify", userId="Ana@acme.es", traits={})
    assert (event.identity, event.email) == ("user:Ana@acme.es", "ana@acme.es")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"properties": {"path": "/pricing", "url": "https://a.es/other"}}, "/pricing"),
        ({"properties": {"url": "https://a.es/pricing/?utm_source=x#top"}}, "/pricing/"),
        ({"properties": {"path": "/pricing?x=1"}}, "/pricing"),
        ({"properties": {"url": "https://a.es"}}, "/"),
        ({"context": {"page": {"path": "/pricing"}}}, "/pricing"),
        ({"context": {"page": {"url": "https://a.es/pricing"}}}, "/pricing"),
        ({"properties": {"url": "http://[bad"}}, ""),
        ({"properties": {"path": 5}}, ""),
        ({}, ""),
    ],
)
def test_the_path_of_a_page_view(given, path):
    assert told(type="page", userId="u", **given).path == path


def test_a_mail_call_has_our_type_and_keeps_its_name():
    event = told(type="track", event="Email Link Clicked", userId="u")
    assert (event.type, event.name) == ("email_clicked", "Email Link Clicked")


def test_our_own_types_are_calls_too():
    event = told(type="form_submitted", email="ana@acme.es", properties={"form": "Contact"})
    assert (event.type, event.identity) == ("form_submitted", "email:ana@acme.es")


def test_a_group_call_names_its_account_in_lower_case():
    assert told(type="group", userId="u", groupId=" ACME ", traits={"employees": 7}).group_id == "acme"


def test_a_call_that_identifies_nobody_is_kept_and_marked():
    event = told(type="page", userId="undefined", anonymousId="null")
    assert (event.mark, event.identity) == ("no_identity", None)
    assert event.context["ignored"] == {"userId": "undefined", "anonymousId": "null"}


def test_the_skew_of_the_sender_s_clock_is_taken_out():
    call = {"type": "page", "userId": "u", "timestamp": "2031-01-01T10:00:00Z", "sentAt": "2031-01-01T10:05:00Z"}
    assert told(**call).occurred_at == NOW - timedelta(minutes=5)


def test_no_event_occurs_after_it_was_received():
    assert told(type="page", userId="u", timestamp="2031-01-01T10:00:00Z").occurred_at == NOW
    ahead = {"timestamp": "2026-06-01T10:05:00Z", "sentAt": "2026-06-01T10:00:00Z"}
    assert told(type="page", userId="u", **ahead).occurred_at == NOW


def test_a_file_is_taken_at_its_word_on_time():
    call = {"type": "page", "userId": "u", "timestamp": "2025-01-01T10:00:00+02:00", "sentAt": "2026-01-01T00:00:00Z"}
    event = parse(call, NOW, from_file=True)
    assert isinstance(event, NewEvent)
    assert event.occurred_at == datetime(2025, 1, 1, 8, tzinfo=UTC)
    assert event.received_at == NOW


@pytest.mark.parametrize(
    "time", ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1969-12-31T00:00:00Z", "9999-12-31T23:59:59Z", "soon",
             10**30, -5, True, {}, [], "2026-13-01"],
)  # fmt: skip
def test_a_time_that_cannot_be_is_refused(time):
    assert refusal({"type": "page", "userId": "u", "timestamp": time}, from_file=True) == "bad_time"


def test_a_file_must_say_when():
    assert refusal({"type": "page", "userId": "u"}, from_file=True) == "bad_time"


@pytest.mark.parametrize("at", ["2025-06-01T10:00:00Z", "1748772000", 1748772000, 1748772000000, "2025-06-01T10:00:00"])
def test_times_in_several_ways(at):
    event = parse({"type": "page", "userId": "u", "timestamp": at}, NOW, from_file=True)
    assert isinstance(event, NewEvent)
    assert event.occurred_at == datetime(2025, 6, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ([], "not_an_object"),
        ("page", "not_an_object"),
        ({}, "unknown_type"),
        ({"type": "pageview"}, "unknown_type"),
        ({"type": {}}, "unknown_type"),
        ({"type": "track", "userId": "u"}, "no_name"),
        ({"type": "track", "userId": "u", "event": {}}, "no_name"),
        ({"type": "group", "userId": "u"}, "no_group"),
        ({"type": "alias", "userId": "u", "previousId": "null"}, "no_alias"),
        ({"type": "page", "properties": []}, "unknown_type"),
        ({"type": "identify", "userId": "u", "traits": "x"}, "not_an_object"),
    ],
)
def test_what_is_no_call_is_refused_with_a_reason(call, code):
    if call == {"type": "page", "properties": []}:
        assert isinstance(parse(call, NOW), NewEvent)  # an empty list where nothing is meant: PHP's empty object
    else:
        assert refusal(call) == code


def nested(depth: int) -> dict:
    value: dict = {}
    for _ in range(depth):
        value = {"in": value}
    return value


def test_what_is_nested_too_deeply_is_refused():
    assert refusal({"type": "page", "userId": "u", "properties": nested(100)}) == "unfit"
    assert refusal({"type": "page", "userId": "u", "properties": nested(100_000)}) == "unfit"


def test_odd_values_are_mended():
    odd = {"nul": "a\x00b", "lone": "\ud800", "nan": float("nan"), "huge": 10**25, "inf": float("inf"), "k\x00": 1}
    event = told(type="page", userId="u", properties=odd)
    assert event.properties == {"nul": "ab", "lone": "\ufffd", "nan": None, "huge": str(10**25), "inf": None, "k": 1}


def test_a_call_without_an_id_gets_the_same_one_each_time():
    call = {
        "type": "track",
        "event": "E",
        "userId": "u",
        "timestamp": "2026-01-01T00:00:00Z",
        "properties": {"b": 1, "a": 2},
    }
    again = dict(reversed(call.items())) | {"properties": {"a": 2, "b": 1}, "sentAt": None, "writeKey": "k"}
    assert told(**call).message_id == told(**again).message_id
    assert told(**call).message_id != told(**(call | {"userId": "v"})).message_id


def test_a_live_call_without_id_and_time_is_not_taken_for_its_like():
    call = {"type": "track", "event": "E", "userId": "u"}
    later = parse(call, NOW + timedelta(seconds=1))
    assert isinstance(later, NewEvent)
    assert later.message_id != told(**call).message_id


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["null", "2026-01-01", "a@b.es"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["type", "event", "userId", "anonymousId", "groupId", "previousId", "timestamp", "sentAt", "messageId",
          "properties", "traits", "context", "email"]  # fmt: skip
CALLS = st.dictionaries(st.sampled_from(FIELDS), JSON) | st.builds(
    lambda call, kind: call | {"type": kind, "event": "E", "groupId": "g"},
    st.dictionaries(st.sampled_from(FIELDS), JSON),
    st.sampled_from(["identify", "track", "page", "screen", "group", "alias", "form_submitted"]),
)


@settings(max_examples=200)
@given(CALLS, st.booleans())
def test_whatever_is_sent_gives_an_event_that_can_be_stored_or_a_reason(call, from_file):
    found = parse(call, NOW, from_file)
    if isinstance(found, NewEvent):
        assert found.occurred_at <= found.received_at
        row_of(found)
    else:
        assert found.code
        assert found.reason


@given(JSON)
def test_what_is_called_clean_is_not_changed_by_cleaning(value):
    try:
        text = json.dumps(value, allow_nan=False).encode()
    except ValueError:
        return
    if is_clean_json(text):
        try:
            read = msgspec.json.decode(text)
        except msgspec.DecodeError:
            return
        assert clean(read) == read
