"""Which version of the agreement a moment falls under. Pure.

A hand-off keeps the version under which it was opened. What happened before there was an agreement is read under the
first one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from entente.agreements.document import Agreement


@dataclass(frozen=True)
class Version:
    """A version in force from a moment on. `number` is None for a document that is only tried, not adopted."""

    number: int | None
    since: datetime
    agreement: Agreement


class Versions:
    """The versions in the order in which they took effect; at least one."""

    def __init__(self, versions: Iterable[Version]) -> None:
        self._versions = sorted(versions, key=lambda version: version.since)
        if not self._versions:
            raise ValueError("there is no version of the agreement")
        self._since = [version.since for version in self._versions]
        self._by_number = {version.number: version for version in self._versions}

    @classmethod
    def only(cls, agreement: Agreement) -> Versions:
        """One document for all times, as when it is tried on history."""
        return cls([Version(None, agreement.in_force_from, agreement)])

    def at(self, moment: datetime) -> Version:
        """The version in force then."""
        return self._versions[max(bisect_right(self._since, moment) - 1, 0)]

    def of(self, number: int | None) -> Version:
        """The version of that number; where there is none (any more), the latest."""
        return self._by_number.get(number) or self._versions[-1]
