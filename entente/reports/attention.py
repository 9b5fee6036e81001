"""What needs somebody today: promises that are not kept, and hand-offs that nobody moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import ngettext

from entente.handoffs.lifecycle import State
from entente.handoffs.models import Handoff
from entente.reports.periods import Period
from entente.reports.promises import Board
from entente.sla import running
from entente.sla.running import Choice


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at; ``party`` is whose it is to move, empty for operations."""

    text: str
    address: str
    party: str = ""


def needs_attention(board: Board, period: Period, now: datetime) -> list[Remark]:
    """The remarks, those that stop a lead first."""
    counted = Handoff.objects.filter(closed_at__isnull=True).values_list("state").annotate(n=Count("pk"))
    states = dict(counted.order_by())
    return [*_overdue(now), *_standing(states), *_missed(board, period)]


def _overdue(now: datetime) -> list[Remark]:
    overdue = running.counts(Choice(), now)["overdue"]
    if not overdue:
        return []
    text = ngettext("%(n)s promise is overdue at this moment", "%(n)s promises are overdue at this moment", overdue)
    return [Remark(text % {"n": overdue}, f"{reverse('clocks')}?standing=overdue", "sales")]


def _standing(states: dict[str, int]) -> list[Remark]:
    waiting, held = states.get(State.WAITING, 0), states.get(State.HELD, 0)
    assigned = states.get(State.ASSIGNED, 0)
    people = reverse("people")
    remarks = []
    if waiting:
        text = ngettext("%(n)s lead waits for a rep", "%(n)s leads wait for a rep", waiting)
        remarks.append(Remark(text % {"n": waiting}, f"{people}?handoff=waiting", "sales"))
    if held:
        text = ngettext(
            "%(n)s hand-off is held: information is missing", "%(n)s hand-offs are held: information is missing", held
        )
        remarks.append(Remark(text % {"n": held}, f"{people}?handoff=held", "marketing"))
    if assigned:
        text = ngettext(
            "%(n)s lead is assigned and not answered yet", "%(n)s leads are assigned and not answered yet", assigned
        )
        remarks.append(Remark(text % {"n": assigned}, f"{people}?handoff=assigned", "sales"))
    return remarks


def _missed(board: Board, period: Period) -> list[Remark]:
    remarks, places = [], {"marketing": 0, "sales": 0}
    for promise in board.promises:
        place = places[promise.party]
        places[promise.party] += 1
        missed = promise.n - promise.k
        if promise.met is not False or not missed:
            continue
        address = reverse("promise", args=[promise.party, place])
        chosen = f"period={period.name}" if period.name else f"from={period.first}&to={period.last}"
        text = ngettext(
            "“%(promise)s” is not kept: %(n)s hand-off missed it",
            "“%(promise)s” is not kept: %(n)s hand-offs missed it",
            missed,
        )
        said = {"promise": promise.promise, "n": missed}
        remarks.append(Remark(text % said, f"{address}?{chosen}&which=missed", promise.party))
    return remarks
