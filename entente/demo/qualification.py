"""When somebody in the demo qualifies: the agreement's own definition, kept up for one person at a time.

The demo's sales team acts on hand-offs, so the generator must know when there would have been one. Conditions are
evaluated by `entente.scoring.evaluator`; the sums are a small fold of our own, since the worker's runs later, on what
is generated here. A test holds both to the same hand-offs. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from entente.agreements.document import Agreement
from entente.demo import cast
from entente.demo.visits import FORMS, Act
from entente.scoring.evaluator import NO_EVENT, Sight, holds

TRACKS: Final[dict[int, str]] = {
    Act.DEMO_REQUESTED: "Demo Requested",
    Act.CALCULATOR_USED: "Calculator Used",
    Act.WEBINAR_ATTENDED: "Webinar Attended",
    Act.UNSUBSCRIBED: "Unsubscribed",
}
MAIL_TYPES: Final[dict[int, str]] = {
    Act.MAIL_DELIVERED: "email_delivered",
    Act.MAIL_OPENED: "email_opened",
    Act.MAIL_CLICKED: "email_clicked",
}


class Hit(NamedTuple):
    """One rule that an act meets: its number, points, hits that count a day (0: all) and group."""

    rule: int
    points: int
    limit: int
    group: str


class Fit(NamedTuple):
    """Points for who they are, and whether a disqualifier holds."""

    points: float
    disqualified: bool


class Rules:
    """One version's definition, with the rules that each possible act meets looked up beforehand."""

    def __init__(self, agreement: Agreement) -> None:
        self.definition = agreement.definition
        self.in_force_from = round(agreement.in_force_from.timestamp() * 1e6)
        self.threshold = self.definition.threshold
        self.half_life = self.definition.engagement.half_life.total_seconds() * 1e6
        self.requalify_after = round(
            self.definition.requalify_after.total_seconds() * 1e6 if self.definition.requalify_after else 0
        )
        self.at_most = {name: group.at_most for name, group in self.definition.engagement.groups.items()}
        self.hits: list[dict[int, tuple[Hit, ...]]] = [{} for _ in Act]
        for (act, detail), sight in _sights().items():
            if hits := self._hits(sight):
                self.hits[act][detail] = hits

    def fit(self, traits: dict[str, Any], account: dict[str, Any]) -> Fit:
        points = sum(rule.points for rule in self.definition.fit if holds(rule.when, NO_EVENT, traits, account))
        return Fit(points, any(holds(rule.when, NO_EVENT, traits, account) for rule in self.definition.disqualify))

    def _hits(self, sight: Sight) -> tuple[Hit, ...]:
        return tuple(
            Hit(number, rule.points, rule.limit or 0, rule.group or "")
            for number, rule in enumerate(self.definition.engagement.rules)
            if holds(rule.when, sight, {}, {})
        )


def _sights() -> dict[tuple[int, int], Sight]:
    """What the evaluator sees of each possible act, by (act, detail)."""
    sights: dict[tuple[int, int], Sight] = {}
    sights |= {(Act.PAGE, number): Sight("page", "", page.path, {}) for number, page in enumerate(cast.PAGES)}
    sights |= {(Act.FORM, number): Sight("form_submitted", "", "", {"form": form}) for number, form in enumerate(FORMS)}
    sights |= {(act, 0): Sight("track", name, "", {}) for act, name in TRACKS.items()}
    return sights | {
        (act, number): Sight(type_, "", "", {}) for act, type_ in MAIL_TYPES.items() for number in range(20)
    }


@dataclass(slots=True)
class Tally:
    """One person's engagement under one version: per group a sum and its time, per limited rule a day and a count."""

    sums: dict[str, float]
    since: int
    counted: dict[int, tuple[int, int]]

    @classmethod
    def empty(cls) -> Tally:
        return cls({}, 0, {})

    def add(self, rules: Rules, hits: tuple[Hit, ...], at: int, day: int) -> None:
        """Count an act of that moment (microseconds) and calendar day of the agreement."""
        self._decay(rules, at)
        for hit in hits:
            if hit.limit and not self._counts(hit, day):
                continue
            self.sums[hit.group] = self.sums.get(hit.group, 0.0) + hit.points

    def points(self, rules: Rules, at: int) -> float:
        left = 2.0 ** ((self.since - at) / rules.half_life)
        total = 0.0
        for group, points in self.sums.items():
            total += min(points * left, rules.at_most.get(group, float("inf")))
        return total

    def _decay(self, rules: Rules, at: int) -> None:
        left = 2.0 ** ((self.since - at) / rules.half_life)
        for group in self.sums:
            self.sums[group] *= left
        self.since = at

    def _counts(self, hit: Hit, day: int) -> bool:
        last, count = self.counted.get(hit.rule, (day, 0))
        count = count + 1 if last == day else 1
        self.counted[hit.rule] = (day, count)
        return count <= hit.limit
