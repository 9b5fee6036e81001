"""Who calls the API: a program with a key, or a member in their browser. Both act as a member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest
from ninja.utils import check_csrf

from entente.api.problems import Problem
from entente.members.allowance import seconds_to_wait
from entente.members.keys import key_of
from entente.members.models import ApiKey, User
from entente.members.permissions import TABLE, allows

SAFE: Final = ("GET", "HEAD", "OPTIONS")
REMEMBER_EVERY: Final = timedelta(minutes=1)
"""How exactly the last use of a key is known; less would be one more write for each request."""

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="Entente"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """The member as whom a request acts, and the key it came with; None for a browser's session."""

    user: User
    key: ApiKey | None = None

    @property
    def holder(self) -> str:
        """The name under which rates and answers are kept."""
        return f"key:{self.key.pk}" if self.key else f"member:{self.user.pk}"

    def check(self, permission: str, scope: str) -> None:
        """Raises Problem (403) unless the key's scopes and the member's role both allow it."""
        if self.key and scope and scope not in self.key.scopes:
            raise Problem(403, f"This key does not have the scope {scope}.", "no-scope")
        if permission and not allows(self.user, permission):
            raise Problem(403, f"The role of {self.user} does not allow to {TABLE[permission].allows}.")


def identify(request: HttpRequest, now: datetime) -> Caller:
    """Whose request it is. Raises Problem: 401 for nobody's, 403 for a forged form, 429 for one too many."""
    given = request.headers.get("Authorization", "")
    caller = _by_key(given, now) if given else _by_session(request)
    if wait := seconds_to_wait(caller.holder, now):
        detail = f"Too many requests; the next is taken in {wait} s."
        raise Problem(429, detail, headers={"Retry-After": str(wait)})
    return caller


def _by_key(given: str, now: datetime) -> Caller:
    scheme, _space, secret = given.partition(" ")
    key = key_of(secret.strip(), now) if scheme.lower() == "bearer" else None
    if key is None:
        detail = "This key is not known, or was revoked, has expired, or its member has no access any more."
        if scheme.lower() != "bearer":
            detail = "Send the API key as `Authorization: Bearer KEY`."
        raise Problem(401, detail, headers=CHALLENGE)
    if key.last_used_at is None or now - key.last_used_at > REMEMBER_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return Caller(key.acts_as, key)


def _by_session(request: HttpRequest) -> Caller:
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        detail = "Send an API key as `Authorization: Bearer KEY`, or sign in."
        raise Problem(401, detail, headers=CHALLENGE)
    if request.method not in SAFE and check_csrf(request) is not None:
        raise Problem(
            403, "A request of a signed-in browser that changes something needs X-CSRFToken.", "no-csrf-token"
        )
    return Caller(user)
