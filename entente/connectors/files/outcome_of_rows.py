"""What became of each row: from the column that says it, else from its stage, else from the dates that are filled."""

from __future__ import annotations

import polars as pl

from entente.connectors.files.headers import normal
from entente.connectors.files.mapping import Mapping
from entente.connectors.files.outcomes import NO, YES, outcome_of, outcome_of_flag


def with_outcome(frame: pl.DataFrame, mapping: Mapping, is_deals: bool = False) -> pl.DataFrame:
    """`outcome`, from the column that says it, else from the stage, else from which dates are filled."""
    base = pl.lit(None, dtype=pl.String)
    if "outcome_word" in frame.columns:
        base = _by_words(frame["outcome_word"], mapping, flag=True)
        if "stage" in frame.columns:
            given_up = (base.fill_null("open") == "open") & (_by_words(frame["stage"], mapping, flag=False) == "lost")
            base = pl.when(given_up).then(pl.lit("lost")).otherwise(base)
        if "stage" not in frame.columns and not _is_flag(frame["outcome_word"]):
            frame = frame.with_columns(pl.col("outcome_word").alias("stage"))
    elif "stage" in frame.columns:
        base = _by_words(frame["stage"], mapping, flag=False)
    frame = frame.with_columns(base.alias("outcome"))
    if "outcome_word" not in frame.columns:
        frame = frame.with_columns(_by_dates(frame, is_deals).alias("outcome"))
    frame = frame.with_columns(pl.col("outcome").fill_null("open"))
    return _with_ends(frame)


def _is_flag(cells: pl.Series) -> bool:
    """Whether the words are only yes and no, which name no stage."""
    return all(normal(word) in YES | NO for word in cells.drop_nulls().unique().to_list())


def _by_words(cells: pl.Series, mapping: Mapping, flag: bool) -> pl.Expr:
    words = cells.drop_nulls().unique().to_list()
    said = {
        w: mapping.outcomes.get(w.strip().lower()) or (outcome_of_flag(w) if flag else None) or outcome_of(w)
        for w in words
    }
    return pl.col(cells.name).replace_strict(list(said), list(said.values()), default=None, return_dtype=pl.String)


def _by_dates(frame: pl.DataFrame, is_deals: bool) -> pl.Expr:
    said, outcome = pl.col("outcome"), pl.col("outcome")
    undecided = said.is_null() | (said == "open")
    if "won_at" in frame.columns:
        outcome = pl.when(undecided & pl.col("won_at").is_not_null()).then(pl.lit("won")).otherwise(outcome)
    if "lost_at" in frame.columns:
        outcome = pl.when(undecided & pl.col("lost_at").is_not_null()).then(pl.lit("lost")).otherwise(outcome)
    speechless = not {"won_at", "lost_at", "stage"} & set(frame.columns)
    if is_deals and speechless and "closed_at" in frame.columns:
        outcome = pl.when(pl.col("closed_at").is_not_null()).then(pl.lit("won")).otherwise(outcome)
    return outcome


def _with_ends(frame: pl.DataFrame) -> pl.DataFrame:
    """`won_at`, `lost_at`, `closed_at` agree with the outcome; an expected close of an open deal is none."""
    nothing = pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    have = {n: pl.col(n) if n in frame.columns else nothing for n in ("won_at", "lost_at", "closed_at")}
    won = pl.when(pl.col("outcome") == "won").then(pl.coalesce(have["won_at"], have["closed_at"]))
    lost = pl.when(pl.col("outcome") == "lost").then(pl.coalesce(have["lost_at"], have["closed_at"]))
    frame = frame.with_columns(won.alias("won_at"), lost.alias("lost_at"))
    return frame.with_columns(pl.coalesce("won_at", "lost_at").alias("closed_at"))
