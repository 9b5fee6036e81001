"""The key of each row, so that every lead is one row."""

from __future__ import annotations

import polars as pl

from entente.connectors.files.records import KEY, Records
from entente.connectors.files.table import ROW
from entente.connectors.files.typed import TABLE
from entente.evidence.history import Warning


def with_key(frame: pl.DataFrame, records: Records, own_deal: bool) -> pl.DataFrame:
    """A unique `lead`: its own key, else the deal's, else the address, else the place in the file."""
    place = pl.format("{}:{}", pl.col(TABLE), pl.col(ROW))
    candidates = [name for name in ("lead", "deal", "email") if name in frame.columns]
    if any(frame[name].drop_nulls().is_duplicated().any() for name in candidates[:1]):
        frame = _without_repeated_rows(frame, records)
    chosen = next((name for name in candidates if _tells_rows_apart(frame[name])), None)
    if "lead" in frame.columns and chosen != "lead" and not (own_deal and chosen == "deal"):
        chosen = "lead"
    frame = frame.with_columns(pl.coalesce(pl.col(chosen), place).alias(KEY) if chosen else place.alias(KEY))
    twice = frame.filter(frame[KEY].is_duplicated())
    if twice.height:
        extra = twice.height - twice[KEY].n_unique()
        first = twice[KEY][0]
        text = f"'{first}' stands in {int((twice[KEY] == first).sum())} rows; the first is taken"
        records.warnings.append(Warning("duplicate_leads", extra, text))
        frame = frame.unique(KEY, keep="first", maintain_order=True)
    return frame


def _without_repeated_rows(frame: pl.DataFrame, records: Records) -> pl.DataFrame:
    """Rows that say exactly the same, as where two months' files overlap, are one."""
    cells = [name for name in frame.columns if name not in (TABLE, ROW)]
    once = frame.unique(cells, keep="first", maintain_order=True)
    if once.height < frame.height:
        extra = frame.join(once, on=[TABLE, ROW], how="anti")
        text = f"row {extra[ROW][0]} of {extra[TABLE][0]} says exactly what another row says"
        records.warnings.append(Warning("repeated_rows", frame.height - once.height, text))
    return once


def _tells_rows_apart(cells: pl.Series) -> bool:
    filled = cells.drop_nulls()
    return filled.len() > 0 and filled.len() >= 0.5 * cells.len() and filled.n_unique() >= 0.9 * filled.len()
