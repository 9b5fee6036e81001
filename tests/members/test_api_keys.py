"""API keys are made and revoked by operations; the secret is shown once and kept by nobody; each deed is traced."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from entente.members import actions, queries
from entente.members.actions import MembersError
from entente.members.allowance import BURST, seconds_to_wait
from entente.members.keys import create_api_key, key_of, revoke_api_key
from entente.members.models import SERVICE, ApiKey, Role, TrailEntry, User
from entente.members.scopes import SCOPES
from entente.members.service import acting_member
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ops() -> User:
    return UserFactory(role=Role.OPS, party="", name="Olga")


@pytest.fixture
def browser(ops) -> Client:
    client = Client()
    client.force_login(ops)
    return client


def test_a_key_is_shown_once_and_only_its_hash_is_kept(browser, ops):
    form = {"name": "CRM", "acts_as": ops.pk, "scopes": ["people:read", "events:write"], "expires": ""}
    page = browser.post("/api-keys/new/", form).content.decode()
    secret = re.search(r'id="secret" value="([^"]+)"', page)[1]
    key = ApiKey.objects.get()
    assert key.digest == sha256(secret.encode()).hexdigest()
    assert secret.startswith(key.prefix)
    assert len(secret) > len(key.prefix) + 30
    assert (key.scopes, key.acts_as, key.created_by) == (["events:write", "people:read"], ops, ops)
    assert secret not in browser.get("/api-keys/").content.decode()
    with connection.cursor() as sql:
        sql.execute("SELECT members_apikey::text FROM members_apikey")
        assert secret not in sql.fetchone()[0]
    assert key_of(secret, timezone.now()) == key


def test_making_and_revoking_are_traced_without_the_secret(browser, ops):
    made = create_api_key("CRM", ["people:read"], ops, by=ops, now=timezone.now())
    browser.post(f"/api-keys/{made.key.pk}/revocation/")
    deeds = list(TrailEntry.objects.order_by("pk"))
    assert [(deed.verb, deed.by) for deed in deeds] == [("key.made", ops), ("key.revoked", ops)]
    assert not any(made.secret in str(deed.details) + deed.object for deed in deeds)
    assert key_of(made.secret, timezone.now()) is None
    revoke_api_key(made.key, by=ops, now=timezone.now())
    assert TrailEntry.objects.count() == 2, "it can end but once"
    assert "revoked" in browser.get("/api-keys/").content.decode()


def test_what_makes_no_sense_is_refused(ops):
    now = timezone.now()
    wrong = [
        {"name": " "},
        {"name": "x" * 101},
        {"name": "a\x00b"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at": now},
        {"acts_as": UserFactory(is_active=False)},
    ]
    for each in wrong:
        asked = {"name": "k", "scopes": ["people:read"], "acts_as": ops, "by": None, "now": now} | each
        with pytest.raises(MembersError):
            create_api_key(**asked)
    assert not ApiKey.objects.exists()


def test_the_form_says_what_is_wrong(browser, ops):
    page = browser.post("/api-keys/new/", {"name": "x", "acts_as": ops.pk, "scopes": ["people:read"],
                                           "expires": "2020-01-01"}).content.decode()  # fmt: skip
    assert "expires in the future" in page
    assert "is required" in browser.post("/api-keys/new/", {"name": "x"}).content.decode()
    assert not ApiKey.objects.exists()


def test_the_database_refuses_a_key_without_scopes_or_with_a_digest_that_is_none(ops):
    good = {"name": "k", "digest": "0" * 64, "prefix": "x", "scopes": ["people:read"]}
    for wrong in ({"scopes": []}, {"digest": "secret"}, {"expires_at": timezone.now() - timedelta(days=1)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ApiKey.objects.create(**(good | wrong), acts_as=ops, created_at=timezone.now())


def test_every_scope_is_told_in_words(browser):
    page = browser.get("/api-keys/new/").content.decode()
    assert all(f'value="{scope}"' in page for scope in SCOPES)


def test_a_rate_is_a_burst_and_then_one_at_a_time(settings):
    settings.API_REQUESTS_PER_SECOND = 2
    now = timezone.now()
    assert [seconds_to_wait("key:1", now) for _ in range(BURST)] == [0] * BURST
    assert seconds_to_wait("key:1", now) == 1
    assert seconds_to_wait("key:2", now) == 0
    later = now + timedelta(seconds=0.5)
    assert [seconds_to_wait("key:1", later), seconds_to_wait("key:1", later)] == [0, 1]
    rested = now + timedelta(hours=1)
    assert [seconds_to_wait("key:1", rested) for _ in range(BURST + 1)] == [0] * BURST + [1], "rest is not saved up"


def test_before_there_are_members_a_key_acts_as_the_service_member():
    service = acting_member()
    assert (service.email, service.role, service.has_usable_password()) == (SERVICE, "ops", False)
    assert acting_member() == service
    assert not queries.has_members(), "nobody can sign in yet"
    olga = UserFactory(role=Role.OPS)
    assert acting_member() == olga


def test_the_service_member_does_not_count_as_one_who_administers():
    acting_member()
    olga = UserFactory(role=Role.OPS)
    with pytest.raises(MembersError, match="last"):
        actions.disable_user(olga, by=olga)
    actions.disable_user(User.objects.get(email=SERVICE), by=olga)
