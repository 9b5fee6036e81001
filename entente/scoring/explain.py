"""A score that explains itself: every contribution to it, adding up to it exactly.

The same weave and kernel as everywhere say which hits count; here each is kept apart instead of summed. The score is
defined as the exact sum (`math.fsum`) of the lines, and what a cap takes away is a line of its own. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from entente.scoring.days import as_datetime, as_micros
from entente.scoring.fold import Compiled, fold_woven, newcomer
from entente.scoring.terms import groups_of
from entente.scoring.weave import LogEvent, Weaver, in_order


class Contribution(NamedTuple):
    """One line: the rule, the event that caused it (its message id), when, its points then and now.

    A fit rule's event is the one since which it holds, None when it held from the beginning. What a cap takes away is a
    line without an event. ``group`` is empty for fit.
    """

    rule: str
    event: str | None
    at: datetime
    points: float
    now: float
    group: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A person's score at an instant. ``disqualified_by`` names the disqualifiers that hold."""

    at: datetime
    contributions: tuple[Contribution, ...]
    disqualified_by: tuple[str, ...]

    @property
    def score(self) -> float:
        """The exact sum of what the contributions are worth now."""
        return math.fsum(line.now for line in self.contributions)

    @property
    def fit(self) -> float:
        """The points for who they are."""
        return math.fsum(line.now for line in self.contributions if not line.group)

    def as_data(self) -> dict[str, Any]:
        """What `entente explain --json` prints."""
        return {
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "score": self.score,
            "fit": self.fit,
            "disqualified_by": list(self.disqualified_by),
            "contributions": [
                {**line._asdict(), "at": line.at.isoformat().replace("+00:00", "Z")} for line in self.contributions
            ],
        }


class Hit(NamedTuple):
    """An engagement rule that counted at an event."""

    rule: int
    event: LogEvent


class Holding(NamedTuple):
    """A time in which the same was known of a person: from the event on (None: from the beginning)."""

    since: LogEvent | None
    fit: tuple[bool, ...]
    disqualified: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """All that moved a person's score: the hits that counted, and what held when, both in order of time."""

    compiled: Compiled
    first: int
    hits: list[Hit]
    holdings: list[Holding]

    def explain(self, at: datetime) -> Explanation:
        """The score at an instant not before the story's last event."""
        micros = as_micros(at)
        lines = [*self._fit_lines(), *self._engagement_lines(micros)]
        rules = self.compiled.agreement.definition.disqualify
        held = self.holdings[-1].disqualified
        disqualified_by = tuple(rule.name for rule, holds in zip(rules, held, strict=True) if holds)
        return Explanation(at, tuple(lines), disqualified_by)

    def scores(self, instants: Sequence[datetime]) -> list[float]:
        """The score at any instants, for a chart."""
        times = np.array([as_micros(instant) for instant in instants], np.int64)
        terms = self.compiled.terms
        total = np.array([self._fit_at(time) for time in times.tolist()])
        for group, cap in enumerate(terms.caps.tolist()):
            hits = [hit for hit in self.hits if terms.group[hit.rule] == group]
            at = np.array([hit.event.at for hit in hits], np.int64)
            points = terms.points[[hit.rule for hit in hits]]
            sums = np.array([_decayed_sum(points, time - at, terms.half_life) for time in times.tolist()])
            total += np.minimum(cap, sums)
        return [float(score) for score in total]

    def jumps(self) -> list[int]:
        """The times (µs) at which hits counted or knowledge changed, in order, each once."""
        changed = (holding.since.at for holding in self.holdings if holding.since is not None)
        return sorted({self.first, *changed, *(hit.event.at for hit in self.hits)})

    def _fit_lines(self) -> Iterable[Contribution]:
        for number, rule in enumerate(self.compiled.agreement.definition.fit):
            if not self.holdings[-1].fit[number]:
                continue
            since = next(
                (
                    later.since
                    for earlier, later in reversed(list(pairwise(self.holdings)))
                    if later.fit[number] and not earlier.fit[number]
                ),
                None,
            )
            event, at = (since.message_id, since.at) if since else (None, self.first)
            yield Contribution(rule.name, event, as_datetime(at), rule.points, rule.points)

    def _engagement_lines(self, now: int) -> Iterable[Contribution]:
        agreement, terms = self.compiled.agreement, self.compiled.terms
        rules, groups = agreement.definition.engagement.rules, groups_of(agreement)
        worth: dict[int, list[float]] = {}
        for hit in self.hits:
            rule, group = rules[hit.rule], int(terms.group[hit.rule])
            left = rule.points * 2.0 ** (-((now - hit.event.at) / terms.half_life))
            worth.setdefault(group, []).append(left)
            at = as_datetime(hit.event.at)
            yield Contribution(rule.name, hit.event.message_id, at, rule.points, left, groups[group])
        for group, lefts in worth.items():
            cap = float(terms.caps[group])
            if (over := math.fsum([*lefts, -cap]) if math.isfinite(cap) else 0.0) > 0:
                name = f"at most {cap:g} from {groups[group]}"
                yield Contribution(name, None, as_datetime(now), -over, -over, groups[group])

    def _fit_at(self, time: int) -> float:
        holding = self.holdings[0]
        for later in self.holdings[1:]:
            if later.since is not None and later.since.at > time:
                break
            holding = later
        return float(sum(rule.points for rule, holds in self._fit_rules(holding) if holds))

    def _fit_rules(self, holding: Holding) -> Iterable[tuple[Any, bool]]:
        return zip(self.compiled.agreement.definition.fit, holding.fit, strict=True)


def tell(compiled: Compiled, person: int, events: Iterable[LogEvent], until: datetime | None = None) -> Story:
    """The person's story out of their events and the group calls of others, up to and with ``until``."""
    last = None if until is None else as_micros(until)
    told = in_order(event for event in events if last is None or event.at <= last)
    standing = newcomer(person, compiled)
    Weaver(compiled.lens, [standing.knowledge], {}).weave(told)
    knowledge = standing.knowledge
    compiled.meaning()
    verdicts = compiled.lens.verdicts()
    changes = [(row, known) for row, _, known in knowledge.changes]
    rules: list[tuple[int, LogEvent]] = []
    known = knowledge.known_before
    place = 0
    for row, (sight, event) in enumerate(zip(knowledge.sight, knowledge.events, strict=True)):
        while place < len(changes) and changes[place][0] <= row:
            known = changes[place][1]
            place += 1
        pair = sight * verdicts.mixes + int(verdicts.mix[known])
        hits = verdicts.hit_rule[verdicts.hit_start[pair] : verdicts.hit_start[pair + 1]]
        if verdicts.kind[sight] >= 0:
            rules.extend((rule, event) for rule in hits.tolist())
    counted = np.zeros(len(rules), np.bool_)
    causes: list[tuple[LogEvent | None, int]] = [(None, knowledge.known_before)]
    causes += [(cause, known) for cause, (_, known) in zip(knowledge.causes, changes, strict=True)]
    holdings = [
        Holding(cause, tuple(verdicts.fit[known].tolist()), tuple(verdicts.disqualified[known].tolist()))
        for cause, known in causes
    ]
    first = knowledge.events[0].at if knowledge.events else 0
    fold_woven(compiled, [standing], counted=counted)
    counting = [Hit(rule, event) for (rule, event), counts in zip(rules, counted.tolist(), strict=True) if counts]
    return Story(compiled, first, counting, holdings)


def _decayed_sum(points: Any, elapsed: Any, half_life: int) -> float:
    past = elapsed >= 0
    return float((points[past] * np.exp2(-(elapsed[past] / half_life))).sum())
