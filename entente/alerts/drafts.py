"""What is to be told, before it is known whether it was told already, and whether it is time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from entente.alerts.matching import Rule
from entente.alerts.words import Facts


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to tell one member: by a rule of theirs, or by none where it concerns them. ``subject`` names what
    happened, the same whenever it is heard of."""

    receiver: int
    rule: Rule | None
    kind: str
    person: int
    subject: str
    facts: Facts
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.receiver}:{self.rule.id if self.rule else 0}:{self.subject}"
