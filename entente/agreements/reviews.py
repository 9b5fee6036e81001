"""When both parties meet to look at the agreement. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Final

from entente.agreements.hours import LONG_DAYS
from entente.agreements.places import Place
from entente.agreements.values import clock_time, one_of

RHYTHMS: Final = ("week", "2 weeks", "month", "quarter")


@dataclass(frozen=True, slots=True)
class Review:
    """A meeting every week, two weeks, month or quarter (then on the first such weekday), in the agreement's zone."""

    every: str
    on: str
    at: time

    def as_data(self) -> dict[str, object]:
        return {"every": self.every, "on": self.on, "at": f"{self.at:%H:%M}"}


def review(place: Place) -> Review:
    fields = place.fields(("every", "on", "at"), required=("every", "on", "at"))
    return Review(
        every=fields.get("every", one_of(RHYTHMS), RHYTHMS[0]),
        on=fields.get("on", one_of(LONG_DAYS), LONG_DAYS[0]),
        at=fields.get("at", clock_time, time(10)),
    )
