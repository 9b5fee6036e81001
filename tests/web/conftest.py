import pytest
from django.core.cache import caches

from entente.members.models import Role
from tests.members.factories import UserFactory
from tests.web import world


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """Passwords are hashed slowly on purpose; tests need not wait for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _nothing_kept():
    """What one test drew and measured is nothing to the next, whose database is another."""
    caches["charts"].clear()


@pytest.fixture
def company(db):
    return world.build()


@pytest.fixture
def ops(client, db):
    """The client of a member of operations, signed in."""
    client.force_login(UserFactory(role=Role.OPS, party="", name="Olga", timezone="Europe/Madrid"))
    return client
