"""Hand-offs and deals written to their tables, many at once: only what has changed, by COPY.

A hand-off is known by its person and the moment it was opened, and keeps its id as long as it is derived at all. The
caller holds the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeAlias

from django.db import connection
from psycopg import sql

from entente.handoffs import models
from entente.handoffs.deals import KnownDeal
from entente.handoffs.facts import Closed, Rejected
from entente.handoffs.lifecycle import Handoff
from entente.people.models import Account, Person

Row: TypeAlias = tuple[Any, ...]
Changed: TypeAlias = tuple[int | None, int, Handoff, str]
"""A hand-off to be written: its id if it has one, its person, itself, its fingerprint."""

FACTS: Final = (
    models.Assignment,
    models.Touch,
    models.Acceptance,
    models.Rejection,
    models.Pause,
    models.Closure,
)


class Written(NamedTuple):
    """How many hand-offs were written and removed, and whose were new."""

    changed: int = 0
    removed: int = 0
    opened: frozenset[int] = frozenset()


def store_handoffs(persons: Sequence[int], derived: Mapping[int, Sequence[Handoff]]) -> Written:
    """Make the stored hand-offs of these persons the derived ones."""
    stored = {
        (person, opened_at): (id_, fingerprint, cause)
        for id_, person, opened_at, fingerprint, cause in models.Handoff.objects.filter(person__in=persons).values_list(
            "id", "person_id", "opened_at", "fingerprint", "cause"
        )
    }
    changed: list[Changed] = []
    for person, handoffs in derived.items():
        for handoff in handoffs:
            id_, known, _ = stored.pop((person, handoff.opened.at), (None, "", ""))
            if (found := fingerprint_of(handoff)) != known:
                changed.append((id_, person, handoff, found))
    changed, gone = _with_moved(changed, {(at, cause): id_ for (_, at), (id_, _, cause) in stored.items()})
    _delete([*gone, *(id_ for id_, *_ in changed if id_ is not None)])
    new_ids = iter(_new_ids(sum(id_ is None for id_, *_ in changed)))
    _insert([(id_ or next(new_ids), person, handoff, hash_) for id_, person, handoff, hash_ in changed])
    return Written(len(changed), len(gone), frozenset(person for id_, person, *_ in changed if id_ is None))


def _with_moved(changed: list[Changed], left: dict[tuple[datetime, str], int]) -> tuple[list[Changed], list[int]]:
    """Hand-offs that moved to another person (two were found to be one) keep their ids; and the ids that are gone."""
    found: list[Changed] = []
    for id_, person, handoff, hash_ in changed:
        kept = id_ if id_ is not None else left.pop((handoff.opened.at, handoff.opened.cause), None)
        found.append((kept, person, handoff, hash_))
    return found, list(left.values())


def fingerprint_of(handoff: Handoff) -> str:
    """A hash of all of its facts."""
    return blake2b(repr(handoff).encode(), digest_size=16).hexdigest()


def store_deals(deals: Mapping[str, KnownDeal], *, all_of_them: bool) -> tuple[int, int]:
    """Write the deals that are new or changed; where these are all there are, remove the others."""
    if not deals and not all_of_them:
        return 0, 0
    accounts = _accounts_of(deals.values())
    stored = models.Deal.objects.all() if all_of_them else models.Deal.objects.filter(key__in=list(deals))
    known = {row[0]: row for row in stored.values_list(*DEAL_FIELDS)}
    rows = {key: _deal_row(deal, accounts[key]) for key, deal in deals.items()}
    changed = [row for key, row in rows.items() if known.get(key) != row]
    models.Deal.objects.bulk_create(
        [models.Deal(**dict(zip(DEAL_FIELDS, row, strict=True))) for row in changed],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=DEAL_FIELDS[1:],
        batch_size=1000,
    )
    gone = [key for key in known if key not in rows]
    models.Deal.objects.filter(key__in=gone).delete()
    return len(changed), len(gone)


DEAL_FIELDS: Final = (
    "key", "person_id", "account_id", "opened_at", "amount", "product", "stage", "owner", "outcome", "closed_at",
    "reason", "competitor",
)  # fmt: skip


def _accounts_of(deals: Collection[KnownDeal]) -> dict[str, int | None]:
    """The account of each deal: the one that it was sent for, else its person's."""
    named = {deal.account for deal in deals if deal.account}
    persons = {deal.person for deal in deals if not deal.account and deal.person is not None}
    by_key = dict(Account.objects.filter(key__in=named).values_list("key", "id"))
    by_person = dict(Person.objects.filter(id__in=persons).values_list("id", "account_id"))
    return {deal.key: by_key.get(deal.account) if deal.account else by_person.get(deal.person or 0) for deal in deals}


def _deal_row(deal: KnownDeal, account: int | None) -> Row:
    key, person, _, *rest = astuple(deal)
    return (key, person, account, *rest)


def _delete(ids: list[int]) -> None:
    """The rows are written anew at once, so whatever else refers to a changed hand-off goes on doing so."""
    if not ids:
        return
    with connection.cursor() as cursor:
        for model in FACTS:
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE handoff_id = ANY(%s)", [ids])  # noqa: S608 - ours
        cursor.execute("DELETE FROM handoffs_handoff WHERE id = ANY(%s)", [ids])


def _new_ids(n: int) -> list[int]:
    with connection.cursor() as cursor:
        query = "SELECT nextval(pg_get_serial_sequence('handoffs_handoff', 'id')) FROM generate_series(1, %s)"
        cursor.execute(query, [n])
        return [id_ for (id_,) in cursor.fetchall()]


def _insert(handoffs: Sequence[tuple[int, int, Handoff, str]]) -> None:
    if not handoffs:
        return
    _copy("handoffs_handoff", _HANDOFF_COLUMNS, (_handoff_row(*each) for each in handoffs))
    for model, (columns, rows_of) in _FACT_ROWS.items():
        rows = ((id_, *row) for id_, _, handoff, _ in handoffs for row in rows_of(handoff))
        _copy(model._meta.db_table, ("handoff_id", *columns), rows)


def _copy(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row(row)


_HANDOFF_COLUMNS: Final = (
    "id", "person_id", "version_id", "opened_at", "origin", "missing", "cause", "qualified_at", "completed_at", "state",
    "rep", "closed_at", "disputed", "fingerprint",
)  # fmt: skip


def _handoff_row(id_: int, person: int, handoff: Handoff, fingerprint: str) -> Row:
    opened = handoff.opened
    return (
        id_,
        person,
        opened.version,
        opened.at,
        opened.origin.value,
        list(opened.missing),
        opened.cause,
        handoff.qualified_at,
        handoff.completed_at,
        handoff.state.value,
        handoff.rep,
        handoff.closed_at,
        handoff.disputed,
        fingerprint,
    )


def _assignments(handoff: Handoff) -> list[Row]:
    return [
        (each.since, each.given.by, each.rep, each.given.why, each.given.inferred, each.until)
        for each in handoff.assignments
    ]


def _touches(handoff: Handoff) -> list[Row]:
    return [(each.at, each.by, each.kind, each.event) for each in handoff.touches]


def _acceptances(handoff: Handoff) -> list[Row]:
    accepted = handoff.acceptance
    return [(accepted.at, accepted.by, accepted.how)] if accepted else []


def _rejections(handoff: Handoff) -> list[Row]:
    return [_rejection(handoff.rejection)] if handoff.rejection else []


def _rejection(each: Rejected) -> Row:
    return each.at, each.by, each.reason, each.note, each.objection.value if each.objection else ""


def _pauses(handoff: Handoff) -> list[Row]:
    return [(each.began.at, each.began.by, each.began.reason, each.until) for each in handoff.pauses]


def _closures(handoff: Handoff) -> list[Row]:
    return [_closure(handoff.closure)] if handoff.closure else []


def _closure(each: Closed) -> Row:
    return each.at, each.by, each.outcome.value, each.reason, each.deal


_FACT_ROWS: Final[dict[Any, tuple[tuple[str, ...], Callable[[Handoff], list[Row]]]]] = {
    models.Assignment: (("at", "by", "rep", "why", "inferred", "until"), _assignments),
    models.Touch: (("at", "by", "kind", "event"), _touches),
    models.Acceptance: (("at", "by", "how"), _acceptances),
    models.Rejection: (("at", "by", "reason", "note", "objection"), _rejections),
    models.Pause: (("at", "by", "reason", "until"), _pauses),
    models.Closure: (("at", "by", "outcome", "reason", "deal"), _closures),
}
