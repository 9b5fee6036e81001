"""The numbers of the pages: funnel, outcomes, leads by month. One set of numbers for both parties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from entente.agreements.document import Agreement
from entente.agreements.models import AgreementVersion
from entente.agreements.stages import STAGES, Stage
from entente.handoffs.models import Deal
from entente.reports.models import Followed, Journey
from entente.reports.periods import EARLIEST, LATEST, Period
from entente.reports.selection import COHORT, CUTS, Selection

GROUPS_SHOWN: Final = 25


class Median(Aggregate):
    """The middle of all values; PostgreSQL's continuous percentile."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the journeys were followed under: the version, its stages, and up to when."""

    version: AgreementVersion | None
    stages: tuple[Stage, ...]
    at: datetime | None

    @property
    def agreement(self) -> Agreement | None:
        return self.version.agreement if self.version else None


def ground() -> Ground:
    """The version and stages that all stored journeys speak of, whatever has been adopted since."""
    followed = Followed.objects.select_related("version").first()
    version = followed.version if followed else None
    stages = version.agreement.stages if version else STAGES
    return Ground(version, stages, followed.at if followed else None)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a funnel. Shares are of the stage before and of the first; None where there is nothing to divide.

    `time_in` is the median time from this stage to the next, of those who entered both in that order.
    """

    place: int
    name: str
    count: int
    of_previous: float | None
    of_first: float | None
    time_in: timedelta | None
    address: str
    stayed: int | None
    stayed_address: str


def funnel(selection: Selection, stages: Sequence[Stage]) -> list[Step]:
    """How many of the selected people reached each stage, in one query."""
    selection = replace(selection, stage=None, stayed=False)
    journeys = Journey.objects.filter(selection.cut(), selection.who())
    places = range(len(stages))
    counts = {f"n{place}": Count("pk", filter=selection.time(place)) for place in places}
    medians = {f"t{place}": _time_between(selection, place) for place in places[:-1]}
    found = journeys.aggregate(**counts, **medians)
    return [_step(selection, stages, found, place) for place in places]


def _time_between(selection: Selection, place: int) -> Median:
    """The median time in a stage, for those who went on to the next and whose two entries are both known."""
    length = ExpressionWrapper(F(f"entered__{place + 1}") - F(f"entered__{place}"), output_field=DurationField())
    known = Q(**{f"entered__{place + 1}__gte": F(f"entered__{place}")})
    return Median(length, filter=selection.time(place + 1) & known, output_field=DurationField())


def _step(selection: Selection, stages: Sequence[Stage], found: dict[str, Any], place: int) -> Step:
    count = found[f"n{place}"]
    following = found.get(f"n{place + 1}") if selection.mode == COHORT else None
    return Step(
        place=place,
        name=stages[place].name,
        count=count,
        of_previous=_share(count, found[f"n{place - 1}"]) if place else None,
        of_first=_share(count, found["n0"]) if place else None,
        time_in=found.get(f"t{place}"),
        address=selection.address(stage=place, stayed=""),
        stayed=None if following is None else count - following,
        stayed_address=selection.address(stage=place, stayed="1"),
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Group:
    """One source, segment or rep: how many reached each stage, and the address of the list behind each number."""

    value: str
    counts: tuple[tuple[int, str], ...]
    conversion: float | None
    address: str


def funnel_by(cut: str, selection: Selection, stages: Sequence[Stage]) -> list[Group]:
    """The funnel cut by one of `CUTS`: the largest groups first."""
    if cut not in CUTS:
        raise ValueError(f"a funnel is cut by one of {', '.join(CUTS)}")
    selection = replace(selection, stage=None, stayed=False)
    places = range(len(stages))
    counts = {f"n{place}": Count("pk", filter=selection.time(place)) for place in places}
    rows = Journey.objects.filter(selection.cut(), selection.who()).values(cut).annotate(**counts)
    rows = rows.filter(n0__gt=0) if selection.mode == COHORT else rows
    return [_group(cut, selection, row, places) for row in rows.order_by("-n0", cut)[:GROUPS_SHOWN]]


def _group(cut: str, selection: Selection, row: dict[str, Any], places: range) -> Group:
    chosen = {cut: row[cut] or "-", "stayed": ""}
    return Group(
        value=row[cut],
        counts=tuple((row[f"n{place}"], selection.address(stage=place, **chosen)) for place in places),
        conversion=_share(row[f"n{places[-1]}"], row["n0"]),
        address=selection.address(stage="", **chosen),
    )


def choices(cut: str) -> list[str]:
    """The known values of a cut, for a filter to offer; the most frequent first."""
    counted = Journey.objects.exclude(**{cut: ""}).values_list(cut).annotate(n=Count("pk"))
    return [value for value, _ in counted.order_by("-n", cut)[:100]]


def people_by_month(place: int, period: Period) -> list[tuple[date, int]]:
    """How many people entered a stage as such in each month of the period; months without any are 0."""
    moment = f"entered__{place}"
    within = Q(**{f"{moment}__gte": period.begins, f"{moment}__lt": period.ends})
    month = TruncMonth(F(moment), tzinfo=period.zone)
    counted = Journey.objects.filter(within).annotate(month=month).values_list("month").annotate(n=Count("pk"))
    found = {at.date(): count for at, count in counted.order_by()}
    return [(first, found.get(first, 0)) for first in period.months()]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the deals that were closed in a period; `revenue` is None where no deal won has an amount."""

    won: int
    lost: int
    to_competitors: int
    revenue: Decimal | None

    @property
    def share_won(self) -> float | None:
        return _share(self.won, self.won + self.lost)

    @property
    def share_to_competitors(self) -> float | None:
        return _share(self.to_competitors, self.won + self.lost)


def outcomes(begins: datetime, ends: datetime) -> Outcomes:
    """The deals closed from `begins` up to before `ends`."""
    won, lost = Q(outcome=Deal.Result.WON), Q(outcome=Deal.Result.LOST)
    found = closed_deals(begins, ends).aggregate(
        won=Count("pk", filter=won),
        lost=Count("pk", filter=lost),
        to_competitors=Count("pk", filter=lost & ~Q(competitor="")),
        revenue=Sum("amount", filter=won),
    )
    return Outcomes(found["won"], found["lost"], found["to_competitors"], found["revenue"])


def closed_deals(begins: datetime, ends: datetime) -> QuerySet[Deal]:
    return Deal.objects.filter(closed_at__gte=begins, closed_at__lt=ends)


DEAL_KINDS: Final[dict[str, Q]] = {
    "won": Q(outcome=Deal.Result.WON),
    "lost": Q(outcome=Deal.Result.LOST),
    "competitor": Q(outcome=Deal.Result.LOST) & ~Q(competitor=""),
    "closed": ~Q(outcome=Deal.Result.OPEN),
}
"""The lists of deals behind the outcomes' numbers, by their name in the address."""


def growth(now: Decimal | None, before: Decimal | None) -> float | None:
    """By which share a sum has grown; None where there was nothing before."""
    return float((now or 0) / before) - 1 if before else None


def so_far(period: Period, now: datetime) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
    """A period up to now, and the same stretch of the period before: a half month is compared with a half month."""
    ends = min(period.ends, now)
    before = period.previous
    if ends >= period.ends:
        return (period.begins, period.ends), (before.begins, before.ends)
    gone = max(ends - period.begins, timedelta())
    return (period.begins, ends), (before.begins, min(before.begins + gone, before.ends))


def zone_of(agreement: Agreement | None) -> ZoneInfo:
    return agreement.zone if agreement else ZoneInfo("UTC")


def period_with_something(period: Period) -> Period:
    """The period, or all time when nobody entered the first stage in it: old history is shown rather than nothing."""
    within = {"reached__0__gte": period.begins, "reached__0__lt": period.ends}
    if Journey.objects.filter(**within).exists() or not Journey.objects.exists():
        return period
    return Period("all", EARLIEST, LATEST, period.zone)


def latest_entry(place: int) -> datetime | None:
    """When somebody entered a stage as such last."""
    moment = f"entered__{place}"
    return (
        Journey.objects.filter(**{f"{moment}__isnull": False})
        .order_by(F(moment).desc())
        .values_list(moment, flat=True)
        .first()
    )


def choices_exist() -> bool:
    """Whether anybody has a journey: a company that has brought in nothing yet is told how to begin."""
    return Journey.objects.exists()
