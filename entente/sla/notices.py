"""What a clock has to say: half of the time has gone, a promise is broken, a lead goes on to another rep. Pure.

Who hears of it and how is the matter of `entente.alerts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from entente.agreements.commitments import Escalation

NoticeKind: TypeAlias = Literal["warning", "breach", "escalation", "waiting_too_long"]

OPS: Final = "ops"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that fell due, told once.

    `clock` is the kind of the clock (`first_touch`, `feedback`, `persistence`, `waiting`), `promise` its name in the
    agreement. `fell_at` is when the warning, the breach or the reassignment was due, `due_at` when the promise was,
    `at` when it was acted on. `receivers` are roles as the agreement names them (`rep`, `sales_manager`,
    `marketing_manager`, `ops`): those who hear of it without having asked. `state` is how the clock stands by now:
    after a pause of the worker a clock may have been met since its warning. `moved_to` is who got the lead by an
    escalation; empty when nobody could take it.
    """

    kind: NoticeKind
    clock: str
    promise: str
    handoff_id: int
    person_id: int
    rep: str
    due_at: datetime
    at: datetime
    receivers: tuple[str, ...] = ()
    fell_at: datetime | None = None
    state: str = ""
    moved_to: str = ""


def receivers(kind: NoticeKind, agreed: Escalation, moved_to: str = "") -> tuple[str, ...]:
    """Who hears by the agreement; operations of a lead that nobody takes, whatever is agreed."""
    match kind:
        case "warning":
            return agreed.on_warning
        case "breach":
            return agreed.on_breach
        case "escalation":
            told = agreed.on_breach
            return told if moved_to or OPS in told else (*told, OPS)
        case "waiting_too_long":
            return (OPS,)
