"""What an API key may be used for: a closed list of scopes, each with what it opens. Pure words.

A scope never widens what the member behind the key may do: both must allow it.
"""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCOPES: Final[dict[str, str | Promise]] = {
    "people:read": _("read people, their score and their story"),
    "handoffs:read": _("read hand-offs and their clocks"),
    "handoffs:write": _("accept, reject, touch and move hand-offs"),
    "events:write": _("send events"),
    "agreement:read": _("read the agreement"),
    "commitments:read": _("read how the promises are kept"),
    "alerts:read": _("read alert rules"),
    "alerts:write": _("make, change and delete alert rules"),
    "status:read": _("read how Entente itself is doing"),
}
