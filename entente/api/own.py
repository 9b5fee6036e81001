"""About the caller, and about Entente itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from entente.api.door import caller_of
from entente.api.section import NOTHING, Need, Section
from entente.api.status import StatusBody, status_at
from entente.members.permissions import TABLE, allows

section = Section("yourself", NOTHING)


class MemberBody(Schema):
    """A member of the company."""

    id: int = Field(description="Their number.", examples=[3])
    email: str = Field(description="The address they sign in with.", examples=["olga@acme.example"])
    name: str = Field(description="How colleagues call them.", examples=["Olga"])
    party: str = Field(description="marketing, sales, or empty for neither.", examples=["sales"])
    role: str = Field(description="ops, manager, member or viewer.", examples=["ops"])


class KeyBody(Schema):
    """The key that was used."""

    name: str = Field(description="As it was called when made.", examples=["CRM sync"])
    prefix: str = Field(description="The beginning of its secret.", examples=["entente_Ab3xY9_k"])
    scopes: list[str] = Field(description="What it may be used for.", examples=[["people:read"]])
    expires_at: datetime | None = Field(description="Null for one that does not expire.")


class MeBody(Schema):
    """As whom you act here."""

    member: MemberBody = Field(description="Whose deeds yours are.")
    key: KeyBody | None = Field(description="Null for a member in the browser.")
    permissions: list[str] = Field(description="The rows of the permission table that the member has.")


@section.get("me", MeBody)
def get_me(request: HttpRequest) -> Any:
    """As whom this key or session acts, and what it may do. Needs no scope."""
    caller = caller_of(request)
    names = ("id", "email", "name", "party", "role")
    key = caller.key
    return MeBody(
        member=MemberBody(**{name: getattr(caller.user, name) for name in names}),
        key=KeyBody(**{name: getattr(key, name) for name in KeyBody.model_fields}) if key else None,
        permissions=[name for name in TABLE if allows(caller.user, name)],
    )


@section.get("status", StatusBody, Need("status.view", "status:read"))
def get_status(request: HttpRequest) -> Any:
    """How Entente itself is doing: lag, workers, deliveries."""
    return status_at(timezone.now())
