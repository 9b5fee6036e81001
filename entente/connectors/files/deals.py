"""A table of deals beside the leads that they came of. There may be deals without a lead, and leads without a deal."""

from __future__ import annotations

import polars as pl

from entente.connectors.files.join import DealsOf, key
from entente.connectors.files.lookups import typed_column
from entente.connectors.files.mapping import Mapping
from entente.connectors.files.outcome_of_rows import with_outcome
from entente.connectors.files.read import ReadTable
from entente.connectors.files.records import KEY, Records
from entente.connectors.files.table import ROW
from entente.connectors.files.typed import TABLE
from entente.evidence.history import Warning


def attach_deals(
    link: DealsOf, heads: list[ReadTable], frame: pl.DataFrame, records: Records, mapping: Mapping
) -> None:
    """Give each row of the deals' table its lead, key and outcome, as `records.deals`."""
    read = heads[link.deals]
    deals_column, main_column = typed_column(read, link.deals_column), typed_column(heads[link.main], link.main_column)
    leads = (
        records.leads.select(key(main_column).alias("#k"), pl.col(KEY).alias("#lead"))
        .drop_nulls()
        .unique("#k", keep="first")
    )
    frame = frame.with_columns(key(deals_column).alias("#k"))
    joined = frame.join(leads, on="#k", how="left", maintain_order="left")
    if joined.height != frame.height:
        raise AssertionError("joining the deals to their leads made more rows")
    joined = joined.with_columns(pl.col("#lead").alias(KEY)).drop("#lead")
    joined = _deal_keys(joined, records)
    joined = with_outcome(joined, mapping, is_deals=True)
    orphans = joined.filter(pl.col(KEY).is_null())
    if orphans.height:
        text = f"deal '{orphans['deal'][0]}' of {read.table.name} has no lead in {heads[link.main].table.name}"
        records.warnings.append(Warning("deals_without_lead", orphans.height, text))
    records.joined(read, link.deals_column, heads[link.main], link.main_column)
    records.deals = joined.with_columns(pl.col("#k").alias("#given")).drop("#k")


def _deal_keys(frame: pl.DataFrame, records: Records) -> pl.DataFrame:
    """A unique `deal`: its own key, else the lead's, else the place in the file."""
    place = pl.format("{}:{}", pl.col(TABLE), pl.col(ROW))
    own = [pl.col("deal")] if "deal" in frame.columns else []
    frame = frame.with_columns(pl.coalesce(*own, pl.col(KEY), pl.col("#k"), place).alias("deal"))
    twice = frame.filter(frame["deal"].is_duplicated())
    if not own:
        return frame.with_columns(
            pl.when(pl.col("deal").is_first_distinct()).then(pl.col("deal")).otherwise(place).alias("deal")
        )
    if twice.height:
        text = f"deal '{twice['deal'][0]}' stands in several rows; the first is taken"
        records.warnings.append(Warning("duplicate_deals", twice.height - twice["deal"].n_unique(), text))
    return frame.unique("deal", keep="first", maintain_order=True)
