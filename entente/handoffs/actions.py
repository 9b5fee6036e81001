"""What writes hand-offs and deals: deriving them from the log. What people do to hand-offs is in `verbs`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from django.db import connection, transaction

from entente.events.planning import few
from entente.handoffs import reading, storing
from entente.handoffs.deals import deals_of
from entente.handoffs.history import Qualification, handoffs_of
from entente.handoffs.storing import Written
from entente.handoffs.versions import Versions

AT_ONCE: Final = 5_000
"""So many persons are read, folded and written in one transaction: memory stays small, however many there are."""

LOCK: Final = 78_203  # of PostgreSQL's advisory locks: two who write deals wait for each other


@dataclass(frozen=True, slots=True)
class Derived:
    """How many rows were written because they are new or changed, and how many removed because nothing speaks for them
    any more (an import was undone). ``opened``: whose hand-offs are new."""

    handoffs: int = 0
    handoffs_removed: int = 0
    deals: int = 0
    deals_removed: int = 0
    opened: frozenset[int] = field(default=frozenset(), compare=False)


def derive(person_ids: Iterable[int] | None = None, *, of_nobody: bool = True) -> Derived:
    """Make the hand-offs and deals of these persons (None: of all) what the log and scoring say.

    Doing it again changes nothing. Without an agreement there are deals, but no hand-offs. ``of_nobody``: the deals
    without a person, too.
    """
    persons = None if person_ids is None else sorted(set(person_ids))
    with transaction.atomic(), few(None if persons is None else len(persons)):
        return derive_from(reading.qualifications_of(persons), persons, of_nobody=of_nobody)


def derive_from(
    qualified: Mapping[int, Sequence[Qualification]],
    person_ids: Sequence[int] | None = None,
    *,
    of_nobody: bool = True,
) -> Derived:
    """The same, given when each person qualified."""
    written = removed = 0
    opened: set[int] = set()
    versions = reading.versions_in_force()
    if versions:
        persons = reading.persons_with_hand_offs(person_ids) | qualified.keys()
        if person_ids is not None:
            persons &= set(person_ids)
        for some in _batches(sorted(persons)):
            found = _derive_handoffs(some, qualified, versions)
            written, removed = written + found.changed, removed + found.removed
            opened |= found.opened
    deals, deals_removed = _derive_deals(person_ids, of_nobody)
    return Derived(written, removed, deals, deals_removed, frozenset(opened))


@transaction.atomic
def derive_hand_offs(persons: Sequence[int]) -> Written:
    """The same for hand-offs alone, of a few persons."""
    versions = reading.versions_in_force()
    if versions is None:
        return Written()
    return _derive_handoffs(sorted(persons), reading.qualifications_of(persons), versions)


@transaction.atomic
def _derive_handoffs(
    persons: list[int], qualified: Mapping[int, Sequence[Qualification]], versions: Versions
) -> Written:
    lock_persons(persons)
    happenings = reading.happenings_of(persons)
    derived = {
        person: handoffs_of(happenings.get(person, ()), qualified.get(person, ()), versions) for person in persons
    }
    return storing.store_handoffs(persons, derived)


@transaction.atomic
def _derive_deals(person_ids: Sequence[int] | None, of_nobody: bool) -> tuple[int, int]:
    if person_ids is not None and not of_nobody and not reading.have_deals(person_ids):
        return 0, 0
    _wait_for_other_writers_of_deals()
    events = reading.deal_events(person_ids, of_nobody)
    return storing.store_deals(deals_of(events), all_of_them=person_ids is None)


def lock_persons(persons: Sequence[int]) -> None:
    """Whoever changes hand-offs holds their persons till the end of the transaction; always in the same order.

    The hand-offs themselves cannot be held: deriving writes their rows anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PERSONS, [list(persons)])


LOCK_PERSONS: Final = "SELECT FROM people_person WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


def _wait_for_other_writers_of_deals() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _batches(persons: list[int]) -> Iterable[list[int]]:
    rest = iter(persons)
    while some := list(islice(rest, AT_ONCE)):
        yield some
