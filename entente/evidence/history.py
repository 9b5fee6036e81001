"""A company's past in one table: what the connectors read out of its exports, and what the audit reads.

One row is one lead, or one deal where the files have no leads. The columns below are the only ones with a meaning;
every other column of the files comes along as `trait:<Header>` and is evidence. Pure: no Django, no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

TRAIT: Final = "trait:"
"""Prefix of the columns that have no meaning of their own: `trait:` and the header as it stands in the file."""

INSTANT: Final = pl.Datetime("us", "UTC")

COLUMNS: Final[dict[str, pl.DataType]] = {
    "lead": pl.String(),
    "person": pl.String(),
    "email": pl.String(),
    "phone": pl.String(),
    "company": pl.String(),
    "source": pl.String(),
    "campaign": pl.String(),
    "owner": pl.String(),
    "sdr": pl.String(),
    "stage": pl.String(),
    "product": pl.String(),
    "segment": pl.String(),
    "created_at": INSTANT,
    "first_touch_at": INSTANT,
    "accepted_at": INSTANT,
    "rejected_at": INSTANT,
    "won_at": INSTANT,
    "lost_at": INSTANT,
    "closed_at": INSTANT,
    "touches": pl.Int64(),
    "amount": pl.Float64(),
    "outcome": pl.String(),
    "reason": pl.String(),
    "competitor": pl.String(),
}
"""The columns with a meaning, and their types. All may be null but `lead` and `outcome`.

lead            key of the row, unique: the lead's or deal's own number, as a text
person          name of the human, as given
email, phone    as given, blanks taken off
company         name of the account, as given
source          the channel that brought the lead; null where the file leaves it empty (which is not "unknown")
campaign        the campaign that brought the lead
owner           the sales representative (rep) that has the lead or deal
sdr             who qualified it for sales (sales development representative), where that is someone else
stage           stage or status in the company's own words
product         what is being sold
segment         team, manager, region or business segment: one way to cut the table, as given
created_at      first contact, or when the deal was engaged, where the files have no leads; UTC
first_touch_at  when sales first tried to reach the person; UTC
accepted_at     when sales took the lead on; UTC
rejected_at     when sales gave the lead back to marketing; UTC
won_at, lost_at when it ended so; UTC; null where it is known to have ended but not when
closed_at       when it ended, either way; UTC
touches         number of attempts to reach the person; never negative
amount          value of the deal, in the company's currency, without its sign; null where there is none
outcome         "won", "lost" or "open" (neither yet, or not known)
reason          why it was won or lost, as given
competitor      to whom it was lost, as given
trait:<Header>  any other column: text, float, bool or datetime (UTC)
"""

OUTCOMES: Final = ("won", "lost", "open")


@dataclass(frozen=True, slots=True)
class Warning:
    """Something in the files that a person should look at: how many rows, and one of them in words."""

    code: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class History:
    """What the files say, joined.

    `leads` has every column of `COLUMNS` in that order, then the traits. `trait_columns` gives the original header of
    each trait column (`{"trait:Lead Origin": "Lead Origin"}`); `mapping` what each column of each file was taken for,
    as it is shown to people: `tables` with `file` and `columns` (header to `meaning`, `certainty`, `why`), `timezone`.
    """

    leads: pl.DataFrame
    warnings: list[Warning] = field(default_factory=list)
    trait_columns: dict[str, str] = field(default_factory=dict)
    mapping: dict[str, Any] = field(default_factory=dict)

    def header(self, column: str) -> str:
        """What the files call a column; where they do not say, the name of its meaning."""
        if column in self.trait_columns:
            return self.trait_columns[column]
        for table in self.mapping.get("tables", ()):
            for header, guess in table["columns"].items():
                if guess["meaning"] == column:
                    return str(header)
        return column.removeprefix(TRAIT)


def history(
    leads: pl.DataFrame,
    warnings: Sequence[Warning] = (),
    trait_columns: Mapping[str, str] | None = None,
    mapping: Mapping[str, Any] | None = None,
) -> History:
    """A history out of a frame that has some of the columns: missing ones are added empty, types made right.

    Raises `ValueError` where a row has no key, a key stands twice, or an outcome is not one of `OUTCOMES`.
    """
    frame = _with_all_columns(leads)
    _refuse_bad_keys(frame)
    unknown = set(frame["outcome"].unique()) - set(OUTCOMES)
    if unknown:
        raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}, not {sorted(map(str, unknown))}")
    headers = {name: name.removeprefix(TRAIT) for name in frame.columns if name.startswith(TRAIT)}
    return History(frame, list(warnings), {**headers, **(trait_columns or {})}, dict(mapping or {}))


def _with_all_columns(leads: pl.DataFrame) -> pl.DataFrame:
    known = [
        pl.col(name).cast(kind) if name in leads.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in COLUMNS.items()
    ]
    traits = [pl.col(name) for name in leads.columns if name.startswith(TRAIT)]
    return leads.select(*known, *traits).with_columns(pl.col("outcome").fill_null("open"))


def _refuse_bad_keys(frame: pl.DataFrame) -> None:
    if frame["lead"].null_count():
        raise ValueError("every row needs a key in the column 'lead'")
    if frame["lead"].n_unique() != frame.height:
        twice = frame.filter(pl.col("lead").is_duplicated())["lead"][0]
        raise ValueError(f"the key '{twice}' stands in more than one row")
