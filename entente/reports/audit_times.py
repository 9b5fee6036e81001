"""How long things took: from lead to win, to loss, and to the first touch. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from entente.reports.audit_tables import Share, share

DAY: Final = 86_400.0
HOUR: Final = 3_600.0
OF_A_REP_AT_LEAST: Final = 20
"""Leads that a rep must have touched before we speak of how soon."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations: how many are known, and their quartiles, mean and tenths, in the unit that the owner says."""

    known: int
    median: float
    mean: float
    quarter: float
    three_quarters: float
    nine_tenths: float
    longest: float


@dataclass(frozen=True, slots=True)
class Speed:
    """The leads first touched within one span of time, and how many of them were won."""

    words: str
    leads: int
    won: Share


@dataclass(frozen=True, slots=True)
class RepSpeed:
    """How soon a rep's leads were first touched: hours of the clock, and the share of them touched within one."""

    rep: str
    leads: int
    hours: Spread
    within_hour: Share


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What sales did with the leads.

    `hours` from lead to first touch, `within_hour` and `within_day` of all leads; `touched` of all leads, where the
    files say who was and who was not; `by_rep` has the quickest first; `touches` the number of touches of a lead.
    Hours are those of the clock, nights and weekends in them: a file knows no business hours, an agreement does.
    """

    hours: Spread | None
    within_hour: Share | None
    within_day: Share | None
    touched: Share | None
    speeds: tuple[Speed, ...]
    by_rep: tuple[RepSpeed, ...]
    touches: Spread | None
    touches_until_won: Spread | None
    touches_until_lost: Spread | None


SPEEDS: Final = (
    ("within an hour", None, 1.0),
    ("later the same day", 1.0, 24.0),
    ("within a week", 24.0, 168.0),
    ("later", 168.0, None),
)


def spread(values: pl.Series) -> Spread | None:
    """The spread of what is known, or None.

    A quantile is the time of one of the leads: the least within which that part of them, or more, had ended.
    """
    known = values.drop_nulls().cast(pl.Float64)
    if known.is_empty():
        return None
    quantile = [float(known.quantile(q, "higher") or 0.0) for q in (0.25, 0.5, 0.75, 0.9)]
    return Spread(
        known=len(known),
        quarter=quantile[0],
        median=quantile[1],
        three_quarters=quantile[2],
        nine_tenths=quantile[3],
        mean=float(known.to_numpy().mean()),
        longest=float(known.to_numpy().max()),
    )


def days(leads: pl.DataFrame, outcome: str) -> pl.Series:
    """Days with fractions from creation to the end, of leads with the outcome of whom both are known."""
    ended = pl.coalesce(f"{outcome}_at", "closed_at")
    lasted = ((ended - pl.col("created_at")).dt.total_microseconds() / 1e6 / DAY).alias("days")
    return leads.filter(pl.col("outcome") == outcome).select(lasted)["days"].drop_nulls()


def follow_up(leads: pl.DataFrame) -> FollowUp | None:
    """Follow-up as far as the files tell of touches; None where they do not."""
    knows_when = leads["first_touch_at"].null_count() < leads.height
    knows_how_many = leads["touches"].null_count() < leads.height
    if leads.height == 0 or not (knows_when or knows_how_many):
        return None
    timed = leads.with_columns(
        hours=(pl.col("first_touch_at") - pl.col("created_at")).dt.total_microseconds() / 1e6 / HOUR
    )
    on_time = timed.filter(pl.col("hours") >= 0) if knows_when else timed.clear()
    return FollowUp(
        hours=spread(on_time["hours"]),
        within_hour=share((on_time["hours"] <= 1).sum(), leads.height) if knows_when else None,
        within_day=share((on_time["hours"] <= 24).sum(), leads.height) if knows_when else None,
        touched=share(leads.select(_is_touched().sum()).item(), leads.height),
        speeds=tuple(_speeds(timed)) if knows_when else (),
        by_rep=tuple(sorted(_reps(on_time), key=lambda each: (each.hours.median, each.rep))),
        touches=spread(leads["touches"]),
        touches_until_won=spread(leads.filter(pl.col("outcome") == "won")["touches"]),
        touches_until_lost=spread(leads.filter(pl.col("outcome") == "lost")["touches"]),
    )


def _reps(on_time: pl.DataFrame) -> Iterator[RepSpeed]:
    """Reps with enough touched leads to be spoken of, by the leads whose first touch is known."""
    for (rep,), leads in on_time.drop_nulls("owner").group_by("owner"):
        hours, soon = spread(leads["hours"]), share((leads["hours"] <= 1).sum(), leads.height)
        if hours and soon and leads.height >= OF_A_REP_AT_LEAST:
            yield RepSpeed(str(rep), leads.height, hours, soon)


def _is_touched() -> pl.Expr:
    return pl.col("first_touch_at").is_not_null() | (pl.col("touches").fill_null(0) > 0)


def _speeds(timed: pl.DataFrame) -> Iterator[Speed]:
    for words, low, high in SPEEDS:
        after = pl.col("hours") > low if low is not None else pl.col("hours") >= 0
        yield from _speed(words, timed.filter(after & (pl.col("hours") <= high) if high is not None else after))
    yield from _speed("never", timed.filter(~_is_touched()))


def _speed(words: str, leads: pl.DataFrame) -> Iterator[Speed]:
    if won := share((leads["outcome"] == "won").sum(), leads.height):
        yield Speed(words, leads.height, won)
