"""One sitting of dealing: the agreement, the reps, the ledgers and what leads are worth, as of one moment.

A lead is decided here and counted in the ledger; that the hand-off is given is the matter of `actions`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from entente.agreements.models import AgreementVersion
from entente.agreements.teams import Team
from entente.routing.desk import reps_of, staff_at, with_one_more
from entente.routing.eligibility import Choice, PassedOver, anyone_of, choose, team_naming, team_of
from entente.routing.leads import Candidature
from entente.routing.learning import worth_at
from entente.routing.ledgers import Book, Offer, as_data, lead_name
from entente.routing.models import Decision

Why = Decision.Why


class Table:
    """Where leads are dealt, one after the other, so that each sees what those before it did to the balances.

    Hold the ledgers first (`ledgers.hold_ledgers`), and `save` at the end.
    """

    def __init__(self, version: AgreementVersion, now: datetime) -> None:
        self.version, self.now = version, now
        self.agreement = version.agreement
        self.reps = reps_of(self.agreement)
        self.staff = staff_at(self.reps, now)
        self.worth = worth_at(now)
        self.book = Book()

    def choice(self, lead: Candidature, *, strictly: bool = False) -> Choice:
        """Who may take it."""
        return choose(lead.kept_with(self._present()).lead, self.agreement, self.staff, self.now, strictly=strictly)

    def deal(self, lead: Candidature, number: int, instead_of: str = "") -> Decision | None:
        """Decide who gets it and count it; the decision is not stored yet. None when it has to wait.

        Away from the rep `instead_of` it goes only to somebody who is free: else it is better where it is.
        """
        choice = self.choice(lead, strictly=bool(instead_of))
        if choice.waits:
            return None
        why = Why.ACCOUNT if choice.to else Why.ANYWAY if choice.anyway else Why.DEALT
        decision = self._decide(lead, choice, choice.to, why, number)
        decision.instead_of = instead_of
        with_one_more(self.staff, decision.rep)
        return decision

    def note(self, lead: Candidature, rep: str, at: datetime, number: int) -> Decision:
        """Count a hand-off that somebody gave by hand, in the rep's team; of a rep without a team it counts nowhere."""
        team = self._team_for(lead, rep)
        choice = anyone_of(team, lead.lead, self.agreement, self.staff, at) if team else Choice()
        decision = self._decide(lead, choice, rep, Why.HAND, number)
        decision.at = at
        return decision

    def save(self) -> None:
        self.book.save()

    def _decide(self, lead: Candidature, choice: Choice, to: str, why: Decision.Why, number: int) -> Decision:
        handoff, measure = lead.handoff, self.worth.measure
        value = self.worth.value(lead.score or 0.0, lead.amount)
        decision = Decision(
            cause=handoff.cause,
            opened_at=handoff.opened_at,
            number=number,
            person_id=handoff.person_id,
            rep=to,
            at=self.now,
            team=choice.team,
            version=self.version.number,
            why=why,
            covers=choice.covers,
            score=lead.score,
            value=value,
            measure=measure,
            passed_over=[passed_data(each) for each in choice.passed_over],
        )
        if choice.team:
            # Where nobody else could have had it, it is nobody else's loss.
            eligible = choice.eligible or {to: 1.0}
            deal = self.book.deal(choice.team, Offer(lead_name(handoff), value, measure, eligible), to)
            decision.rep, decision.candidates = deal.rep, as_data(deal, eligible)
        return decision

    def _team_for(self, lead: Candidature, rep: str) -> Team | None:
        """The team of the lead if the rep is in it, else the rep's first."""
        team = team_of(lead.lead, self.agreement)
        if team and any(each.rep == rep for each in team.reps):
            return team
        return team_naming(rep, self.agreement)

    def _present(self) -> list[str]:
        return [rep for rep in self.reps if not self.staff[rep].gone]


@dataclass(frozen=True, slots=True)
class Dealt:
    """A hand-off that was given: to whom, and by which decision."""

    handoff_id: int
    rep: str
    decision: int


def passed_data(passed: PassedOver) -> dict[str, Any]:
    """A passed-over rep for `Decision.passed_over`; without what has nothing to say."""
    told = asdict(passed) | {"why": passed.why.value, "until": passed.until.isoformat() if passed.until else None}
    return {name: value for name, value in told.items() if value is not None}
