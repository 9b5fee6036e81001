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
KINDS: Final = tuple(
    "timestamptz" if column.endswith("_at") else "jsonb" if column in ("properties", "context") else "text"
    for column in COLUMNS
)
WIRE: Final = tuple("bytea" if kind == "jsonb" else kind for kind in KINDS)
"""How COPY is to write the values: `row_of` gives jsonb in its binary form already, a version byte and the text."""


IDENTITY: Final = COLUMNS.index("identity")

Row = tuple[Any, ...]


def row_of(event: NewEvent) -> Row:
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
        _group(event.group_id),
        _json(event.properties),
        _json(event.context),
        event.mark,
    )


def _message_id(given: str) -> str:
    """The id itself; of one that is too long for an index, its hash."""
    text = clean_text(given)
    return text if len(text) <= LONGEST else sha256(text.encode()).hexdigest()


def _group(given: str | None) -> str | None:
    """Accounts are found by their key, which has no capitals: `Acme` and `acme` are one."""
    text = clean_text(given or "").strip().lower()
    return text if 0 < len(text) <= LONGEST else None


def _text(text: str | None) -> str | None:
    return clean_text(text) if text else text


def _json(value: dict[str, Any]) -> bytes:
    if not value:
        return b"\x01{}"
    try:
        text = msgspec.json.encode(value)
    except (UnicodeEncodeError, TypeError, RecursionError):
        text = msgspec.json.encode(clean(value))
    return b"\x01" + (msgspec.json.encode(clean(value)) if b"\\u0000" in text else text)
