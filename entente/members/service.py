"""The member as whom keys act that are made before any member is there: nobody signs in as it.

It lets whoever installs Entente make a key at once. It has no password, is shown among the members, and is disabled
like any of them, which ends its keys.
"""

from __future__ import annotations

from entente.members import actions
from entente.members.models import SERVICE, Role, User


def acting_member() -> User:
    """The member of operations who has had access for longest, else the service member, made when first needed."""
    people = User.objects.filter(role=Role.OPS, is_active=True).exclude(email=SERVICE)
    return people.order_by("pk").first() or _service_member()


def _service_member() -> User:
    found = User.objects.filter(email=SERVICE, is_active=True).first()
    return found or actions.create_user(SERVICE, "API", "", Role.OPS, by=None)
