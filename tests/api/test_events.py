"""Events sent through the API are in the log when the answer comes, each with its verdict."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from entente.events.actions import erase
from entente.events.models import Event
from entente.worker.fold import fold_new_events

pytestmark = pytest.mark.django_db


def track(id_: str, **more):
    return {"type": "track", "event": "Demo Requested", "userId": "u1", "messageId": id_, **more}


def test_events_are_stored_and_known_the_second_time(api):
    body = {"source": "crm", "events": [track("m1"), track("m2"), track("m1")]}
    told = api.post("events", body).json()
    assert [each["verdict"] for each in told["events"]] == ["stored", "stored", "known"]
    assert (told["stored"], told["known"], told["refused"]) == (2, 1, 0)
    again = api.post("events", body).json()
    assert [each["verdict"] for each in again["events"]] == ["known"] * 3
    assert Event.objects.filter(source__name="crm").count() == 2
    elsewhere = api.post("events", body | {"source": "website"}).json()
    assert elsewhere["stored"] == 2, "ids count within a source"


def test_a_bad_event_is_refused_with_its_reason_and_the_others_are_stored(api):
    calls = [track("m1"), {"type": "dance"}, 7, track("m2", timestamp="year 0"), {"type": "track", "userId": "u"}]
    calls += [track("m3", properties={"x": "y" * 40_000}), {"type": "page", "messageId": "m4"}]
    told = api.post("events", {"events": calls}).json()
    assert [each["code"] for each in told["events"]] == [
        "", "unknown_type", "not_an_object", "bad_time", "no_name", "too_large", "",
    ]  # fmt: skip
    assert (told["stored"], told["refused"]) == (2, 5)
    assert Event.objects.get(message_id="m4").mark == "no_identity"


def test_another_body_under_a_known_id_changes_nothing_and_is_counted(api):
    api.post("events", {"events": [track("m1")]})
    told = api.post("events", {"events": [track("m1", properties={"x": 1})]}).json()
    assert (told["conflicts"], told["events"][0]["verdict"]) == (1, "known")
    assert Event.objects.get(message_id="m1").properties == {}


def test_events_of_our_own_types_are_taken_and_folded(api):
    identify = {"type": "identify", "userId": "u1", "traits": {"email": "zoe@kunde.example", "name": "Zoe"}}
    api.post("events", {"source": "crm", "events": [identify, {"type": "deal_won", "userId": "u1", "messageId": "d",
             "properties": {"deal": "D-9", "amount": 10}}]})  # fmt: skip
    fold_new_events(timezone.now())
    zoe = api.get("people", email="zoe@kunde.example").json()["items"][0]
    assert api.get(f"people/{zoe['id']}").json()["deals"][0]["key"] == "D-9"


def test_a_machine_is_kept_and_marked(api):
    call = track(
        "m1", context={"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    )
    api.post("events", {"events": [call]})
    assert Event.objects.get().mark == "machine"


def test_events_of_an_erased_person_are_not_taken_in_again(api):
    erase(["user:u1"], timezone.now())
    told = api.post("events", {"events": [track("m1")]}).json()
    assert (told["erased"], told["events"][0]["verdict"]) == (1, "erased")


@pytest.mark.parametrize("source", ["entente", " entente ", "Entente", "", "a\0b", "x" * 101])
def test_nobody_speaks_for_entente_itself(api, source):
    assert api.post("events", {"source": source, "events": [track("m1")]}).status_code == 422
    assert not Event.objects.exists()


def test_more_than_2500_at_once_are_refused(api):
    assert api.post("events", {"events": [{}] * 2501}).status_code == 422


@pytest.mark.parametrize(
    "call",
    [
        '{"type": "track", "event": "\\ud800", "userId": "u\\u0000"}',
        '{"type": "track", "event": "x", "userId": "u", "properties": {"n": 1e400, "m": NaN}}',
        '{"type": "track", "event": "x", "userId": "u", "properties": {"n": ' + "9" * 1000 + "}}",
        '{"type": "track", "event": "x", "userId": "u", "properties": ' + '{"a":' * 60 + "1" + "}" * 61,
        '{"type": "track", "event": "x", "timestamp": "0000-00-00T00:00:00Z"}',
        '{"type": "track", "event": "x", "timestamp": "9999-12-31T23:59:59Z", "sentAt": "0001-01-01T00:00:00Z"}',
        '{"type": "identify", "userId": {"a": []}, "traits": "x"}',
        '{"\\ud800": 1}',
    ],
)
def test_whatever_an_event_holds_is_kept_or_refused_and_never_breaks(api, call):
    told = api.post("events", '{"events": [' + call + "]}")
    assert told.status_code == 200
    body = json.loads(told.content)
    assert body["stored"] + body["refused"] == 1
    fold_new_events(timezone.now())
