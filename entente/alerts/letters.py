"""What a message says, read when it is sent: whatever was erased meanwhile is not in it."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from entente.alerts.channels import Letter, Line
from entente.alerts.models import Notification, Outbox

MOST: Final = 50
"""Lines of a letter; what goes beyond is counted in its last one."""


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
    lines = [
        Line(
            one.text, link(one.path), one.at, one.kind, {key: value for key, value in one.data.items() if key != "path"}
        )
        for one in told[:MOST]
    ]
    if lines and (more := len(message.payload["notifications"]) - MOST) > 0:
        text = _("And %(n)d more, in the list of your notifications") % {"n": more}
        lines.append(Line(text, link("/notifications/"), lines[-1].at, "more"))
    return tuple(lines)


def link(path: str) -> str:
    """The whole address of a page of ours; empty where the operator has not said how Entente is reached."""
    return settings.PUBLIC_ADDRESS + path if settings.PUBLIC_ADDRESS and path else ""
