"""One call of the Segment tracking specification, or of our own kinds, as an event of the log.

The specification: https://segment.com/docs/connections/spec/. Beside its six calls `type` may be one of ours
(`entente.events.types.OWN_TYPES`), with the same fields. Pure: no Django here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from entente.events.cleaning import Unfit, clean
from entente.events.identifiers import clean_email, clean_identifier, identity_of
from entente.events.times import BadTime, occurred_at, recorded_at
from entente.events.types import OWN_TYPES, SEGMENT_CALLS, SEGMENT_MAIL_EVENTS, NewEvent

AHEAD: Final = timedelta(days=1)
"""A clock may be so much ahead; a time in a file that is further in the future is refused."""

_DELIVERY: Final = frozenset({"sentAt", "receivedAt", "writeKey", "integrations", "_metadata"})
"""What belongs to a delivery of the call rather than to the call."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a call is not taken in: a code to count by, and a text for its sender."""

    code: str
    reason: str


def parse(call: object, received_at: datetime, from_file: bool = False, is_clean: bool = False) -> NewEvent | Refused:
    """The event that a call tells, or why it tells none. Never raises.

    ``from_file``: the ``timestamp`` is when it occurred, with no clock to correct, and must be given. ``is_clean``:
    `is_clean_json` holds for the text that the call was read from.
    A call that identifies nobody is kept, marked ``no_identity``. What looks like an identifier and is none
    (``"undefined"``) is kept in ``context["ignored"]``.
    """
    if not isinstance(call, dict):
        return Refused("not_an_object", "a call is a JSON object")
    try:
        cleaned = call if is_clean else clean(call)
        at = _in_the_past(recorded_at(cleaned), received_at) if from_file else occurred_at(cleaned, received_at)
    except BadTime as error:
        return Refused("bad_time", str(error))
    except Unfit as error:
        return Refused("unfit", str(error))
    except RecursionError:
        return Refused("unfit", "nested too deep")
    problem = _problem(cleaned)
    return problem or _event(cleaned, at, received_at, timed=from_file or "timestamp" in call)


def _in_the_past(at: datetime, received_at: datetime) -> datetime:
    if at > received_at + AHEAD:
        raise BadTime(f"{at:%Y-%m-%d} is in the future")
    return min(at, received_at)


def _problem(call: Mapping[str, Any]) -> Refused | None:
    kind = call.get("type")
    if not isinstance(kind, str) or (kind not in SEGMENT_CALLS and kind not in OWN_TYPES):
        return Refused("unknown_type", f"the type {str(kind)[:40]!r} is not known")
    for field in ("properties", "traits", "context"):
        if not isinstance(call.get(field) or {}, dict):
            return Refused("not_an_object", f"{field} is a JSON object")
    if kind == "track" and not _text(call.get("event")):
        return Refused("no_name", "a track call needs the name of its event")
    if kind == "group" and not clean_identifier(call.get("groupId")):
        return Refused("no_group", "a group call needs a groupId")
    if kind == "alias" and not (clean_identifier(call.get("previousId")) and clean_identifier(call.get("userId"))):
        return Refused("no_alias", "an alias call needs a previousId and a userId")
    return None


def _event(call: Mapping[str, Any], at: datetime, received_at: datetime, timed: bool) -> NewEvent:
    kind, name = call["type"], _text(call.get("event")) if call["type"] == "track" else ""
    user_id, anonymous_id = clean_identifier(call.get("userId")), clean_identifier(call.get("anonymousId"))
    email = _email(call, user_id)
    identity = identity_of(user_id, email, anonymous_id)
    return NewEvent(
        message_id=_text(call.get("messageId")) or _hash(call, None if timed else received_at),
        type=SEGMENT_MAIL_EVENTS.get(name, kind) if kind == "track" else kind,
        occurred_at=at,
        received_at=received_at,
        name=name,
        path=_path(call) if kind == "page" else "",
        identity=identity,
        user_id=user_id,
        anonymous_id=anonymous_id,
        email=email,
        group_id=_group(call),
        properties=_properties(call),
        context=_context(call, user_id, anonymous_id),
        mark="" if identity else "no_identity",
    )


def _email(call: Mapping[str, Any], user_id: str | None) -> str | None:
    """The person's e-mail: a trait of identify, a field of a form, given beside the call, or the user id itself."""
    kind = call["type"]
    own = kind not in SEGMENT_CALLS
    places = (
        _within(call, "traits").get("email") if kind == "identify" else None,
        call.get("email"),
        _within(call, "properties").get("email") if own else None,
        _within(_within(call, "context"), "traits").get("email"),
        user_id,
    )
    return next((email for place in places if (email := clean_email(place))), None)


def _group(call: Mapping[str, Any]) -> str | None:
    given = clean_identifier(call.get("groupId")) or clean_identifier(_within(call, "context").get("groupId"))
    return given.lower() if given else None


def _path(call: Mapping[str, Any]) -> str:
    properties, page = _within(call, "properties"), _within(_within(call, "context"), "page")
    for told in (properties, page):
        if path := _path_of(told.get("path")) or _path_of(told.get("url")):
            return path
    return ""


def _path_of(address: object) -> str:
    """The path of an address or of a path with a query; empty when there is none."""
    try:
        parts = urlsplit(_text(address))
    except ValueError:
        return ""
    return (parts.path or "/") if parts.netloc or parts.path else ""


def _properties(call: Mapping[str, Any]) -> dict[str, Any]:
    kind = call["type"]
    if kind in ("identify", "group"):
        return dict(_within(call, "traits"))
    if kind == "alias":
        return {"previousId": clean_identifier(call.get("previousId"))}
    named = {name: call[name] for name in ("name", "category") if kind in ("page", "screen") and call.get(name)}
    return {**named, **_within(call, "properties")}


def _context(call: Mapping[str, Any], user_id: str | None, anonymous_id: str | None) -> dict[str, Any]:
    context = dict(_within(call, "context"))
    kept = {"userId": user_id, "anonymousId": anonymous_id}
    ignored = {name: call[name] for name, taken in kept.items() if taken is None and call.get(name) not in (None, "")}
    return context | ({"ignored": ignored} if ignored else {})


def _within(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _hash(call: Mapping[str, Any], received_at: datetime | None) -> str:
    """An id for a call that has none: the same for the same call, so that importing it again changes nothing.

    A live call that has no time of its own is told from its like by when it was received.
    """
    told = {name: value for name, value in call.items() if name not in _DELIVERY}
    text = msgspec.json.encode([told, received_at], order="sorted")
    return sha256(text).hexdigest()
