"""Members are added, changed and disabled; each deed is traced; somebody can always administer."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from entente.members import actions, trail
from entente.members.actions import MembersError
from entente.members.models import Role, TrailEntry, User
from tests.members.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ops() -> User:
    return UserFactory(role=Role.OPS, party="", name="Olga")


def test_a_new_member_is_written_in_the_trail(ops: User):
    user = actions.create_user("Ana@Acme.example", "Ana", "sales", "member", by=ops)
    assert user.email == "ana@acme.example"
    entry = TrailEntry.objects.get()
    assert (entry.verb, entry.by, entry.by_name, entry.object) == ("member.added", ops, "Olga", "Ana")


def test_nobody_is_added_twice_whatever_the_case_of_the_address(ops: User):
    actions.create_user("ana@acme.example", "Ana", "sales", "member", by=ops)
    with pytest.raises(MembersError, match="already"):
        actions.create_user("ANA@acme.example", "Ana", "sales", "member", by=ops)


@pytest.mark.parametrize(
    ("email", "party", "role"),
    [("no address", "sales", "ops"), ("a@b.example", "law", "ops"), ("a@b.example", "", "boss")],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(email: str, party: str, role: str):
    with pytest.raises(MembersError):
        actions.create_user(email, "A", party, role, by=None)
    assert not User.objects.exists()
    assert not TrailEntry.objects.exists()


def test_a_password_that_is_common_is_refused():
    with pytest.raises(MembersError, match="common"):
        actions.create_user("a@b.example", "A", "", "ops", by=None, password="password123")


def test_the_last_member_of_operations_can_neither_be_disabled_nor_demoted(ops: User):
    UserFactory(role=Role.OPS, is_active=False)
    with pytest.raises(MembersError, match="last"):
        actions.disable_user(ops, by=ops)
    with pytest.raises(MembersError, match="last"):
        actions.change_user(ops, by=ops, name="Olga", party="", role="viewer")
    ops.refresh_from_db()
    assert (ops.is_active, ops.role) == (True, "ops")


def test_one_of_two_members_of_operations_can_be_disabled(ops: User):
    other = UserFactory(role=Role.OPS)
    assert not actions.disable_user(other, by=ops).is_active


def test_disabling_ends_sessions_at_once(ops: User, client: Client):
    user = UserFactory(email="ana@acme.example")
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert client.get("/settings/").status_code == 200
    actions.disable_user(user, by=ops)
    assert client.get("/settings/")["Location"].startswith("/accounts/login/")
    assert TrailEntry.objects.get(verb="member.disabled").details["sessions"] == 1
    actions.enable_user(user, by=ops)
    assert client.get("/settings/")["Location"].startswith("/accounts/login/"), "an ended session stays ended"


def test_a_link_sets_a_password_once(ops: User, client: Client):
    user = actions.create_user("ana@acme.example", "Ana", "sales", "member", by=ops)
    link = actions.password_link(user, by=ops)
    form = client.get(link, follow=True)
    address = form.request["PATH_INFO"]
    assert link not in address, "the key does not stay in the address"
    client.post(address, {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert "used up" in Client().get(link).content.decode()


def test_the_trail_is_written_once():
    trail.record("member.added", None, "Ana", by_whom="x")
    for change in (lambda: TrailEntry.objects.update(verb="nothing"), lambda: TrailEntry.objects.all().delete()):
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            change()
    assert TrailEntry.objects.get().by_name == trail.COMMAND_LINE


def test_the_trail_knows_the_address_of_who_did_it(ops: User, client: Client):
    client.force_login(ops)
    client.post("/members/new/", {"email": "x@acme.example", "name": "X", "party": "sales", "role": "member"})
    entry = TrailEntry.objects.get(verb="member.added")
    assert (entry.address, json.dumps(entry.details)) == (
        "127.0.0.1",
        '{"role": "member", "email": "x@acme.example", "party": "sales"}',
    )


def test_the_database_refuses_an_unknown_role():
    with pytest.raises(DatabaseError), transaction.atomic():
        UserFactory(role="emperor")
