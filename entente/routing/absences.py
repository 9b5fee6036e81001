"""Absences and capacities: entered by the rep, or by who leads sales; what is changed is in the audit trail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from entente.members import trail
from entente.members.models import User
from entente.members.permissions import allows
from entente.routing.models import Absence, Capacity

LONGEST_BEFORE: Final = 30
MOST: Final = 100_000


class RoutingError(Exception):
    """What was asked cannot be; the text says why, to the person who asked."""


@transaction.atomic
def enter_absence(
    rep: str, first: date, last: date, days_before: int, note: str, *, by: User | None, now: datetime
) -> Absence:
    """Say that a rep is away; nothing is dealt to them then, nor on the days before it."""
    rep = rep.strip().lower()
    if not may_enter_for(by, rep):
        raise RoutingError(_("You can enter your own absences only."))
    if last < first:
        raise RoutingError(_("The absence ends before it begins."))
    if not 0 <= days_before <= LONGEST_BEFORE:
        raise RoutingError(_("The days before it are between 0 and %(n)s.") % {"n": LONGEST_BEFORE})
    absence = Absence.objects.create(
        rep=rep, first=first, last=last, days_before=days_before, note=note.strip()[:200], entered_by=by, entered_at=now
    )
    trail.record("absence.entered", by, str(absence), now, days_before=days_before)
    return absence


@transaction.atomic
def cancel_absence(absence: Absence, *, by: User | None, now: datetime) -> None:
    """Take an absence back, or end it early."""
    if not may_enter_for(by, absence.rep):
        raise RoutingError(_("You can take back your own absences only."))
    trail.record("absence.taken_back", by, str(absence), now)
    absence.delete()


def may_enter_for(by: User | None, rep: str) -> bool:
    """Reps enter their own; who leads sales, operations and the command line those of everybody."""
    return by is None or by.email == rep or allows(by, "team.manage")


@transaction.atomic
def set_capacity(rep: str, at_most: int | None, *, by: User | None, now: datetime) -> None:
    """Let a rep have at most so many open hand-offs; None gives them the agreement's number again."""
    if at_most is not None and not 0 <= at_most <= MOST:
        raise RoutingError(_("A capacity is a number from 0 up."))
    before = Capacity.objects.filter(rep=rep).values_list("at_most", flat=True).first()
    if before == at_most:
        return
    if at_most is None:
        Capacity.objects.filter(rep=rep).delete()
    else:
        Capacity.objects.update_or_create(rep=rep, defaults={"at_most": at_most, "set_by": by, "set_at": now})
    trail.record("capacity.set", by, rep, now, at_most=[before, at_most])
