"""Dates and times as people's programs write them, read whole columns at a time.

`3/4/2024` alone is March or April. The whole column is asked: one value above 12 settles it. Where none does, the day
comes first (as in most of the world) and this is said, unless a.m. and p.m. or another column of the table say
otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

Order = Literal["ymd", "dmy", "mdy", "name", "serial", "seconds", "milliseconds"]

CLOCK: Final = (
    r"(?:(?:[T ,]|\s+at|\s+a las)+\s*(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})(?:[:.m](?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?\s*(?:h|hs|hrs)?\s*(?P<half>[aApP]\.?\s?[mM]\.?)?)?"
)
ZONE: Final = r"\s*(?P<zone>Z|UTC|GMT|(?:(?:UTC|GMT)?[+-]\d{1,2}:?\d{0,2}))?(?:\s*\([^)]*\))?$"
NUMERIC: Final = r"^(?P<a>\d{1,4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{1,4})" + CLOCK + ZONE
COMPACT: Final = r"^(?P<a>(?:19|20)\d{2})(?P<b>\d{2})(?P<c>\d{2})" + (
    r"(?:T?(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})?(?P<fraction>)(?P<half>))?(?P<zone>Z)?$"
)
DAY_FIRST: Final = (
    r"^(?:[^\W\d]+\.?,?\s+(?:el\s+)?)?(?P<a>\d{1,2})(?:st|nd|rd|th|º)?[\s\-/.]+(?:de\s+|of\s+)?(?P<b>[^\W\d]{3,12})\.?,?"
    r"[\s\-/.]+(?:de\s+|del\s+)?(?P<c>\d{4}|\d{2})" + CLOCK + ZONE
)
MONTH_FIRST: Final = (
    r"^(?:[^\W\d]+\.?,\s+)?(?P<b>[^\W\d]{3,12})\.?[\s\-/.]+(?P<a>\d{1,2})(?:st|nd|rd|th)?,?[\s\-/.]+(?P<c>\d{4}|\d{2})"
    + CLOCK
    + ZONE
)
MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12, "ene": 1, "abr": 4, "ago": 8, "set": 9, "dic": 12, "fev": 2, "mai": 5, "out": 10, "dez": 12,
}  # fmt: skip
"""The first letters of the months in English, Spanish and Portuguese."""

IN_WORDS: Final[dict[Order, str]] = {
    "ymd": "year-month-day",
    "dmy": "day/month/year",
    "mdy": "month/day/year",
    "name": "month by name",
    "serial": "spreadsheet day number",
    "seconds": "seconds since 1970",
    "milliseconds": "milliseconds since 1970",
}
FIELDS: Final = ("a", "b", "c", "hour", "minute", "second", "fraction", "half", "zone")
EXCEL_EPOCH_DAYS: Final = 25569
"""Days from 1899-12-30, where spreadsheets begin to count, to 1970-01-01."""


@dataclass(frozen=True, slots=True)
class DateFormat:
    """How a column writes its dates. `mixed` counts cells that only the other order of day and month could read."""

    order: Order
    has_time: bool = False
    has_zone: bool = False
    sure: bool = True
    mixed: int = 0

    def describe(self) -> str:
        """In words, for people."""
        return IN_WORDS[self.order] + (" with time" if self.has_time else "") + (" and offset" if self.has_zone else "")


def guess_date_format(cells: pl.Series, header_says_date: bool, prefer: Order | None = None) -> DateFormat | None:
    """The format of a column, None where fewer than 95 % (60 % under a header that says date) are dates.

    `cells` has no nulls. `prefer` is the order that other columns of the table prove.
    """
    some = cells.head(50_000)
    if not some.len():
        return None
    enough = (0.6 if header_says_date else 0.95) * some.len()
    numeric = _fields(some, NUMERIC)
    if numeric["a"].count() >= enough:
        return _numeric_format(numeric, prefer)
    named = pl.concat([_fields(some, DAY_FIRST), _fields(some, MONTH_FIRST)])
    if _known_months(named) >= enough:
        return DateFormat("name", named["hour"].count() > 0, named["zone"].count() > 0)
    mixed = numeric["a"].count() + _known_months(named)
    if mixed >= enough:
        return _numeric_format(numeric, prefer)
    compact = _fields(some, COMPACT)
    if compact["a"].count() >= enough and _plausible(compact) >= enough:
        return DateFormat("ymd", compact["hour"].count() > 0, compact["zone"].count() > 0)
    return _counted_format(some, enough) if header_says_date else None


def _fields(cells: pl.Series, pattern: str) -> pl.DataFrame:
    parts = cells.to_frame("cell").select(pl.col("cell").str.extract_groups(pattern).alias("parts")).unnest("parts")
    return parts.select(pl.col(FIELDS).replace("", None))


def _known_months(named: pl.DataFrame) -> int:
    return int(named.select(_month_number(pl.col("b")).count()).item())


def _plausible(fields: pl.DataFrame) -> int:
    month, day = pl.col("b").cast(pl.Int32), pl.col("c").cast(pl.Int32)
    return int(fields.select((month.is_between(1, 12) & day.is_between(1, 31)).sum()).item())


def _numeric_format(fields: pl.DataFrame, prefer: Order | None) -> DateFormat:
    has_time, has_zone = fields["hour"].count() > 0, fields["zone"].count() > 0
    year_first = fields["a"].str.len_chars() == 4
    if year_first.sum() * 2 >= fields["a"].count():
        return DateFormat("ymd", has_time, has_zone)
    rest = fields.filter(~year_first)
    a, b = rest["a"].cast(pl.Int32), rest["b"].cast(pl.Int32)
    day_first = int((a.is_between(13, 31) & (b <= 12)).sum())
    month_first = int((b.is_between(13, 31) & (a <= 12)).sum())
    if day_first or month_first:
        order: Order = "dmy" if day_first >= month_first else "mdy"
        return DateFormat(order, has_time, has_zone, True, min(day_first, month_first))
    if prefer in ("dmy", "mdy"):
        return DateFormat(prefer, has_time, has_zone, True)
    halves = rest["half"].count() > 0 and rest.height > 0 and not rest["zone"].count()
    return DateFormat("mdy" if halves else "dmy", has_time, has_zone, False)


def _counted_format(cells: pl.Series, enough: float) -> DateFormat | None:
    """Dates written as one number, only believed under a header that says that it is a date."""
    value = cells.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    ranges: list[tuple[Order, float, float]] = [
        ("serial", 20_000, 80_000),
        ("seconds", 3e8, 4.2e9),
        ("milliseconds", 3e11, 4.2e12),
    ]
    for order, low, high in ranges:
        if value.is_between(low, high).sum() >= enough:
            fraction = order != "serial" or bool((value.drop_nulls() % 1 != 0).any())
            return DateFormat(order, has_time=fraction, has_zone=order != "serial")
    return None


def parse_dates(cells: pl.Series, style: DateFormat, zone: str) -> pl.Series:
    """Datetime (µs, UTC); null where a cell is no date in this format. What carries no offset is local to `zone`."""
    if style.order in ("serial", "seconds", "milliseconds"):
        return _from_count(cells, style.order, zone)
    numeric = _fields(cells, NUMERIC)
    unread = numeric["a"].is_null() & cells.is_not_null()
    local = _local(numeric, style.order)
    offset = numeric["zone"]
    for pattern, order in ((DAY_FIRST, "name"), (MONTH_FIRST, "name"), (COMPACT, "ymd")):
        if not unread.any():
            break
        fields = _fields(cells, pattern)
        local = pl.select(pl.when(unread).then(_local(fields, order)).otherwise(local)).to_series()
        offset = pl.select(pl.when(unread).then(fields["zone"]).otherwise(offset)).to_series()
        unread = unread & local.is_null()
    return _to_utc(local, offset, zone)


def _local(fields: pl.DataFrame, order: str) -> pl.Series:
    """The wall clock that the fields say, without zone; null where there is no such day or hour."""
    a, c = pl.col("a"), pl.col("c")
    if order == "name":
        year, month, day = c, _month_number(pl.col("b")), a.cast(pl.Int32, strict=False)
    else:
        a_is_year = a.str.len_chars() == 4
        one, two, three = (pl.col(name).cast(pl.Int32, strict=False) for name in "abc")
        first, second = (two, one) if order == "mdy" else (one, two)
        swap = (second > 12) & (first <= 12)
        day = pl.when(a_is_year).then(three).otherwise(pl.when(swap).then(second).otherwise(first))
        month = pl.when(a_is_year).then(two).otherwise(pl.when(swap).then(first).otherwise(second))
        year = pl.when(a_is_year).then(a).otherwise(c)
    frame = fields.select(_full_year(year).alias("y"), month.alias("m"), day.alias("d"), *_clock())
    return frame.select(_datetime()).to_series()


def _full_year(year: pl.Expr) -> pl.Expr:
    """Two digits are this century up to 69, as POSIX says; three are no year."""
    number = year.cast(pl.Int32, strict=False)
    short = pl.when(number < 70).then(number + 2000).otherwise(number + 1900)
    return pl.when(year.str.len_chars() == 4).then(number).when(year.str.len_chars() == 2).then(short)


def _month_number(word: pl.Expr) -> pl.Expr:
    key = word.str.to_lowercase().str.slice(0, 3)
    return key.replace_strict(list(MONTHS), list(MONTHS.values()), default=None, return_dtype=pl.Int32)


def _clock() -> list[pl.Expr]:
    hour = pl.col("hour").cast(pl.Int32, strict=False).fill_null(0)
    half = pl.col("half").str.to_lowercase().str.slice(0, 1)
    hour = (
        pl.when((half == "p") & (hour < 12)).then(hour + 12).when((half == "a") & (hour == 12)).then(0).otherwise(hour)
    )
    micros = pl.col("fraction").str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int32, strict=False).fill_null(0)
    minute, second = (pl.col(n).cast(pl.Int32, strict=False).fill_null(0) for n in ("minute", "second"))
    return [hour.alias("h"), minute.alias("mi"), second.alias("s"), micros.alias("us")]


def _datetime() -> pl.Expr:
    """Built from fields that are in range; a 31st of February comes out as null."""
    right = (
        pl.col("y").is_between(1900, 2199)
        & pl.col("m").is_between(1, 12)
        & pl.col("d").is_between(1, pl.col("m").replace_strict({2: 29, 4: 30, 6: 30, 9: 30, 11: 30}, default=31))
        & pl.col("h").is_between(0, 23)
        & pl.col("mi").is_between(0, 59)
        & pl.col("s").is_between(0, 60)
    )
    leap = (pl.col("y") % 4 == 0) & ((pl.col("y") % 100 != 0) | (pl.col("y") % 400 == 0))
    right = right & ~((pl.col("m") == 2) & (pl.col("d") == 29) & ~leap)
    fields = {name: pl.when(right).then(pl.col(name)) for name in ("y", "m", "d", "h", "mi", "s", "us")}
    second = pl.min_horizontal(fields["s"], pl.lit(59))
    return pl.datetime(
        fields["y"], fields["m"], fields["d"], fields["h"], fields["mi"], second, fields["us"], time_unit="us"
    )


def _to_utc(local: pl.Series, offset: pl.Series, zone: str) -> pl.Series:
    """An offset beside the value wins; a local hour that the clock skipped in spring is read an hour later."""
    frame = pl.DataFrame({"local": local, "offset": offset})
    sign = pl.when(pl.col("offset").str.contains("-", literal=True)).then(-1).otherwise(1)
    digits = pl.col("offset").str.extract(r"(\d{1,2}):?\d{0,2}").cast(pl.Int64).fill_null(0)
    minutes = pl.col("offset").str.extract(r"\d{2}:?(\d{2})").cast(pl.Int64).fill_null(0)
    shifted = pl.col("local") - pl.duration(minutes=sign * (digits * 60 + minutes))
    explicit = shifted.dt.replace_time_zone("UTC")
    return frame.select(
        pl.when(pl.col("offset").is_not_null()).then(explicit).otherwise(_at(pl.col("local"), zone))
    ).to_series()


def _at(local: pl.Expr, zone: str) -> pl.Expr:
    def read(clock: pl.Expr) -> pl.Expr:
        return clock.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")

    return read(local).fill_null(read(local + pl.duration(hours=1)))


def _from_count(cells: pl.Series, order: str, zone: str) -> pl.Series:
    value = cells.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    low, high = {"serial": (1, 80_000), "seconds": (0, 7e9), "milliseconds": (0, 7e12)}[order]
    value = pl.select(pl.when(value.is_between(low, high)).then(value)).to_series()
    if order == "serial":
        micros = (((value - EXCEL_EPOCH_DAYS) * 86_400).round(0) * 1_000_000).cast(pl.Int64)
        local = micros.cast(pl.Datetime("us"))
        return pl.DataFrame({"local": local}).select(_at(pl.col("local"), zone)).to_series()
    factor = 1_000_000 if order == "seconds" else 1_000
    return (value * factor).round(0).cast(pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
