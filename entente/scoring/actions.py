"""What changes scores: new events are folded, persons are folded anew from the log.

An event is folded under the version of the agreement in force at its time. When a version takes effect all persons are
folded anew: what was decided under earlier versions is decided again as it was, and the score is the new version's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Final

from django.db import connection, transaction

from entente.agreements.models import AgreementVersion
from entente.agreements.queries import Reign, reigns
from entente.people.accounts import account_key
from entente.people.actions import Resolved
from entente.people.models import Person
from entente.scoring import reading
from entente.scoring.days import as_datetime, as_micros
from entente.scoring.fold import Compiled, Folded, Standing, compile_rules, fold, newcomer
from entente.scoring.models import AccountKnowledge, Basis, PersonScore, Qualified
from entente.scoring.weave import Account, LogEvent, Order, properties_of

LOCK: Final = 78_204  # of PostgreSQL's advisory locks: two folds take turns
AT_ONCE: Final = 5_000
"""So many persons are folded anew at once: memory stays small, however many there are."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Whose scores may have changed: ``folded`` by new events alone, ``refolded`` from the whole log."""

    folded: frozenset[int] = frozenset()
    refolded: frozenset[int] = frozenset()

    @property
    def persons(self) -> frozenset[int]:
        return self.folded | self.refolded


@transaction.atomic
def fold_new_events(resolved: Resolved, now: datetime, progress: Callable[[int, int], object] | None = None) -> Scored:
    """Bring scores and qualifications up to date with events whose persons were found (`people.resolve_new`).

    Call it also when nothing is new: a version that has taken effect by ``now`` has everybody folded anew.
    ``progress`` is told persons done and persons in all while that goes on. Without an agreement nothing is scored.
    """
    _wait_for_other_folds()
    begun = _begun(now)
    if not begun:
        return Scored()
    PersonScore.objects.filter(pk__in=resolved.gone).delete()
    Qualified.objects.filter(person__in=resolved.gone).delete()
    if _basis() != _as_basis(begun):
        return Scored(refolded=_refold_all(begun, now, progress))
    if not resolved.touched and not resolved.refold and not resolved.batch.groups:
        return Scored()
    return _fold_batch(resolved, begun)


@transaction.atomic
def refold(person_ids: Iterable[int], now: datetime) -> None:
    """Fold these persons anew from the whole log."""
    _wait_for_other_folds()
    if begun := _begun(now):
        _refold(person_ids, begun)


@transaction.atomic
def refold_all(now: datetime, progress: Callable[[int, int], object] | None = None) -> frozenset[int]:
    """Fold everybody anew from the whole log; returns who was folded."""
    _wait_for_other_folds()
    begun = _begun(now)
    return _refold_all(begun, now, progress) if begun else frozenset()


def _wait_for_other_folds() -> None:
    with connection.cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _begun(now: datetime) -> list[Reign]:
    return [reign for reign in reigns() if reign.begins <= now]


def _basis() -> list[list[object]] | None:
    basis = Basis.objects.first()
    return basis.reigns if basis else None


def _as_basis(begun: list[Reign]) -> list[list[object]]:
    return [[reign.version.number, reign.begins.isoformat()] for reign in begun]


def compiled(version: AgreementVersion) -> Compiled:
    """The version's rules, ready to fold, with all verdicts that this process has come to."""
    return _compiled(version.sha256, version.document)


@lru_cache(maxsize=8)
def _compiled(sha256: str, document: str) -> Compiled:
    return compile_rules(AgreementVersion(sha256=sha256, document=document).agreement)


# New events


def _fold_batch(resolved: Resolved, begun: list[Reign]) -> Scored:
    reign, rules = begun[-1], compiled(begun[-1].version)
    events = reading.events_of(batch=resolved.batch)
    by_person: dict[int, list[LogEvent]] = {}
    for event in events:
        by_person.setdefault(event.person, []).append(event)
    standings = reading.standings_of(by_person, rules)
    begins = as_micros(reign.begins) if len(begun) > 1 else None
    anew = set(resolved.refold) | {
        person for person, theirs in by_person.items() if _is_late(theirs[0], standings[person], begins)
    }
    accounts: dict[str, Account] = {}
    if rules.lens.looks_at_account:
        accounts, others, stale = _accounts(resolved, rules, events, standings)
        standings |= {person: one for person, one in others.items() if person not in standings}
        anew |= stale
    live = [standing for person, standing in standings.items() if person not in anew]
    before = {key: one.last for key, one in accounts.items()}
    folded = fold(rules, live, accounts, events, decide_from=reign.begins)
    reading.store_standings(live, reign.version.number)
    reading.store_accounts({key: one for key, one in accounts.items() if one.last != before.get(key)})
    _record(folded, reign.version.number)
    _refold(anew, begun)
    return Scored(frozenset(standing.knowledge.person for standing in live), frozenset(anew))


def _is_late(first: LogEvent, standing: Standing, begins: int | None) -> bool:
    """Whether the event is not after the last one folded, or of a time when an earlier version was in force."""
    return (standing.last is not None and first.order <= standing.last) or (begins is not None and first.at < begins)


def _accounts(
    resolved: Resolved, rules: Compiled, events: Sequence[LogEvent], standings: dict[int, Standing]
) -> tuple[dict[str, Account], dict[int, Standing], set[int]]:
    """The accounts that matter to the batch; other persons whose knowledge it changes; and who is to be folded anew.

    A group call later than all that is known of its account changes its members' fit from then on. One that is late
    changes their past.
    """
    keys = reading.keys_named(events)
    keys |= {key for one in standings.values() if (key := _key_of(one))}
    accounts = reading.accounts_of(keys)
    late, changing = set(resolved.batch.groups), dict[str, Order]()
    for event in events:
        if event.type != "group" or event.mark or not (key := account_key(event.group_id, None)):
            continue
        known = accounts.get(key)
        if known and known.last and event.order <= known.last:
            late.add(key)
        elif rules.lens.tells_news(known.values if known else {}, properties_of(event)):
            changing.setdefault(key, event.order)
    if not late and not changing:
        return accounts, {}, set()
    members = PersonScore.objects.filter(account_keys__overlap=sorted(late | changing.keys()))
    others = reading.standings_of(members.values_list("pk", flat=True), rules)
    accounts = reading.accounts_of(keys | {key for one in others.values() if (key := _key_of(one))}) | accounts
    anew = {
        person
        for person, one in others.items()
        for key in one.knowledge.keys
        if key in late or (key in changing and one.last is not None and one.last > changing[key])
    }
    anew |= {event.person for event in events if late and late & reading.keys_named([event])}
    if late:
        _learn_anew(late, rules, accounts)
    return accounts, others, anew


def _key_of(standing: Standing) -> str | None:
    return account_key(standing.knowledge.group_id, standing.knowledge.email)


def _learn_anew(keys: set[str], rules: Compiled, accounts: dict[str, Account]) -> None:
    """What is known of accounts, from all of their group calls in the log."""
    AccountKnowledge.objects.filter(pk__in=keys).delete()
    for key in keys:
        accounts.pop(key, None)
    fresh: dict[str, Account] = {}
    fold(rules, [], fresh, reading.with_group_calls([], keys))
    reading.store_accounts(fresh)


# From the log


def _refold_all(begun: list[Reign], now: datetime, progress: Callable[[int, int], object] | None) -> frozenset[int]:
    PersonScore.objects.all().delete()
    Qualified.objects.all().delete()
    AccountKnowledge.objects.all().delete()
    persons = list(Person.objects.filter(joined_into=None).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(persons), AT_ONCE):
        _refold_some(persons[start : start + AT_ONCE], begun)
        if progress:
            progress(min(start + AT_ONCE, len(persons)), len(persons))
    Basis.objects.update_or_create(pk=1, defaults={"reigns": _as_basis(begun), "folded_at": now})
    return frozenset(persons)


def _refold(persons: Iterable[int], begun: list[Reign]) -> None:
    rest = iter(sorted(set(persons)))
    while some := list(islice(rest, AT_ONCE)):
        _refold_some(some, begun)


def _refold_some(persons: list[int], begun: list[Reign]) -> None:
    Qualified.objects.filter(person__in=persons).delete()
    PersonScore.objects.filter(pk__in=persons).delete()
    story = _Refold(reading.events_of(persons), persons)
    for reign in begun:
        story.fold_under(reign)
    reading.store_standings(story.standings.values(), begun[-1].version.number)
    reading.store_accounts(story.accounts)
    story.record()


class _Refold:
    """Persons folded through all versions: each decides for its own time, and is given what it does not decide."""

    def __init__(self, events: list[LogEvent], persons: list[int]) -> None:
        there = {event.person for event in events}
        self.persons = [person for person in persons if person in there]
        self.events = events
        self.standings: dict[int, Standing] = {}
        self.accounts: dict[str, Account] = {}
        self.qualified: dict[int, list[Qualified]] = {}

    def fold_under(self, reign: Reign) -> None:
        rules = compiled(reign.version)
        before, self.accounts = self.standings, {}
        self.standings = {person: newcomer(person, rules) for person in self.persons}
        for person, standing in before.items():
            self.standings[person].opened, self.standings[person].closed = standing.opened, standing.closed
        events = self.events
        if rules.lens.looks_at_account:
            events = reading.with_group_calls(events, reading.keys_named(events))
        folded = fold(rules, self.standings.values(), self.accounts, events, decide_from=reign.begins, until=reign.ends)
        self._take(folded, reign.version.number)

    def record(self) -> None:
        Qualified.objects.bulk_create([one for some in self.qualified.values() for one in some], batch_size=5_000)

    def _take(self, folded: Folded, version: int) -> None:
        for person, event in folded.closed_before.items():
            _close(self.qualified[person][-1], event)
        for one in _as_qualified(folded, version):
            self.qualified.setdefault(one.person_id, []).append(one)


def _record(folded: Folded, version: int) -> None:
    """Write new qualifications, and close those that were open."""
    open_ones = Qualified.objects.filter(person__in=folded.closed_before, closed_at=None)
    for one in open_ones:
        _close(one, folded.closed_before[one.person_id])
        one.save(update_fields=["closed_at", "closed_by"])
    Qualified.objects.bulk_create(_as_qualified(folded, version), batch_size=5_000)


def _as_qualified(folded: Folded, version: int) -> list[Qualified]:
    found = []
    for person, event, score, closed_by in folded.qualifications:
        one = Qualified(
            person_id=person,
            at=as_datetime(event.at),
            version=version,
            message_id=event.message_id,
            source=event.source,
            score=score,
        )
        if closed_by is not None:
            _close(one, closed_by)
        found.append(one)
    return found


def _close(one: Qualified, event: LogEvent) -> None:
    one.closed_at, one.closed_by = as_datetime(event.at), event.type
