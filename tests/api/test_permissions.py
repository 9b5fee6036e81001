"""Every route of the API x every role and party x every scope: what its declaration says is what happens.

Routes are found in the API itself, so a new one is walked without anybody thinking of it.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from entente.api.gateway import api as the_api
from entente.api.urls import urlpatterns
from entente.handoffs.models import Handoff
from entente.members.keys import create_api_key
from entente.members.models import Party, Role
from entente.members.permissions import API, PUBLIC, TABLE, allows
from entente.members.scopes import SCOPES
from tests.api.program import Program
from tests.members.factories import UserFactory
from tests.web import world

UNLIMITED = ("me",)
"""Routes that need neither permission nor scope: they tell about the caller and nothing else."""


def routes():
    for bound in the_api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                need = operation.openapi_extra
                for method in operation.methods:
                    yield method, path.strip("/"), need["x-permission"], need["x-scope"]


ROUTES = sorted(routes())


def sample(path: str) -> str:
    """An address of a thing that is somebody else's, where there is one."""
    lead = Handoff.objects.filter(closed_at=None).values_list("pk", flat=True).first() or 1
    person = Handoff.objects.filter(pk=lead).values_list("person_id", flat=True).first() or 1
    return path.format_map({"handoff_id": lead, "person_id": person, "rule_id": 1, "notification_id": 1})


def ask(program: Program, method: str, path: str):
    return program.send(method, sample(path), None if method == "GET" else {})


def test_the_walk_finds_the_routes():
    assert {("GET", "people"), ("POST", "handoffs/{handoff_id}/reject"), ("POST", "events")} <= {
        (method, path) for method, path, _, _ in ROUTES
    }


def test_every_route_needs_a_row_of_the_table_and_a_scope():
    for _method, path, permission, scope in ROUTES:
        if path not in UNLIMITED:
            assert permission in TABLE, path
            assert scope in SCOPES, path


def test_what_writes_needs_a_scope_that_writes():
    for method, path, _permission, scope in ROUTES:
        if path not in UNLIMITED:
            assert scope.endswith(":read") == (method == "GET"), path


def test_every_view_of_the_api_is_behind_the_door_or_public():
    assert {getattr(pattern.callback, "permission", None) for pattern in urlpatterns} == {API, PUBLIC}


@pytest.mark.django_db
def test_a_stranger_is_told_to_say_who_they_are():
    for method, path, _, _ in ROUTES:
        assert ask(Program(None), method, path).status_code == 401, path


@pytest.mark.django_db
@pytest.mark.parametrize("party", Party.values)
@pytest.mark.parametrize("role", Role.values)
def test_each_role_may_what_its_row_says_with_a_key_and_in_the_browser(company, role, party):
    user = UserFactory(role=role, party=party)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    secret = create_api_key("k", SCOPES, user, by=None, now=timezone.now()).secret
    for method, path, permission, _scope in ROUTES:
        for program in (Program(secret), Program(None, client)):
            answer = ask(program, method, path)
            if permission and not allows(user, permission):
                assert answer.status_code == 403, (method, path)
                assert "role" in answer.json()["detail"]
            else:
                assert answer.status_code < 500, (method, path)
                refused_by_role = answer.status_code == 403 and "role" in answer.json()["detail"]
                assert not refused_by_role, (method, path)


@pytest.mark.django_db
@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_the_routes_of_its_scope_only(company, olga, scope):
    program = Program(create_api_key("k", [scope], olga, by=None, now=timezone.now()).secret)
    for method, path, _permission, needed in ROUTES:
        answer = ask(program, method, path)
        lacking = answer.status_code == 403 and answer.json()["type"] == "urn:entente:no-scope"
        assert lacking == (needed not in ("", scope)), (method, path)


@pytest.mark.django_db
def test_nobody_answers_for_another_rep(company, api):
    """IDOR: the number of somebody else's hand-off opens no deed on it, whichever the verb."""
    lead = Handoff.objects.get(person__name="Carlos").pk
    api.post(f"handoffs/{lead}/reassign", {"to": UserFactory(email=world.REP, party="sales").email})
    other = UserFactory(role="member", party="sales", email=world.OTHER_REP)
    program = Program(create_api_key("k", SCOPES, other, by=None, now=timezone.now()).secret)
    bodies = {"reject": {"reason": "No need"}, "touch": {"kind": "call"}, "pause": {"reason": "x"}}
    verbs = [path for method, path, _, _ in ROUTES if method == "POST" and path.startswith("handoffs/{handoff_id}/")]
    assert len(verbs) >= 8
    before = Handoff.objects.get(pk=lead)
    for path in verbs:
        verb = path.rsplit("/", 1)[1]
        refused = program.post(path.format(handoff_id=lead), bodies.get(verb, {}))
        assert refused.status_code == 403, path
    assert Handoff.objects.get(pk=lead).fingerprint == before.fingerprint
