"""Which version of the agreement is, was or will be in force.

At any instant it is the one with the latest effective day that has come; of several with one day, the newest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from entente.agreements.document import Agreement
from entente.agreements.models import AgreementVersion

_held: ContextVar[list[Reign] | None] = ContextVar("held_versions", default=None)


@contextmanager
def holding_versions() -> Iterator[None]:
    """Within this block, in one transaction, the versions are read once: a new one counts from the next block on."""
    token = _held.set(reigns())
    try:
        yield
    finally:
        _held.reset(token)


def in_force(at: datetime) -> Agreement | None:
    """The agreement in force at the instant, None before the first."""
    version = version_in_force(at)
    return version.agreement if version else None


def version_in_force(at: datetime) -> AgreementVersion | None:
    """The same with its number and hash."""
    held = _held.get()
    if held is not None:
        return next((reign.version for reign in reversed(held) if reign.begins <= at), None)
    return AgreementVersion.objects.filter(effective_at__lte=at).order_by("-effective_at", "-number").first()


def versions() -> QuerySet[AgreementVersion]:
    """All versions, the newest first."""
    return AgreementVersion.objects.select_related("created_by").order_by("-number")


def version(number: int) -> AgreementVersion | None:
    return AgreementVersion.objects.filter(number=number).first()


def version_of(agreement: Agreement) -> AgreementVersion | None:
    """The stored version that is this very document."""
    return AgreementVersion.objects.filter(sha256=agreement.sha256()).first()


@dataclass(frozen=True, slots=True)
class Reign:
    """A version and the time when it was, is or will be in force: from `begins`, up to before `ends` (None: open)."""

    version: AgreementVersion
    begins: datetime
    ends: datetime | None


def reigns() -> list[Reign]:
    """Every version that ever is in force, in order of time; one replaced before its day is not among them."""
    if (held := _held.get()) is not None:
        return held
    by_day = {v.effective_at: v for v in AgreementVersion.objects.order_by("effective_at", "number")}
    if not by_day:
        return []
    ends = [*list(by_day)[1:], None]
    return [Reign(version, version.effective_at, end) for version, end in zip(by_day.values(), ends, strict=True)]
