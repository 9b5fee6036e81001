"""What reads hand-offs and deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from entente.handoffs import facts, models
from entente.handoffs.facts import Objection, Origin, Outcome
from entente.handoffs.lifecycle import Handoff


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored hand-off: its id, whose it is, and the facts as the pure rooms know them."""

    id: int
    person_id: int
    handoff: Handoff


def open_handoffs(rep: str | None = None) -> QuerySet[models.Handoff]:
    """Hand-offs that are not over, the oldest first; of one rep, or of all."""
    every = models.Handoff.objects.filter(closed_at__isnull=True).order_by("opened_at", "id")
    return every if rep is None else every.filter(rep=rep)


def handoffs_of_person(person_id: int) -> list[Stored]:
    """All of a person's hand-offs, in order."""
    return stored(models.Handoff.objects.filter(person=person_id))


def deals_of_person(person_id: int) -> QuerySet[models.Deal]:
    """The person's own deals, in the order in which they were opened."""
    return models.Deal.objects.filter(person=person_id).order_by("opened_at", "closed_at", "key")


def stored(rows: QuerySet[models.Handoff]) -> list[Stored]:
    """The chosen hand-offs with their facts, by opening: seven queries, however many they are."""
    chosen = rows.order_by("opened_at", "id")
    kept = _Facts(chosen)
    return [
        Stored(row["id"], row["person_id"], kept.handoff(row))
        for row in chosen.values(
            "id",
            "person_id",
            "version_id",
            "opened_at",
            "origin",
            "missing",
            "cause",
            "qualified_at",
            "completed_at",
            "disputed",
        )
    ]


class _Facts:
    """The facts of the chosen hand-offs, by hand-off."""

    def __init__(self, rows: QuerySet[models.Handoff]) -> None:
        chosen = rows.order_by().values("pk")
        self.assignments: dict[int, list[facts.Assignment]] = defaultdict(list)
        self.touches: dict[int, list[facts.Touched]] = defaultdict(list)
        self.pauses: dict[int, list[facts.Pause]] = defaultdict(list)
        for id_, at, rep, by, why, inferred, until in _values(
            models.Assignment, chosen, "at", "rep", "by", "why", "inferred", "until"
        ):
            self.assignments[id_].append(facts.Assignment(facts.Assigned(at, rep, by, why, inferred), until))
        for id_, at, by, kind, event in _values(models.Touch, chosen, "at", "by", "kind", "event"):
            self.touches[id_].append(facts.Touched(at, by, kind, event))
        for id_, at, by, reason, until in _values(models.Pause, chosen, "at", "by", "reason", "until"):
            self.pauses[id_].append(facts.Pause(facts.Paused(at, by, reason), until))
        self.acceptances = {
            id_: facts.Accepted(at, by, how)
            for id_, at, by, how in _values(models.Acceptance, chosen, "at", "by", "how")
        }
        self.rejections = {
            id_: facts.Rejected(at, by, reason, note, Objection(objection) if objection else None)
            for id_, at, by, reason, note, objection in _values(
                models.Rejection, chosen, "at", "by", "reason", "note", "objection"
            )
        }
        self.closures = {
            id_: facts.Closed(at, Outcome(outcome), by, reason, deal)
            for id_, at, outcome, by, reason, deal in _values(
                models.Closure, chosen, "at", "outcome", "by", "reason", "deal"
            )
        }

    def handoff(self, row: Mapping[str, Any]) -> Handoff:
        id_ = row["id"]
        return Handoff(
            opened=facts.Opened(
                row["opened_at"], Origin(row["origin"]), row["version_id"], tuple(row["missing"]), row["cause"]
            ),
            qualified_at=row["qualified_at"],
            completed_at=row["completed_at"],
            assignments=tuple(self.assignments.get(id_, ())),
            touches=tuple(self.touches.get(id_, ())),
            acceptance=self.acceptances.get(id_),
            rejection=self.rejections.get(id_),
            pauses=tuple(self.pauses.get(id_, ())),
            closure=self.closures.get(id_),
            disputed=row["disputed"],
        )


def _values(model: Any, chosen: Any, *fields: str) -> Iterable[tuple[Any, ...]]:
    return model.objects.filter(handoff__in=chosen).order_by("at", "id").values_list("handoff_id", *fields).iterator()
