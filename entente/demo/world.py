"""The demo's log: the crowd's acts and sales' facts as events, in order of time, up to the moment it is cut.

One seed and one start make one world. A later cut holds all events of an earlier one, with the same ids, and more.
Pure.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np

from entente.demo import agreement, cast
from entente.demo.crowd import draw_crowd
from entente.demo.qualification import TRACKS, Fit, Rules, Tally
from entente.demo.sales import Lead, Sales, Story
from entente.demo.speaking import Happening, Speaker
from entente.demo.team import instant, microseconds
from entente.demo.truths import TRUTHS
from entente.demo.visits import DAY, FOREVER, KINDS_OF_PAGE, Act, draw_visits, offsets
from entente.events.types import NewEvent

SEED: Final = 20_260
MONTHS: Final = 18


@dataclass(slots=True)
class _Standing:
    """Where one person stands: what is known of them, their engagement under each version, their last hand-off."""

    tallies: tuple[Tally, ...]
    known: bool = False
    grouped: bool = False
    customer: bool = False
    seen: tuple[bool, ...] = ()
    fits: tuple[Fit, ...] = ()
    did: Counter[str] = field(default_factory=Counter)
    closes_at: int = -FOREVER


class World:
    """A demo company between ``start`` and ``end`` (aware, UTC; the end within `HORIZON_DAYS`).

    ``events()`` is to be called once; ``stories`` holds the hand-offs that came of it, for tests and exports.
    """

    def __init__(self, seed: int, start: datetime, end: datetime) -> None:
        self.seed = seed
        self.start = start
        self.end = end
        self.crowd = draw_crowd(seed, start)
        self.visits = draw_visits(seed, start, self.crowd)
        self.agreements = agreement.versions(start.date())
        self.stories: list[Story] = []
        first = self.agreements[0]
        self._rules = tuple(Rules(version) for version in self.agreements)
        self._sales = Sales(seed, start, first)
        self.speaker = Speaker(self.crowd, self.visits)
        self._standings: dict[int, _Standing] = {}
        self._known_companies: set[int] = set()

    def events(self) -> Iterator[NewEvent]:
        """Everything that happened, in order of time."""
        facts: list[tuple[int, int, int, Story]] = []
        for act in self._acts():
            while facts and facts[0][0] < act.at:
                yield self._next_fact(facts)
            yield self.speaker.tell(act, self.end)
            if story := self._fold(act):
                for step, fact in enumerate(story.facts):
                    heapq.heappush(facts, (microseconds(fact.at), story.number, step, story))
        end = microseconds(self.end)
        while facts and facts[0][0] <= end:
            yield self._next_fact(facts)

    def _acts(self) -> Iterator[Happening]:
        visits = self.visits
        until = int(np.searchsorted(visits.at, microseconds(self.end), side="right"))
        day = (visits.at + offsets(self.start, self.agreements[0].timezone, visits.at)) // DAY
        columns = (visits.at, visits.person, visits.act, visits.detail, visits.session, visits.arriving, day)
        rows = zip(range(until), *(column[:until].tolist() for column in columns), strict=True)
        return map(Happening._make, rows)

    def _next_fact(self, facts: list[tuple[int, int, int, Story]]) -> NewEvent:
        _, _, step, story = heapq.heappop(facts)
        return self.speaker.report(story, step, self.end)

    def _fold(self, act: Happening) -> Story | None:
        """Let the person stand where the act leaves them; their hand-off's story if it made them qualify."""
        if not self.crowd.leaves_address[act.person]:
            return None  # they are never handed off, whatever they do
        standing = self._standings.get(act.person)
        if standing is None:
            standing = self._standings[act.person] = _Standing(tuple(Tally.empty() for _ in self._rules))
        self._learn(standing, act)
        for rules, tally in zip(self._rules, standing.tallies, strict=True):
            if hits := rules.hits[act.kind].get(act.detail):
                tally.add(rules, hits, act.at, act.day)
        if not standing.known or act.kind == Act.MAIL_SCANNED or not self._qualifies(standing, act):
            return None
        story = self._sales.take(self._lead(standing, act))
        self.stories.append(story)
        standing.closes_at = microseconds(story.closed_at) if story.closed_at else FOREVER
        standing.customer = story.outcome == "won"
        return story

    def _learn(self, standing: _Standing, act: Happening) -> None:
        if act.kind == Act.PAGE:
            standing.did[cast.PAGES[act.detail].kind] += 1
        elif act.kind == Act.IDENTIFY:
            standing.known = True
        elif act.kind == Act.GROUP:
            standing.grouped = True
            self._known_companies.add(int(self.crowd.company[act.person]))
        elif act.kind in TRACKS:
            standing.did[TRACKS[act.kind]] += 1

    def _qualifies(self, standing: _Standing, act: Happening) -> bool:
        which = sum(act.at >= rules.in_force_from for rules in self._rules[1:])
        rules = self._rules[which]
        if act.at < standing.closes_at + rules.requalify_after:
            return False
        fit = self._fit(standing, act.person)[which]
        return not fit.disqualified and fit.points + standing.tallies[which].points(rules, act.at) >= rules.threshold

    def _fit(self, standing: _Standing, person: int) -> tuple[Fit, ...]:
        company = int(self.crowd.company[person])
        by_group_or_domain = standing.grouped or not self.crowd.free_mail[person]
        seen = (by_group_or_domain and company in self._known_companies, standing.customer)
        if seen != standing.seen:
            traits = self.speaker.traits(person) | ({"lifecycle": "customer"} if standing.customer else {})
            account = self.speaker.account(person) if seen[0] else {}
            standing.fits = tuple(rules.fit(traits, account) for rules in self._rules)
            standing.seen = seen
        return standing.fits

    def _lead(self, standing: _Standing, act: Happening) -> Lead:
        crowd, person, did = self.crowd, act.person, standing.did
        company = int(crowd.company[person])
        employees = int(crowd.companies.employees[company]) if company >= 0 else 0
        return Lead(
            person=person,
            country=crowd.country[person],
            company=company,
            employees=employees,
            qualified_at=instant(act.at),
            has_phone=bool(crowd.has_phone[person]),
            holds={
                "decision_maker": bool(crowd.decides[person] and crowd.has_title[person]),
                "right_size": 50 <= employees <= 1000,
                "asked_for_demo": did["Demo Requested"] > 0,
                "looked_at_pricing": did["pricing"] >= 2,
                "logistics": company >= 0 and crowd.companies.industry[company] == "Logistics",
                "used_calculator": did["Calculator Used"] > 0,
                "free_mail": bool(crowd.free_mail[person]),
                "junk_campaign": cast.CAMPAIGNS[crowd.campaign[person]].name == TRUTHS.junk_campaign,
            },
            noise={
                "newsletter": bool(crowd.newsletter[person]),
                "uses_crm": bool(crowd.uses_crm[person]),
                "how_heard": crowd.how_heard[person] == cast.HOW_HEARD[0],
                "language": bool(crowd.speaks_english[person]),
                "webinar_attended": did["Webinar Attended"] > 0,
                "read_the_blog": did["blog"] >= 3,
                "looked_at_careers": did["careers"] > 0,
            },
            pages=sum(did[kind] for kind in KINDS_OF_PAGE),
            pricing_views=did["pricing"],
        )


def started(end: datetime) -> datetime:
    """The start of a demo that ends at ``end``: the first day of the month 18 months before, 00:00 UTC."""
    months = end.year * 12 + end.month - 1 - MONTHS
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
