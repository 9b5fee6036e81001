"""Who is dealt which leads: teams, their reps and shares. Pure. How they are dealt is the matter of `routing`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from entente.agreements.condition_reader import about_the_person
from entente.agreements.conditions import Condition, condition_data
from entente.agreements.places import Place
from entente.agreements.tree import Scalar
from entente.agreements.values import Once, boolean, email, one_of, positive, written_as

WHEN_NOBODY: Final = ("wait", "assign_anyway")
AT_MOST: Final = "25 open per rep"


@dataclass(frozen=True, slots=True)
class RepShare:
    """A rep, by e-mail address, and how much of the team's leads they are due beside a share of 1."""

    rep: str
    share: int | float = 1

    def as_data(self) -> object:
        return self.rep if self.share == 1 else {"rep": self.rep, "share": self.share}


@dataclass(frozen=True, slots=True)
class Team:
    """The reps who take the leads that the condition holds for; without one, any lead."""

    name: str
    when: Condition | None
    reps: tuple[RepShare, ...]

    def as_data(self) -> dict[str, object]:
        when: dict[str, object] = {} if self.when is None else {"when": condition_data(self.when)}
        return {"team": self.name, **when, "reps": [rep.as_data() for rep in self.reps]}


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
    names = Once("team")
    return Routing(
        teams=fields.each("teams", lambda p: _team(p, names)),
        keep_account_with_its_rep=fields.get("keep_account_with_its_rep", boolean, True),
        at_most=fields.get("at_most", written_as(r"([0-9]{1,6})\s+open\s+per\s+rep", AT_MOST), None),
        when_nobody=fields.get("when_nobody", one_of(WHEN_NOBODY), WHEN_NOBODY[0]),
    )


def _team(place: Place, names: Once) -> Team:
    fields = place.fields(("team", "when", "reps"), required=("team", "reps"))
    return Team(
        name=fields.get("team", names, "-"),
        when=fields.get("when", about_the_person, None),
        reps=fields.get("reps", _reps, ()),
    )


def _reps(place: Place) -> tuple[RepShare, ...]:
    once = Once("rep", email)
    return tuple(place.some(lambda p: _rep(p, once), "the team has no reps", "write reps: [ana@acme.example]"))


def _rep(place: Place, once: Once) -> RepShare:
    if isinstance(place.node, Scalar):
        return RepShare(once(place))
    fields = place.fields(("rep", "share"), required=("rep",))
    return RepShare(fields.get("rep", once, "-"), fields.get("share", positive, 1))
