"""What is due by its time, whether or not an event has come: clocks, hand-offs that wait for somebody who can take
them, a version of the agreement that begins."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entente.alerts import actions as alerts
from entente.alerts.happened import Happened
from entente.events.models import Arrival
from entente.handoffs.models import Handoff
from entente.routing import actions as routing
from entente.sla import actions as sla
from entente.worker.turn import take_turn


def act_on_timers(now: datetime) -> None:
    """Act on all that has become due by now, each in a transaction of its own."""
    while act_on_clocks(now):
        pass
    deal(now)
    if not Arrival.objects.exists():  # else the next turn sees to it
        take_turn(now, at_most=1)


@transaction.atomic
def act_on_clocks(now: datetime) -> int:
    """Warnings, breaches and reassignments of clocks, and who is to hear of them; returns how many there were."""
    notices = sla.act_on_due(now)
    if notices:
        alerts.hear(Happened(notices=notices), now)
    return len(notices)


@transaction.atomic
def deal(now: datetime) -> int:
    """Give what waits to whoever can take it by now; returns how many were given."""
    dealt = routing.deal_waiting(now)
    if dealt:
        given = Handoff.objects.filter(pk__in=[each.handoff_id for each in dealt])
        sla.follow(given.values_list("person_id", flat=True), now)
        alerts.hear(Happened(dealt=dealt), now)
    return len(dealt)
