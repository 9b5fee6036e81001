"""A lead that nobody could take: no rep's clock runs, and yet a promise comes nearer to being broken. Pure.

Its wait is timed as if the first promise to a rep's lead had begun with it, so that operations hear of it before that
promise would be at risk: at the moment at which it would warn, or when half of its time has gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from entente.agreements.commitments import Clock as Timed
from entente.agreements.document import Agreement
from entente.handoffs.lifecycle import Handoff, State
from entente.sla.business_time import calendar_for
from entente.sla.clocks import timed_promises

WAITING: Final = "waiting"
"""The kind of clock that stands for a wait."""

TELL_AT: Final = 0.5
"""The part of the promised time after which a wait is told of, where the promise has no warning."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A hand-off that nobody has: since when, when to tell of it, and when `promise` would be broken."""

    promise: str
    since: datetime
    tell_at: datetime
    due_at: datetime


def wait_of(handoff: Handoff, agreement: Agreement) -> Wait | None:
    """The wait that lasts now; None where somebody has the hand-off, it is held or over, or nothing is promised."""
    promised = [each for each in timed_promises(agreement) if isinstance(each, Timed)]
    if handoff.state is not State.WAITING or not promised:
        return None
    first = next((each for each in promised if each.clock == "first_touch"), promised[0])
    calendar, since = calendar_for(agreement), _since(handoff)
    due = calendar.add(since, first.within)
    told = calendar.add_open_time(since, calendar.elapsed(since, due) * (first.warn_at or TELL_AT))
    return Wait(first.promise, since, told, due)


def _since(handoff: Handoff) -> datetime:
    """When it was opened, when the missing information came, or when the last rep let it go."""
    let_go = [assignment.until for assignment in handoff.assignments if assignment.until]
    return max([handoff.opened.at, *let_go, *([handoff.completed_at] if handoff.completed_at else [])])
