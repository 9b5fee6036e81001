"""What routing does: deals what waits, moves on what was left lying, and counts what others gave or took back.

Locks are taken in one order, so that nobody waits in a circle: persons first, then the ledgers (one lock for all of
them). Who holds the ledgers and wants further persons takes only those whom nobody else holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from entente.agreements.models import AgreementVersion
from entente.agreements.queries import version_in_force
from entente.handoffs.actions import derive_hand_offs, lock_persons
from entente.handoffs.lifecycle import NotAllowed
from entente.handoffs.models import Assignment, Handoff
from entente.handoffs.verbs import Giving, give
from entente.routing.counting import count
from entente.routing.dealing import Dealt, Table
from entente.routing.leads import Candidature, admitted_rows, candidatures, see_what_waits, stranded_rows
from entente.routing.ledgers import hold_ledgers, open_ledgers, try_to_hold_ledgers
from entente.routing.models import Decision

NOT_HERE: Final = "owner not here"
"""Why a hand-off moves on from its person's owner of old."""

AT_ONCE: Final = 500
"""So many hand-offs are given in one call: the hottest. The others come with the next one."""

FEW: Final = 20


@transaction.atomic
def deal_waiting(now: datetime) -> list[Dealt]:
    """Deal the hand-offs that wait, the hottest first, to whom each leaves the reps the most even.

    Only those whose opening arrived live, or that somebody let be dealt. Who has to wait stays in the queue
    (`queries.waiting` says why). A lead that went to its person's owner of old, who is away or has no access any more,
    is dealt to another one if somebody is free. Where another process deals at this moment nothing is done: it comes
    with the next call. The worker calls `follow` before this, and folds the `owner_assigned` events that it leaves.
    """
    version = version_in_force(now)
    if version is None or not version.agreement.routing.teams:
        return []
    open_ledgers(version.agreement, now)
    see_what_waits(now)
    waiting, stranded = list(admitted_rows()), stranded_rows(now, version.agreement.timezone)
    if not (waiting or stranded) or not try_to_hold_ledgers():
        return []
    table = Table(version, now)
    if len(waiting) > FEW:
        # Only those whom somebody can take are held: a long queue costs a look at it, and stands in nobody's way.
        waiting = [lead.handoff for lead in candidatures(waiting, now) if not table.choice(lead).waits][:AT_ONCE]
    leads = candidatures(_held(waiting, admitted_rows()), now)
    dealt = _give(list(_decided(leads, table)), table, now)
    return dealt + _deal_from_owners(stranded, table)


def _deal_from_owners(stranded: Sequence[Handoff], table: Table) -> list[Dealt]:
    able = [
        lead.handoff
        for lead in candidatures(stranded, table.now)
        if not table.choice(lead.taken_from(lead.handoff.rep), strictly=True).waits
    ]
    held = _held(able, Handoff.objects.filter(closed_at__isnull=True))
    moved = [_move_on(each, table.now, NOT_HERE, table.version) for each in held]
    return [each for each in moved if each]


def _decided(waiting: Sequence[Candidature], table: Table) -> Iterator[tuple[Candidature, Decision]]:
    numbers = _numbers([each.handoff for each in waiting])
    for lead in waiting:
        if decision := table.deal(lead, numbers[lead.handoff.pk]):
            yield lead, decision


@transaction.atomic
def reassign(handoff_id: int, now: datetime, why: str) -> str | None:
    """Take an open hand-off from its rep and deal it to another one; returns to whom.

    None when there is nobody else to take it, or it is over: then it stays where it is. `why` goes into the log (such
    as `breach`).
    """
    version = version_in_force(now)
    row = Handoff.objects.filter(pk=handoff_id).first()
    if row is None or version is None:
        return None
    lock_persons([row.person_id])
    derive_hand_offs([row.person_id])
    handoff = Handoff.objects.filter(pk=handoff_id, closed_at__isnull=True).first()
    moved = _move_on(handoff, now, why, version) if handoff else None
    return moved.rep if moved else None


def _move_on(handoff: Handoff, now: datetime, why: str, version: AgreementVersion) -> Dealt | None:
    """Deal a hand-off to another than its rep; its person is held already."""
    open_ledgers(version.agreement, now)
    count([handoff.person_id], now, version)
    hold_ledgers()
    table = Table(version, now)
    (lead,) = candidatures([handoff], now)
    decision = table.deal(lead.taken_from(handoff.rep), _numbers([handoff])[handoff.pk], instead_of=handoff.rep)
    if decision is None or not (given := _give([(lead, decision)], table, now, why)):
        return None
    count([handoff.person_id], now, version)
    return given[0]


@transaction.atomic
def follow(person_ids: Iterable[int], now: datetime) -> int:
    """Take into the ledgers what others did to hand-offs of these persons; returns how many entries were made.

    A hand-off that was given by hand counts like a dealt one. One that was taken from its rep, or rejected for a
    reason that gives credit, counts no longer. Each is counted once, however often this is called. The worker calls it
    after folding, before `deal_waiting`.
    """
    persons = sorted(set(person_ids))
    version = version_in_force(now)
    if version is None or not version.agreement.routing.teams:
        return 0
    open_ledgers(version.agreement, now)
    return count(persons, now, version)


def _held(rows: Sequence[Handoff], still: QuerySet[Handoff]) -> list[Handoff]:
    """Those of the hand-offs that are still such, with nobody else able to change them."""
    with connection.cursor() as sql:
        sql.execute(HOLD_PERSONS, [[each.person_id for each in rows]])
        held = [person for (person,) in sql.fetchall()]
    derive_hand_offs(held)
    return list(still.filter(pk__in=[each.pk for each in rows], person__in=held))


def _numbers(handoffs: Sequence[Handoff]) -> dict[int, int]:
    """For each hand-off the how-manieth time it is given now, from 0."""
    rows = Decision.objects.filter(cause__in=[each.cause for each in handoffs])
    last = {(c, at): n for c, at, n in rows.values_list("cause", "opened_at").annotate(last=Max("number"))}
    return {each.pk: last.get((each.cause, each.opened_at), -1) + 1 for each in handoffs}


def _give(decided: list[tuple[Candidature, Decision]], table: Table, now: datetime, why: str = "dealt") -> list[Dealt]:
    """Write the decisions and the events that give the hand-offs; what cannot be given after all is not counted."""
    if not decided:
        return []
    Decision.objects.bulk_create([decision for _, decision in decided])
    done = _given([_giving(lead, decision, why) for lead, decision in decided], now)
    dealt = []
    for lead, decision in decided:
        if lead.handoff.pk not in done:
            table.book.take_back(decision)
            decision.delete()
            continue
        decision.at = done[lead.handoff.pk]
        dealt.append(Dealt(lead.handoff.pk, decision.rep, decision.pk))
    Decision.objects.bulk_update([decision for _, decision in decided if decision.pk], ["at"])
    table.save()
    return dealt


def _giving(lead: Candidature, decision: Decision, why: str) -> Giving:
    return Giving(lead.handoff.pk, decision.rep, why, {"decision": decision.pk}, key=f"decision {decision.pk}")


def _given(givings: Sequence[Giving], now: datetime) -> dict[int, datetime]:
    """Give them all at once, or, where one of them is in the way, one by one; when each was given, by hand-off."""
    try:
        with transaction.atomic():
            done = give(givings, now)
    except NotAllowed:
        done = [each for giving in givings for each in _given_alone(giving, now)]
    held = Assignment.objects.filter(handoff__in=[each.handoff_id for each in done], until__isnull=True)
    return dict(held.values_list("handoff_id", "at"))


def _given_alone(giving: Giving, now: datetime) -> list[Giving]:
    try:
        with transaction.atomic():
            return give([giving], now)
    except NotAllowed:
        return []


HOLD_PERSONS: Final = "SELECT id FROM people_person WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
