"""Keeping secrets in the database so that a copy of it gives them to nobody: sealed with a key made from SECRET_KEY.

Who loses SECRET_KEY loses the addresses and nothing else: each is typed anew.
"""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unsealable(Exception):
    """It was sealed under another SECRET_KEY."""


def seal(secret: dict[str, Any]) -> str:
    """The secret, a table of JSON's kinds, as a text that says nothing without the key."""
    return _fernet(settings.SECRET_KEY).encrypt(json.dumps(secret).encode()).decode()


def unseal(sealed: str) -> dict[str, Any]:
    """What was sealed; raises Unsealable."""
    try:
        opened: dict[str, Any] = json.loads(_fernet(settings.SECRET_KEY).decrypt(sealed.encode()))
    except InvalidToken as error:
        raise Unsealable from error
    return opened


@lru_cache(maxsize=4)
def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"entente.alerts.addresses").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
