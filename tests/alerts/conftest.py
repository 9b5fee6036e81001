import pytest


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """Passwords are hashed slowly on purpose; tests need not wait for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
