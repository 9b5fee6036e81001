"""Keeping the ledgers true to what happened: hand-given leads count, those that gave credit or were taken away do not.

Everything follows from the stored hand-offs; counting again changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from django.db import connection
from django.db.models import Q

from entente.agreements.models import AgreementVersion
from entente.handoffs.facts import Assignment
from entente.handoffs.lifecycle import Handoff as Life
from entente.handoffs.models import Handoff
from entente.handoffs.queries import Stored, stored
from entente.handoffs.reading import versions_in_force
from entente.handoffs.reasons import agreed_reason
from entente.handoffs.versions import Versions
from entente.routing.dealing import Table
from entente.routing.leads import candidatures
from entente.routing.ledgers import began_at, hold_ledgers
from entente.routing.models import Decision

TAKEN_AWAY: Final = "taken away"
REJECTED: Final = "rejected: "
UNDONE: Final = "undone"

Key: TypeAlias = tuple[str, datetime]


def count(persons: Sequence[int], now: datetime, version: AgreementVersion) -> int:
    """Bring the decisions and balances of these persons' hand-offs up to date; returns how many entries were made.

    The ledgers are held only when there is something to write, and then it is looked again.
    """
    if not _Count(persons).is_due():
        return 0
    hold_ledgers()
    return _Count(persons).write(Table(version, now))


class _Count:
    """The hand-offs of some persons beside the decisions about them."""

    def __init__(self, persons: Sequence[int]) -> None:
        self.handoffs = stored(Handoff.objects.filter(person__in=persons))
        self.decisions = _decisions_about(self.handoffs, persons)
        self.unknown = self._given_without_decision()
        self.changes = self._changes()

    def is_due(self) -> bool:
        return bool(self.unknown or self.changes)

    def write(self, table: Table) -> int:
        """Make what is missing, in the order in which it happened, and let count what counts; returns how many."""
        noted = self._note(table)
        changes = self._changes()
        for decision, credit, person in changes:
            if bool(credit) != bool(decision.taken_back):
                (table.book.take_back if credit else table.book.count_again)(decision)
            decision.taken_back, decision.person_id = credit, person
            decision.save(update_fields=["taken_back", "person_id"])
        table.save()
        return noted + len(changes)

    def _given_without_decision(self) -> list[tuple[Assignment, Stored]]:
        """The assignments that were made live since dealing began and that no decision speaks of, in order."""
        since = began_at()
        if since is None:
            return []
        found = [
            (assignment, each)
            for each in self.handoffs
            for assignment in each.handoff.assignments
            if assignment.since >= since and not _decision_of(assignment, self.decisions[_key(each.handoff)])
        ]
        live = _arrived_live((each.person_id, assignment.since) for assignment, each in found)
        found = [(assignment, each) for assignment, each in found if (each.person_id, assignment.since) in live]
        return sorted(found, key=lambda pair: (pair[0].since, pair[1].id))

    def _note(self, table: Table) -> int:
        """Make a decision of each assignment that has none."""
        rows = Handoff.objects.filter(pk__in=[each.id for _, each in self.unknown])
        leads = {each.handoff.pk: each for each in candidatures(list(rows), table.now)} if self.unknown else {}
        for assignment, each in self.unknown:
            known = self.decisions[_key(each.handoff)]
            number = max((decision.number for decision in known), default=-1) + 1
            decision = table.note(leads[each.id], assignment.rep, assignment.since, number)
            decision.save()
            known.append(decision)
        return len(self.unknown)

    def _changes(self) -> list[tuple[Decision, str, int]]:
        """Decisions that are to count, or not, or to be another person's, otherwise than so far."""
        lives = {_key(each.handoff): each for each in self.handoffs}
        versions = versions_in_force()
        if versions is None:
            return []
        found = []
        for key, known in self.decisions.items():
            for decision in known:
                about = lives.get(key)
                credit = _credit(decision, about.handoff, versions) if about else _gone(decision)
                person = about.person_id if about else decision.person_id
                if (credit, person) != (decision.taken_back, decision.person_id):
                    found.append((decision, credit, person))
        return found


def _decisions_about(handoffs: Sequence[Stored], persons: Sequence[int]) -> dict[Key, list[Decision]]:
    found: dict[Key, list[Decision]] = defaultdict(list)
    causes = [each.handoff.opened.cause for each in handoffs]
    for decision in Decision.objects.filter(Q(person_id__in=persons) | Q(cause__in=causes)).order_by("number"):
        found[decision.cause, decision.opened_at].append(decision)
    return found


def _key(life: Life) -> Key:
    return life.opened.cause, life.opened.at


def _decision_of(assignment: Assignment, known: Iterable[Decision]) -> Decision | None:
    return next((each for each in known if (each.rep, each.at) == (assignment.rep, assignment.since)), None)


def _gone(decision: Decision) -> str:
    """A hand-off that is not among these persons' is another's by now, or nobody's."""
    elsewhere = Handoff.objects.filter(cause=decision.cause, opened_at=decision.opened_at).exists()
    return decision.taken_back if elsewhere else UNDONE


def _credit(decision: Decision, life: Life, versions: Versions) -> str:
    """Why it does not count; empty when it does."""
    assignment = next((a for a in life.assignments if (a.rep, a.since) == (decision.rep, decision.at)), None)
    if assignment is None:
        return UNDONE
    if assignment.until is not None and assignment.until != life.closed_at:
        return TAKEN_AWAY
    if assignment.until is not None and assignment is not life.assignments[-1]:
        return TAKEN_AWAY
    if life.rejection:
        commitments = versions.of(life.opened.version).agreement.commitments
        reason = agreed_reason(life.rejection.reason, commitments)
        if reason and reason.gives_credit:
            return REJECTED + reason.name
    return ""


def _arrived_live(moments: Iterable[tuple[int, datetime]]) -> set[tuple[int, datetime]]:
    """Those of the (person, moment) at which an event of the person is that did not come in an import."""
    asked = list(moments)
    if not asked:
        return set()
    with connection.cursor() as sql:
        sql.execute(LIVE, [[person for person, _ in asked], [at for _, at in asked]])
        return {(person, at) for person, at in sql.fetchall()}


LIVE = """
    SELECT DISTINCT asked.person, asked.at
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS asked (person, at)
         JOIN people_identifier i ON i.person_id = asked.person
         JOIN events_event e ON e.identity = i.value AND e.occurred_at = asked.at
    WHERE e.imported_by_id IS NULL
"""
