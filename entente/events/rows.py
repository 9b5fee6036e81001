"""An event as a row for COPY. Pure: no Django here."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

import msgspec

from entente.events.cleaning import clean, clean_text
from entente.events.identifiers import LONGEST
from entente.events.types import NewEvent

COLUMNS: Final = (
    "message_id", "type", "name", "path", "occurred_at", "received_at", "identity", "user_id", "anonymous_id", "email",
    "group_id", "properties", "context", "mark",
)  # fmt: skip
KINDS: Final = tuple("timestamptz" if column.endswith("_at") else "text" for column in COLUMNS)


def row_of(event: NewEvent) -> tuple[Any, ...]:
    """The values of COLUMNS, in a form that PostgreSQL always takes."""
    return (
        _message_id(event.message_id),
        event.type,
        _text(event.name),
        _text(event.path),
        min(event.occurred_at, event.received_at),
        event.received_at,
        _text(event.identity),
        _text(event.user_id),
        _text(event.anonymous_id),
        _text(event.email),
        _text(event.group_id),
        _json(event.properties),
        _json(event.context),
        event.mark,
    )


def _message_id(given: str) -> str:
    """The id itself; of one that is too long for an index, its hash."""
    text = clean_text(given)
    return text if len(text) <= LONGEST else sha256(text.encode()).hexdigest()


def _text(text: str | None) -> str | None:
    return clean_text(text) if text else text


def _json(value: dict[str, Any]) -> str:
    if not value:
        return "{}"
    try:
        text = msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, TypeError, RecursionError):
        return msgspec.json.encode(clean(value)).decode()
    return msgspec.json.encode(clean(value)).decode() if "\\u0000" in text else text
