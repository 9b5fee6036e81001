"""Who is dealt which leads: teams, their reps and shares. Pure. How they are dealt is the matter of `routing`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from entente.agreements.condition_reader import about_the_person
from entente.agreements.conditions import Condition, condition_data
from entente.agreements.hours import BusinessTime, Hours, hours_data, opening_hours, public_holidays
from entente.agreements.places import Place
from entente.agreements.tree import Scalar
from entente.agreements.values import Once, boolean, email, one_of, positive, time_zone, written_as

WHEN_NOBODY: Final = ("wait", "assign_anyway")
AT_MOST: Final = "25 open per rep"
NO_HOLIDAYS: Final = "none"


@dataclass(frozen=True, slots=True)
class RepShare:
    """A rep, by e-mail address, and how much of the team's leads they are due beside a share of 1."""

    rep: str
    share: int | float = 1

    def as_data(self) -> object:
        return self.rep if self.share == 1 else {"rep": self.rep, "share": self.share}


@dataclass(frozen=True, slots=True)
class Team:
    """The reps who take the leads that the condition holds for; without one, any lead.

    `timezone`, `hours` and `holidays` (`none` for none) are the team's own business time; where one is None, it is the
    agreement's.
    """

    name: str
    when: Condition | None
    reps: tuple[RepShare, ...]
    timezone: str | None = None
    hours: Hours | None = field(default=None, hash=False)
    holidays: str | None = None

    def business_time(self, common: BusinessTime, timezone: str) -> tuple[BusinessTime, str]:
        """The team's business time and time zone, given those of the agreement."""
        holidays = common.holidays if self.holidays is None else self.holidays
        own = replace(
            common,
            hours=common.hours if self.hours is None else self.hours,
            holidays=None if holidays == NO_HOLIDAYS else holidays,
        )
        return own, self.timezone or timezone

    def as_data(self) -> dict[str, object]:
        """What is not said is left out: a team without a business time of its own is written as it always was."""
        own = {
            "when": None if self.when is None else condition_data(self.when),
            "timezone": self.timezone,
            "hours": None if self.hours is None else hours_data(self.hours),
            "holidays": self.holidays,
        }
        said = {key: value for key, value in own.items() if value is not None}
        return {"team": self.name, **said, "reps": [rep.as_data() for rep in self.reps]}


@dataclass(frozen=True, slots=True)
class Routing:
    """`at_most` is the number of open hand-offs that one rep may have, None for any."""

    teams: tuple[Team, ...] = ()
    keep_account_with_its_rep: bool = True
    at_most: int | None = None
    when_nobody: str = "wait"

    def as_data(self) -> dict[str, object]:
        at_most = {} if self.at_most is None else {"at_most": f"{self.at_most} open per rep"}
        return {
            "teams": [team.as_data() for team in self.teams],
            "keep_account_with_its_rep": self.keep_account_with_its_rep,
            **at_most,
            "when_nobody": self.when_nobody,
        }


def routing(place: Place) -> Routing:
    fields = place.fields(("teams", "keep_account_with_its_rep", "at_most", "when_nobody"))
    names, members = Once("team"), dict[str, Team]()
    return Routing(
        teams=fields.each("teams", lambda p: _team(p, names, members)),
        keep_account_with_its_rep=fields.get("keep_account_with_its_rep", boolean, True),
        at_most=fields.get("at_most", written_as(r"([0-9]{1,6})\s+open\s+per\s+rep", AT_MOST), None),
        when_nobody=fields.get("when_nobody", one_of(WHEN_NOBODY), WHEN_NOBODY[0]),
    )


def _team(place: Place, names: Once, members: dict[str, Team]) -> Team:
    fields = place.fields(("team", "when", "timezone", "hours", "holidays", "reps"), required=("team", "reps"))
    team = Team(
        name=fields.get("team", names, "-"),
        when=fields.get("when", about_the_person, None),
        reps=fields.get("reps", _reps, ()),
        timezone=fields.get("timezone", time_zone, None),
        hours=fields.get("hours", opening_hours, None),
        holidays=fields.get("holidays", lambda p: public_holidays(p) or NO_HOLIDAYS, None),
    )
    for each in team.reps:
        _check_one_business_time(place, each.rep, team, members.setdefault(each.rep, team))
    return team


def _check_one_business_time(place: Place, rep: str, team: Team, first: Team) -> None:
    """A rep has one working day: what they owe must not depend on the team by which a lead came to them."""
    if (team.timezone, team.hours, team.holidays) != (first.timezone, first.hours, first.holidays):
        place.note(
            f"{rep} is in the team '{first.name}' too, which has another business time",
            "give both teams the same timezone, hours and holidays, or leave the rep in one of them",
        )


def _reps(place: Place) -> tuple[RepShare, ...]:
    once = Once("rep", email)
    return tuple(place.some(lambda p: _rep(p, once), "the team has no reps", "write reps: [ana@acme.example]"))


def _rep(place: Place, once: Once) -> RepShare:
    if isinstance(place.node, Scalar):
        return RepShare(once(place))
    fields = place.fields(("rep", "share"), required=("rep",))
    return RepShare(fields.get("rep", once, "-"), fields.get("share", positive, 1))
