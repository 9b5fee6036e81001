"""A request's body as events of the log, with a verdict on each call that goes in no further. Pure: no Django here.

What a call says is read by `entente.events.segment`; here stands what a request adds to it: the sizes that are
allowed, what a batch says for all of its calls, who may say what, and which senders are machines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from entente.events.cleaning import clean_text, is_clean_json
from entente.events.collector.consent import without_identifiers
from entente.events.collector.limits import LARGEST_EVENT, LARGEST_SHARED_CONTEXT, MOST_EVENTS
from entente.events.collector.machines import is_machine
from entente.events.rows import Row, row_of
from entente.events.segment import Refused, parse
from entente.events.types import SEGMENT_CALLS, NewEvent

BATCH: Final = "batch"
PUBLIC_TYPES: Final = frozenset({*SEGMENT_CALLS, "form_submitted"})
"""What a key that stands in the source of public pages may say. That a deal was won, only your own systems may."""


class BadBody(ValueError):
    """The body tells no calls at all."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.refused = Refused(code, reason)


class Body(msgspec.Struct):
    """What a body says beside its calls, and each call's own JSON."""

    calls: list[bytes]
    write_key: object = None
    sent_at: object = None
    context: dict[str, Any] | None = None
    context_is_clean: bool = True


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    writeKey: Any = None
    sentAt: Any = None
    context: msgspec.Raw = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class Sender:
    """What is known of who sends: their key's source and whether it is a public one, and their browser, if it is."""

    source: int
    public: bool = False
    browser: str | None = None


@dataclass(slots=True)
class Verdicts:
    """What becomes of the calls of one request: rows for the log, refusals by position, and remarks to count."""

    rows: list[Row] = field(default_factory=list)
    refused: list[tuple[int, Refused, str]] = field(default_factory=list)
    remarks: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def read_body(text: bytes, kind: str) -> Body:
    """Take a body apart into its calls. ``kind`` is the call that the address names, or BATCH. Raises BadBody."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    if kind != BATCH:
        return Body(calls=[text], write_key=_said_in(text, "writeKey") if b"writeKey" in text else None)
    batch = _read_batch(text)
    if len(batch.batch) > MOST_EVENTS:
        raise BadBody("too_many", f"{len(batch.batch):,} events in one batch; at most {MOST_EVENTS:,}")
    context = bytes(batch.context)
    if len(context) > LARGEST_SHARED_CONTEXT:
        raise BadBody("too_large", f"the batch's own context has more than {LARGEST_SHARED_CONTEXT // 1024} KB")
    said, is_clean = _decode(context)
    return Body(
        calls=[bytes(call) for call in batch.batch],
        write_key=batch.writeKey,
        sent_at=batch.sentAt,
        context=said if isinstance(said, dict) and said else None,
        context_is_clean=is_clean,
    )


def _read_batch(text: bytes) -> _Batch:
    try:
        return msgspec.json.decode(text, type=_Batch)
    except msgspec.ValidationError as error:
        raise BadBody("no_batch", 'a batch is a JSON object with a list "batch"') from error
    except (ValueError, RecursionError):
        return _read_unusual_batch(text)


def _read_unusual_batch(text: bytes) -> _Batch:
    """JSON as some senders write it, with NaN or lone surrogates, which msgspec does not take."""
    said, _ = _decode(text)
    if not isinstance(said, dict) or not isinstance(said.get(BATCH), list):
        raise BadBody("no_batch", 'a batch is a JSON object with a list "batch"')
    try:
        calls = [msgspec.Raw(json.dumps(call).encode()) for call in said[BATCH]]
        context = msgspec.Raw(json.dumps(said.get("context")).encode())
    except (ValueError, RecursionError) as error:
        raise BadBody("unfit", "nested too deep") from error
    return _Batch(calls, said.get("writeKey"), said.get("sentAt"), context)


def _said_in(text: bytes, name: str) -> object:
    said, _ = _decode(text)
    return said.get(name) if isinstance(said, dict) else None


def _decode(text: bytes) -> tuple[object, bool]:
    """The JSON value, and whether it is clean as it stands (see `is_clean_json`); raises BadBody."""
    try:
        return msgspec.json.decode(text), is_clean_json(text)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(text), False
    except (ValueError, RecursionError) as error:
        raise BadBody("not_json", f"no JSON: {str(error)[:200]}") from error


def judge(body: Body, kind: str, sender: Sender, received_at: datetime) -> Verdicts:
    """Say of each call what becomes of it."""
    verdicts = Verdicts()
    for number, text in enumerate(body.calls):
        call: dict[str, Any] = {}
        try:
            call, is_clean = _call(text, body, kind)
            event = _event(call, is_clean, sender, received_at)
            verdicts.rows.append((*row_of(event), sender.source))
        except BadBody as bad:
            verdicts.refused.append((number, bad.refused, _shown(call.get("messageId"))))
            verdicts.remarks.append((bad.refused.code, about(call, bad.refused.reason)))
        else:
            verdicts.remarks += ((remark, about(call, "")) for remark in _remarks(event))
    return verdicts


def _call(text: bytes, body: Body, kind: str) -> tuple[dict[str, Any], bool]:
    if len(text) > LARGEST_EVENT:
        raise BadBody("too_large", f"an event of {len(text):,} bytes; at most {LARGEST_EVENT:,}")
    call, is_clean = _decode(text)
    if not isinstance(call, dict):
        raise BadBody("not_an_object", "a call is a JSON object")
    if kind != BATCH:
        call["type"] = kind
    if body.sent_at is not None:
        call.setdefault("sentAt", body.sent_at)
    if body.context:
        own = call.get("context") or {}
        call["context"] = {**body.context, **own} if isinstance(own, dict) else own
    return call, is_clean and body.context_is_clean


def _event(call: dict[str, Any], is_clean: bool, sender: Sender, received_at: datetime) -> NewEvent:
    if sender.public and isinstance(call.get("type"), str) and call["type"] not in PUBLIC_TYPES:
        raise BadBody("not_public", "a key that is limited to websites sends Segment's calls and form_submitted only")
    event = parse(without_identifiers(call), received_at, is_clean=is_clean)
    if isinstance(event, Refused):
        raise BadBody(event.code, event.reason)
    return msgspec.structs.replace(event, mark="machine") if _by_machine(event, sender) else event


def _by_machine(event: NewEvent, sender: Sender) -> bool:
    """By the user agent that the call tells; a server tells its visitors' so. Else by that of the browser that sent."""
    told = event.context.get("userAgent")
    return is_machine(told if told else sender.browser)


def _remarks(event: NewEvent) -> Iterator[str]:
    if event.mark:
        yield event.mark
    if "ignored" in event.context:
        yield "ignored_id"


def about(call: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """An example to show: what kind of call it was and why it stands out, but not of whom it told."""
    context = call.get("context")
    library = context.get("library") if isinstance(context, dict) else None
    agent = context.get("userAgent") if isinstance(context, dict) else None
    told = {
        "reason": reason,
        "type": call.get("type"),
        "event": call.get("event"),
        "messageId": call.get("messageId"),
        "library": library.get("name") if isinstance(library, dict) else None,
        "userAgent": agent,
        "timestamp": call.get("timestamp") if reason else None,
    }
    return {name: shown for name, value in told.items() if (shown := _shown(value))}


def _shown(value: object) -> str:
    """The beginning of a text or number, fit for JSON and the database; of anything else nothing."""
    return clean_text(str(value)[:200]) if isinstance(value, (str, int, float)) else ""
