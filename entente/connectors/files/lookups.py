"""Lists that explain a name (accounts, products, people of a team), joined to the rows that use it.

A join never makes more rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from entente.connectors.files.join import Link, Plan, key, letters
from entente.connectors.files.read import ReadTable
from entente.connectors.files.records import Records
from entente.connectors.files.table import ROW
from entente.connectors.files.typed import TABLE, TRAIT
from entente.evidence.history import Warning

LISTED: Final = ("segment", "company")
"""What a list may tell about the lead beside traits, where the lead's own table does not."""


def look_up(way: Plan, heads: list[ReadTable], tables: dict[int, pl.DataFrame], records: Records) -> None:
    """Add to each table what the lists say of its names; names that no list has are told."""
    for link in way.lookups:
        using, listed = heads[link.left], heads[link.right]
        left, right = tables[link.left], tables[link.right]
        name, its_name = typed_column(using, link.left_column), typed_column(listed, link.right_column)
        found, similar, unknown = _resolved(left[name], right[its_name])
        lists = _listed(found, right, its_name, left.columns, listed)
        tables[link.left] = _joined(left, name, lists)
        if link.meaning in ("company", "account_id"):
            records.of_accounts |= set(tables[link.left].columns) - set(left.columns)
        records.joined(using, link.left_column, listed, link.right_column)
        records.warnings += _tell(link, listed.table.name, similar, unknown)


def typed_column(read: ReadTable, header: str) -> str:
    """The typed column of a header."""
    meaning = read.guesses[header].meaning
    return f"{TRAIT}{header}" if meaning == "trait" else meaning


def _resolved(names: pl.Series, proper: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Names to the list's spelling; those found only by letters; those not found at all, the commonest first."""
    used = pl.DataFrame({"given": names, "text": names.cast(pl.String)}).drop_nulls()
    counts = used.group_by("given", "text").len("rows").with_columns(key("text").alias("k"), letters("text").alias("l"))
    known = pl.DataFrame({"proper": proper.cast(pl.String)}).drop_nulls()
    known = known.with_columns(key("proper").alias("k"), letters("proper").alias("l"))
    exact = counts.join(known.unique("k").select("k", "proper"), on="k", how="left")
    by_letters = known.unique("l", keep="none").filter(pl.col("l") != "").select("l", pl.col("proper").alias("alike"))
    both = exact.join(by_letters, on="l", how="left").with_columns(pl.coalesce("proper", "alike").alias("found"))
    both = both.sort("rows", "text", descending=[True, False])
    similar = both.filter(pl.col("proper").is_null() & pl.col("alike").is_not_null())
    return both.drop_nulls("found").select("given", "found"), similar, both.filter(pl.col("found").is_null())


def _listed(
    found: pl.DataFrame, right: pl.DataFrame, its_name: str, taken: list[str], listed: ReadTable
) -> pl.DataFrame:
    """For each name as it is given what the list says, under column names that are not `taken` yet."""
    stem = listed.table.file.rsplit(".", 1)[0]
    columns = [name for name in right.columns if name not in (TABLE, ROW, its_name)]
    renamed = [pl.col(name).alias(_free_name(name, taken, stem)) for name in columns]
    extra = right.select(pl.col(its_name).cast(pl.String).alias("#found"), *renamed).unique("#found", keep="first")
    return found.rename({"found": "#found"}).join(extra, on="#found", how="left")


def _free_name(name: str, taken: list[str], stem: str) -> str:
    return f"{TRAIT}{name.removeprefix(TRAIT)} ({stem})" if name in taken else name


def _joined(left: pl.DataFrame, name: str, lists: pl.DataFrame) -> pl.DataFrame:
    """The table with what the list says, and its spelling of the name; as many rows as before, or it is our error."""
    joined = left.join(lists, left_on=name, right_on="given", how="left", maintain_order="left")
    if joined.height != left.height:
        raise AssertionError(f"looking up '{name}' made {joined.height} rows of {left.height}")
    if joined[name].dtype == pl.String:
        joined = joined.with_columns(pl.coalesce("#found", name).alias(name))
    return joined.drop("#found")


def _tell(link: Link, listed: str, similar: pl.DataFrame, unknown: pl.DataFrame) -> Iterator[Warning]:
    what = link.meaning if link.meaning != "trait" else link.left_column
    if similar.height:
        text = f"'{similar['text'][0]}' is not in {listed}; it is taken for '{similar['alike'][0]}'"
        yield Warning(f"unknown_{what}", int(similar["rows"].sum()), text)
    if unknown.height:
        code = f"unlisted_{what}" if similar.height else f"unknown_{what}"
        yield Warning(code, int(unknown["rows"].sum()), f"'{unknown['text'][0]}' is not in {listed}")
