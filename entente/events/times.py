"""When an event occurred, by our clock; a sender's is corrected as the Segment specification says. Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM: Final = 100_000_000_000
"""A number from here on counts milliseconds since 1970, a smaller one seconds."""


class BadTime(ValueError):
    """A time that cannot be read, or cannot be; the text says which."""


def read_instant(value: object) -> datetime | None:
    """The instant in ``value``, in UTC; None when there is none.

    Takes ISO 8601 text (without an offset it is UTC), or a number of seconds or milliseconds since 1970. Raises
    BadTime for anything else, and for times before 1970.
    """
    if value is None or value == "":
        return None
    try:
        instant = _parse(value)
    except (ValueError, OverflowError, OSError) as error:
        raise BadTime(f"'{str(value)[:40]}' is no time") from error
    if instant < EARLIEST:
        raise BadTime(f"{str(value)[:40]} is before 1970")
    return instant


def _parse(value: object) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(value)
    if isinstance(value, str) and not value.strip().isdecimal():
        parsed = datetime.fromisoformat(value.strip())
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    number = float(value)
    return datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS_FROM else number, UTC)


def occurred_at(call: Mapping[str, Any], received_at: datetime) -> datetime:
    """When a call that has just been received occurred: its own time, without the skew of the sender's clock.

    ``received_at - (sentAt - originalTimestamp)``; without ``sentAt`` the sender's clock is taken at its word. Never
    later than ``received_at``.
    """
    original = read_instant(call.get("originalTimestamp")) or read_instant(call.get("timestamp"))
    if original is None:
        return received_at
    sent = read_instant(call.get("sentAt"))
    if sent is None:
        return min(original, received_at)
    waited = max(sent - original, timedelta(0))
    if waited > received_at - EARLIEST:
        raise BadTime(f"{str(call.get('sentAt'))[:40]} is more than {waited.days // 365} years after it occurred")
    return received_at - waited


def recorded_at(call: Mapping[str, Any]) -> datetime:
    """When a call from a file occurred: what its ``timestamp`` says. Raises BadTime when it says nothing."""
    for name in ("timestamp", "originalTimestamp", "receivedAt"):
        if instant := read_instant(call.get(name)):
            return instant
    raise BadTime("no timestamp")
