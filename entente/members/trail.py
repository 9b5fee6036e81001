"""The audit trail: every deed that changes who may do what, or what the company's numbers rest on, leaves a row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.utils import timezone

from entente.members.models import TrailEntry, User

COMMAND_LINE = "command line"

_address: ContextVar[str | None] = ContextVar("trail_address", default=None)


def record(verb: str, by: User | None, object: str = "", now: datetime | None = None, **details: Any) -> TrailEntry:
    """Write down one deed, in the caller's transaction, so that the deed and its trace stand or fall together.

    ``verb`` is what was done (``import.undone``); ``by`` is None when the command line did it; ``details`` must be
    values that JSON can hold.
    """
    return TrailEntry.objects.create(
        at=now or timezone.now(),
        by=by,
        by_name=str(by) if by else COMMAND_LINE,
        verb=verb,
        object=object,
        details=details,
        address=_address.get(),
    )


@contextmanager
def coming_from(address: str | None) -> Iterator[None]:
    """Deeds recorded inside carry this network address."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)
