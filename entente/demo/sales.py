"""What sales makes of a hand-off: touches, acceptance or rejection, a deal, an outcome. Here the truths do their work.

Pure. All chance comes from one generator in the order in which hand-offs come, so that a demo cut later tells the same
story of its earlier part.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from entente.agreements.document import Agreement
from entente.demo import cast
from entente.demo.team import Team, Worker
from entente.demo.truths import TRUTHS
from entente.sla.business_time import calendar_for

MACHINE_MINUTES: Final = 3.0
"""The middle of the time from the act that qualifies, or the desk's next opening, to the assignment."""
LEFT_LYING: Final = timedelta(hours=4)
MINUTES_A_DAY: Final = 540


class Fact(NamedTuple):
    """One event of the CRM about a person."""

    at: datetime
    type: str
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Who is handed off; ``holds`` says which effects of the truths hold, ``noise`` which things without one."""

    person: int
    country: str
    company: int
    employees: int
    qualified_at: datetime
    holds: Mapping[str, bool]
    noise: Mapping[str, bool]
    has_phone: bool
    pages: int
    pricing_views: int


@dataclass(slots=True, kw_only=True)
class Story:
    """All that comes of one hand-off, up to its close; ``facts`` are in order of time.

    ``outcome`` is ``rejected``, ``recycled``, ``won`` or ``lost``; ``minutes_to_touch`` are the open minutes agreed on
    from the first assignment to the first touch.
    """

    number: int
    lead: Lead
    rep: str
    assigned_at: datetime
    first_touch_at: datetime
    minutes_to_touch: float
    outcome: str = ""
    reason: str = ""
    accepted_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    product: str = ""
    amount: float = 0.0
    competitor: str = ""
    facts: list[Fact] = field(default_factory=list)

    @property
    def fast(self) -> bool:
        return self.minutes_to_touch <= TRUTHS.fast_touch_minutes

    def note(self, at: datetime, type_: str, **properties: Any) -> None:
        self.facts.append(Fact(at, type_, properties))


class Sales:
    """The sales team, taking hand-offs as they come."""

    def __init__(self, seed: int, start: datetime, agreed: Agreement) -> None:
        self._chance = random.Random(f"{seed} sales")
        self._team = Team.hired(seed, start)
        self._agreed = agreed
        self._zone = agreed.zone
        self._reason_rises_at = start + timedelta(days=round(30.44 * (18 - TRUTHS.rising_reason.months)))
        self._taken = 0

    def take(self, lead: Lead) -> Story:
        """Work the lead to its end, whenever that will be."""
        self._taken += 1
        story, worker = self._first_touch(lead)
        if self._chance.random() < self._probability(story):
            self._win(story, worker)
        elif self._chance.random() < self._rejected(lead):
            self._reject(story, worker)
        elif self._chance.random() < 0.11:
            self._lose(story, worker)
        else:
            self._recycle(story, worker)
        story.facts.sort(key=lambda fact: fact.at)
        return story

    def _first_touch(self, lead: Lead) -> tuple[Story, Worker]:
        dealt_at = self._team.next_opening(lead.country, lead.qualified_at)
        assigned_at = dealt_at + timedelta(minutes=self._about(MACHINE_MINUTES, 0.5))
        worker = self._team.take(lead.country, lead.company, assigned_at)
        touched_at = worker.after(assigned_at, self._about(worker.rep.pace, 0.85))
        facts = [Fact(assigned_at, "owner_assigned", {"owner": worker.rep.email})]
        if touched_at - assigned_at > LEFT_LYING and worker.rep.pace > 60 and self._chance.random() < 0.15:
            passed_at = assigned_at + LEFT_LYING
            worker = self._team.stand_in(worker, passed_at)
            facts.append(Fact(passed_at, "owner_assigned", {"owner": worker.rep.email}))
            touched_at = worker.after(passed_at, self._about(worker.rep.pace, 0.85))
        kind = self._pick({"call": 0.66, "email_sent": 0.29, "message": 0.05})
        facts.append(Fact(touched_at, kind, {"by": worker.rep.email}))
        open_time = calendar_for(self._agreed, worker.rep.email).elapsed(assigned_at, touched_at)
        story = Story(
            number=self._taken,
            lead=lead,
            rep=worker.rep.email,
            assigned_at=assigned_at,
            first_touch_at=touched_at,
            minutes_to_touch=open_time / timedelta(minutes=1),
            facts=facts,
        )
        return story, worker

    def _probability(self, story: Story) -> float:
        odds = TRUTHS.base_odds
        for effect in TRUTHS.effects:
            odds *= effect.odds_ratio if story.lead.holds[effect.name] else 1
        odds *= TRUTHS.fast_touch_odds_ratio if story.fast else 1
        odds *= TRUTHS.season.get(story.lead.qualified_at.astimezone(self._zone).month, 1)
        return odds / (1 + odds)

    def _rejected(self, lead: Lead) -> float:
        if lead.holds["junk_campaign"]:
            return TRUTHS.junk_rejected
        return TRUTHS.rejected + (0.12 if lead.holds["free_mail"] else 0) + (0 if lead.has_phone else 0.1)

    def _reject(self, story: Story, worker: Worker) -> None:
        rising = TRUTHS.rising_reason
        share = rising.share_after if story.assigned_at >= self._reason_rises_at else rising.share_before
        others = cast.JUNK_REJECTIONS if story.lead.holds["junk_campaign"] else cast.REJECTIONS
        story.reason = rising.reason if self._chance.random() < share else self._pick(others)
        unreachable = story.reason == "Unreachable"
        last = self._touches(story, worker, 5 if unreachable else self._chance.choice((0, 0, 1, 1, 2)), hours=4)
        at = worker.after(last, self._chance.uniform(5, 90 if unreachable else 300))
        story.note(at, "rejected", by=worker.rep.email, reason=story.reason)
        story.outcome, story.closed_at = "rejected", at

    def _recycle(self, story: Story, worker: Worker) -> None:
        self._accept(story, worker)
        last = self._touches(story, worker, self._chance.choice((2, 4, 4, 4, 4, 5, 5, 6)), hours=10)
        at = worker.after(last, self._chance.uniform(30, 6 * MINUTES_A_DAY))
        story.outcome, story.reason, story.closed_at = "recycled", self._pick(cast.RECYCLES), at
        story.note(at, "recycled", by=worker.rep.email, reason=story.reason)

    def _win(self, story: Story, worker: Worker) -> None:
        closed_at = self._work_deal(story, worker, days=22)
        story.outcome, story.closed_at = "won", closed_at
        story.note(closed_at, "deal_won", **self._deal(story), owner=worker.rep.email)
        customer = {"lifecycle": "customer"}
        story.note(closed_at + timedelta(seconds=2), "identify", **customer)

    def _lose(self, story: Story, worker: Worker) -> None:
        closed_at = self._work_deal(story, worker, days=16)
        story.outcome, story.closed_at, story.reason = "lost", closed_at, self._pick(cast.LOSSES)
        rival = {}
        if story.reason == "Competitor":
            story.competitor = self._pick(cast.COMPETITORS)
            rival = {"competitor": story.competitor}
        story.note(closed_at, "deal_lost", **self._deal(story), owner=worker.rep.email, reason=story.reason, **rival)

    def _work_deal(self, story: Story, worker: Worker, days: float) -> datetime:
        """Accept, open a deal, move it through its stages; returns when it closes, ``days`` in the middle later."""
        self._accept(story, worker)
        last = self._touches(story, worker, self._chance.choice((3, 4, 4, 5, 6)), hours=8)
        met_at = worker.after(last, self._chance.uniform(30, 5 * MINUTES_A_DAY))
        opened_at = worker.after(met_at, 40)
        size = min(max(story.lead.employees, 5), 3000) ** 0.35 / 4
        story.product = self._pick({"Route": 0.5, "Fleet": 0.3, "Stock": 0.2})
        story.amount = round(cast.PRODUCTS[story.product] * size * self._about(1, 0.35) / 10) * 10.0
        story.opened_at = opened_at
        story.note(opened_at, "deal_opened", **self._deal(story), owner=worker.rep.email, stage="Discovery")
        story.note(met_at, "meeting", by=worker.rep.email, note="First demonstration")
        length = self._about(days, 0.6) * MINUTES_A_DAY
        deal = self._deal(story)["deal"]
        for stage, part in (("Proposal", 0.35), ("Negotiation", 0.7)):
            story.note(worker.after(opened_at, length * part), "stage_changed", stage=stage, deal=deal)
        return worker.after(opened_at, length)

    def _accept(self, story: Story, worker: Worker) -> None:
        slow = self._chance.random() < 0.03
        at = worker.after(story.first_touch_at, self._chance.uniform(4, 330) + (3 * MINUTES_A_DAY if slow else 0))
        story.accepted_at = at
        story.note(at, "accepted", by=worker.rep.email)

    def _touches(self, story: Story, worker: Worker, count: int, hours: float) -> datetime:
        """Further touches about ``hours`` of work apart, none before acceptance; the time of the last one, if any."""
        last = story.accepted_at or story.first_touch_at
        for _ in range(count):
            last = worker.after(last, self._about(hours * 60, 0.4))
            kind = self._pick({"call": 0.5, "email_sent": 0.4, "meeting": 0.06, "message": 0.04})
            story.note(last, kind, by=worker.rep.email)
        return last

    def _deal(self, story: Story) -> dict[str, Any]:
        return {"deal": f"D-{story.number:05d}", "amount": story.amount, "product": story.product}

    def _about(self, middle: float, spread: float) -> float:
        """A positive number around ``middle``; ``spread`` is the deviation of its logarithm."""
        return middle * math.exp(self._chance.gauss(0, spread))

    def _pick(self, shares: Mapping[str, float]) -> str:
        return self._chance.choices(list(shares), list(shares.values()))[0]
