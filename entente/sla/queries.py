"""The promises as they were kept, and how long leads waited, from the stored hand-offs.

They are computed from the facts and the calendar; the stored clocks (`entente.sla.models`) only find what falls due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from entente.agreements.document import Agreement, Count
from entente.agreements.queries import in_force
from entente.handoffs import models
from entente.handoffs.lifecycle import Handoff
from entente.handoffs.queries import Stored, handoffs_of_person, stored
from entente.handoffs.reading import versions_in_force
from entente.handoffs.versions import Versions
from entente.sla.business_time import Calendar, calendar_for
from entente.sla.clocks import Clock, clocks_of
from entente.sla.commitments import Measured, measure
from entente.sla.delays import Spread, follow_up
from entente.sla.windows import window_at

DUE_AFTER_CLOSING: Final = timedelta(days=180)
"""A hand-off that has been over for so long has no clock that still falls due, by any sensible promise."""


@dataclass(frozen=True, slots=True)
class Board:
    """All promises over one period; `measured` counts hand-offs by their place in `handoffs`."""

    measured: list[Measured]
    handoffs: list[Stored]

    def counted(self, measured: Measured) -> list[int]:
        """The ids of the hand-offs behind the number `n`, each once."""
        return list(_ids(self.handoffs, measured.counted))

    def kept(self, measured: Measured) -> list[int]:
        """The ids of the hand-offs behind the number `k`, each once."""
        return list(_ids(self.handoffs, measured.kept))


@dataclass(frozen=True, slots=True)
class HandoffClocks:
    """A stored hand-off with its clocks as of a moment."""

    stored: Stored
    clocks: list[Clock]


def commitments_between(start: datetime, end: datetime, now: datetime, under: Agreement | None = None) -> Board:
    """Every promise of an agreement over [start, end): of `under`, else of the one in force at the period's end or now.

    The clocks of each hand-off run as the version says under which it was opened. Without an agreement there is
    nothing to keep.
    """
    agreement, versions = under or in_force(min(end, now)), versions_in_force()
    if agreement is None or versions is None:
        return Board([], [])
    handoffs = stored(_that_matter(agreement, start, min(end, now)))
    measured = measure(
        agreement,
        [each.handoff for each in handoffs],
        now,
        start,
        end,
        versions=versions,
        anyone_qualified=models.Handoff.objects.filter(qualified_at__isnull=False).exists(),
    )
    return Board(measured, handoffs)


def clocks_of_person(person_id: int, now: datetime) -> list[HandoffClocks]:
    """The person's hand-offs, each with its clocks."""
    versions = versions_in_force()
    return [
        HandoffClocks(each, clocks_of(each.handoff, versions.of(each.handoff.opened.version).agreement, now))
        for each in handoffs_of_person(person_id)
        if versions
    ]


@dataclass(frozen=True, slots=True)
class Waited:
    """How long leads waited, and the ids of the hand-offs that were given to a rep and of those never touched since."""

    ours: Spread | None
    theirs: Spread | None
    given: tuple[int, ...]
    untouched: tuple[int, ...]


def follow_up_between(start: datetime, end: datetime, now: datetime) -> dict[str, Waited]:
    """How long the hand-offs opened in [start, end) waited: for us until assignment, for the rep until the first touch.

    By the rep to whom each was given first; all together under the empty name.
    """
    versions = versions_in_force()
    if versions is None:
        return {}
    given: dict[str, list[Stored]] = {"": []}
    for each in stored(models.Handoff.objects.filter(opened_at__gte=start, opened_at__lt=end)):
        if each.handoff.assignments:
            given[""].append(each)
            given.setdefault(each.handoff.assignments[0].rep, []).append(each)
    found = {rep: _waited(handoffs, versions, now) for rep, handoffs in given.items()}
    return {rep: waited for rep, waited in found.items() if waited.given or not rep}


def _that_matter(agreement: Agreement, start: datetime, end: datetime) -> QuerySet[models.Handoff]:
    """The hand-offs that can count in the period: opened by its end, and not over long before it or its first window.

    A clock that was met falls due when its time is over, which may be some while after the hand-off is.
    """
    promises = (*agreement.commitments.marketing, *agreement.commitments.sales)
    windows = (window_at(each.per, start, agreement.zone)[0] for each in promises if isinstance(each, Count))
    alive = Q(closed_at__isnull=True) | Q(closed_at__gte=min(windows, default=start) - DUE_AFTER_CLOSING)
    return models.Handoff.objects.filter(alive, opened_at__lt=end)


def _waited(handoffs: Sequence[Stored], versions: Versions, now: datetime) -> Waited:
    """In the business time in which the clocks of the first rep run, so that both say the same."""
    found = follow_up(((each.handoff, _calendar(each.handoff, versions)) for each in handoffs), now)
    return Waited(found.ours, found.theirs, _ids(handoffs, found.given), _ids(handoffs, found.untouched))


def _calendar(handoff: Handoff, versions: Versions) -> Calendar:
    return calendar_for(versions.of(handoff.opened.version).agreement, handoff.assignments[0].rep)


def _ids(handoffs: Sequence[Stored], places: Sequence[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(handoffs[place].id for place in places))
