"""What a message says, read when it is sent: whatever was erased meanwhile is not in it."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from entente.alerts.channels import Letter, Line
from entente.alerts.models import Notification, Outbox

MOST: Final = 1_000
"""Lines of a letter; a digest of more than that has lost its sense."""


def letter_of(message: Outbox) -> Letter | None:
    """The letter; None when nothing of it is left, or its receiver is no member any more."""
    owner = message.address.owner
    if not owner.is_active:
        return None
    with translation.override(owner.language):
        if message.payload.get("test"):
            return _test(message)
        lines = _lines(message)
        return Letter.written(message.key, str(message.payload["rule"]), lines) if lines else None


def _test(message: Outbox) -> Letter:
    name = str(message.payload["rule"])
    text = _("A test of “%(name)s”: alerts reach you here.") % {"name": name}
    return Letter.written(message.key, name, (Line(text, link("/alerts/"), message.created_at, "test"),))


def _lines(message: Outbox) -> tuple[Line, ...]:
    told = Notification.objects.filter(pk__in=message.payload["notifications"]).order_by("pk")
    return tuple(Line(one.text, link(one.path), one.at, one.kind, _for_programs(one)) for one in told[:MOST])


def _for_programs(one: Notification) -> dict[str, Any]:
    return {key: value for key, value in one.data.items() if key != "path"}


def link(path: str) -> str:
    """The whole address of a page of ours; empty where the operator has not said how Entente is reached."""
    return settings.PUBLIC_ADDRESS + path if settings.PUBLIC_ADDRESS and path else ""
