"""Who was erased stays erased: keyed hashes of their identifiers stop late events and re-imports.

The hashes are in the database, the key is not: it comes from ``ENTENTE_ERASURE_KEY``, else from a file in the data
folder that is made once. Without the key nobody can try e-mail addresses against the hashes.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from entente.events.identifiers import named_by_alias
from entente.events.models import Erased, ErasureKey
from entente.events.types import NewEvent

PROVED: Final = "this is the key"


class ErasureError(Exception):
    """The key at hand is not the one that the stored hashes were made with."""


@dataclass(frozen=True, slots=True)
class Erasures:
    """The hashes of the erased identifiers, and the key; `load` reads them once for many events."""

    hashes: frozenset[bytes]
    key: bytes
    answers: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Erasures:
        """Read the hashes. Raises ErasureError when there are some and the key is another."""
        hashes = frozenset(bytes(value) for value in Erased.objects.values_list("hash", flat=True))
        return cls(hashes, _checked_key() if hashes else b"")

    def without_erased(self, events: list[NewEvent]) -> list[NewEvent]:
        """The events that carry no identifier of an erased person."""
        if not self.hashes:
            return events
        return [event for event in events if not any(map(self._is_erased, identifiers_of(event)))]

    def _is_erased(self, identifier: str) -> bool:
        answer = self.answers.get(identifier)
        if answer is None:
            answer = self.answers[identifier] = _hash(self.key, identifier) in self.hashes
        return answer


def identifiers_of(event: NewEvent) -> Iterator[str]:
    """Every identifier that the event carries, as ``user:…``, ``email:…``, ``anon:…``."""
    if event.user_id:
        yield f"user:{event.user_id}"
    if event.email:
        yield f"email:{event.email}"
    if event.anonymous_id:
        yield f"anon:{event.anonymous_id}"
    if event.identity:
        yield event.identity
    if event.type == "alias" and (previous := named_by_alias(event.properties.get("previousId"))):
        yield from previous.all


def hashes_of(identifiers: Iterable[str]) -> list[bytes]:
    """The keyed hashes to store for these identifiers."""
    key = _checked_key()
    return [_hash(key, identifier) for identifier in identifiers]


def _hash(key: bytes, identifier: str) -> bytes:
    return hmac.digest(key, identifier.encode(), "sha256")


def hash_with(proof: bytes) -> Callable[[str], bytes]:
    """What hashes an identifier as the stored ones were. Raises ErasureError when the key at hand is another."""
    key = _key()
    if proof != _hash(key, PROVED):
        raise ErasureError(
            "the erasure key is not the one that erased persons are recognised by; "
            "set ENTENTE_ERASURE_KEY, or put back the file erasure_key in the data folder"
        )
    return lambda identifier: _hash(key, identifier)


def _checked_key() -> bytes:
    key = _key()
    known = ErasureKey.objects.first()
    if known is None:
        ErasureKey.objects.create(proof=_hash(key, PROVED))
    else:
        hash_with(bytes(known.proof))
    return key


def _key() -> bytes:
    given = os.environ.get("ENTENTE_ERASURE_KEY")
    if given:
        return given.encode()
    path = settings.DATA / "erasure_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes(path.read_bytes().strip())
    with os.fdopen(descriptor, "w") as file:
        file.write(key := secrets.token_urlsafe(32))
    return key.encode()
