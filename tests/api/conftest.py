"""The small company of the page tests, seen by a program: `api` is the client of a key that may do everything."""

from __future__ import annotations

import pytest
from django.utils import timezone

from entente.members.keys import create_api_key
from entente.members.models import Role, User
from entente.members.scopes import SCOPES
from tests.api.program import Program
from tests.members.factories import UserFactory
from tests.web import world


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """Passwords are hashed slowly on purpose; tests need not wait for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def company(db):
    return world.build()


@pytest.fixture
def olga(db) -> User:
    return UserFactory(role=Role.OPS, party="", name="Olga", email="olga@acme.example")


@pytest.fixture
def rep(db) -> User:
    """Lola, who has Ana's hand-off."""
    return UserFactory(role=Role.MEMBER, party="sales", name="Lola", email=world.REP)


@pytest.fixture
def api(olga) -> Program:
    return Program(create_api_key("tests", SCOPES, olga, by=None, now=timezone.now()).secret)
