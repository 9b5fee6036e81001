"""What is due by its time, whether or not an event has come: a version of the agreement that begins."""

from __future__ import annotations

from datetime import datetime

from entente.events.models import Arrival
from entente.worker.fold import fold_new_events


def act_on_timers(now: datetime) -> None:
    """Act on all that has become due by now, each in a transaction of its own."""
    if not Arrival.objects.exists():  # else the next fold sees to it
        fold_new_events(now, at_most=1)
