"""The Ingestion page shows each kind of refusal and remark; write keys are made there, shown once, and revoked."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from entente.events.actions import append
from entente.events.keys import create_key, digest_of
from entente.events.labels import KEPT, REFUSED
from entente.events.models import Refusal, WriteKey
from entente.members.models import Role, TrailEntry
from tests.events.factories import page
from tests.members.factories import UserFactory

NEW = {
    "name": "Website",
    "source": "web",
    "origins": "https://www.acme.example\nhttp://localhost:3000",
    "rate_per_second": 500,
}


@pytest.fixture
def ops(client: Client, db) -> Client:
    client.force_login(UserFactory(role=Role.OPS, party="", name="Olga"))
    return client


def test_a_new_company_is_told_to_make_a_key(ops: Client):
    assert "/ingestion/keys/new/" in ops.get("/ingestion/").content.decode()


def test_each_kind_is_shown_with_its_count_and_its_last_example(ops: Client):
    key, _ = create_key("k", "shop", None, timezone.now())
    for number, kind in enumerate([*REFUSED, *KEPT], 1_001):
        example = {"reason": f"because of {kind}", "event": "<script>alert(1)</script>"}
        Refusal.objects.create(kind=kind, source=key.source, count=number, example=example, last_at=timezone.now())
    shown = ops.get("/ingestion/").content.decode()
    for number, kind in enumerate([*REFUSED, *KEPT], 1_001):
        assert f"{number:,}" in shown
        assert f"because of {kind}" in shown
    assert "<script>alert" not in shown


def test_conflicts_are_shown(ops: Client):
    append([page("/a", user="u", id="m1")], "web")
    append([page("/b", user="u", id="m1")], "web")
    shown = ops.get("/ingestion/").content.decode()
    assert "1 message id came again" in shown
    assert "/b" in shown


def test_a_key_is_made_shown_once_and_left_in_the_trail(ops: Client):
    made = ops.post("/ingestion/keys/new/", NEW)
    secret = re.search(r'id="secret" value="(wk_[^"]+)"', made.content.decode())[1]
    assert f"data-key=&quot;{secret}&quot;" in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    key = WriteKey.objects.get()
    assert key.digest == digest_of(secret)
    assert key.origins == ["http://localhost:3000", "https://www.acme.example"]
    listed = ops.get("/ingestion/keys/").content.decode()
    assert key.prefix in listed
    assert secret not in listed
    assert TrailEntry.objects.filter(verb="write_key.created", by__name="Olga").exists()


@pytest.mark.parametrize(
    "wrong", [{"origins": "acme.example"}, {"name": ""}, {"source": "entente"}, {"rate_per_second": "0"}]
)
def test_a_key_that_cannot_be_is_refused_beside_its_field(ops: Client, wrong):
    answer = ops.post("/ingestion/keys/new/", NEW | wrong)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode() or "error" in answer.content.decode()
    assert not WriteKey.objects.exists()


def test_a_key_is_revoked(ops: Client):
    key, _ = create_key("k", "web", None, timezone.now())
    ops.post(f"/ingestion/keys/{key.pk}/revocation/")
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert "revoked" in ops.get("/ingestion/keys/").content.decode()
    assert TrailEntry.objects.filter(verb="write_key.revoked").exists()


def test_nobody_but_operations_makes_keys(client: Client, db):
    client.force_login(UserFactory(role=Role.MANAGER, party="marketing"))
    assert client.get("/ingestion/").status_code == 200
    assert "/ingestion/keys/" not in client.get("/ingestion/").content.decode()
    assert client.get("/ingestion/keys/").status_code == 403
    assert client.post("/ingestion/keys/new/", NEW).status_code == 403
