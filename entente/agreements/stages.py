"""The common names of the stages, and what makes a person enter each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from entente.agreements.condition_reader import condition
from entente.agreements.conditions import Condition, condition_data
from entente.agreements.places import Place
from entente.agreements.tree import Table
from entente.agreements.values import Once, one_of

FACTS: Final = ("known", "qualified", "accepted", "deal_opened", "deal_won")
"""What every agreement may name: has an e-mail address; reached the threshold; a rep accepted; a deal opened; won."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage; it is entered at the first moment when the fact, or the condition, holds."""

    name: str
    entered_when: str | Condition

    def as_data(self) -> dict[str, object]:
        entered = self.entered_when
        return {"name": self.name, "entered_when": entered if isinstance(entered, str) else condition_data(entered)}


STAGES: Final = (
    Stage("Lead", "known"),
    Stage("Qualified", "qualified"),
    Stage("Accepted", "accepted"),
    Stage("Opportunity", "deal_opened"),
    Stage("Customer", "deal_won"),
)


def stages(place: Place) -> tuple[Stage, ...]:
    names = Once("stage")
    remedy = "name them in order, or leave 'stages' out"
    return tuple(place.some(lambda p: _stage(p, names), "there is no stage", remedy))


def _stage(place: Place, names: Once) -> Stage:
    fields = place.fields(("name", "entered_when"), required=("name", "entered_when"))
    return Stage(fields.get("name", names, "-"), fields.get("entered_when", _entered_when, FACTS[0]))


def _entered_when(place: Place) -> str | Condition:
    return condition(place) if isinstance(place.node, Table) else one_of(FACTS)(place)
