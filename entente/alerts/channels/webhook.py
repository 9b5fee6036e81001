"""A program of the member's own, called by HTTP and signed by the Standard Webhooks specification.

https://github.com/standard-webhooks/standard-webhooks: the receiver checks `webhook-signature` with the secret that it
was shown once, and knows a repetition by `webhook-id`. What it gets: docs/reference/webhooks.md.
"""

from __future__ import annotations

import base64
import json
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from standardwebhooks import Webhook

from entente.alerts import addresses
from entente.alerts.channels.base import Channel, Failed, Letter, Refused, status_of


class WebhookChannel(Channel):
    name = "webhook"
    label = gettext_lazy("Webhook")
    asks = gettext_lazy("Address that is called")
    help = gettext_lazy("Begins with https://. Calls are signed by the Standard Webhooks specification.")

    def read(self, typed: str) -> dict[str, str]:
        try:
            addresses.check(typed)
        except addresses.Forbidden as error:
            raise Refused(str(error)) from error
        return {"url": typed, "secret": "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()}

    def shown(self, target: dict[str, str]) -> str:
        parts = urlsplit(target["url"])
        return f"{parts.scheme}://{parts.netloc}/…"

    def send(self, target: dict[str, str], letter: Letter, now: datetime) -> None:
        body = json.dumps(payload(letter), ensure_ascii=False, separators=(",", ":"))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": letter.key,
            "webhook-id": letter.key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(target["secret"]).sign(letter.key, now, body),
        }
        try:
            answer = addresses.post(target["url"], body.encode(), headers)
        except addresses.Forbidden as error:
            raise Refused(str(error)) from error
        except addresses.Unreachable as error:
            raise Failed(str(error)) from error
        if 300 <= answer.status < 400:
            raise Failed(
                _("The other side points elsewhere, which is not followed (%(status)d).") % {"status": answer.status}
            )
        status_of(answer.status, answer.retry_after)


def payload(letter: Letter) -> dict[str, object]:
    """The body of the call: what was told, as it was said, for a program that escapes it by itself."""
    alerts = [
        {"kind": line.kind, "at": line.at.isoformat(), "text": line.text, "link": line.link, **line.data}
        for line in letter.lines
    ]
    return {
        "type": "alert",
        "timestamp": letter.lines[0].at.isoformat(),
        "data": {"rule": letter.rule, "alerts": alerts},
    }
