"""Where the open hand-offs of somebody go who leaves: to a colleague, or back to be dealt among the team."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from entente.handoffs import verbs
from entente.handoffs.lifecycle import NotAllowed
from entente.handoffs.models import Handoff
from entente.handoffs.queries import open_handoffs
from entente.members import trail
from entente.members.models import User
from entente.routing.absences import RoutingError
from entente.routing.models import Admission

LEFT = "left"


@transaction.atomic
def hand_on(rep: str, to: str, *, by: User, now: datetime) -> int:
    """Give all open hand-offs of a rep to a colleague, or (`to` empty) release them to be dealt; returns how many.

    They are dealt even if they are from before Entente ran: whoever sends them on says so.
    """
    if to == rep:
        raise RoutingError(_("They have these already; choose somebody else."))
    if to and not User.objects.filter(email=to, is_active=True).exists():
        raise RoutingError(_("%(who)s is no member with access.") % {"who": to})
    rows = list(open_handoffs(rep))
    for row in rows:
        _send_on(row, to, by, now)
    if not to:
        admit(rows, by=by, now=now)
    trail.record("handoffs.sent_on", by, rep, now, to=to or "dealt", count=len(rows))
    return len(rows)


def _send_on(row: Handoff, to: str, by: User, now: datetime) -> None:
    try:
        if to:
            verbs.reassign(row.pk, to, by.email, now, why=LEFT)
        else:
            verbs.release(row.pk, by.email, now, why=LEFT)
    except NotAllowed as no:
        raise RoutingError(_("One of the hand-offs cannot be moved: %(why)s.") % {"why": no}) from no


@transaction.atomic
def let_be_dealt(handoffs: Iterable[Handoff], *, by: User, now: datetime) -> int:
    """Let hand-offs from before Entente ran be dealt like new ones; returns how many. The worker does so next."""
    rows = list(handoffs)
    admit(rows, by=by, now=now)
    if rows:
        trail.record("handoffs.admitted", by, _("hand-offs from before"), now, count=len(rows))
    return len(rows)


def admit(rows: Iterable[Handoff], *, by: User, now: datetime) -> None:
    """Mark them as to be dealt."""
    Admission.objects.bulk_create(
        [Admission(cause=row.cause, opened_at=row.opened_at, admitted=True, by=by, at=now) for row in rows],
        update_conflicts=True,
        unique_fields=["cause", "opened_at"],
        update_fields=["admitted", "by", "at"],
    )
