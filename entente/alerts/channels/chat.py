"""Handing a letter to a chat by Apprise, which knows the form that each service wants.

Apprise connects by itself, past the guard of `entente.alerts.addresses`; so only services come here whose host is fixed
by the service, or one that the operator allows by name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext as _

from entente.alerts.channels.base import Failed, Letter, Refused
from entente.alerts.plain import for_chat

# It would write addresses, which are passwords, and what the other side answered.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

OPTIONS: Final = frozenset({"to", "channel", "thread", "topic", "silent", "priority", "region", "batch", "from"})
"""What may stand behind the question mark. Others read files, fetch pictures, or loosen the checks of certificates."""


def plugin(url: str) -> Any:
    """The service that the address names, ready to be told; raises Refused where Apprise cannot read it."""
    from apprise import Apprise, AppriseAsset

    # Without pictures: they would be fetched from the author's own site.
    asset = AppriseAsset(
        app_id="Entente",
        app_desc="Entente",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        async_mode=False,
    )
    service = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        raise Refused(_("This is not an address of that service."))
    return service


def refuse_options(url: str, allowed: Iterable[str] = OPTIONS) -> None:
    """Raise Refused for an option that is not on the list."""
    known = frozenset(allowed)
    for option, _value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        if option.lower() not in known:
            raise Refused(_("The option “%(option)s” is not allowed here.") % {"option": option})


def tell(url: str, letter: Letter, *, markdown: bool = False) -> None:
    """Hand the letter over; raises Failed. What the service answers is not kept.

    ``markdown`` is for a service whose plain texts lose their links on the way.
    """
    said = {"body": body(letter, markdown=markdown), "body_format": "markdown" if markdown else "text"}
    if not plugin(url).notify(title=for_chat(letter.subject), **said):
        raise Failed(_("The service did not take the message."))


def body(letter: Letter, *, markdown: bool) -> str:
    """The letter's lines, of which only the links are ours; one that is the title already is not said again."""
    said = [
        ("" if line.text == letter.subject else for_chat(line.text)) + _link(line.link, markdown=markdown)
        for line in letter.first
    ]
    return "\n\n".join(
        [*filter(None, (each.strip() for each in said)), *filter(None, [letter.more]), for_chat(letter.footer)]
    )


def _link(link: str, *, markdown: bool) -> str:
    if not link:
        return ""
    return f"\n\n[{link}]({link})" if markdown else f"\n{link}"
