"""A channel of Microsoft Teams, by the address of a workflow ("when a Teams webhook request is received")."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entente.alerts.channels import chat
from entente.alerts.channels.base import Channel, Letter, Refused

HOSTS: Final = (".logic.azure.com", ".api.powerplatform.com")
OPTIONS: Final = ("api-version", "sp", "sv", "sig")


class TeamsChannel(Channel):
    name = "teams"
    label = "Microsoft Teams"
    asks = gettext_lazy("Address of a workflow")
    help = gettext_lazy("In Teams, under Workflows: “Send webhook alerts to a channel”.")

    def read(self, typed: str) -> dict[str, str]:
        parts = urlsplit(typed)
        host = (parts.netloc.removesuffix(":443")).lower()
        if parts.scheme != "https" or not host.endswith(HOSTS) or not host.replace(".", "").replace("-", "").isalnum():
            raise Refused(_("This is not the address of a workflow of Teams."))
        chat.refuse_options(typed, OPTIONS)
        chat.plugin(typed)
        return {"url": typed}

    def shown(self, target: dict[str, str]) -> str:
        return f"{urlsplit(target['url']).hostname}/…"

    def send(self, target: dict[str, str], letter: Letter, now: datetime) -> None:
        chat.tell(target["url"], letter, markdown=True)
