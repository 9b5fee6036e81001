"""The member behind a request, typed."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from entente.members.models import User


def signed_in(request: HttpRequest) -> User:
    """The user who asks. Views behind any permission but `public` always have one."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
