"""Who is let in: keys that work, members in the browser with the form token, not too often; every error a problem."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from entente.members import actions
from entente.members.keys import create_api_key, revoke_api_key
from entente.members.models import ApiKey
from tests.api.program import Program
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db


def key_for(user, scopes=("people:read",), **more):
    return create_api_key("k", scopes, user, by=None, now=timezone.now(), **more)


@pytest.mark.parametrize("given", ["Bearer nonsense", "Bearer ", "Basic b2xnYTpw", "Bearer entente_\u00e9", "x"])
def test_what_is_no_key_is_told_so(given):
    refused = Program(None).client.get("/api/v1/me", headers={"Authorization": given})
    assert (refused.status_code, refused["WWW-Authenticate"][:6]) == (401, "Bearer")
    assert refused["Content-Type"] == "application/problem+json"


def test_nobody_is_told_how_to_ask():
    assert Program(None).get("me").status_code == 401


def test_a_key_that_was_revoked_or_has_expired_or_whose_member_is_disabled_opens_nothing(olga):
    user = UserFactory()
    made = key_for(user)
    program = Program(made.secret)
    assert program.get("people").status_code == 200
    actions.disable_user(user, by=olga)
    assert program.get("people").status_code == 401
    actions.enable_user(user, by=olga)
    assert program.get("people").status_code == 200
    revoke_api_key(made.key, by=olga, now=timezone.now())
    assert program.get("people").status_code == 401
    soon = key_for(user, expires_at=timezone.now() + timedelta(seconds=1))
    ApiKey.objects.filter(pk=soon.key.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(days=1)
    )
    assert Program(soon.secret).get("people").status_code == 401


def test_a_key_does_what_its_scopes_allow_and_no_more(olga):
    program = Program(key_for(olga).secret)
    refused = program.get("handoffs")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:entente:no-scope")
    assert "handoffs:read" in refused.json()["detail"]


def test_a_key_does_no_more_than_its_member_may():
    viewer = Program(key_for(UserFactory(role="viewer"), ["status:read", "events:write"]).secret)
    assert viewer.get("status").status_code == 403
    assert viewer.post("events", {"events": [{}]}).status_code == 403


def test_when_a_key_was_used_last_is_kept(olga):
    made = key_for(olga)
    Program(made.secret).get("people")
    made.key.refresh_from_db()
    assert made.key.last_used_at is not None


def test_a_bad_key_is_not_excused_by_a_session(olga):
    client = Client()
    client.force_login(olga)
    assert Program("entente_wrong", client).get("me").status_code == 401


def test_a_member_who_is_signed_in_reads_and_writes_with_the_form_token(olga):
    client = Client(enforce_csrf_checks=True)
    client.force_login(olga)
    browser = Program(None, client)
    assert browser.get("me").json()["key"] is None
    body = {"events": [{"type": "page", "userId": "u"}]}
    forged = browser.post("events", body)
    assert (forged.status_code, forged.json()["type"]) == (403, "urn:entente:no-csrf-token")
    token = re.search(r'data-csrf-token="(\w+)"', client.get("/api/v1/docs").content.decode())[1]
    assert browser.post("events", body, X_CSRFToken=token).status_code == 200


def test_whoever_asks_too_often_is_told_how_long_to_wait(olga, settings):
    settings.API_REQUESTS_PER_SECOND = 0.001
    program = Program(key_for(olga).secret)
    answers = [program.get("me") for _ in range(102)]
    assert [each.status_code for each in answers] == [200] * 100 + [429] * 2
    assert 900 < int(answers[-1]["Retry-After"]) <= 1000
    assert Program(key_for(olga).secret).get("me").status_code == 200, "another key has its own rate"


def test_what_does_not_exist_is_told_as_a_problem(api):
    for path in ("nothing", "people/7/x", "", "handoffs/7/praise"):
        assert api.get(path).status_code == 404


def test_a_method_that_an_address_does_not_take_is_told_with_those_it_takes(api):
    refused = api.send("PUT", "people", {})
    assert (refused.status_code, refused["Allow"]) == (405, "GET")


def test_whoever_asks_for_the_head_alone_gets_it(api):
    head = api.client.head("/api/v1/people", headers=api.headers)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"events": [}', b"nonsense"])
def test_a_body_that_is_no_json_is_unreadable(api, body):
    assert api.post("events", body).status_code == 400


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"{}", b'{"events": {}}', b'{"events": [], "x": 1}'])
def test_json_that_is_not_what_was_asked_for_is_named(api, body):
    refused = api.post("events", body)
    assert refused.status_code == 422
    assert refused.json()["errors"]


def test_what_is_too_large_is_refused_before_it_is_read(api):
    refused = api.post("events", b'{"events": ["' + b"x" * 5_000_001 + b'"]}')
    assert refused.status_code == 413


def test_a_failure_of_ours_tells_nothing_of_itself(api, monkeypatch):
    def broken(*_):
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr("entente.api.people.person_lines", broken)
    told = api.get("people")
    assert told.status_code == 500
    assert "42" not in told.content.decode()


def test_a_database_that_does_not_answer_is_told_as_that(api, monkeypatch):
    def gone(*_):
        raise OperationalError("connection refused")

    monkeypatch.setattr("entente.api.people.person_lines", gone)
    told = api.get("people")
    assert (told.status_code, told["Retry-After"]) == (503, "2")


def test_what_goes_wrong_before_the_door_is_told_as_a_problem_too(client, settings):
    elsewhere = client.get("/api/v2/people")
    assert (elsewhere.status_code, elsewhere["Content-Type"]) == (404, "application/problem+json")
    stranger = Client(raise_request_exception=False).get("/api/v1/me", headers={"Host": "evil.example"})
    assert (stranger.status_code, stranger["Content-Type"]) == (400, "application/problem+json")
    assert client.get("/nothing/").headers["Content-Type"].startswith("text/html")


def test_a_middleware_that_fails_is_told_as_a_problem(monkeypatch):
    def broken(*_):
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr("entente.members.middleware._valid", broken)
    told = Client(raise_request_exception=False).get("/api/v1/me")
    assert (told.status_code, told["Content-Type"]) == (500, "application/problem+json")
    assert "42" not in told.content.decode()
