"""When somebody wants to hear: quiet hours, digests instead of a flood, and one alert of a person within a time. Pure.

All of it answers one question, `when_to_send`: at once, or collected until the instant that it names. Instants are UTC;
times of day are those on the clock of the receiver's own place, whatever is done to that clock in spring and autumn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from entente.sla.wall_clock import first_instant, instant

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
A_DAY: Final = timedelta(days=1)
A_MINUTE: Final = 60_000_000  # microseconds, as the wall clock counts
AN_HOUR: Final = 60 * A_MINUTE


@dataclass(frozen=True, slots=True)
class Quiet:
    """From ``begins`` (included) to ``ends`` (not included) on the clock of ``timezone``, over midnight if need be."""

    begins: time
    ends: time
    timezone: str

    def covers(self, at: datetime) -> bool:
        """Whether that instant is a quiet one."""
        shown = at.astimezone(ZoneInfo(self.timezone)).time().replace(tzinfo=None)
        if self.begins < self.ends:
            return self.begins <= shown < self.ends
        return shown >= self.begins or shown < self.ends

    def over_at(self, at: datetime) -> datetime:
        """The first instant after ``at`` that is not quiet any more, for a quiet one."""
        over = next_time(self.ends, self.timezone, at)
        # Where the clock is put back into quiet hours, they begin again: they are over at the second coming.
        while self.covers(over):
            over = next_time(self.ends, self.timezone, over)
        return over


@dataclass(frozen=True, slots=True)
class Every:
    """A digest each so many minutes, counted from midnight UTC of 1970, so that the times are the same every day."""

    minutes: int

    def next_after(self, at: datetime) -> datetime:
        step = timedelta(minutes=self.minutes)
        return EPOCH + ((at - EPOCH) // step + 1) * step


@dataclass(frozen=True, slots=True)
class Daily:
    """One digest a day, at that time on the clock of ``timezone``."""

    at: time
    timezone: str

    def next_after(self, at: datetime) -> datetime:
        return next_time(self.at, self.timezone, at)


Digest: TypeAlias = Every | Daily


@dataclass(frozen=True, slots=True)
class Timing:
    """How often, and when not. ``at_most_one_per``: of one person (or hand-off) by one rule."""

    at_most_one_per: timedelta | None = None
    quiet: Quiet | None = None
    digest: Digest | None = None


AT_ONCE: Final = Timing()


def when_to_send(timing: Timing, at: datetime) -> datetime | None:
    """The instant at which what happened at ``at`` is told, together with what else is collected until then; None for
    at once. It is never a quiet one, and never later than the digest's next time plus the quiet hours around it.
    """
    due = timing.digest.next_after(at) if timing.digest else None
    if timing.quiet and timing.quiet.covers(due or at):
        return timing.quiet.over_at(due or at)
    return due


def may_tell(timing: Timing, last_told: datetime | None, at: datetime) -> bool:
    """Whether it is long enough since this rule told of this person."""
    return timing.at_most_one_per is None or last_told is None or at - last_told >= timing.at_most_one_per


def next_time(wanted: time, timezone: str, after: datetime) -> datetime:
    """The first instant after ``after`` at which the clock of that place shows the time; on a day whose clock skips
    it, the instant of the skip."""
    zone = ZoneInfo(timezone)
    today = after.astimezone(zone).date()
    comings = (each for number in (-1, 0, 1, 2) for each in _comings(today + number * A_DAY, wanted, zone))
    return next(each for each in comings if each > after)


def _comings(day: date, wanted: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The instants of that day at which the clock shows the time: one, or two on the day when it is put back."""
    shown = wanted.hour * AN_HOUR + wanted.minute * A_MINUTE
    first = instant(first_instant(day.toordinal(), shown, zone))
    again = datetime.combine(day, wanted, zone).replace(fold=1).astimezone(UTC)
    return (first, again) if again > first and again.astimezone(zone).time() == wanted else (first,)
