"""Whom a page is about, as its address says it: the filters of funnel and people are one and the same.

A number of a funnel and the list behind it are made by the same selection, so the list has exactly that many rows.
Whatever an address says that is not known is left aside; nothing of it ever becomes SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from entente.agreements.document import Agreement
from entente.handoffs.lifecycle import State
from entente.reports.models import Journey
from entente.reports.periods import NAMES, Period, between, named

COHORT, PERIOD = "cohort", "period"
CUTS: Final = ("source", "segment", "rep")
"""The ways to cut a funnel, in the order in which they are offered."""

HANDOFFS: Final = ("open", State.HELD.value, State.WAITING.value, State.ASSIGNED.value, State.ACCEPTED.value)
"""States of a hand-off that people can be chosen by; each person has at most one that is open."""

NOBODY: Final = "-"
"""In the address: those of whom the source, segment or rep is not known."""

LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Selection:
    """`stage` is a place in the agreement's stages, None for everybody; `stayed` are those who got no further.

    Without a stage, visitors who have no name and entered no stage are left out unless `visitors` asks for them.
    """

    period: Period
    mode: str = COHORT
    stage: int | None = None
    stayed: bool = False
    source: str = ""
    segment: str = ""
    rep: str = ""
    text: str = ""
    handoff: str = ""
    visitors: bool = False

    def journeys(self) -> QuerySet[Journey]:
        """The journeys of the people whom this selection means, in no order."""
        known = Q() if self.visitors or self.stage is not None else Q(position__gte=0) | ~Q(person__name="")
        return Journey.objects.filter(self.cut(), self.time(self.stage), self.who(), known)

    def cut(self) -> Q:
        """Only the chosen source, segment and rep."""
        chosen = {name: getattr(self, name) for name in CUTS if getattr(self, name)}
        return Q(**{name: "" if value == NOBODY else value for name, value in chosen.items()})

    def time(self, stage: int | None) -> Q:
        """Who reached the stage: ever, for a cohort that began in the period; within it, for a period."""
        if stage is None:
            return Q()
        within = {"gte": self.period.begins, "lt": self.period.ends}
        place = stage if self.mode == PERIOD else 0
        condition = Q(**{f"reached__{place}__{test}": at for test, at in within.items()})
        if self.mode == COHORT:
            condition &= Q(**{f"reached__{stage}__isnull": False})
        if self.stayed:
            condition &= Q(**{f"reached__{stage + 1}__isnull": True})
        return condition

    def who(self) -> Q:
        """Only whom the text of the search finds, and whose hand-off is in the chosen state."""
        condition = Q()
        if self.text:
            for word in self.text.split()[:5]:
                found = Q(person__name__icontains=word) | Q(person__email__icontains=word)
                condition &= found | Q(person__account__name__icontains=word)
        if self.handoff:
            states = HANDOFFS[1:] if self.handoff == "open" else (self.handoff,)
            condition &= Q(person__handoffs__closed_at__isnull=True, person__handoffs__state__in=states)
        return condition

    def address(self, **changes: object) -> str:
        """The query of an address that says this selection, with some of it changed."""
        said = {
            "period": self.period.name,
            "from": "" if self.period.name else self.period.first,
            "to": "" if self.period.name else self.period.last,
            "mode": self.mode,
            "stage": self.stage,
            "stayed": "1" if self.stayed else "",
            "source": self.source,
            "segment": self.segment,
            "rep": self.rep,
            "q": self.text,
            "handoff": self.handoff,
            "visitors": "1" if self.visitors else "",
            **changes,
        }
        return urlencode({key: str(value) for key, value in said.items() if value not in (None, "")})


def read_selection(said: Mapping[str, str], agreement: Agreement | None, stages: int, now: datetime) -> Selection:
    """The selection that an address's query says; ``stages`` is how many there are."""
    zone = agreement.zone if agreement else ZoneInfo("UTC")
    period = read_period(said, now, zone)
    stage = _clean(said, "stage")
    place = int(stage) if stage.isascii() and stage.isdigit() and int(stage) < stages else None
    return Selection(
        period=period,
        mode=PERIOD if said.get("mode") == PERIOD else COHORT,
        stage=place,
        stayed=said.get("stayed") == "1" and place is not None and place + 1 < stages,
        source=_clean(said, "source"),
        segment=_clean(said, "segment"),
        rep=_clean(said, "rep"),
        text=_clean(said, "q"),
        visitors=said.get("visitors") == "1",
        handoff=said.get("handoff", "") if said.get("handoff") in HANDOFFS else "",
    )


def read_period(said: Mapping[str, str], now: datetime, zone: ZoneInfo, default: str = "") -> Period:
    """The period of an address: by its name, else by its two days, else the default."""
    name = _clean(said, "period")
    if name in NAMES:
        return named(name, now, zone)
    return between(_clean(said, "from"), _clean(said, "to"), zone) or named(default, now, zone)


def _clean(said: Mapping[str, str], key: str) -> str:
    return str(said.get(key, "")).replace("\0", "").strip()[:LONGEST]
