"""How the reps stand at a moment: what they have open, who is away, who has another capacity, who is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from entente.agreements.document import Agreement
from entente.handoffs.models import Handoff
from entente.members.models import User
from entente.routing.eligibility import Away, Standing
from entente.routing.models import Absence, Capacity

A_DAY: Final = timedelta(days=1)
"""By how much a rep's day may be off from that of UTC."""


def reps_of(agreement: Agreement) -> list[str]:
    """Everybody whom the agreement's teams name, each once, in its order."""
    return list(dict.fromkeys(each.rep for team in agreement.routing.teams for each in team.reps))


def staff_at(reps: Iterable[str], now: datetime) -> dict[str, Standing]:
    """The standing of each of the reps. Open hand-offs are those of now; so are capacities and who is gone."""
    named = list(reps)
    gone = set(User.objects.filter(email__in=named, is_active=False).values_list("email", flat=True))
    capacities = dict(Capacity.objects.filter(rep__in=named).values_list("rep", "at_most"))
    having = Handoff.objects.filter(closed_at__isnull=True, rep__in=named).values_list("rep")
    opened = dict(having.annotate(n=Count("id")))
    away = absences_around(named, now)
    return {
        rep: Standing(opened.get(rep, 0), capacities.get(rep), tuple(away.get(rep, ())), rep in gone) for rep in named
    }


def absences_around(reps: Iterable[str], now: datetime) -> dict[str, list[Away]]:
    """The absences of each of the reps that are not over at that moment, the earliest first."""
    found: dict[str, list[Away]] = defaultdict(list)
    rows = Absence.objects.filter(rep__in=list(reps), last__gte=(now - A_DAY).date()).order_by("first", "last")
    for rep, first, last, days_before in rows.values_list("rep", "first", "last", "days_before"):
        found[rep].append(Away(first, last, days_before))
    return found


def with_one_more(staff: dict[str, Standing], rep: str) -> None:
    """Count a hand-off that was given just now."""
    if rep in staff:
        staff[rep] = replace(staff[rep], open=staff[rep].open + 1)
