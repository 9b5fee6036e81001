"""Acting on what fell due: found by index, claimed, looked at anew in the light of the facts, told once.

Clocks are claimed with SKIP LOCKED, so that workers who are at it together share them and none waits. What is told is
decided by the facts alone, not by when a worker came to look: a warning for each clock that ran on past its warning, a
breach for each that ran on past its due time. So a worker that was down tells in the end what it would have told, in
the order in which it fell due.

Leads that go on to another rep are the exception to SKIP LOCKED: their persons are held first, as by everybody who
changes a hand-off, and before any clock of somebody else is claimed; else two workers could wait for each other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from entente.agreements.commitments import Escalation
from entente.agreements.document import Agreement
from entente.handoffs.actions import lock_persons
from entente.handoffs.models import Handoff
from entente.handoffs.queries import stored
from entente.handoffs.reading import versions_in_force
from entente.sla import following
from entente.sla.business_time import calendar_for
from entente.sla.models import Clock
from entente.sla.moving import pass_on
from entente.sla.notices import Notice, NoticeKind, receivers
from entente.sla.waits import WAITING

log = logging.getLogger(__name__)

TRY_AGAIN: Final = timedelta(hours=1)
"""A clock that could not be acted on is put off for so long, so that it does not stand in the way of the others."""

NOBODY: Final = "nobody else could take the lead"

NO_ESCALATION: Final = Escalation()


def act(now: datetime, limit: int) -> list[Notice]:
    """Act on at most `limit` clocks that fell due before `now`. The caller holds the transaction."""
    until = _horizon(now, limit)
    if until is None:
        return []
    told = _act_on_moving(until, now, limit)
    told += _Claimed(_claim(_due(now).filter(next_at__lte=until), limit), now).tell(until)
    return sorted(told, key=lambda notice: (notice.fell_at or notice.at, notice.handoff_id, notice.promise))


def _due(now: datetime) -> QuerySet[Clock]:
    """What may be acted on, the earliest first. At its very due time a promise can still be kept."""
    ready = Q(put_off_until__isnull=True) | Q(put_off_until__lte=now)
    return Clock.objects.filter(ready, next_at__lt=now).order_by("next_at", "pk")


def _horizon(now: datetime, limit: int) -> datetime | None:
    """Up to when to act, so that what is told comes in order over several calls; None when nothing fell due."""
    earliest = list(_due(now).values_list("next_at", flat=True)[:limit])
    if not earliest:
        return None
    last = earliest[-1]
    return last if len(earliest) == limit else now


def _act_on_moving(until: datetime, now: datetime, limit: int) -> list[Notice]:
    """Act on clocks whose leads go on to another rep by then, from their first warning to the move itself."""
    moving = _due(now).filter(next_at__lte=until, reassign_at__lte=until, reassigned_at=None, over_at=None)
    found = list(moving.values_list("pk", "person_id")[:limit])
    if not found:
        return []
    lock_persons(sorted({person for _, person in found}))
    return _Claimed(_claim(moving.filter(pk__in=[pk for pk, _ in found]), limit), now).tell(until, moving=True)


def _claim(clocks: QuerySet[Clock], limit: int) -> list[Clock]:
    return list(clocks.select_for_update(skip_locked=True)[:limit])


@dataclass(frozen=True, slots=True)
class _Deed:
    """One thing to be told of one clock."""

    kind: NoticeKind
    fell_at: datetime
    clock: Clock


class _Claimed:
    """Clocks that nobody else acts on now, as the facts have them by now."""

    def __init__(self, clocks: Sequence[Clock], now: datetime) -> None:
        self.now = now
        self.versions = versions_in_force() if clocks else None
        self.clocks = self._refreshed(clocks) if self.versions else []

    def tell(self, until: datetime, *, moving: bool = False) -> list[Notice]:
        """Everything of these clocks that fell due by then, each noted as acted on."""
        deeds = [deed for clock in self.clocks for deed in _pending(clock) if deed.fell_at <= until]
        deeds = [deed for deed in deeds if deed.fell_at < self.now]
        self._note(deeds, "warning", "warned_at")
        self._note(deeds, "waiting_too_long", "warned_at")
        self._note(deeds, "breach", "breached_at")
        notices = [self._notice(deed) for deed in deeds if deed.kind != "escalation"]
        if moving:
            notices += self._move([deed for deed in deeds if deed.kind == "escalation"])
        return notices

    def _refreshed(self, clocks: Sequence[Clock]) -> list[Clock]:
        """The clocks with what the facts say of them now; those for which nothing speaks any more are removed."""
        assert self.versions is not None  # noqa: S101 - asked before
        handoffs = stored(Handoff.objects.filter(pk__in={clock.handoff_id for clock in clocks}))
        rows = {row.key: row for each in handoffs for row in following.rows_of(each, self.versions, self.now)}
        keys = {(clock.handoff_id, clock.promise, clock.rep, clock.started_at): clock.pk for clock in clocks}
        following.remove([pk for key, pk in keys.items() if key not in rows])
        following.write([rows[key] for key in keys if key in rows], (), self.now)
        return list(Clock.objects.filter(pk__in=[pk for key, pk in keys.items() if key in rows]))

    def _note(self, deeds: Iterable[_Deed], kind: NoticeKind, field: str) -> None:
        clocks = [deed.clock.pk for deed in deeds if deed.kind == kind]
        if clocks:
            Clock.objects.filter(pk__in=clocks, **{field: None}).update(**{field: self.now})

    def _move(self, deeds: Sequence[_Deed]) -> Iterator[Notice]:
        """Give the leads to other reps, the longest overdue first; each once, also where two of its promises ask so."""
        gone: set[int] = set()
        for deed in sorted(deeds, key=lambda deed: (deed.fell_at, deed.clock.pk)):
            if deed.clock.handoff_id in gone:
                continue
            gone.add(deed.clock.handoff_id)
            if notice := self._pass_on(deed):
                yield notice

    def _pass_on(self, deed: _Deed) -> Notice | None:
        """Give the lead to another rep, if it is the rep's working time; nobody's fault may stop the others."""
        clock = deed.clock
        opens = calendar_for(self._agreement(clock), clock.rep).next_opening(self.now)
        if opens > self.now:
            self._put_off(clock, opens, clock.obstacle)
            return None
        try:
            with transaction.atomic():
                rep = pass_on(clock.handoff_id, self.now, clock.promise)
        except Exception as error:  # a lead that cannot be moved must not stop the clocks of all others
            log.exception("hand-off %s cannot be given to another rep", clock.handoff_id)
            self._put_off(clock, self.now + TRY_AGAIN, f"{type(error).__name__}: {error}"[:500])
            return None
        if rep:
            self._note_move(clock, rep)
            return self._notice(deed, rep)
        self._put_off(clock, self.now + TRY_AGAIN, NOBODY)
        return None if clock.obstacle else self._notice(deed)

    def _note_move(self, clock: Clock, rep: str) -> None:
        """Of all promises to this rep's time with the lead: none of them moves it again."""
        turn = Clock.objects.filter(handoff=clock.handoff_id, rep=clock.rep, started_at=clock.started_at)
        turn.filter(reassigned_at=None, reassign_at__isnull=False).update(
            reassigned_at=self.now, reassigned_to=rep, put_off_until=None, obstacle=""
        )

    def _put_off(self, clock: Clock, until: datetime, obstacle: str) -> None:
        Clock.objects.filter(pk=clock.pk).update(put_off_until=until, obstacle=obstacle)

    def _notice(self, deed: _Deed, moved_to: str = "") -> Notice:
        clock = deed.clock
        agreed = self._agreement(clock).commitments.escalation.get(clock.kind, NO_ESCALATION)
        return Notice(
            kind=deed.kind,
            clock=clock.kind,
            promise=clock.promise,
            handoff_id=clock.handoff_id,
            person_id=clock.person_id,
            rep=clock.rep,
            due_at=clock.due_at,
            at=self.now,
            receivers=receivers(deed.kind, agreed, moved_to),
            fell_at=deed.fell_at,
            state=clock.state,
            moved_to=moved_to,
        )

    def _agreement(self, clock: Clock) -> Agreement:
        assert self.versions is not None  # noqa: S101 - there is no clock without an agreement
        return self.versions.of(clock.version).agreement


def _pending(clock: Clock) -> Iterator[_Deed]:
    """What is not acted on yet, in order of time."""
    if clock.warns and clock.warn_at:
        yield _Deed("waiting_too_long" if clock.kind == WAITING else "warning", clock.warn_at, clock)
    if clock.breaks:
        yield _Deed("breach", clock.due_at, clock)
    if clock.moves and clock.reassign_at:
        yield _Deed("escalation", clock.reassign_at, clock)
