"""What reads hand-offs and deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
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
    """The chosen hand-offs with their facts, by opening: two queries, however many they are."""
    chosen = list(
        rows.order_by("opened_at", "id").values(
            "id", "person_id", "version_id", "opened_at", "origin", "missing", "cause", "qualified_at", "completed_at",
            "disputed",
        )
    )  # fmt: skip
    kept = _Facts([row["id"] for row in chosen])
    return [Stored(row["id"], row["person_id"], kept.handoff(row)) for row in chosen]


class _Facts:
    """The facts of the chosen hand-offs, by hand-off."""

    def __init__(self, ids: list[int]) -> None:
        self.assignments: dict[int, list[facts.Assignment]] = defaultdict(list)
        self.touches: dict[int, list[facts.Touched]] = defaultdict(list)
        self.pauses: dict[int, list[facts.Pause]] = defaultdict(list)
        self.acceptances: dict[int, facts.Accepted] = {}
        self.rejections: dict[int, facts.Rejected] = {}
        self.closures: dict[int, facts.Closed] = {}
        if not ids:
            return
        with connection.cursor() as sql:
            sql.execute(FACTS, [ids] * 6)
            for *fact, _ in sql.fetchall():
                self._take(*fact)

    def _take(  # noqa: PLR0917 - the columns of FACTS
        self, kind: str, id_: int, at: datetime, by: str, first: str, second: str, third: str, until: datetime | None
    ) -> None:
        match kind:
            case "assignment":
                given = facts.Assigned(at, first, by, second, third == "true")
                self.assignments[id_].append(facts.Assignment(given, until))
            case "touch":
                self.touches[id_].append(facts.Touched(at, by, first, second))
            case "pause":
                self.pauses[id_].append(facts.Pause(facts.Paused(at, by, first), until))
            case "acceptance":
                self.acceptances[id_] = facts.Accepted(at, by, first)
            case "rejection":
                self.rejections[id_] = facts.Rejected(at, by, first, second, Objection(third) if third else None)
            case "closure":
                self.closures[id_] = facts.Closed(at, Outcome(first), by, second, third)

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


FACTS: Final = """
    SELECT 'assignment', handoff_id, at, by, rep, why, inferred::text, until, id FROM handoffs_assignment
    WHERE handoff_id = ANY(%s)
    UNION ALL SELECT 'touch', handoff_id, at, by, kind, event, '', NULL, id FROM handoffs_touch
    WHERE handoff_id = ANY(%s)
    UNION ALL SELECT 'pause', handoff_id, at, by, reason, '', '', until, id FROM handoffs_pause
    WHERE handoff_id = ANY(%s)
    UNION ALL SELECT 'acceptance', handoff_id, at, by, how, '', '', NULL, id FROM handoffs_acceptance
    WHERE handoff_id = ANY(%s)
    UNION ALL SELECT 'rejection', handoff_id, at, by, reason, note, objection, NULL, id FROM handoffs_rejection
    WHERE handoff_id = ANY(%s)
    UNION ALL SELECT 'closure', handoff_id, at, by, outcome, reason, deal, NULL, id FROM handoffs_closure
    WHERE handoff_id = ANY(%s)
    ORDER BY 3, 9
"""
