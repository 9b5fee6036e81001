"""Leads cut by one column: how many came, how many were won, and how sure the share is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, SupportsInt

import polars as pl

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of`, as a share with its 95 % interval (Wilson's, which holds near 0 and 1 and for few)."""

    count: int
    of: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """The leads that have one value. `value` is empty for those that have none, which is not the text "unknown".

    `conversion` is won / leads, `win_rate` won / (won + lost), None where nothing was lost or won or the files tell of
    no loss at all. `won_value` is the sum of the amounts of those won, None where the files have no amounts.
    """

    value: str
    leads: int
    won: int
    lost: int
    conversion: Share
    win_rate: Share | None
    won_value: float | None

    def as_json(self) -> dict[str, Any]:
        """The row with plain numbers."""
        return {
            "value": self.value,
            "leads": self.leads,
            "won": self.won,
            "lost": self.lost,
            "conversion": self.conversion.value,
            "conversion_low": self.conversion.low,
            "conversion_high": self.conversion.high,
            "win_rate": self.win_rate.value if self.win_rate else None,
            "won_value": self.won_value,
        }


def share(count: SupportsInt, of: int) -> Share | None:
    """A share with its interval, or None of nothing."""
    from statsmodels.stats.proportion import proportion_confint

    if of == 0:
        return None
    part = int(count)
    low, high = proportion_confint(part, of, alpha=1 - CONFIDENCE, method="wilson")
    return Share(part, of, part / of, max(0.0, float(low)), min(1.0, float(high)))


def by(leads: pl.DataFrame, column: str) -> tuple[Row, ...]:
    """A row for each value of the column, the most leads first; none where the column is empty throughout."""
    if leads.height == 0 or leads[column].null_count() == leads.height:
        return ()
    return tuple(sorted(_rows(leads, pl.col(column)), key=lambda row: (-row.leads, row.value)))


def by_month(leads: pl.DataFrame, timezone: str) -> tuple[Row, ...]:
    """A row for each month (YYYY-MM, in the time zone) in which leads were created, the first one first."""
    if leads.height == 0 or leads["created_at"].null_count() == leads.height:
        return ()
    month = pl.col("created_at").dt.convert_time_zone(timezone).dt.strftime("%Y-%m")
    return tuple(sorted(_rows(leads, month), key=lambda row: row.value))


def whole_months(rows: Sequence[Row]) -> list[Row]:
    """The months between the first and the last, which may have begun or ended on any day."""
    return [row for row in rows if row.value][1:-1]


def _rows(leads: pl.DataFrame, value: pl.Expr) -> list[Row]:
    has_amounts = leads["amount"].null_count() < leads.height
    has_losses = bool((leads["outcome"] == "lost").any())
    won, lost = pl.col("outcome") == "won", pl.col("outcome") == "lost"
    counted = leads.group_by(value.fill_null("").alias("value")).agg(
        pl.len().alias("leads"),
        won.sum().alias("won"),
        lost.sum().alias("lost"),
        pl.col("amount").filter(won).sum().alias("won_value"),
    )
    return [_row(*values, has_amounts=has_amounts, has_losses=has_losses) for values in counted.iter_rows()]


def _row(value: str, leads: int, won: int, lost: int, won_value: float, *, has_amounts: bool, has_losses: bool) -> Row:
    conversion = share(won, leads)
    assert conversion is not None  # noqa: S101  # a group has at least one lead
    win_rate = share(won, won + lost) if has_losses else None
    return Row(value, leads, won, lost, conversion, win_rate, won_value if has_amounts else None)
