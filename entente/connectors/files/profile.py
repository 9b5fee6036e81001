"""What the cells of a column themselves say: their kind, how many differ, what they look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from entente.connectors.files import dates, numbers
from entente.connectors.files.dates import DateFormat
from entente.connectors.files.headers import says_date, says_identifier
from entente.connectors.files.numbers import Mark, NumberFormat
from entente.connectors.files.outcomes import NO, YES
from entente.connectors.files.table import Table

Kind = Literal["empty", "text", "number", "date", "bool"]

EMAIL: Final = r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]{2,}$"
PHONE: Final = r"^\+?[\d\s().\-/]{7,22}(?:\s?(?:x|ext)\.?\s?\d{1,6})?$"
SAMPLE: Final = 50_000


@dataclass(frozen=True, slots=True)
class Profile:
    """A column's kind and format, and what is needed to guess its meaning. Shares are of the filled cells."""

    name: str
    kind: Kind
    filled: int
    distinct: int
    examples: tuple[str, ...]
    number: NumberFormat | None = None
    date: DateFormat | None = None
    emails: float = 0.0
    phones: float = 0.0
    words: tuple[str, ...] = ()

    @property
    def unique(self) -> bool:
        """Whether (nearly) every filled cell differs: a key of the row."""
        return self.filled > 0 and self.distinct >= 0.98 * self.filled


def profile_table(table: Table) -> dict[str, Profile]:
    """Profiles of all columns; what one column proves about decimal marks and day-month order helps the others."""
    profiles = {name: _profile(table, name) for name in table.columns}
    order = _proven_order(profiles)
    mark = _proven_mark(table, profiles)
    for name, profile in profiles.items():
        if profile.date and not profile.date.sure and order:
            profiles[name] = _with_date(profile, DateFormat(order, profile.date.has_time, profile.date.has_zone))
        if profile.number and not profile.number.sure and mark and profile.number.decimal != mark:
            number = NumberFormat(mark, profile.number.percent, profile.number.currency, False)
            profiles[name] = _with_number(profile, number)
    return profiles


def _profile(table: Table, name: str) -> Profile:
    cells = table.frame[name].drop_nulls().alias("cell")
    if not cells.len():
        return Profile(name, "empty", 0, 0, ())
    some = cells if cells.len() <= SAMPLE else cells.gather_every(max(1, cells.len() // SAMPLE)).head(SAMPLE)
    counts = some.value_counts(sort=True)
    common = counts["cell"].head(60).to_list()
    date = dates.guess_date_format(some, says_date(name))
    number = None if date else numbers.guess_number_format(some, name in table.native)
    number = None if number and _are_codes(name, some) else number
    return Profile(
        name=name,
        kind=_kind(counts["cell"], number, date),
        filled=cells.len(),
        distinct=cells.n_unique(),
        examples=tuple(dict.fromkeys([*common[:3], *some.head(3).to_list()]))[:4],
        number=number,
        date=date,
        emails=_share(some, EMAIL),
        phones=_share(some, PHONE),
        words=tuple(common) if counts.height <= 60 else (),
    )


def _share(cells: pl.Series, pattern: str) -> float:
    return float(cells.str.contains(pattern).sum()) / cells.len()


def _kind(distinct: pl.Series, number: NumberFormat | None, date: DateFormat | None) -> Kind:
    if date:
        return "date"
    if number:
        return "number"
    words = {word.lower() for word in distinct.head(10).to_list()}
    if distinct.len() <= 4 and words <= YES | NO | {"sí", "não"}:
        return "bool"
    return "text"


def _are_codes(name: str, cells: pl.Series) -> bool:
    """Digits that are no quantity: leading zeros (postcodes), very long ones, keys, telephone numbers."""
    zeros = cells.str.contains(r"^0\d+$").sum()
    long = cells.str.contains(r"^\d{16,}$").sum()
    plus = cells.str.contains(r"^\+\d").sum()
    return bool(zeros or long or plus or (says_identifier(name) and cells.str.contains(r"^[\d\s()+-]+$").all()))


def _proven_order(profiles: dict[str, Profile]) -> dates.Order | None:
    proven = {p.date.order for p in profiles.values() if p.date and p.date.sure and p.date.order in ("dmy", "mdy")}
    return proven.pop() if len(proven) == 1 else None


def _proven_mark(table: Table, profiles: dict[str, Profile]) -> Mark | None:
    """The decimal mark that other columns show; a semicolon between cells speaks for the comma within."""
    proven = {p.number.decimal for p in profiles.values() if p.number and p.number.sure and _has_mark(table, p)}
    if len(proven) == 1:
        return proven.pop()
    return "," if table.layout.delimiter == ";" else None


def _has_mark(table: Table, profile: Profile) -> bool:
    return profile.name not in table.native and any("." in e or "," in e for e in profile.examples)


def _with_date(profile: Profile, date: DateFormat) -> Profile:
    return Profile(
        profile.name, "date", profile.filled, profile.distinct, profile.examples, None, date, 0.0, 0.0, profile.words
    )


def _with_number(profile: Profile, number: NumberFormat) -> Profile:
    return Profile(
        profile.name, "number", profile.filled, profile.distinct, profile.examples, number, None, 0.0,
        profile.phones, profile.words,
    )  # fmt: skip
