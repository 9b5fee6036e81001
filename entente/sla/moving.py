"""A lead whose promise was broken goes on to another rep: the room `routing` decides to whom."""

from __future__ import annotations

from datetime import datetime

from entente.routing import actions as routing


def pass_on(handoff_id: int, now: datetime, promise: str) -> str | None:
    """Give the lead to another rep than has it; returns to whom, None when nobody can take it."""
    return routing.reassign(handoff_id, now, f"{promise} was not kept")
