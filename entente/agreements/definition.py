"""The definition of a qualified lead: the threshold, and the rules with their points. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from entente.agreements.condition_reader import about_behaviour, about_the_person
from entente.agreements.conditions import Condition, Track, condition_data
from entente.agreements.durations import timedelta_text
from entente.agreements.places import Place, nearest
from entente.agreements.values import Once, duration, duration_or_none, exact_text, positive, text, whole, written_as

HALF_LIFE: Final = timedelta(days=30)
REQUALIFY_AFTER: Final = timedelta(days=30)
UNREAD: Final[Condition] = Track("-")  # stands for a condition that was refused; such a document is never returned


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: a condition and its points (0 in `disqualify`); `limit` counts hits per calendar day."""

    name: str
    points: int
    when: Condition
    limit: int | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rules whose decayed sum never counts for more than `at_most`."""

    at_most: int | float


@dataclass(frozen=True, slots=True)
class Engagement:
    """Points for what a person does; they halve after every half-life."""

    half_life: timedelta = HALF_LIFE
    groups: Mapping[str, Group] = field(default_factory=dict, hash=False)
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """What a qualified lead is. `requalify_after` is plain time, zero for at once."""

    threshold: int | float
    fit: tuple[Rule, ...] = ()
    engagement: Engagement = Engagement()
    disqualify: tuple[Rule, ...] = ()
    required: tuple[str, ...] = ()
    requalify_after: timedelta | None = REQUALIFY_AFTER

    def rules(self) -> Iterator[Rule]:
        """All rules: fit, engagement, disqualify."""
        yield from self.fit
        yield from self.engagement.rules
        yield from self.disqualify

    def as_data(self) -> dict[str, object]:
        engagement = self.engagement
        return {
            "threshold": self.threshold,
            "fit": [_rule_data(rule) for rule in self.fit],
            "engagement": {
                "half_life": timedelta_text(engagement.half_life),
                "groups": {name: {"at_most": group.at_most} for name, group in engagement.groups.items()},
                "rules": [_rule_data(rule) for rule in engagement.rules],
            },
            "disqualify": [{"rule": rule.name, "when": condition_data(rule.when)} for rule in self.disqualify],
            "required": list(self.required),
            "requalify_after": timedelta_text(self.requalify_after or timedelta()),
        }


def definition(place: Place) -> Definition:
    known = ("threshold", "fit", "engagement", "disqualify", "required", "requalify_after")
    fields = place.fields(known, required=("threshold",))
    name = Once("rule")  # wherever it stands: the explanation of a score calls rules by name
    return Definition(
        threshold=fields.get("threshold", positive, 1),
        fit=fields.each("fit", lambda p: _fit_rule(p, name)),
        engagement=fields.get("engagement", lambda p: _engagement(p, name), Engagement()),
        disqualify=fields.each("disqualify", lambda p: _disqualifier(p, name)),
        required=fields.each("required", Once("field")),
        requalify_after=fields.get("requalify_after", lambda p: duration_or_none(p).as_timedelta(), REQUALIFY_AFTER),
    )


def _engagement(place: Place, name: Once) -> Engagement:
    fields = place.fields(("half_life", "groups", "rules"))
    groups = fields.get("groups", _groups, {})
    return Engagement(
        half_life=fields.get("half_life", lambda p: duration(p).as_timedelta(), HALF_LIFE),
        groups=groups,
        rules=fields.each("rules", lambda p: _engagement_rule(p, name, groups)),
    )


def _groups(place: Place) -> dict[str, Group]:
    return {name: entry.read(_group, Group(1)) for name, entry in place.named(exact_text).items()}


def _group(place: Place) -> Group:
    return Group(place.fields(("at_most",), required=("at_most",)).get("at_most", positive, 1))


def _fit_rule(place: Place, name: Once) -> Rule:
    fields = place.fields(("rule", "points", "when"), required=("rule", "points", "when"))
    when = fields.get("when", about_the_person, UNREAD)
    return Rule(fields.get("rule", name, "-"), fields.get("points", whole, 0), when)


def _disqualifier(place: Place, name: Once) -> Rule:
    fields = place.fields(("rule", "when"), required=("rule", "when"))
    return Rule(fields.get("rule", name, "-"), 0, fields.get("when", about_the_person, UNREAD))


def _engagement_rule(place: Place, name: Once, groups: Mapping[str, Group]) -> Rule:
    fields = place.fields(("rule", "points", "when", "limit", "group"), required=("rule", "points", "when"))
    return Rule(
        name=fields.get("rule", name, "-"),
        points=fields.get("points", whole, 0),
        when=fields.get("when", about_behaviour, UNREAD),
        limit=fields.get("limit", written_as(r"([0-9]{1,6})\s+per\s+day", "2 per day"), None),
        group=fields.get("group", lambda p: _known_group(p, groups), None),
    )


def _known_group(place: Place, groups: Mapping[str, Group]) -> str:
    name = text(place)
    if name not in groups:
        remedy = nearest(name, groups) or f"add it: groups: {{{name}: {{at_most: 20}}}}"
        place.refuse(f"there is no group '{name}' in engagement.groups", remedy)
    return name


def _rule_data(rule: Rule) -> dict[str, object]:
    data: dict[str, object] = {"rule": rule.name, "points": rule.points, "when": condition_data(rule.when)}
    if rule.limit is not None:
        data["limit"] = f"{rule.limit} per day"
    if rule.group is not None:
        data["group"] = rule.group
    return data
