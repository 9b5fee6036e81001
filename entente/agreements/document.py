"""The agreement: one document that people read and sign, and that the machine runs. Pure.

`parse` makes an Agreement of YAML, or says everything that is wrong with it. The canonical form has every default
filled in, keys sorted and lengths of time in one spelling, so that two spellings of one agreement have one SHA-256, and
so that what was signed never changes its meaning with a default.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from entente.agreements.commitments import (
    Clock,
    Commitment,
    Commitments,
    Count,
    Escalation,
    Persistence,
    Reason,
    Share,
    commitments,
)
from entente.agreements.currencies import CURRENCIES
from entente.agreements.definition import Definition, Engagement, Group, Rule, definition
from entente.agreements.durations import Duration
from entente.agreements.hours import BusinessTime, business_time
from entente.agreements.places import Place, nearest
from entente.agreements.problems import AgreementError, Problem
from entente.agreements.reviews import Review, review
from entente.agreements.stages import STAGES, Stage, stages
from entente.agreements.teams import RepShare, Routing, Team, routing
from entente.agreements.tree import MAX_BYTES, Node, tree_from_data, tree_from_text
from entente.agreements.values import day, text, time_zone, whole

__all__ = [
    "Agreement",
    "AgreementError",
    "BusinessTime",
    "Clock",
    "Commitment",
    "Commitments",
    "Count",
    "Definition",
    "Duration",
    "Engagement",
    "Escalation",
    "Group",
    "Persistence",
    "Problem",
    "Reason",
    "RepShare",
    "Review",
    "Routing",
    "Rule",
    "Share",
    "Stage",
    "Team",
    "from_data",
    "load",
    "parse",
]

FORMAT: Final = 1
REQUIRED: Final = ("format", "name", "effective", "timezone", "definition")
KEYS: Final = (
    "format", "name", "effective", "timezone", "currency", "business_time", "stages", "definition", "commitments",
    "routing", "review",
)  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """One state of the agreement. Equal agreements have equal hashes, and the other way round."""

    format: int
    name: str
    effective: date
    timezone: str
    definition: Definition
    currency: str = "EUR"
    business_time: BusinessTime = field(default_factory=BusinessTime)
    stages: tuple[Stage, ...] = STAGES
    commitments: Commitments = field(default_factory=Commitments)
    routing: Routing = field(default_factory=Routing)
    review: Review | None = None

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def in_force_from(self) -> datetime:
        """The instant, in UTC, when the effective day begins in the agreement's zone."""
        return datetime.combine(self.effective, time(), self.zone).astimezone(UTC)

    def business_time_of(self, rep: str) -> tuple[BusinessTime, str]:
        """The business time and the time zone by which the rep works: those of their team, else the agreement's."""
        team = self._team_of.get(rep)
        return team.business_time(self.business_time, self.timezone) if team else (self.business_time, self.timezone)

    @cached_property
    def _team_of(self) -> dict[str, Team]:
        """By rep; who is in several teams works by one business time in all of them."""
        return {each.rep: team for team in self.routing.teams for each in team.reps}

    def as_data(self) -> dict[str, object]:
        """The whole document, defaults filled in, in the order of the reference; what JSON can hold."""
        review = {} if self.review is None else {"review": self.review.as_data()}
        return {
            "format": self.format,
            "name": self.name,
            "effective": self.effective.isoformat(),
            "timezone": self.timezone,
            "currency": self.currency,
            "business_time": self.business_time.as_data(),
            "stages": [stage.as_data() for stage in self.stages],
            "definition": self.definition.as_data(),
            "commitments": self.commitments.as_data(),
            "routing": self.routing.as_data(),
            **review,
        }

    def canonical(self) -> bytes:
        """The canonical JSON, in UTF-8."""
        data = self.as_data()
        return json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()

    def sha256(self) -> str:
        """What the parties sign: the hash of the canonical form, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def to_yaml(self) -> str:
        """The document as YAML 1.2, which `parse` reads back to an equal agreement."""
        from entente.agreements.yaml_out import yaml_text

        return yaml_text(self.as_data())


def parse(text: str) -> Agreement:
    """Read a YAML document; raises AgreementError with all of its problems."""
    return _read(tree_from_text(text))


def from_data(data: object) -> Agreement:
    """Read a document that is data already (canonical JSON, a form); raises AgreementError, without lines."""
    return _read(tree_from_data(data))


def load(path: Path) -> Agreement:
    """Read a file; raises AgreementError also when it cannot be opened or is no text."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AgreementError([Problem(0, "", f"{path} cannot be read: {reason}", "name a YAML file")]) from error
    try:
        return parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Problem(line, "", "the file is not UTF-8", "save it as text in UTF-8")
        raise AgreementError([problem]) from error


def _read(node: Node) -> Agreement:
    problems: list[Problem] = []
    agreement = Place(node, "", problems).read(_agreement, None)
    if problems or agreement is None:
        raise AgreementError(problems)
    return agreement


def _agreement(place: Place) -> Agreement:
    fields = place.fields(KEYS, required=REQUIRED)
    return Agreement(
        format=fields.get("format", _format, FORMAT),
        name=fields.get("name", text, "-"),
        effective=fields.get("effective", day, date.min),
        timezone=fields.get("timezone", time_zone, "UTC"),
        definition=fields.get("definition", definition, Definition(threshold=1)),
        currency=fields.get("currency", _currency, "EUR"),
        business_time=fields.get("business_time", business_time, BusinessTime()),
        stages=fields.get("stages", stages, STAGES),
        commitments=fields.get("commitments", commitments, Commitments()),
        routing=fields.get("routing", routing, Routing()),
        review=fields.get("review", review, None),
    )


def _format(place: Place) -> int:
    version = whole(place)
    if version != FORMAT:
        place.refuse(f"format {version} is not known to this version of Entente", f"write {FORMAT}")
    return version


def _currency(place: Place) -> str:
    code = text(place)
    if code not in CURRENCIES:
        remedy = nearest(code, CURRENCIES) or "write its three letters, such as EUR"
        place.refuse(f"'{code}' is not a currency of ISO 4217", remedy)
    return code
