"""What a channel is: it reads the address that a person typed, and sends a letter to it. Each is one file beside this.

`read` refuses what may not be called, and is asked on save; `send` is asked on test and on delivery, and looks again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

FIRST: Final = 30
"""So many lines a person reads in one message."""


class Refused(Exception):
    """It will not work however often it is tried; the text says why, to the owner of the address."""


class Failed(Exception):
    """It did not work now; the text says what happened, in our words. ``retry_after`` seconds were asked for."""

    def __init__(self, text: str, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is told: a line of text that strangers may have had a hand in, where it is seen, and its data."""

    text: str
    link: str
    at: datetime
    kind: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message says. ``key`` is the same in every try; ``rule`` is the name of the rule that asked for it.

    A program is told all ``lines``; people the ``first`` of them, and ``more`` says how many there are besides.
    """

    key: str
    rule: str
    lines: tuple[Line, ...]
    subject: str
    footer: str
    more: str = ""

    @classmethod
    def written(cls, key: str, rule: str, lines: tuple[Line, ...]) -> Letter:
        """The letter in the language that is spoken now, which the thread that sends it does not know."""
        subject = lines[0].text
        if len(lines) > 1:
            subject = _("%(n)d alerts: %(rule)s") % {"n": len(lines), "rule": rule}
        more = _("And %(n)d more, in the list of your notifications") % {"n": len(lines) - FIRST}
        footer = _("You asked for this in Entente: %(rule)s") % {"rule": rule}
        return cls(key, rule, lines, subject, footer, more if len(lines) > FIRST else "")

    @property
    def first(self) -> tuple[Line, ...]:
        return self.lines[:FIRST]


class Channel(ABC):
    """A way out. ``asks`` is what its address is called, ``example`` how one looks."""

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    asks: ClassVar[str | Promise]
    help: ClassVar[str | Promise] = ""
    typed: ClassVar[bool] = True
    """Whether a person types its address; else it is the member's own."""

    def available(self) -> bool:
        """Whether the operator has set up what it needs."""
        return True

    @abstractmethod
    def read(self, typed: str) -> dict[str, str]:
        """The address out of what was typed, ready to be sealed; raises Refused."""

    @abstractmethod
    def shown(self, target: dict[str, str]) -> str:
        """The part of the address that may be seen."""

    @abstractmethod
    def send(self, target: dict[str, str], letter: Letter, now: datetime) -> None:
        """Hand the letter over; raises Refused or Failed."""


def status_of(status: int, retry_after: int | None) -> None:
    """Raise what an HTTP status means for a delivery: 2xx is done, 410 asks never to be called again."""
    if 200 <= status < 300:
        return
    if status == 410:
        raise Refused(_("The other side asks not to be called any more (410)."))
    raise Failed(_("The other side answered %(status)d.") % {"status": status}, retry_after)
