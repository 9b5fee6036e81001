"""Calls of our own script that came without consent carry nothing that identifies. Pure: no Django here.

The script sends none then; this makes it hold for whatever says that it is the script, too. Senders of their own (an
SDK) have their own consent to ask, and are taken at their word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

OUR_SCRIPT: Final = "entente.js"
GRANTED: Final = "granted"
WITHDRAWN: Final = "withdrawn"
"""The choice that goes with one last call, which says whose consent has ended."""
WITHDRAWAL: Final = "Consent Withdrawn"

_KEPT: Final[tuple[str, ...]] = ("type", "event", "messageId", "timestamp", "sentAt")
_KEPT_CONTEXT: Final = ("library", "campaign", "consent", "locale")
_KEPT_PROPERTIES: Final = ("path", "title", "form")
"""An address may carry an identifier in its query, a form in its fields."""


def without_identifiers(call: dict[str, Any]) -> dict[str, Any]:
    """The call itself, or what may be kept of one of our script's that has no consent."""
    context = _within(call, "context")
    if _within(context, "library").get("name") != OUR_SCRIPT or _has_consent(call, context):
        return call
    kept = {name: call[name] for name in _KEPT if name in call}
    properties = _within(call, "properties")
    return {
        **kept,
        "properties": {name: properties[name] for name in _KEPT_PROPERTIES if name in properties},
        "context": {name: context[name] for name in _KEPT_CONTEXT if name in context},
    }


def _has_consent(call: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    choice = _within(context, "consent").get("choice")
    return choice == GRANTED or (choice == WITHDRAWN and call.get("event") == WITHDRAWAL)


def _within(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}
