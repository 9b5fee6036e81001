"""What is to be told of hand-offs and promises: to those who asked, and to those whom it concerns unasked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from entente.alerts.behaviour import FRESH, NEW_EVENTS
from entente.alerts.drafts import Draft
from entente.alerts.happened import OF_NOTICES, Happened, Kind, Notice
from entente.alerts.known import Knowledge, known_of
from entente.alerts.matching import Rule, asks_scores, concerns_person
from entente.alerts.receivers import Receivers
from entente.alerts.rulebook import RuleBook
from entente.alerts.words import Facts
from entente.handoffs.models import Assignment


class Occurrence(NamedTuple):
    """Something that happened to a hand-off or a promise, whoever wants to hear of it."""

    kind: Kind
    person: int
    subject: str
    rep: str = ""
    promise: str = ""
    moved_to: str = ""
    due_at: datetime | None = None
    receivers: Sequence[str] = ()
    data: Mapping[str, Any] = {}


def drafts_of_occurrences(book: RuleBook, happened: Happened, now: datetime) -> list[Draft]:
    """What is to be told of hand-offs and promises, by rules and by what concerns whom."""
    occurrences = list(_occurrences(happened, now))
    if not occurrences:
        return []
    asked = (rule for rules in book.of_kind.values() for rule in rules)
    known = known_of({one.person for one in occurrences}, now, with_scores=asks_scores(asked))
    receivers = Receivers.load()
    return [
        draft
        for one in occurrences
        if one.person in known
        for draft in (
            *_asked_for(one, book, known[one.person]),
            *_not_asked_for(one, book, receivers, known[one.person]),
        )
    ]


def _asked_for(one: Occurrence, book: RuleBook, known: Knowledge) -> Iterator[Draft]:
    for rule in book.of_kind.get(one.kind, ()):
        # The hand-off of which this tells is theirs, even when it is over or somebody else's by now.
        seen = known.seen if not one.rep else known.seen_as_of(one.rep)
        if concerns_person(rule.document, rule.owner_email, seen):
            yield _hand_off_draft(one, rule.owner_id, rule, known)


def _not_asked_for(one: Occurrence, book: RuleBook, receivers: Receivers, known: Knowledge) -> Iterator[Draft]:
    for member in receivers.of(one.kind, one.rep, one.receivers):
        if one.kind not in book.answered.get(member, ()):
            yield _hand_off_draft(one, member, None, known)


def _hand_off_draft(one: Occurrence, receiver: int, rule: Rule | None, known: Knowledge) -> Draft:
    facts = Facts(
        one.kind, known.name, known.account, promise=one.promise, rep=one.rep, moved_to=one.moved_to, due_at=one.due_at
    )
    return Draft(receiver, rule, one.kind, one.person, one.subject, facts, {**one.data, **known.data})


def _occurrences(happened: Happened, now: datetime) -> Iterator[Occurrence]:
    for person, at in happened.qualified:
        if at >= now - FRESH:
            yield Occurrence(Kind.QUALIFIED, person, f"qualified:{person}:{at.isoformat()}")
    yield from _assigned(happened, now)
    for notice in happened.notices:
        if notice.kind in OF_NOTICES and not _is_over(notice):
            yield _of_notice(notice, OF_NOTICES[notice.kind])


def _is_over(notice: Notice) -> bool:
    """A warning that is told late, when the promise is kept already, would only startle."""
    return notice.kind == Kind.WARNING and notice.state == "met"


def _of_notice(notice: Notice, kind: Kind) -> Occurrence:
    subject = f"{kind}:{notice.clock}:{notice.person_id}:{notice.rep}:{notice.due_at.isoformat()}"
    data = {"handoff": notice.handoff_id, "promise": notice.promise, "rep": notice.rep, "moved_to": notice.moved_to}
    return Occurrence(
        kind=kind,
        person=notice.person_id,
        subject=subject,
        rep=notice.rep,
        promise=notice.promise,
        moved_to=notice.moved_to,
        due_at=notice.due_at,
        receivers=tuple(notice.receivers),
        data={**data, "due_at": notice.due_at.isoformat()},
    )


def _assigned(happened: Happened, now: datetime) -> Iterator[Occurrence]:
    """Hand-offs that have a rep since this batch, whoever gave them; not those that a rep took for themselves."""
    dealt = [one.handoff_id for one in happened.dealt]
    persons = _newly_owned(happened, now)
    current = Assignment.objects.filter(until=None, inferred=False, handoff__closed_at=None, at__gte=now - FRESH)
    found = current.filter(handoff__in=dealt) | current.filter(handoff__person__in=persons)
    for row in found.select_related("handoff").order_by("at", "pk"):
        if row.by == row.rep:
            continue
        person = row.handoff.person_id
        subject = f"assigned:{person}:{row.handoff.opened_at.isoformat()}:{row.at.isoformat()}:{row.rep}"
        data = {"handoff": row.handoff_id, "rep": row.rep}
        yield Occurrence(Kind.ASSIGNED, person, subject, row.rep, data=data)


def _newly_owned(happened: Happened, now: datetime) -> list[int]:
    if not happened.last_event:
        return []
    query = f"""
        SELECT DISTINCT i.person_id FROM ({NEW_EVENTS} AND type = 'owner_assigned') AS e
        JOIN people_identifier i ON i.value = e.identity
    """  # noqa: S608 - pieces of our own
    parameters: dict[str, Any] = {"first": happened.first_event, "last": happened.last_event, "since": now - FRESH}
    with connection.cursor() as sql:
        sql.execute(query, parameters)
        return [person for (person,) in sql.fetchall()]
