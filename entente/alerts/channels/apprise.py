"""Any other service that Apprise knows, by its own kind of address, as long as nobody chooses where it leads.

https://appriseit.com/services/ lists the addresses. A service on a host of one's own (Mattermost, Rocket.Chat, Gotify)
is reached when the operator names its host in `ENTENTE_ALERT_HOSTS`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entente.alerts.channels import chat
from entente.alerts.channels.base import Channel, Letter, Refused

FIXED: Final = frozenset(
    {
        "discord", "flock", "gchat", "groupme", "guilded", "ifttt", "ilert", "join", "line", "msgbird", "nexmo",
        "opsgenie", "pagerduty", "pagertree", "pbul", "plivo", "pover", "prowl", "pushy", "revolt", "signl4",
        "simplepush", "sinch", "slack", "spike", "splunk", "spush", "squadcast", "telnyx", "tgram", "threema", "twilio",
        "twist", "victorops", "vonage", "webex", "wxteams", "zulip",
    }
)  # fmt: skip
"""Schemas of services whose host the service fixes; a test asks Apprise whether that is so."""

OWN_HOST: Final = frozenset({"gotify", "gotifys", "mmost", "mmosts", "rocket", "rockets"})
"""Schemas whose host is part of the address."""


class AppriseChannel(Channel):
    name = "apprise"
    label = gettext_lazy("Another service")
    asks = gettext_lazy("Apprise address")
    help = gettext_lazy("Such as discord://…, tgram://… or pover://…: one of the services that Apprise knows.")

    def read(self, typed: str) -> dict[str, str]:
        _refuse_elsewhere(typed)
        chat.plugin(typed)
        return {"url": typed}

    def shown(self, target: dict[str, str]) -> str:
        return f"{_scheme(target['url'])}://…"

    def send(self, target: dict[str, str], letter: Letter, now: datetime) -> None:
        _refuse_elsewhere(target["url"])
        chat.tell(target["url"], letter)


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower() if "://" in url else ""


def _refuse_elsewhere(url: str) -> None:
    """Raise Refused where the address could lead anywhere but to its service or a host that the operator allows."""
    scheme = _scheme(url)
    if scheme not in FIXED | OWN_HOST:
        raise Refused(_("Addresses that begin with “%(scheme)s” cannot be used here.") % {"scheme": scheme[:30]})
    chat.refuse_options(url)
    if scheme in OWN_HOST:
        named, meant = (urlsplit(url).hostname or "").lower(), str(chat.plugin(url).host or "").lower()
        if named != meant or named not in settings.ALERT_HOSTS:
            raise Refused(_("%(host)s is not among the hosts that the operator allows.") % {"host": named})
