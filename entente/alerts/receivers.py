"""Who is told without having asked: whom a hand-off or a promise concerns, and whom the agreement names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from entente.alerts.happened import Kind
from entente.members.models import Party, Role, User

CONCERNS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.ASSIGNED: ("rep",),
    Kind.WARNING: ("rep",),
    Kind.BREACH: ("rep",),
    Kind.ESCALATION: ("sales_manager",),
    Kind.WAITING: ("ops",),
    Kind.QUALIFIED: (),
}
"""The roles, as the agreement calls them, that hear of a kind in any case."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """The active members, by e-mail and by role of the agreement."""

    by_email: dict[str, int]
    by_role: dict[str, tuple[int, ...]]

    @classmethod
    def load(cls) -> Receivers:
        members = list(User.objects.filter(is_active=True).order_by("pk").values_list("pk", "email", "role", "party"))
        return cls(
            by_email={email.lower(): pk for pk, email, _role, _party in members},
            by_role={
                "ops": tuple(pk for pk, _email, role, _party in members if role == Role.OPS),
                **{
                    f"{party}_manager": tuple(
                        pk for pk, _email, role, of in members if (role, of) == (Role.MANAGER, party)
                    )
                    for party in (Party.SALES.value, Party.MARKETING.value)
                },
            },
        )

    def of(self, kind: Kind, rep: str, named: Sequence[str]) -> list[int]:
        """The members who hear of it, each once; ``named`` are roles of the agreement or e-mail addresses."""
        found = [member for name in (*CONCERNS[kind], *named) for member in self._called(name, rep)]
        return list(dict.fromkeys(found))

    def _called(self, name: str, rep: str) -> Iterable[int]:
        if name in self.by_role:
            return self.by_role[name]
        member = self.by_email.get((rep if name == "rep" else name).lower())
        return () if member is None else (member,)
