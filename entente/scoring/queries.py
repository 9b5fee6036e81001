"""What is read about scores: who stands where now, why, and how it went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import BigIntegerField, ExpressionWrapper, F, FloatField, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Greatest, Least, Power

from entente.agreements.document import Agreement
from entente.agreements.models import AgreementVersion
from entente.agreements.queries import reigns, version_in_force
from entente.people.models import Person
from entente.scoring import reading
from entente.scoring.days import as_datetime, as_micros
from entente.scoring.explain import Explanation, Story, tell
from entente.scoring.fold import Compiled, compile_rules
from entente.scoring.models import Basis, PersonScore, Qualified
from entente.scoring.terms import Terms, groups_of, terms_of

NOTHING_LEFT: Final = -300.0
"""After so many half-lives; PostgreSQL refuses to compute a power that is too small for it."""


def explain(person: Person | int, at: datetime, agreement: Agreement | None = None) -> Explanation | None:
    """Why the person's score at that instant was what it was, out of the log.

    Under the version in force then, or the given agreement. None when there is no version yet, or the person had no
    event by then.
    """
    story = _story(person, at, agreement)
    return story.explain(at) if story else None


def score_at(person: Person | int, at: datetime, agreement: Agreement | None = None) -> float | None:
    """The person's score at that instant; None as for `explain`."""
    explanation = explain(person, at, agreement)
    return explanation.score if explanation else None


def course(
    person: Person | int, instants: Sequence[datetime], agreement: Agreement | None = None
) -> list[tuple[datetime, float]]:
    """The person's score at each of the instants (in order), all under the version in force at the last of them."""
    story = _story(person, instants[-1], agreement) if instants else None
    return list(zip(instants, story.scores(instants), strict=True)) if story else []


def turning_points(person: Person | int, at: datetime, agreement: Agreement | None = None) -> list[datetime]:
    """The instants at which the person's score jumped, up to ``at``: what a chart of its course must not miss."""
    story = _story(person, at, agreement)
    return [as_datetime(micros) for micros in story.jumps()] if story else []


def scores_now(person_ids: Iterable[int], at: datetime) -> dict[int, float]:
    """The scores of these persons at an instant not before the last fold, from what is stored."""
    found = with_score(PersonScore.objects.filter(pk__in=list(person_ids)), at, path="")
    return {row.pk: row.score for row in found.only("pk")}


def with_score(rows: QuerySet[Any], at: datetime, path: str = "standing") -> QuerySet[Any]:
    """Persons (or, by another ``path``, what leads to their standing) with their ``score`` at ``at``, computed by the
    database: sort and filter by it. It is null for whom nothing was folded yet.

    Take ``at`` not before the last event folded: what is stored is where people stand after it.
    """
    terms = _current_terms()
    if terms is None:
        return rows.annotate(score=RawSQL("NULL::float8", [], output_field=FloatField()))
    prefix = f"{path}__" if path else ""
    return rows.annotate(score=_score_expression(terms, as_micros(at), prefix))


def groups_now() -> list[str]:
    """The names of the groups by which standings are kept, in their order."""
    version = _folded_version()
    return groups_of(version.agreement) if version else []


def qualifications(person_ids: Iterable[int] | None = None) -> dict[int, list[tuple[datetime, int]]]:
    """When each of these persons (None: anyone) qualified and under which version, in order of time."""
    rows = Qualified.objects.order_by("person_id", "at", "pk")
    if person_ids is not None:
        rows = rows.filter(person__in=list(person_ids))
    found: dict[int, list[tuple[datetime, int]]] = {}
    for person, at, version in rows.values_list("person_id", "at", "version"):
        found.setdefault(person, []).append((at, version))
    return found


def _story(person: Person | int, at: datetime, agreement: Agreement | None) -> Story | None:
    rules = compile_rules(agreement) if agreement else _rules_at(at)
    if rules is None:
        return None
    number = person.pk if isinstance(person, Person) else person
    events = reading.events_of([number])
    if not any(event.at <= as_micros(at) for event in events):
        return None
    if rules.lens.looks_at_account:
        events = reading.with_group_calls(events, reading.keys_named(events))
    return tell(rules, number, events, at)


def _rules_at(at: datetime) -> Compiled | None:
    """The rules in force at the instant; before the first version, those of the first."""
    version = version_in_force(at)
    if version is None and (later := reigns()):
        version = later[0].version
    return compile_rules(version.agreement) if version else None


def _folded_version() -> AgreementVersion | None:
    basis = Basis.objects.first()
    return AgreementVersion.objects.filter(number=basis.reigns[-1][0]).first() if basis and basis.reigns else None


def _current_terms() -> Terms | None:
    version = _folded_version()
    return terms_of(version.agreement) if version else None


def _score_expression(terms: Terms, at: int, prefix: str) -> Any:
    score: Any = F(f"{prefix}fit")
    for group, cap in enumerate(terms.caps.tolist()):
        elapsed = ExpressionWrapper(
            Value(at, BigIntegerField()) - F(f"{prefix}sum_at__{group}"), output_field=BigIntegerField()
        )
        halvings = Greatest(Cast(elapsed, FloatField()) / Value(-float(terms.half_life)), Value(NOTHING_LEFT))
        left = F(f"{prefix}sums__{group}") * Power(Value(2.0), halvings)
        score += Least(Value(cap), left, output_field=FloatField()) if cap != float("inf") else left
    return ExpressionWrapper(score, output_field=FloatField())
