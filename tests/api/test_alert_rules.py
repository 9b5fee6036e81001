"""Alert rules through the API are one's own: made, changed, paused, deleted, and nobody else's business."""

from __future__ import annotations

import pytest
from django.utils import timezone

from entente.alerts.models import AlertRule, Notification
from entente.members.keys import create_api_key
from tests.api.program import Program
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db

PRICING = {"name": "Pricing", "when": {"page": "/pricing*"}, "score_at_least": 40, "tell": ["browser"]}


def test_a_rule_lives_from_its_making_to_its_end(api, olga):
    made = api.post("alert-rules", PRICING)
    assert made.status_code == 201
    rule = made.json()
    assert rule["document"]["when"] == {"page": "/pricing*"}
    assert api.get("alert-rules").json()["items"] == [rule]
    changed = api.send("PATCH", f"alert-rules/{rule['id']}", {"score_at_least": None, "active": False}).json()
    assert (changed["active"], "score_at_least" in changed["document"]) == (False, False)
    assert changed["document"]["when"] == {"page": "/pricing*"}
    assert api.get(f"alert-rules/{rule['id']}").json() == changed
    assert AlertRule.objects.get().owner == olga
    gone = api.send("DELETE", f"alert-rules/{rule['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert api.get(f"alert-rules/{rule['id']}").status_code == 404


def test_rules_are_told_of_what_happens_too(api):
    assert api.post("alert-rules", {"name": "Mine", "on": ["assigned", "breach"], "mine": True}).status_code == 201


def test_a_wrong_rule_is_refused_with_every_mistake(api):
    wrong = {"name": "x", "when": {"pge": "/x"}, "quiet": {"from": "25:00", "to": "08:00"}, "digest": "often"}
    refused = api.post("alert-rules", wrong)
    assert refused.status_code == 422
    assert {each["where"].split(".")[1] for each in refused.json()["errors"]} == {"when", "quiet", "digest"}
    assert not AlertRule.objects.exists()


@pytest.mark.parametrize(
    "when", [{"page": "a\0"}, {"page": "\ud800"}, {"track": "x", "where": {"n": {"from": float("nan")}}}]
)
def test_what_the_database_cannot_hold_is_refused(api, when):
    assert api.post("alert-rules", {"name": "x", "when": when}).status_code == 422


def test_a_name_is_given_once_and_an_address_must_be_ones_own(api):
    api.post("alert-rules", PRICING)
    assert api.post("alert-rules", PRICING).status_code == 409
    assert api.post("alert-rules", {**PRICING, "name": "Other", "tell": ["sales channel"]}).status_code == 409


def test_anothers_rule_is_not_found(api):
    rule = api.post("alert-rules", PRICING).json()["id"]
    other = UserFactory(role="ops")
    program = Program(create_api_key("k", ["alerts:read", "alerts:write"], other, by=None, now=timezone.now()).secret)
    assert program.get("alert-rules").json()["items"] == []
    for method in ("GET", "PATCH", "DELETE"):
        assert program.send(method, f"alert-rules/{rule}", None if method != "PATCH" else {}).status_code == 404
    assert AlertRule.objects.filter(pk=rule).exists()


def test_a_rule_that_is_made_under_a_key_is_made_once(api):
    first = api.post("alert-rules", PRICING, Idempotency_Key="a")
    again = api.post("alert-rules", PRICING, Idempotency_Key="a")
    assert (again.status_code, again.json()) == (201, first.json())
    assert AlertRule.objects.count() == 1


def test_what_one_was_told_is_listed_and_marked_as_read_by_oneself_alone(api, olga):
    other = UserFactory(role="ops")
    for number, receiver in enumerate((olga, olga, other)):
        Notification.objects.create(
            receiver=receiver, kind="assigned", text=f"news {number}", at=timezone.now(), key=f"k{number}"
        )
    told = api.get("notifications").json()["items"]
    assert [each["text"] for each in told] == ["news 1", "news 0"]
    read = api.post(f"notifications/{told[0]['id']}/read").json()
    assert read["read_at"] is not None
    assert [each["text"] for each in api.get("notifications", unread="true").json()["items"]] == ["news 0"]
    theirs = Notification.objects.get(receiver=other)
    assert api.post(f"notifications/{theirs.pk}/read").status_code == 404
    assert Notification.objects.get(receiver=other).read_at is None
