"""A hand-off as its reader may work on it: the facts, and for each deed whether it can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entente.agreements.commitments import Reason
from entente.agreements.document import Agreement
from entente.handoffs.lifecycle import Handoff, State
from entente.handoffs.queries import Stored
from entente.handoffs.reading import versions_in_force
from entente.handoffs.rights import may_move, may_work
from entente.members.models import Party, Role, User
from entente.routing.desk import reps_of
from entente.sla.clocks import Clock, clocks_of


@dataclass(frozen=True, slots=True)
class Card:
    """One hand-off with what its reader may do. ``problem`` is why the last try was refused, ``done`` what was done."""

    id: int
    handoff: Handoff
    mine: bool
    may_work: bool
    may_move: bool
    reasons: Sequence[Reason] = ()
    reps: Sequence[str] = ()
    problem: str = ""
    done: str = ""
    clocks: Sequence[Clock] = ()

    @property
    def can_answer(self) -> bool:
        return self.may_work and self.handoff.state is State.ASSIGNED

    @property
    def can_touch(self) -> bool:
        return self.may_work and self.handoff.is_open

    @property
    def can_pause(self) -> bool:
        return self.may_work and bool(self.handoff.rep) and self.handoff.is_open and not self.handoff.is_paused

    @property
    def can_resume(self) -> bool:
        return self.may_work and self.handoff.is_open and self.handoff.is_paused

    @property
    def can_recycle(self) -> bool:
        return self.may_work and self.handoff.is_open

    @property
    def can_assign(self) -> bool:
        return self.may_move and self.handoff.is_open and (bool(self.handoff.rep) or self.handoff.complete)

    @property
    def can_release(self) -> bool:
        return self.may_move and self.handoff.is_open and bool(self.handoff.rep)

    @property
    def waits_for(self) -> Sequence[str]:
        """The information for which it is held."""
        return self.handoff.opened.missing if self.handoff.state is State.HELD else ()

    @property
    def open_reasons(self) -> list[tuple[Reason, bool]]:
        """The agreed reasons, each with whether enough touches were made for it."""
        made = len(self.handoff.touches)
        return [(reason, made >= reason.after_touches) for reason in self.reasons]


def cards_of(stored: Sequence[Stored], reader: User, now: datetime) -> list[Card]:
    """The cards of some hand-offs, in their order, with their clocks as of `now`."""
    versions = versions_in_force()
    moves = may_move(reader)
    cards = []
    for each in stored:
        agreement = versions.of(each.handoff.opened.version).agreement if versions else None
        rep = each.handoff.rep
        works = each.handoff.is_open and may_work(reader, rep)
        cards.append(
            Card(
                each.id,
                each.handoff,
                mine=rep.lower() == reader.email.lower(),
                may_work=works,
                may_move=moves and each.handoff.is_open,
                reasons=agreement.commitments.rejection_reasons if agreement and works else (),
                reps=_others(agreement, rep) if moves and each.handoff.is_open else (),
                clocks=clocks_of(each.handoff, agreement, now) if agreement else (),
            )
        )
    return cards


def _others(agreement: Agreement | None, rep: str) -> list[str]:
    """Everybody to whom it can be given instead: the agreement's reps, and who works in sales."""
    named = reps_of(agreement) if agreement else []
    gone = set(User.objects.filter(email__in=named, is_active=False).values_list("email", flat=True))
    sales: Any = User.objects.filter(party=Party.SALES, is_active=True, role__in=[Role.MEMBER, Role.MANAGER])
    members = sales.order_by("email").values_list("email", flat=True)
    return [each for each in dict.fromkeys([*named, *members]) if each != rep and each not in gone]
