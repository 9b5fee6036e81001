"""What is read about members and their deeds."""

from __future__ import annotations

from django.db.models import QuerySet

from entente.members.models import SERVICE, TrailEntry, User


def members() -> QuerySet[User]:
    """All members, those with access first, by party and name."""
    return User.objects.order_by("-is_active", "party", "name", "pk")


def trail(verb: str = "") -> QuerySet[TrailEntry]:
    """The audit trail, newest first; ``verb`` narrows it to one kind of deed (``member``) or one deed."""
    entries = TrailEntry.objects.order_by("-at", "-pk")
    return entries.filter(verb__startswith=verb) if verb else entries


def has_members() -> bool:
    """Whether anybody can sign in."""
    return User.objects.exclude(email=SERVICE).exists()
