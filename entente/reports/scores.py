"""Scores as the pages show them: of many people at once, of one with every reason, and through time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from entente.scoring import queries
from entente.scoring.explain import Contribution, Explanation

POINTS: Final = 90
"""Evenly spaced instants at which a course is drawn."""


@dataclass(frozen=True, slots=True)
class Line:
    """All contributions of one rule. ``at`` is its latest event, None where the rule speaks of who they are."""

    rule: str
    times: int
    at: datetime | None
    points: float
    now: float
    parts: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    score: float
    lines: tuple[Line, ...]
    disqualified: tuple[str, ...]
    qualifies: bool

    @property
    def jumps(self) -> list[datetime]:
        """When it moved: the moments of everything that it is made of."""
        return sorted({part.at for line in self.lines for part in line.parts})


def scores_of(persons: Sequence[int], at: datetime) -> dict[int, float]:
    """The score of each of these people at an instant not before their last event; who has none is not in it."""
    return queries.scores_now(persons, at)


def explained(person: int, at: datetime, threshold: float) -> Explained | None:
    """The score at any instant with its reasons, the weightiest rule first; None when nothing was known then."""
    found = queries.explain(person, at)
    if found is None:
        return None
    reaches = found.score >= threshold and not found.disqualified_by
    return Explained(found.score, _lines(found), found.disqualified_by, reaches)


def _lines(found: Explanation) -> tuple[Line, ...]:
    by_rule = sorted(found.contributions, key=lambda part: (part.rule, part.at))
    lines = [_line(rule, tuple(parts)) for rule, parts in groupby(by_rule, key=lambda part: part.rule)]
    return tuple(sorted(lines, key=lambda line: (-abs(line.now), line.rule)))


def _line(rule: str, parts: tuple[Contribution, ...]) -> Line:
    behaved = [part.at for part in parts if part.group]
    return Line(
        rule=rule,
        times=len(parts),
        at=max(behaved) if behaved else None,
        points=sum(part.points for part in parts),
        now=sum(part.now for part in parts),
        parts=parts[::-1],
    )


def course_of(person: int, since: datetime, until: datetime, jumps: Iterable[datetime]) -> list[tuple[datetime, float]]:
    """The score through time: at evenly spaced instants, and just before and at each of the jumps."""
    step = max((until - since) / POINTS, timedelta(minutes=1))
    instants = {since + step * n for n in range(int((until - since) / step))} | {until}
    for jump in jumps:
        if since < jump <= until:
            instants |= {jump - timedelta(milliseconds=1), jump}
    return queries.course(person, sorted(instants))
