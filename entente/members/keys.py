"""API keys: making one, revoking it, and finding whose it is when it comes with a request.

The secret is told once, to whoever makes the key, and can never be read again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from entente.members import trail
from entente.members.actions import MembersError
from entente.members.models import ApiKey, User
from entente.members.scopes import SCOPES

BEGINNING: Final = "entente_"
"""What every secret begins with, so that a scanner for leaked secrets can find one."""

SHOWN: Final = len(BEGINNING) + 8
LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, and its secret, which is nowhere else."""

    key: ApiKey
    secret: str


@transaction.atomic
def create_api_key(
    name: str,
    scopes: Iterable[str],
    acts_as: User,
    *,
    by: User | None,
    now: datetime,
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key that acts as the member. Raises MembersError where the request makes no sense."""
    name, chosen = name.strip(), sorted(set(scopes))
    _check(name, chosen, acts_as, expires_at, now)
    secret = BEGINNING + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name,
        digest=_digest(secret),
        prefix=secret[:SHOWN],
        scopes=chosen,
        acts_as=acts_as,
        created_by=by,
        created_at=now,
        expires_at=expires_at,
    )
    trail.record("key.made", by, str(key), now, acts_as=acts_as.email, scopes=chosen)
    return NewKey(key, secret)


def _check(name: str, scopes: list[str], acts_as: User, expires_at: datetime | None, now: datetime) -> None:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise MembersError(_("A key needs a name of at most %(n)s characters.") % {"n": LONGEST_NAME})
    if unknown := sorted(set(scopes) - SCOPES.keys()):
        known = ", ".join(SCOPES)
        raise MembersError(_("“%(scope)s” is no scope; there are: %(known)s.") % {"scope": unknown[0], "known": known})
    if not scopes:
        raise MembersError(_("A key needs at least one scope."))
    if not acts_as.is_active:
        raise MembersError(
            _("%(name)s is disabled; a key can act only as a member who has access.") % {"name": acts_as}
        )
    if expires_at and expires_at <= now:
        raise MembersError(_("That day is over: a key expires in the future, or never."))


@transaction.atomic
def revoke_api_key(key: ApiKey, *, by: User | None, now: datetime) -> ApiKey:
    """End a key at once. Revoking it again changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        trail.record("key.revoked", by, str(key), now, acts_as=key.acts_as.email)
    key.refresh_from_db()
    return key


def key_of(secret: str, now: datetime) -> ApiKey | None:
    """The key with this secret, if it still works: not revoked, not expired, its member not disabled."""
    if not secret.startswith(BEGINNING):
        return None
    key = ApiKey.objects.select_related("acts_as").filter(digest=_digest(secret)).first()
    return key if key and works(key, now) else None


def works(key: ApiKey, now: datetime) -> bool:
    """Whether the key opens anything now."""
    expired = key.expires_at is not None and key.expires_at <= now
    return key.revoked_at is None and not expired and key.acts_as.is_active


def api_keys() -> QuerySet[ApiKey]:
    """All keys with their members, those not revoked first, then the newest."""
    return ApiKey.objects.select_related("acts_as", "created_by").order_by(F("revoked_at").asc(nulls_first=True), "-pk")


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
