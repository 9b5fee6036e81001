"""What the worker tells this room after a batch: which events are new, who qualified, who was dealt, which clocks rang.

The other rooms' own values are taken as they are; all that is asked of them is written down here. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol


class Kind(StrEnum):
    """What an alert can be about, other than what a person does."""

    ASSIGNED = "assigned"  # a hand-off was given to a rep
    QUALIFIED = "qualified"
    WARNING = "warning"  # a clock will run out soon
    BREACH = "breach"
    ESCALATION = "escalation"
    WAITING = "waiting"  # nobody is eligible for a hand-off


BEHAVIOUR: Final = "behaviour"
"""The kind of an alert that tells of an event that a condition matched."""

OF_NOTICES: Final = {
    "warning": Kind.WARNING,
    "breach": Kind.BREACH,
    "escalation": Kind.ESCALATION,
    "waiting": Kind.WAITING,
    "waiting_too_long": Kind.WAITING,
}
"""The kind for each kind of the promises' notices (`entente.sla.notices`)."""


class Notice(Protocol):
    """What is read of a notice of `entente.sla.notices`; ``receivers`` are roles of the agreement."""

    @property
    def kind(self) -> str: ...
    @property
    def clock(self) -> str: ...
    @property
    def promise(self) -> str: ...
    @property
    def handoff_id(self) -> int: ...
    @property
    def person_id(self) -> int: ...
    @property
    def rep(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def receivers(self) -> Sequence[str]: ...
    @property
    def state(self) -> str: ...
    @property
    def moved_to(self) -> str: ...


class Dealt(Protocol):
    """What is read of a hand-off that the room `routing` has dealt."""

    @property
    def handoff_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Happened:
    """A folded batch, as this room hears of it.

    The new events are those with ids from ``first_event`` to ``last_event`` (0, 0: none), of these ``arrivals`` where
    they are given. ``persons`` are those whose scores or hand-offs may be others now. ``qualified`` says who qualified,
    and when.
    """

    first_event: int = 0
    last_event: int = 0
    persons: frozenset[int] = frozenset()
    qualified: Sequence[tuple[int, datetime]] = ()
    dealt: Sequence[Dealt] = ()
    notices: Sequence[Notice] = ()
    arrivals: tuple[int, ...] = ()
