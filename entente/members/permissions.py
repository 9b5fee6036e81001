"""Who may see and do what: one table, read by people and enforced by the machine.

Every view carries one entry of this table (`@needs("people.view")`); a view without one is refused to everybody by
the middleware, and a test walks all addresses to find it before a user does. A cell names the parties to whom the
permission is given in that role; `ALL` means both, and those of neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from entente.members.models import Party, Role, User

View = Callable[..., HttpResponseBase]

ALL: Final = frozenset(Party)
NOBODY: Final[frozenset[Party]] = frozenset()
MARKETING: Final = frozenset({Party.MARKETING})
SALES: Final = frozenset({Party.SALES})

PUBLIC: Final = "public"
"""The entry of views that need nobody signed in: log-in, health, an invitation's link."""

API: Final = "api"
"""The entry of the API's views, which hold a row of the table for each method and check it at their own door: see
`entente.api.door`. Their callers are told who they are not in JSON, where a page would lead to the log-in."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One row: what it lets people do, and for each role the parties that have it."""

    allows: str | Promise
    ops: frozenset[Party]
    manager: frozenset[Party]
    member: frozenset[Party]
    viewer: frozenset[Party]

    def given_to(self, role: str, party: str) -> bool:
        parties: frozenset[Party] = getattr(self, Role(role).value)
        return Party(party) in parties


# A table is read by its columns, which the formatter would close up.
# fmt: off
TABLE: Final[dict[str, Permission]] = {
    # permission          what it allows                                            ops  manager    member  viewer
    "overview.view":    Permission(_("see the numbers of both parties"),            ALL, ALL,       ALL,    ALL),
    "funnel.view":      Permission(_("see the funnel and the people behind it"),    ALL, ALL,       ALL,    ALL),
    "people.view":      Permission(_("see people, their story and their score"),    ALL, ALL,       ALL,    ALL),
    "people.export":    Permission(_("take lists of people out as files"),          ALL, ALL,       NOBODY, NOBODY),
    "handoffs.work":    Permission(_("answer and touch the hand-offs given to oneself"), ALL, SALES, SALES, NOBODY),
    "handoffs.move":    Permission(_("do so with anybody's, and give them to others"), ALL, SALES, NOBODY, NOBODY),
    "clocks.view":      Permission(_("see which promises run and are overdue"),     ALL, ALL,       ALL,    ALL),
    "agreement.view":   Permission(_("read the agreement and its history"),         ALL, ALL,       ALL,    ALL),
    "team.view":        Permission(_("see the teams and what dealing has come to"), ALL, ALL,       SALES,  NOBODY),
    "team.manage":      Permission(_("enter absences and capacities of the teams"), ALL, SALES,     NOBODY, NOBODY),
    "own.absences":     Permission(_("enter one's own absences"),                   ALL, SALES,     SALES,  NOBODY),
    "queue.view":       Permission(_("see the leads that wait for a rep"),          ALL, SALES,     NOBODY, NOBODY),
    "queue.manage":     Permission(_("let leads from before be dealt"),             ALL, SALES,     NOBODY, NOBODY),
    "imports.view":     Permission(_("see what was imported and rejected"),         ALL, ALL,       NOBODY, NOBODY),
    "imports.run":      Permission(_("import files"),                               ALL, MARKETING, NOBODY, NOBODY),
    "imports.undo":     Permission(_("undo an import"),                             ALL, NOBODY,    NOBODY, NOBODY),
    "ingestion.view":   Permission(_("see what the collector refused or marked"),   ALL, ALL,       NOBODY, NOBODY),
    "write_keys.manage": Permission(_("make and revoke write keys"),                ALL, NOBODY,    NOBODY, NOBODY),
    "members.view":     Permission(_("see who is a member"),                        ALL, ALL,       NOBODY, NOBODY),
    "members.manage":   Permission(_("invite, change and disable members"),         ALL, NOBODY,    NOBODY, NOBODY),
    "keys.manage":      Permission(_("make and revoke API keys"),                   ALL, NOBODY,    NOBODY, NOBODY),
    "events.send":      Permission(_("send events through the API"),                ALL, NOBODY,    NOBODY, NOBODY),
    "status.view":      Permission(_("see how Entente itself is doing"),            ALL, ALL,       NOBODY, NOBODY),
    "alerts.own":       Permission(_("have alert rules of one's own"),              ALL, ALL,       ALL,    ALL),
    "deliveries.manage": Permission(_("see and retry messages that could not be sent"), ALL, NOBODY, NOBODY, NOBODY),
    "worker.manage":    Permission(_("see the worker and retry events it set aside"), ALL, NOBODY, NOBODY, NOBODY),
    "audit_trail.view": Permission(_("read the audit trail"),                       ALL, NOBODY,    NOBODY, NOBODY),
    "own.settings":     Permission(_("change one's own settings and password"),     ALL, ALL,       ALL,    ALL),
    "design.view":      Permission(_("see the style guide"),                        ALL, ALL,       ALL,    ALL),
}
# fmt: on


def allows(user: Any, permission: str) -> bool:
    """Whether this user has the permission now; nobody who is not signed in or is disabled has any but `PUBLIC`."""
    if permission == PUBLIC:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    return TABLE[permission].given_to(user.role, user.party)


def asking(permission: str, view: View) -> View:
    """The view, saying which permission it asks for: the middleware and the walking test read it off."""
    view.permission = permission  # type: ignore[attr-defined]  # any function takes attributes, as Django's do
    return view


def needs(permission: str) -> Callable[[View], View]:
    """Guard a view with one entry of the table. An unknown entry is an error when the module is loaded."""
    if permission != PUBLIC and permission not in TABLE:
        raise LookupError(f"no permission '{permission}' in the table of entente/members/permissions.py")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if allows(request.user, permission):
                return view(request, *args, **kwargs)
            return _turn_away(request, permission)

        return asking(permission, guarded)

    return guard


def _turn_away(request: HttpRequest, permission: str) -> HttpResponseBase:
    if request.user.is_authenticated:
        raise PermissionDenied(str(TABLE[permission].allows))
    to_login = redirect_to_login(request.get_full_path())
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": to_login["Location"]})
    return to_login


def as_markdown() -> str:
    """The table for the reference documentation."""
    lines = ["| permission | allows | ops | manager | member | viewer |", "|---|---|---|---|---|---|"]
    for name, row in TABLE.items():
        cells = " | ".join(_in_words(parties) for parties in (row.ops, row.manager, row.member, row.viewer))
        lines.append(f"| `{name}` | {row.allows} | {cells} |")
    return "\n".join(lines) + "\n"


def _in_words(parties: frozenset[Party]) -> str:
    if parties == ALL:
        return "yes"
    return "only " + ", ".join(sorted(parties)) if parties else "-"
