"""Files to a `History`: the table that the audit reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from entente.connectors.files.combine import combine
from entente.connectors.files.mapping import Mapping
from entente.connectors.files.mapping_file import load_mapping
from entente.connectors.files.read import ReadTable, read_tables
from entente.connectors.files.records import KEY, Records
from entente.connectors.files.typed import TRAIT
from entente.connectors.files.warnings import warnings_of
from entente.evidence.history import COLUMNS, History, history

OF_THE_DEAL: Final = (
    "outcome",
    "won_at",
    "lost_at",
    "closed_at",
    "amount",
    "reason",
    "competitor",
    "product",
    "stage",
    "owner",
)
"""Where lead and deal both tell one of these, the deal is right."""


def read_history(
    paths: Sequence[str | Path], mapping_path: str | Path | None = None, timezone: str | None = None
) -> History:
    """What the files say, joined. Raises `FileProblem` or `MappingProblem`."""
    mapping = load_mapping(Path(mapping_path)) if mapping_path else Mapping()
    records = read_records(paths, mapping, timezone)
    return history_of(records)


def read_records(paths: Sequence[str | Path], mapping: Mapping, timezone: str | None = None) -> Records:
    """The files' leads and deals. `timezone` is that of times without an offset, where the mapping names none."""
    if timezone and not mapping.timezone:
        mapping = replace(mapping, timezone=timezone)
    return combine(read_tables([Path(path) for path in paths], mapping), mapping)


def history_of(records: Records) -> History:
    """One row a lead; several deals of one lead become its best outcome and the sum of what was won."""
    leads = records.leads
    if records.deals is not None:
        leads = _with_deals(leads, records.deals)
    leads = _with_person(leads)
    traits = [name for name in leads.columns if name.startswith(TRAIT)]
    leads = leads.select(*(name for name in COLUMNS if name in leads.columns), *traits)
    return history(leads, warnings_of(records, leads), _trait_headers(records, traits), describe(records))


def _with_deals(leads: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    one = _one_deal_a_lead(deals.filter(pl.col(KEY).is_not_null()))
    one = one.select(KEY, *(pl.col(name).alias(_beside(name)) for name in one.columns if name != KEY))
    joined = leads.join(one, on=KEY, how="left", maintain_order="left")
    if joined.height != leads.height:
        raise AssertionError("joining the deals made more rows of the leads")
    joined = _merged(joined, [name for name in deals.columns if name != KEY])
    orphans = deals.filter(pl.col(KEY).is_null()).with_columns(pl.col("deal").alias(KEY))
    return (
        pl.concat([joined, orphans.select(_wanted(orphans, joined))], how="diagonal_relaxed")
        if orphans.height
        else joined
    )


def _wanted(orphans: pl.DataFrame, leads: pl.DataFrame) -> list[str]:
    return [name for name in orphans.columns if name in leads.columns]


def _beside(name: str) -> str:
    return f"#deal {name}"


def _one_deal_a_lead(deals: pl.DataFrame) -> pl.DataFrame:
    """The won deal before the open before the lost one, the earliest first; amounts of won deals add up."""
    rank = pl.col("outcome").replace_strict({"won": 0, "open": 1, "lost": 2}, default=3)
    ordered = deals.sort(rank, pl.col("closed_at"), nulls_last=True, maintain_order=True)
    best = ordered.unique(KEY, keep="first", maintain_order=True)
    if "amount" not in deals.columns:
        return best
    won = (
        deals.filter(pl.col("outcome") == "won")
        .group_by(KEY)
        .agg(pl.col("amount").sum().alias("#won"), pl.col("amount").count().alias("#n"))
    )
    best = best.join(won, on=KEY, how="left", maintain_order="left")
    total = pl.when((pl.col("outcome") == "won") & (pl.col("#n") > 0)).then(pl.col("#won")).otherwise(pl.col("amount"))
    return best.with_columns(total.alias("amount")).drop("#won", "#n")


def _merged(joined: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    expressions = []
    for name in names:
        deal = pl.col(_beside(name))
        if name.startswith("#") or name in ("deal",):
            continue
        if name not in joined.columns:
            expressions.append(deal.alias(name))
        elif name in OF_THE_DEAL:
            expressions.append(pl.coalesce(deal, pl.col(name)).alias(name))
        elif not name.startswith(TRAIT) or joined[name].dtype == joined[_beside(name)].dtype:
            expressions.append(pl.coalesce(pl.col(name), deal).alias(name))
    merged = joined.with_columns(expressions)
    merged = merged.drop([name for name in merged.columns if name.startswith("#deal ")])
    return merged.with_columns(pl.col("outcome").fill_null("open"))


def _with_person(leads: pl.DataFrame) -> pl.DataFrame:
    """`person` out of first and last name where no column has the whole."""
    parts = [pl.col(name) for name in ("first_name", "last_name") if name in leads.columns]
    if not parts:
        return leads
    whole = pl.concat_str(parts, separator=" ", ignore_nulls=True)
    whole = pl.when(whole != "").then(whole)
    own = [pl.col("person")] if "person" in leads.columns else []
    return leads.with_columns(pl.coalesce(*own, whole).alias("person"))


def _trait_headers(records: Records, traits: list[str]) -> dict[str, str]:
    return {name: records.headers.get(name, name.removeprefix(TRAIT)) for name in traits}


def describe(records: Records) -> dict[str, Any]:
    """What each column was taken for and how the tables were joined, as it is shown to people."""
    return {"timezone": records.zone, "tables": [_described(read) for read in records.reads], "joins": records.joins}


def _described(read: ReadTable) -> dict[str, Any]:
    layout = read.table.layout
    return {
        "file": read.table.file,
        "sheet": layout.sheet,
        "kind": layout.kind,
        "encoding": layout.encoding,
        "delimiter": layout.delimiter,
        "header_row": layout.header_row,
        "rows": read.table.frame.height,
        "columns": {
            name: {"meaning": guess.meaning, "certainty": guess.certainty, "why": guess.why}
            for name, guess in read.guesses.items()
        },
        "notes": [note.text for note in read.table.notes],
    }
