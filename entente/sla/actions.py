"""What changes stored clocks: following the hand-offs, and acting on what fell due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction
from django.db.models import Q

from entente.handoffs.models import Assignment, Handoff
from entente.handoffs.queries import stored
from entente.handoffs.reading import versions_in_force
from entente.handoffs.versions import Versions
from entente.sla import due, following
from entente.sla.models import Clock
from entente.sla.notices import Notice

__all__ = ["act_on_due", "catch_up", "follow", "follow_all"]

AT_ONCE: Final = 2_000
"""So many persons' hand-offs are read and their clocks written at once."""

LIMIT: Final = 1_000
"""So many things are acted on in one transaction."""


@transaction.atomic
def follow(person_ids: Iterable[int] | None, now: datetime) -> int:
    """Make the stored clocks of these persons' hand-offs (None: of all) what the facts say; returns how many changed.

    Doing it again changes nothing. It belongs into the transaction that derived the hand-offs.
    """
    persons = _everybody() if person_ids is None else sorted(set(person_ids))
    versions = versions_in_force() if persons else None
    return sum(_follow(some, versions, now) for some in _batches(persons))


def follow_all(now: datetime) -> int:
    """The same for everybody, in a transaction for every few thousand persons."""
    return sum(follow(some, now) for some in _batches(_everybody()))


def catch_up(now: datetime) -> int:
    """Follow everybody where there are hand-offs and not one clock is stored: after an update from before there were.

    Cheap where there is nothing to do; a worker calls it when it begins.
    """
    if Clock.objects.exists() or not Assignment.objects.exists():
        return 0
    return follow_all(now)


@transaction.atomic
def act_on_due(now: datetime, limit: int = LIMIT) -> list[Notice]:
    """Act on what fell due before `now`, in order of due time, at most `limit` clocks; returns what there is to tell.

    Each warning, breach and reassignment is acted on once, whoever else is at it. Call it within the transaction that
    writes the messages, and again as long as it returns anything.
    """
    return due.act(now, limit)


def _follow(persons: list[int], versions: Versions | None, now: datetime) -> int:
    known = {
        (handoff, promise, rep, started): id_
        for id_, handoff, promise, rep, started in Clock.objects.filter(person__in=persons).values_list(
            "pk", "handoff_id", "promise", "rep", "started_at"
        )
    }
    # A hand-off that went over to another person, when two were found to be one, keeps its clocks.
    concerned = Q(person__in=persons) | Q(pk__in={handoff for handoff, *_ in known})
    handoffs = list(Handoff.objects.filter(concerned).values_list("pk", flat=True))
    if not handoffs and not known:
        return 0
    found = stored(Handoff.objects.filter(pk__in=handoffs)) if versions else []
    rows = [row for each in found if versions for row in following.rows_of(each, versions, now)]
    derived = {row.key for row in rows}
    removed = following.remove([id_ for key, id_ in known.items() if key not in derived])
    quiet = following.no_news((row for row in rows if row.key not in known), now)
    return removed + following.write(rows, quiet, now)


def _everybody() -> list[int]:
    """Who has hand-offs or clocks."""
    with_handoffs = Handoff.objects.values_list("person_id", flat=True)
    return sorted(set(with_handoffs) | set(Clock.objects.values_list("person_id", flat=True)))


def _batches(persons: list[int]) -> Iterator[list[int]]:
    rest = iter(persons)
    while some := list(islice(rest, AT_ONCE)):
        yield some
