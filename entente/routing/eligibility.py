"""Who may take a lead now, and why each of the others may not. Pure.

The lead belongs to the first team of the agreement whose condition holds. Of that team's reps those take part who are
there, have room, and did not let this very hand-off lapse. The rep who has the account comes first where that is
agreed; while they cannot take it their team covers for them, and the account stays theirs. Somebody who let an earlier
hand-off of this person lapse takes part only when nobody else does.

When nobody may take it, it waits; or, where `assign_anyway` is agreed, it goes among those whom least speaks against:
first who is only full, then who is not at work, then who leaves soon, then who is away. A rep who is gone, and one who
let this hand-off lapse, never get it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from entente.agreements.document import Agreement
from entente.agreements.teams import Team
from entente.routing.hours import is_at_work
from entente.scoring.evaluator import NO_EVENT, Values, holds


class Obstacle(StrEnum):
    """What speaks against a rep; of several, the first of these is told."""

    GONE = "gone"  # they no longer work here
    HAD_IT = "had_it"  # this very hand-off was taken from them
    AWAY = "away"
    LEAVING = "leaving"  # within the days before an absence in which nothing new is dealt
    OFF_HOURS = "off_hours"  # their team is not at work, where the agreement gives the team hours
    FULL = "full"
    LET_LAPSE = "let_lapse"  # an earlier hand-off of this person was taken from them


class Waits(StrEnum):
    """Why a lead stays in the queue."""

    NO_AGREEMENT = "no_agreement"
    NO_TEAMS = "no_teams"  # the agreement says that every lead is given by hand
    NO_TEAM = "no_team"  # no team's condition holds for it
    NOBODY = "nobody"


ASSIGN_ANYWAY: Final = "assign_anyway"
IN_ANY_CASE: Final = (Obstacle.LET_LAPSE,)
ANYWAY: Final = (Obstacle.FULL, Obstacle.OFF_HOURS, Obstacle.LEAVING, Obstacle.AWAY)
"""The order in which obstacles are disregarded when nobody is free of them."""


@dataclass(frozen=True, slots=True)
class Away:
    """An absence: from its first day to its last, both whole; nothing new on the `days_before` days before it."""

    first: date
    last: date
    days_before: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rep stands at a moment. `at_most` overrides the agreement's number of open hand-offs."""

    open: int = 0
    at_most: int | None = None
    away: tuple[Away, ...] = ()
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """What dealing looks at. `account_rep` has the account (empty: nobody); `had` are reps from whom this hand-off was
    taken, `let_lapse` those from whom an earlier one of this person was."""

    traits: Values = field(default_factory=dict)
    account: Values = field(default_factory=dict)
    account_rep: str = ""
    had: frozenset[str] = frozenset()
    let_lapse: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A rep who does not take part, and what speaks against them; `until` is the last day of an absence, `open` and
    `at_most` the numbers of one who is full."""

    rep: str
    why: Obstacle
    until: date | None = None
    open: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who takes part in dealing a lead. `team` is empty when it is nobody's.

    `eligible` maps reps to their shares. `to` is the account's rep when the lead goes to them, `covers` when the team
    takes it in their stead; `anyway` when obstacles were disregarded because nobody was free of them. With `waits`
    nobody takes it.
    """

    team: str = ""
    eligible: Mapping[str, float] = field(default_factory=dict)
    passed_over: tuple[PassedOver, ...] = ()
    to: str = ""
    covers: str = ""
    anyway: bool = False
    waits: Waits | None = None


def choose(
    lead: Lead, agreement: Agreement | None, staff: Mapping[str, Standing], now: datetime, *, strictly: bool = False
) -> Choice:
    """Who may take the lead at the moment. A rep whom `staff` does not name has nothing open and is there.

    `strictly` disregards no obstacle even where it is agreed to assign anyway: somebody has the lead already.
    """
    if agreement is None:
        return Choice(waits=Waits.NO_AGREEMENT)
    if not agreement.routing.teams:
        return Choice(waits=Waits.NO_TEAMS)
    crew = _Crew(lead, agreement, staff, now, not strictly and agreement.routing.when_nobody == ASSIGN_ANYWAY)
    team = team_of(lead, agreement)
    owner = _owner(lead, agreement, staff)
    home = team_naming(owner, agreement) if owner else None
    if home and crew.obstacle(owner) is None:
        return crew.choice(team if team and _is_in(owner, team) else home, to=owner)
    if team is None:
        return Choice(waits=Waits.NO_TEAM, covers=owner)
    return crew.choice(team, covers=owner)


def anyone_of(team: Team, lead: Lead, agreement: Agreement, staff: Mapping[str, Standing], now: datetime) -> Choice:
    """Who could have taken a lead of the team that was given by hand: as if `assign_anyway` were agreed."""
    return _Crew(lead, agreement, staff, now, anyway=True).choice(team)


def obstacle_of(
    rep: str, lead: Lead, agreement: Agreement, staff: Mapping[str, Standing], now: datetime
) -> PassedOver | None:
    """What speaks most against giving the rep such a lead; None when nothing does."""
    return _Crew(lead, agreement, staff, now).obstacle(rep)


def team_of(lead: Lead, agreement: Agreement) -> Team | None:
    """The first team that takes such leads."""
    for team in agreement.routing.teams:
        if team.when is None or holds(team.when, NO_EVENT, lead.traits, lead.account):
            return team
    return None


def team_naming(rep: str, agreement: Agreement) -> Team | None:
    """The first team that the rep is in."""
    return next((team for team in agreement.routing.teams if _is_in(rep, team)), None)


def _is_in(rep: str, team: Team) -> bool:
    return any(each.rep == rep for each in team.reps)


def _named(rep: str) -> tuple[str, ...]:
    return (rep,) if rep else ()


def _kind(found: PassedOver | None) -> Obstacle | None:
    return found.why if found else None


def _owner(lead: Lead, agreement: Agreement, staff: Mapping[str, Standing]) -> str:
    """The rep with whom the account is kept: one who is in a team, and not gone."""
    rep = lead.account_rep
    if not rep or not agreement.routing.keep_account_with_its_rep or team_naming(rep, agreement) is None:
        return ""
    return "" if staff.get(rep, NOTHING).gone else rep


@dataclass(slots=True)
class _Crew:
    """The reps as they stand towards one lead."""

    lead: Lead
    agreement: Agreement
    staff: Mapping[str, Standing]
    now: datetime
    anyway: bool = False

    def choice(self, team: Team, to: str = "", covers: str = "") -> Choice:
        """Those of the team who take part; `to` is one of them, `covers` is who they stand in for."""
        found = {rep: self.obstacle(rep) for rep in dict.fromkeys([*(each.rep for each in team.reps), *_named(covers)])}
        shares = {each.rep: float(each.share) for each in team.reps}
        passable = self._passable({_kind(found[rep]) for rep in shares})
        eligible = {rep: share for rep, share in shares.items() if _kind(found[rep]) in passable}
        passed = tuple(why for rep, why in found.items() if why and rep not in eligible)
        if not eligible:
            return Choice(team.name, {}, passed, covers=covers, waits=Waits.NOBODY)
        if covers in eligible:
            to, covers = covers, ""
        disregarded = any(obstacle in ANYWAY for obstacle in passable)
        return Choice(team.name, eligible, passed, to=to, covers=covers, anyway=disregarded)

    def _passable(self, present: Set[Obstacle | None]) -> frozenset[Obstacle | None]:
        """The least obstacle with which anybody takes part: none at all if anybody is free."""
        for obstacle in (None, *IN_ANY_CASE, *(ANYWAY if self.anyway else ())):
            if obstacle in present:
                return frozenset({obstacle})
        return frozenset()

    def obstacle(self, rep: str) -> PassedOver | None:
        """What speaks most against the rep; None when nothing does."""
        standing = self.staff.get(rep, NOTHING)
        if standing.gone:
            return PassedOver(rep, Obstacle.GONE)
        if rep in self.lead.had:
            return PassedOver(rep, Obstacle.HAD_IT)
        if absence := self._absence(rep, standing):
            return absence
        if not self._at_work(rep):
            return PassedOver(rep, Obstacle.OFF_HOURS)
        at_most = standing.at_most if standing.at_most is not None else self.agreement.routing.at_most
        if at_most is not None and standing.open >= at_most:
            return PassedOver(rep, Obstacle.FULL, open=standing.open, at_most=at_most)
        return PassedOver(rep, Obstacle.LET_LAPSE) if rep in self.lead.let_lapse else None

    def _absence(self, rep: str, standing: Standing) -> PassedOver | None:
        if not standing.away:
            return None
        today = self.now.astimezone(ZoneInfo(self.agreement.business_time_of(rep)[1])).date()
        leaving = None
        for each in standing.away:
            if each.first <= today <= each.last:
                return PassedOver(rep, Obstacle.AWAY, until=each.last)
            if each.first - timedelta(days=each.days_before) <= today < each.first:
                leaving = PassedOver(rep, Obstacle.LEAVING, until=each.last)
        return leaving

    def _at_work(self, rep: str) -> bool:
        """Hours bind only where the agreement gives the rep's team hours of its own."""
        team = team_naming(rep, self.agreement)
        if team is None or team.hours is None:
            return True
        return is_at_work(*self.agreement.business_time_of(rep), self.now)


NOTHING: Final = Standing()
