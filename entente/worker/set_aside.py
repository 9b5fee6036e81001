"""Events that cannot be folded: found, set aside with their error, tried again.

The log keeps them as they were sent, marked (`entente.events.setting_aside`). When every event fails it is hardly the
events' fault: after `MOST` in a row nothing more is set aside until something has been folded again.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F

from entente.events import setting_aside
from entente.events.models import Event
from entente.people.actions import wait_for_other_resolvers
from entente.people.gathering import Batch
from entente.worker.models import SetAside

log = logging.getLogger("entente.worker")

LONGEST: Final = 2_000
MOST: Final = 20


class AllFail(Exception):
    """One event after another fails, so that no event is to blame; the text is the last error."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """What went wrong, in a line and at which place of the code."""

    error: str

    @classmethod
    def of(cls, error: BaseException) -> Culprit:
        last = traceback.extract_tb(error.__traceback__)[-1:]
        place = "".join(f" ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})" for frame in last)
        return cls(f"{type(error).__name__}: {error}"[:LONGEST] + place)


@transaction.atomic
def set_aside_next(culprit: Culprit, now: datetime) -> SetAside | None:
    """Set the first event that waits aside; None when what waits first is no event, or waits no more."""
    wait_for_other_resolvers()
    batch = Batch.waiting(at_most=1)
    found = Event.objects.filter(arrival__in=batch.arrivals, pk__gte=batch.first, pk__lte=batch.last).first()
    if found is None or batch.events != 1:
        raise AllFail(culprit.error)
    _refuse_to_blame_everything(found.pk, culprit)
    mark = setting_aside.set_aside(found.pk)
    batch.done()
    if mark is None:
        return None
    row, new = SetAside.objects.get_or_create(event=found, defaults={"error": culprit.error, "mark": mark, "at": now})
    if not new:
        SetAside.objects.filter(pk=row.pk).update(error=culprit.error, at=now, times=F("times") + 1, resolved_at=None)
    log.error("event %s is set aside: %s", found.pk, culprit.error)
    return row


def _refuse_to_blame_everything(event_id: int, culprit: Culprit) -> None:
    """When the last events before this one, each of them, are set aside already, something else is wrong."""
    before = Event.objects.filter(pk__lt=event_id).order_by("-pk").values_list("mark", flat=True)[:MOST]
    marks = list(before)
    if len(marks) == MOST and set(marks) == {setting_aside.MARK}:
        raise AllFail(culprit.error)


@transaction.atomic
def retry(set_aside: SetAside, now: datetime) -> bool:
    """Let the event arrive anew; whether it will. It is resolved until the fold says otherwise."""
    row = SetAside.objects.select_for_update().get(pk=set_aside.pk)
    if row.resolved_at is not None or not setting_aside.take_back(row.event_id, row.mark):
        return False
    SetAside.objects.filter(pk=row.pk).update(retried_at=now, resolved_at=now)
    return True
