"""A channel of Slack, by the address of an incoming webhook."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entente.alerts.channels import chat
from entente.alerts.channels.base import Channel, Letter, Refused

HOOK: Final = re.compile(r"https://hooks\.slack(-gov)?\.com/services/[A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9]+/?", re.ASCII)


class SlackChannel(Channel):
    name = "slack"
    label = "Slack"
    asks = gettext_lazy("Address of an incoming webhook")
    help = gettext_lazy(
        "Make one in Slack under “Incoming Webhooks”; it begins with https://hooks.slack.com/services/."
    )

    def read(self, typed: str) -> dict[str, str]:
        if not HOOK.fullmatch(typed):
            raise Refused(_("This is not the address of an incoming webhook of Slack."))
        chat.plugin(typed)
        return {"url": typed}

    def shown(self, target: dict[str, str]) -> str:
        return "hooks.slack.com/…"

    def send(self, target: dict[str, str], letter: Letter, now: datetime) -> None:
        chat.tell(target["url"], letter)
