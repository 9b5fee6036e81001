"""How a hand-off was opened, carried by the events that we write about it.

Who was given a lead keeps it, whatever a late event says of the time before. Therefore an event of ours says which
hand-off it is about: deriving all from the log anew opens that hand-off again, at the same moment and for the same
cause. Only our own events are believed; what a sender writes into such a property opens nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from entente.handoffs.facts import Opened, Origin

NAME: Final = "handoff"
"""The property of our events that carries it."""


def pin(opened: Opened) -> dict[str, Any]:
    """The opening as a property's value."""
    return {
        "opened_at": opened.at.isoformat(),
        "origin": opened.origin.value,
        "version": opened.version,
        "missing": list(opened.missing),
        "cause": opened.cause,
    }


def pinned_by(told: Iterable[Mapping[str, Any]]) -> dict[datetime, Opened]:
    """The openings that the properties of our events carry, by moment."""
    found = (_read(properties.get(NAME)) for properties in told)
    return {opened.at: opened for opened in found if opened}


def _read(value: Any) -> Opened | None:
    if not isinstance(value, dict):
        return None
    return Opened(
        at=datetime.fromisoformat(value["opened_at"]),
        origin=Origin(value["origin"]),
        version=value["version"],
        missing=tuple(value["missing"]),
        cause=value["cause"],
    )
