"""The member's own mailbox. Only their own: a form that mails any address would be a gift to others."""

from __future__ import annotations

import smtplib
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entente.alerts.channels.base import Channel, Failed, Letter, Refused
from entente.alerts.plain import one_line


class EmailChannel(Channel):
    name = "email"
    label = gettext_lazy("E-mail")
    asks = gettext_lazy("My own address")
    typed = False

    def available(self) -> bool:
        return bool(settings.EMAIL_HOST)

    def read(self, typed: str) -> dict[str, str]:
        return {"to": typed}

    def shown(self, target: dict[str, str]) -> str:
        return target["to"]

    def send(self, target: dict[str, str], letter: Letter, now: datetime) -> None:
        try:
            message(target["to"], letter).send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _said in error.recipients.values()}
            if all(code >= 500 for code in codes):
                raise Refused(_("The mail server does not take mail for this address.")) from error
            raise Failed(_("The mail server does not take mail for this address now.")) from error
        except smtplib.SMTPAuthenticationError as error:
            raise Failed(_("The mail server does not accept our name and password.")) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Failed(_("The mail server cannot be reached, or refused the mail.")) from error


def message(to: str, letter: Letter) -> EmailMessage:
    """The letter as a mail of plain text; a repetition carries the same Message-ID."""
    lines = [f"- {one_line(line.text)}" + (f"\n  {line.link}" if line.link else "") for line in letter.first]
    lines += [letter.more] if letter.more else []
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {"Message-ID": f"<{letter.key}@{domain}>", "Auto-Submitted": "auto-generated"}
    body = "\n\n".join(lines) + f"\n\n-- \n{one_line(letter.footer)}\n"
    return EmailMessage(one_line(letter.subject, 150), body, to=[to], headers=headers)
