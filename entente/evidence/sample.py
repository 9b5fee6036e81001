"""Which leads can teach us what winning looks like, and what is known of each: the material of all evidence.

A sample is always in the order of the leads' keys, so that no result depends on the order of rows in a file. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from entente.evidence.history import TRAIT, History

Flags = NDArray[np.bool_]
Kind = Literal["text", "number", "flag", "date"]
Basis = Literal["won_or_lost", "won_or_not"]

KNOWN_AT_THE_START: Final = ("source", "campaign", "product", "segment")
"""Columns with a meaning that are also traits: who the lead is when it comes. A stage or a reason comes afterwards."""

LOST_ENOUGH: Final = 0.1
"""Losses are taken as known when there is at least one for ten wins; else leads are split into won and not won."""


@dataclass(frozen=True)
class Trait:
    """What is known of each lead of a sample under one header.

    `name` is what people call it (the header), `key` what the agreement's conditions call it: a column with a meaning
    is a trait by the name of its meaning, as the log has it, any other by its header. `values` is aligned with the
    sample: texts, floats, booleans or dates, null where nothing is known. Texts that differ in case and surrounding
    blanks only are one, as in the agreement's conditions, in their commonest spelling. Dates are no evidence (a rule
    on them would age), but that there is one can leak the outcome.
    """

    name: str
    column: str
    kind: Kind
    values: pl.Series

    @property
    def key(self) -> str:
        """The name of the trait in a condition."""
        return self.column.removeprefix(TRAIT)

    @cached_property
    def known(self) -> Flags:
        """Where there is a value."""
        return self.values.is_not_null().to_numpy()

    @cached_property
    def array(self) -> NDArray[np.generic]:
        """The values for comparison: floats with NaN, or texts with an empty one, where nothing is known."""
        if self.kind == "number":
            return self.values.fill_null(float("nan")).to_numpy()
        if self.kind == "flag":
            return self.values.fill_null(False).to_numpy()
        return self.values.fill_null("").to_numpy().astype(object)

    @cached_property
    def is_whole(self) -> bool:
        """Whether a number trait holds whole numbers only."""
        return self.kind == "number" and bool((self.values.drop_nulls() % 1 == 0).all())


@dataclass(frozen=True)
class Sample:
    """The leads that evidence stands on: `frame` in the order of keys, and which of them were won."""

    frame: pl.DataFrame
    won: Flags
    basis: Basis
    traits: tuple[Trait, ...]

    @property
    def size(self) -> int:
        """Number of leads."""
        return len(self.won)

    @property
    def wins(self) -> int:
        """Number of leads won."""
        return int(self.won.sum())

    def only(self, rows: Flags) -> Sample:
        """Some of the leads, with the same traits."""
        keep = pl.Series(rows)
        traits = tuple(Trait(t.name, t.column, t.kind, t.values.filter(keep)) for t in self.traits)
        return Sample(self.frame.filter(keep), self.won[rows], self.basis, traits)

    def without(self, columns: set[str]) -> Sample:
        """The same leads with fewer traits."""
        return Sample(self.frame, self.won, self.basis, tuple(t for t in self.traits if t.column not in columns))


def sample_of(history: History) -> Sample:
    """The leads to learn from: won against lost where losses are recorded, else won against all the others."""
    leads = history.leads.sort("lead")
    counts = dict(leads["outcome"].value_counts().iter_rows())
    lost_is_known = counts.get("lost", 0) >= max(1, LOST_ENOUGH * counts.get("won", 0))
    if lost_is_known:
        leads = leads.filter(pl.col("outcome") != "open")
    won = (leads["outcome"] == "won").to_numpy()
    traits = tuple(trait for trait in (_trait(leads[c], history.header(c)) for c in _candidates(leads)) if trait)
    return Sample(leads, won, "won_or_lost" if lost_is_known else "won_or_not", traits)


def _candidates(leads: pl.DataFrame) -> list[str]:
    return [name for name in leads.columns if name in KNOWN_AT_THE_START or name.startswith(TRAIT)]


def _trait(values: pl.Series, name: str) -> Trait | None:
    """The trait in a column, or None for keys and columns that say the same of everyone."""
    kind = _kind(values.dtype)
    if kind is None:
        return None
    clean = _one_spelling(values) if kind == "text" else values
    if kind == "number":
        clean = clean.cast(pl.Float64).fill_nan(None)
    if clean.n_unique() < 2 or _is_key(clean, kind, name):
        return None
    return Trait(name, values.name, kind, clean)


def _kind(dtype: pl.DataType) -> Kind | None:
    if dtype == pl.Boolean:
        return "flag"
    if dtype.is_numeric():
        return "number"
    if dtype.is_temporal():
        return "date"
    return "text" if dtype in (pl.String, pl.Categorical) else None


def _one_spelling(values: pl.Series) -> pl.Series:
    """Texts without surrounding blanks, each in the commonest of its spellings; empty ones become null."""
    counted = values.cast(pl.String).drop_nulls().value_counts().rows()
    spelling: dict[str, str] = {}
    for text, _ in sorted(counted, key=lambda pair: (-pair[1], pair[0])):
        spelling.setdefault(text.strip().casefold(), text.strip())
    shown = {text: spelling[text.strip().casefold()] or None for text, _ in counted}
    return values.cast(pl.String).replace_strict(shown, default=None, return_dtype=pl.String)


_KEY_NAME = re.compile(r"(^|[\s_.-])(id|uuid|guid|number|no|nr|num|key|code|c[oó]digo|n[uú]mero)$", re.IGNORECASE)


def _is_key(values: pl.Series, kind: Kind, name: str) -> bool:
    """Whether the column numbers the rows: it says who a lead is, and nothing about leads like it."""
    known = values.drop_nulls()
    if kind != "number" or len(known) < 20 or known.n_unique() < len(known):
        return False
    whole = bool((known % 1 == 0).all())
    dense = bool(np.ptp(known.to_numpy()) < 20 * len(known))
    return whole and (dense or bool(_KEY_NAME.search(name)))
