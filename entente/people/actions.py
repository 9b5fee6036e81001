"""What changes persons: new events are resolved to them, a person is erased, all is made anew from the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from entente.events import actions as log
from entente.events.models import Arrival
from entente.events.planning import few
from entente.people import resolving
from entente.people.assignment import Assignment
from entente.people.bench import lay_out
from entente.people.gathering import Batch, gather, gather_everything
from entente.people.memberships import find_memberships, refresh_accounts
from entente.people.models import Account, Person
from entente.people.profiles import add_newcomers, add_visitors, date_persons, find_touched, refresh_profiles

ONE_RESOLVER = 78_205
"""The advisory lock under which persons are told apart, so that two workers that join A to B and B to A take turns."""
MANY = 50_000
"""So many events are sorted and joined in more memory than PostgreSQL gives by itself."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What folding the new events into persons has done.

    ``batch`` the changes of the log that were taken in; ``touched`` the persons that its events belong to; ``refold``
    those whose past is another than before (a late event, a join, a division, events taken out): what was derived for
    them is to be derived anew; ``gone`` those that are no more, joined into another or without any event left.
    """

    batch: Batch
    touched: frozenset[int] = frozenset()
    refold: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()

    @property
    def events(self) -> int:
        """How many events were new."""
        return self.batch.events


@transaction.atomic
def resolve_new(now: datetime, at_most: int | None = None) -> Resolved:
    """Find the person of every event that has arrived since the last time, and bring persons and accounts up to date.

    The result depends on the events alone, not on the order or the batches in which they came. ``now`` is when joins
    are recorded to have been found. ``at_most`` takes the first so many events, and the rest another time.
    """
    wait_for_other_resolvers()
    with connection.cursor() as sql:
        batch = Batch.waiting(at_most)
        if not batch.arrivals:
            return Resolved(batch)
        lay_out(sql)
        with few(None if batch.removed else batch.events):
            if batch.removed:
                telling = gather(sql, batch, resolving.forget(sql, list(batch.removed)))
            else:
                telling = gather(sql, batch, [])
            return _resolve(sql, batch, telling, now)


@transaction.atomic
def resolve_anew(now: datetime) -> Resolved:
    """Tell all persons apart again from the whole log. Who is the same person as before keeps their number."""
    wait_for_other_resolvers()
    with connection.cursor() as sql:
        sql.execute("SELECT count(*) FROM events_event")
        batch = Batch(Batch.waiting().arrivals, events=sql.fetchone()[0], groups=_all_accounts())
        lay_out(sql)
        resolving.forget(sql)
        telling = gather_everything(sql)
        return _resolve(sql, batch, telling, now)


def wait_for_other_resolvers() -> None:
    """Hold what waits to be folded, till the end of the transaction: whoever folds next sees what is left."""
    with connection.cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_RESOLVER])


def _all_accounts() -> tuple[str, ...]:
    return tuple(Account.objects.values_list("key", flat=True))


def _resolve(sql: CursorWrapper, batch: Batch, telling: int, now: datetime) -> Resolved:
    """From gathered events to persons and accounts; what nothing was told of is passed over."""
    if batch.events > MANY:
        sql.execute("SET LOCAL work_mem = '128MB'")
    known = resolving.last_person(sql)
    reachable = resolving.store_links(sql)
    resolving.date_identifiers(sql)
    resolving.add_lone_visitors(sql)
    assignment = resolving.settle(sql, now) if reachable else Assignment()
    touched, late = find_touched(sql)
    changed = assignment.changed | resolving.known_before(sql)
    regrouped = date_persons(sql, changed)
    if telling or changed or regrouped or batch.groups:
        refresh_profiles(sql, changed)
        find_memberships(sql, batch.groups)
        add_newcomers(sql, known)
        refresh_accounts(sql, batch.groups)
    else:
        add_visitors(sql, known)
    gone = _remove_vanished(changed) | {join.absorbed for join in assignment.absorbed}
    batch.done()
    return Resolved(batch, touched, (late | changed) - gone, frozenset(gone))


def _remove_vanished(changed: set[int]) -> set[int]:
    """Persons of whom the log tells nothing any more are no more; signposts stay."""
    if not changed:
        return set()
    vanished = Person.objects.filter(pk__in=changed, identifiers=None, joined_into=None)
    numbers = set(vanished.values_list("pk", flat=True))
    Person.objects.filter(pk__in=numbers).delete()
    return numbers


@transaction.atomic
def erase_person(person: Person, now: datetime) -> int:
    """Take all events of a person out of the log, for good, and the person with them; returns how many events.

    Keyed hashes of the identifiers stay, so that late events and imports do not bring the person back. A device that
    is known to be shared is not one of them. What is known of accounts follows at the next fold.
    """
    whole = person.joined_into or person
    identifiers = list(whole.identifiers.filter(shared=False).values_list("value", flat=True))
    removed = log.erase(identifiers, now)
    if whole.account:
        Arrival.objects.create(groups=[whole.account.key])
    whole.delete()
    return removed
