"""Whose hand-off it is to work on: the rep's who has it, and of those who may move anybody's."""

from __future__ import annotations

from typing import Any

from entente.members.permissions import allows


def may_work(user: Any, rep: str) -> bool:
    """Whether the member may answer, touch, pause or give back a hand-off that this rep has (empty: nobody)."""
    if may_move(user):
        return True
    return allows(user, "handoffs.work") and bool(rep) and rep.strip().lower() == user.email.lower()


def may_move(user: Any) -> bool:
    """Whether the member may work on anybody's hand-offs, and give them to others."""
    return allows(user, "handoffs.move")
