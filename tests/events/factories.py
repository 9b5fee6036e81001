"""Small events for tests: what a sender said, at which minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from entente.events.identifiers import identity_of
from entente.events.types import NewEvent

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = datetime(2026, 4, 1, tzinfo=UTC)
_numbers = count()


def event(
    type: str,
    user: str | None = None,
    email: str | None = None,
    anonymous: str | None = None,
    minute: float = 0,
    id: str | None = None,
    **fields: Any,
) -> NewEvent:
    """An event that occurred ``minute`` minutes after START; ``fields`` are those of NewEvent."""
    at = START + timedelta(minutes=minute)
    given: dict[str, Any] = {
        "message_id": f"event-{next(_numbers)}" if id is None else id,
        "type": type,
        "occurred_at": at,
        "received_at": at,
        "identity": identity_of(user, email, anonymous),
        "user_id": user,
        "email": email,
        "anonymous_id": anonymous,
    }
    return NewEvent(**(given | fields))


def page(path: str = "/", **given: Any) -> NewEvent:
    return event("page", path=path, **given)


def identify(user: str | None = None, traits: dict[str, Any] | None = None, **given: Any) -> NewEvent:
    return event("identify", user=user, properties=traits or {}, **given)


def alias(user: str, previous: object, **given: Any) -> NewEvent:
    return event("alias", user=user, properties={"previousId": previous}, **given)


def group(user: str, group: str, traits: dict[str, Any] | None = None, **given: Any) -> NewEvent:
    return event("group", user=user, group_id=group, properties=traits or {}, **given)
