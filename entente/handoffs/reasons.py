"""The reasons of the agreement for which a hand-off may be rejected. Pure."""

from __future__ import annotations

from entente.agreements.commitments import Commitments, Reason
from entente.handoffs.facts import Objection
from entente.handoffs.lifecycle import Handoff, NotAllowed


def check_reason(handoff: Handoff, reason: str, commitments: Commitments) -> Reason:
    """The agreed reason of that name, if the hand-off may be rejected for it; NotAllowed says what would do."""
    agreed = agreed_reason(reason, commitments)
    if agreed is None:
        names = ", ".join(each.name for each in commitments.rejection_reasons)
        raise NotAllowed(f"rejecting needs a reason of the agreement: {names}")
    made = len(handoff.touches)
    if made < agreed.after_touches:
        raise NotAllowed(f"'{agreed.name}' can be chosen after {agreed.after_touches} touches; so far there are {made}")
    return agreed


def objection_to(handoff: Handoff, reason: str, commitments: Commitments) -> Objection | None:
    """What speaks against a rejection that has happened all the same, in a history that we only read."""
    if not reason.strip():
        return Objection.NO_REASON
    agreed = agreed_reason(reason, commitments)
    if agreed is None:
        return Objection.NOT_AGREED
    return Objection.TOO_FEW_TOUCHES if len(handoff.touches) < agreed.after_touches else None


def agreed_reason(reason: str, commitments: Commitments) -> Reason | None:
    """The reason with that name; case and surrounding blanks do not matter."""
    wanted = reason.strip().casefold()
    return next((each for each in commitments.rejection_reasons if each.name.casefold() == wanted), None)
