"""The hand-offs that dealing looks at, with what it must know of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from entente.handoffs.models import Assignment, Deal, Handoff
from entente.members.models import User
from entente.people.accounts import account_values
from entente.people.models import Person
from entente.routing.desk import A_DAY
from entente.routing.eligibility import Lead
from entente.routing.ledgers import began_at
from entente.routing.models import Absence, Admission
from entente.scoring.queries import scores_now


@dataclass(frozen=True, slots=True)
class Candidature:
    """A hand-off to be dealt: its lead, its score now, and the amount of the person's open deal where there is one.

    `claims` are the reps with a claim to the person's account, the latest first.
    """

    handoff: Handoff
    lead: Lead
    score: float | None
    amount: float | None
    claims: tuple[str, ...] = ()

    def kept_with(self, reps: Iterable[str]) -> Candidature:
        """With the account's rep: the latest with a claim among those who can have one."""
        known = set(reps)
        rep = next((each for each in self.claims if each in known), "")
        return replace(self, lead=replace(self.lead, account_rep=rep))

    def taken_from(self, rep: str) -> Candidature:
        """As a hand-off that this rep had."""
        return replace(self, lead=replace(self.lead, had=self.lead.had | {rep}))


def waiting_rows() -> QuerySet[Handoff]:
    """Hand-offs that are complete and nobody's."""
    return Handoff.objects.filter(closed_at__isnull=True, rep="", state="waiting")


def admitted_rows() -> QuerySet[Handoff]:
    """Those of them that may be dealt. Of those not seen before `see_what_waits` must have asked."""
    return waiting_rows().filter(Exists(_admissions().filter(admitted=True)))


def left_rows() -> QuerySet[Handoff]:
    """Those of them from before Entente ran, which wait for somebody's word."""
    return waiting_rows().exclude(Exists(_admissions().filter(admitted=True)))


def stranded_rows(now: datetime, timezone: str) -> list[Handoff]:
    """Open hand-offs that went, since dealing began, to their person's owner of old who had no access any more, or
    was away on that day."""
    gone = User.objects.filter(is_active=False).values_list("email", flat=True)
    away = Absence.objects.filter(last__gte=(now - A_DAY).date()).values_list("rep", flat=True)
    reps = sorted({*gone, *away})
    if not reps:
        return []
    with connection.cursor() as sql:
        sql.execute(STRANDED, {"reps": reps, "since": began_at(), "zone": timezone})
        return list(Handoff.objects.filter(pk__in=[id_ for (id_,) in sql.fetchall()]))


def see_what_waits(now: datetime) -> None:
    """Ask of each hand-off that waits and was not seen before: did it come live, or was it released live?

    One that was left, then given to somebody by hand and released again, may be dealt as well.
    """
    with connection.cursor() as sql:
        if waiting_rows().exclude(Exists(_admissions())).exists():
            sql.execute(ADMIT, {"now": now})
        if left_rows().filter(assignments__isnull=False).exists():
            sql.execute(ADMIT_RELEASED, {"now": now})


def _admissions() -> QuerySet[Admission]:
    return Admission.objects.filter(cause=OuterRef("cause"), opened_at=OuterRef("opened_at"))


def candidatures(handoffs: Sequence[Handoff], now: datetime) -> list[Candidature]:
    """What dealing must know of each, the hottest first; of equals, who has waited longest."""
    persons = Person.objects.select_related("account").in_bulk([each.person_id for each in handoffs])
    scores = scores_now(persons, now)
    amounts = _amounts(persons)
    had, let_lapse = _taken_from(handoffs)
    claims = _claims(handoffs, persons, now)
    found = [
        Candidature(
            each,
            lead_of(persons[each.person_id], had[each.pk], let_lapse[each.pk]),
            scores.get(each.person_id),
            amounts.get(each.person_id),
            claims[each.pk],
        )
        for each in handoffs
    ]
    return sorted(found, key=lambda each: (-(each.score or 0.0), each.handoff.opened_at, each.handoff.pk))


def lead_of(person: Person, had: Iterable[str] = (), let_lapse: Iterable[str] = ()) -> Lead:
    """The person as the conditions of teams see them."""
    return Lead(
        traits=person.traits,
        account=account_values(person.account.traits if person.account else {}, person.email or None),
        had=frozenset(had),
        let_lapse=frozenset(let_lapse),
    )


def claims_to(person: Person, now: datetime) -> tuple[str, ...]:
    """The reps with a claim to the person's account, the latest first."""
    found = _claims_by_account([person.account_id] if person.account_id else [], now)
    return tuple(dict.fromkeys(rep for rep, _ in found.get(person.account_id or 0, ())))


def _taken_from(handoffs: Sequence[Handoff]) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """For each hand-off: from whom it was taken, and from whom an earlier one of the same person was."""
    had: dict[int, set[str]] = defaultdict(set)
    lapsed: dict[int, set[str]] = defaultdict(set)
    ended = Assignment.objects.filter(handoff__person__in=[each.person_id for each in handoffs], until__isnull=False)
    of_person: dict[int, list[int]] = defaultdict(list)
    for each in handoffs:
        of_person[each.person_id].append(each.pk)
    for id_, person, rep, until, closed in ended.values_list(
        "handoff_id", "handoff__person_id", "rep", "until", "handoff__closed_at"
    ):
        if until is None or (closed is not None and until >= closed):
            continue
        for number in of_person[person]:
            (had if number == id_ else lapsed)[number].add(rep)
    return had, lapsed


def _claims(handoffs: Sequence[Handoff], persons: Mapping[int, Person], now: datetime) -> dict[int, tuple[str, ...]]:
    """For each hand-off the claims to its account that it did not make itself."""
    by_account = _claims_by_account([each.account_id for each in persons.values() if each.account_id], now)
    return {
        each.pk: tuple(
            dict.fromkeys(
                rep for rep, by in by_account.get(persons[each.person_id].account_id or 0, ()) if by != each.pk
            )
        )
        for each in handoffs
    }


def _claims_by_account(accounts: Sequence[int], now: datetime) -> dict[int, list[tuple[str, int | None]]]:
    found: dict[int, list[tuple[str, int | None]]] = defaultdict(list)
    if accounts:
        with connection.cursor() as sql:
            sql.execute(CLAIMS, {"accounts": sorted(set(accounts)), "now": now})
            for account, rep, handoff in sql.fetchall():
                found[account].append((rep, handoff))
    return found


def _amounts(persons: Iterable[int]) -> dict[int, float]:
    """The amount of each person's open deal, the latest that has one."""
    rows = Deal.objects.filter(person__in=list(persons), outcome="open", amount__isnull=False).order_by(
        "opened_at", "pk"
    )
    return {person: float(amount) for person, amount in rows.values_list("person_id", "amount") if amount is not None}


RELEASED = """
    EXISTS (
        SELECT FROM handoffs_assignment s JOIN people_identifier i ON i.person_id = h.person_id
             JOIN events_event e ON e.identity = i.value AND e.occurred_at = s.until
        WHERE s.handoff_id = h.id AND e.imported_by_id IS NULL
    )
"""
ADMIT = f"""
    INSERT INTO routing_admission (cause, opened_at, at, admitted)
    SELECT DISTINCT ON (h.cause, h.opened_at) h.cause, h.opened_at, %(now)s, {RELEASED} OR EXISTS (
        SELECT FROM events_event e JOIN people_identifier i ON i.value = e.identity
        WHERE e.message_id = h.cause AND i.person_id = h.person_id AND e.imported_by_id IS NULL
    )
    FROM handoffs_handoff h
    WHERE h.closed_at IS NULL AND h.rep = '' AND h.state = 'waiting'
      AND NOT EXISTS (SELECT FROM routing_admission a WHERE a.cause = h.cause AND a.opened_at = h.opened_at)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 (pieces of our own)
ADMIT_RELEASED = f"""
    UPDATE routing_admission a SET admitted = true, at = %(now)s
    FROM handoffs_handoff h
    WHERE h.closed_at IS NULL AND h.rep = '' AND h.state = 'waiting' AND h.cause = a.cause
      AND h.opened_at = a.opened_at AND NOT a.admitted AND {RELEASED}
"""  # noqa: S608 (pieces of our own)
STRANDED = """
    SELECT h.id FROM handoffs_handoff h JOIN handoffs_assignment s ON s.handoff_id = h.id
    WHERE h.closed_at IS NULL AND h.rep = ANY(%(reps)s) AND s.until IS NULL AND s.why = 'owner' AND s.at >= %(since)s
      AND NOT EXISTS (SELECT FROM handoffs_acceptance c WHERE c.handoff_id = h.id)
      AND NOT EXISTS (SELECT FROM handoffs_touch t WHERE t.handoff_id = h.id)
      AND (EXISTS (SELECT FROM members_user u WHERE u.email = h.rep AND NOT u.is_active) OR EXISTS (
          SELECT FROM routing_absence a
          WHERE a.rep = h.rep AND (s.at AT TIME ZONE %(zone)s)::date BETWEEN a.first - a.days_before AND a.last
      ))
"""
CLAIMS = """
    WITH given AS (
        SELECT p.account_id, a.rep, a.at, h.id AS handoff
        FROM people_person p JOIN handoffs_handoff h ON h.person_id = p.id
             JOIN handoffs_assignment a ON a.handoff_id = h.id
        WHERE p.account_id = ANY(%(accounts)s) AND a.at <= %(now)s AND (a.until IS NULL OR a.until = h.closed_at)
          AND (h.closed_at IS NULL OR EXISTS (SELECT FROM handoffs_acceptance c WHERE c.handoff_id = h.id))
          AND NOT EXISTS (
              SELECT FROM routing_decision d
              WHERE d.cause = h.cause AND d.opened_at = h.opened_at AND d.rep = a.rep AND d.covers <> ''
          )
    ), theirs AS (
        SELECT coalesce(d.account_id, p.account_id) AS account_id, d.owner, coalesce(d.opened_at, d.closed_at) AS at
        FROM handoffs_deal d LEFT JOIN people_person p ON p.id = d.person_id
        WHERE coalesce(d.account_id, p.account_id) = ANY(%(accounts)s) AND d.owner <> '' AND d.outcome <> 'lost'
    )
    SELECT account_id, rep, handoff FROM (
        SELECT * FROM given UNION ALL SELECT account_id, owner, at, NULL FROM theirs WHERE at <= %(now)s
    ) AS claim ORDER BY account_id, at DESC, rep
"""
"""A claim: an open hand-off of the account, one that was accepted and kept to its end, or a deal that is not lost;
what a colleague covered makes none."""
