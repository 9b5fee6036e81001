"""Write keys: who may send events over HTTP, from where, and how many.

A key is a text of 192 random bits that is shown once. The database holds its hash, so that who reads the database can
send nothing. A key that names web origins stands in the source of public pages: see `entente.events.collector.calls`
for what it may not say.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from entente.events.actions import source_named
from entente.events.models import WriteKey
from entente.events.types import OURS
from entente.members import trail
from entente.members.models import User

PREFIX: Final = "wk_"
SHOWN: Final = len(PREFIX) + 6
"""Characters of a key that stay known, to tell keys apart by."""
DEFAULT_RATE: Final = 20_000
"""Events a second from one key in one web process: more than a process takes in, so that only a loop is stopped."""
LONGEST_NAME: Final = 100


class KeyProblem(Exception):
    """The key cannot be made so; the text says why, in words for who asked."""


def digest_of(secret: str) -> str:
    """The hash by which a key is found."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def create_key(
    name: str,
    source: str,
    by: User | None,
    now: datetime,
    *,
    origins: Iterable[str] = (),
    rate_per_second: int = DEFAULT_RATE,
) -> tuple[WriteKey, str]:
    """Make a key for a source; returns it and its secret, which cannot be read again. Raises KeyProblem.

    ``origins``: the websites (``https://www.acme.example``) whose pages may use it; with none, anybody who has it may.
    """
    secret = PREFIX + secrets.token_urlsafe(24)
    key = WriteKey.objects.create(
        name=_name(name),
        source=source_named(_source(source)),
        digest=digest_of(secret),
        prefix=secret[:SHOWN],
        origins=sorted({read_origin(origin) for origin in origins}),
        rate_per_second=_rate(rate_per_second),
        created_at=now,
        created_by=by,
    )
    trail.record("write_key.created", by, key.name, now, source=key.source.name, key=key.prefix, origins=key.origins)
    return key, secret


@transaction.atomic
def revoke_key(key: WriteKey, by: User | None, now: datetime) -> bool:
    """End a key for good; False when it had ended before. Collectors learn of it within a few seconds."""
    ended = WriteKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
    if ended:
        trail.record("write_key.revoked", by, key.name, now, key=key.prefix)
    return bool(ended)


def read_origin(text: str) -> str:
    """The web origin in a text, as a browser writes it: scheme, host in lower case, port unless the usual one.

    Raises KeyProblem.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("http", "https") or parts.path not in ("", "/") or parts.query or "@" in text:
        raise KeyProblem(_("“%(text)s” is no web origin; write https://www.acme.example") % {"text": text[:100]})
    shown = f"[{host}]" if ":" in host else _in_ascii(host, text)
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}" + ("" if port in (None, usual) else f":{port}")


def _in_ascii(host: str, text: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        raise KeyProblem(_("“%(text)s” is no web origin; write https://www.acme.example") % {"text": text}) from error


def _name(given: str) -> str:
    name = given.replace("\0", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise KeyProblem(_("A key has a name of at most %(n)s characters.") % {"n": LONGEST_NAME})
    return name


def _source(given: str) -> str:
    name = given.replace("\0", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise KeyProblem(_("A source has a name of at most %(n)s characters.") % {"n": LONGEST_NAME})
    if name.lower() == OURS:
        raise KeyProblem(_("The source “%(name)s” is Entente itself; choose another name.") % {"name": OURS})
    return name


def _rate(given: int) -> int:
    if not 0 < given <= 1_000_000:
        raise KeyProblem(_("A rate is a number of events a second, from 1 to 1,000,000."))
    return given
