"""The joined truth of the files: one row a lead, and beside it one row a deal where deals are a table of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from entente.connectors.files.headers import normal
from entente.connectors.files.join import Link, Plan, key, letters, plan, stacked
from entente.connectors.files.mapping import Mapping
from entente.connectors.files.outcomes import NO, YES, outcome_of, outcome_of_flag
from entente.connectors.files.problems import FileProblem, Reject
from entente.connectors.files.read import ReadTable
from entente.connectors.files.table import ROW
from entente.connectors.files.typed import TABLE, TRAIT, BadCell, Typed, typed
from entente.evidence.history import Warning

KEY: Final = "lead"
LOOKUP_MEANINGS: Final = ("segment", "company")
"""What a list may tell about the lead beside traits, where the lead's own table does not."""


@dataclass(slots=True)
class Records:
    """`leads` has a unique `lead`; `deals` has a unique `deal` and the `lead` it came of (null where none is known).

    `deals` is None where each lead's own row says what became of it. Both have `outcome`.
    """

    leads: pl.DataFrame
    deals: pl.DataFrame | None
    reads: list[ReadTable]
    zone: str
    warnings: list[Warning] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    joins: list[dict[str, Any]] = field(default_factory=list)


def combine(reads: Sequence[ReadTable], mapping: Mapping | None = None) -> Records:
    """Join the tables and read every cell as what it means. Raises `FileProblem` where nothing can be used."""
    mapping = mapping or Mapping()
    zone = mapping.timezone or "UTC"
    groups = stacked(reads)
    heads = [group[0] if len(group) == 1 else _tall(group) for group in groups]
    way = plan(heads)
    records = Records(pl.DataFrame(), None, list(reads), zone)
    _refuse_useless(heads[way.main])
    tables = {
        index: _typed(head, groups[index], zone, records)
        for index, head in enumerate(heads)
        if way.roles[index] != "unused"
    }
    for index, role in enumerate(way.roles):
        if role == "unused" and heads[index].table.frame.height:
            name = heads[index].table.name
            records.warnings.append(
                Warning(
                    "file_not_joined",
                    heads[index].table.frame.height,
                    f"{name} shares no key with the others and is left out",
                )
            )
    _look_up(way, heads, tables, records)
    main = _with_key(tables[way.main], heads[way.main], records, own_deal=way.deals is None)
    main = _with_outcome(main, mapping, heads[way.main])
    records.leads = main
    if way.deals:
        _attach_deals(way, heads, tables, records, mapping)
    return records


def _tall(group: list[ReadTable]) -> ReadTable:
    """Several tables of the same columns as one, for finding links; the columns are named as in the first."""
    from dataclasses import replace

    from entente.connectors.files.headers import normal

    first = group[0]
    frames = [first.table.frame]
    for read in group[1:]:
        names = {normal(name): name for name in read.table.columns}
        frames.append(
            read.table.frame.select(*(pl.col(names[normal(n)]).alias(n) for n in first.table.columns), pl.col(ROW))
        )
    table = replace(first.table, frame=pl.concat(frames))
    profiles = {
        name: replace(
            profile,
            filled=table.frame[name].count(),
            distinct=table.frame[name].drop_nulls().n_unique(),
        )
        for name, profile in first.profiles.items()
    }
    return ReadTable(table, profiles, first.guesses)


def _refuse_useless(read: ReadTable) -> None:
    meanings = {guess.meaning for guess in read.guesses.values()} - {"trait", "ignore"}
    if not meanings:
        columns = ", ".join(f"'{name}'" for name in read.table.columns[:8])
        raise FileProblem(
            read.table.name,
            f"no column tells who a lead is or what became of it (columns: {columns})",
            "Say what the columns mean in a mapping file (--mapping), or choose another file",
        )


def _typed(head: ReadTable, group: list[ReadTable], zone: str, records: Records) -> pl.DataFrame:
    parts: list[Typed] = [typed(read, zone) for read in (group if len(group) > 1 else [head])]
    for part in parts:
        records.bad += part.bad
        records.headers |= part.headers
    if len(parts) == 1:
        return parts[0].frame
    return pl.concat([_same_kinds(part.frame, parts[0].frame) for part in parts], how="diagonal_relaxed")


def _same_kinds(frame: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """A trait that is a number in one month's file and a text in the next is a text in both."""
    odd = [name for name in frame.columns if name in first.columns and frame[name].dtype != first[name].dtype]
    return frame.with_columns(pl.col(name).cast(pl.String) for name in odd)


def _look_up(way: Plan, heads: list[ReadTable], tables: dict[int, pl.DataFrame], records: Records) -> None:
    for link in way.lookups:
        left, right = _column(heads[link.left], link.left_column), _column(heads[link.right], link.right_column)
        found, similar, unknown = _resolved(tables[link.left], left, tables[link.right], right)
        tables[link.left] = _joined(found, tables[link.left], tables[link.right], left, right, heads[link.right])
        _tell_join(link, heads, records, left, similar, unknown)


def _column(read: ReadTable, header: str) -> str:
    """The typed column of a header."""
    meaning = read.guesses[header].meaning
    return f"{TRAIT}{header}" if meaning == "trait" else meaning


def _resolved(
    left: pl.DataFrame, left_column: str, right: pl.DataFrame, right_column: str
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Names of the left side to the right side's spelling; those found only by letters; those not found at all."""
    names = left.select(
        pl.col(left_column).alias("given"), pl.col(left_column).cast(pl.String).alias("text")
    ).drop_nulls()
    counts = (
        names.group_by("given", "text").len("rows").with_columns(key("text").alias("k"), letters("text").alias("l"))
    )
    known = right.select(pl.col(right_column).cast(pl.String).alias("proper")).drop_nulls()
    known = known.with_columns(key("proper").alias("k"), letters("proper").alias("l"))
    exact = counts.join(known.unique("k").select("k", "proper"), on="k", how="left")
    by_letters = known.unique("l", keep="none").filter(pl.col("l") != "").select("l", pl.col("proper").alias("alike"))
    both = exact.join(by_letters, on="l", how="left").with_columns(pl.coalesce("proper", "alike").alias("found"))
    similar = both.filter(pl.col("proper").is_null() & pl.col("alike").is_not_null()).sort("rows", descending=True)
    unknown = both.filter(pl.col("found").is_null()).sort("rows", descending=True)
    return both.filter(pl.col("found").is_not_null()).select("given", "found"), similar, unknown


def _joined(
    found: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame, left_column: str, right_column: str, read: ReadTable
) -> pl.DataFrame:
    """The left table with what the list says; as many rows as before, or it is an error in us."""
    keep: dict[str, str] = {}
    for name in right.columns:
        if name in (TABLE, ROW, right_column):
            continue
        target = name if name in LOOKUP_MEANINGS and name not in left.columns else name
        if not target.startswith(TRAIT) and target not in LOOKUP_MEANINGS:
            header = next(h for h in read.table.columns if _target(read, h) == name)
            target = f"{TRAIT}{header}"
        keep[name] = f"{target} ({_stem(read)})" if target in left.columns else target
    extra = right.select(
        pl.col(right_column).cast(pl.String).alias("found"), *(pl.col(n).alias(t) for n, t in keep.items())
    )
    lists = found.join(extra.unique("found", keep="first"), on="found", how="left")
    joined = left.join(lists, left_on=left_column, right_on="given", how="left", maintain_order="left")
    if joined.height != left.height:
        raise AssertionError(f"joining {read.table.name} made {joined.height} rows of {left.height}")
    if joined[left_column].dtype == pl.String:
        joined = joined.with_columns(pl.coalesce("found", left_column).alias(left_column))
    return joined.drop("found")


def _target(read: ReadTable, header: str) -> str:
    from entente.connectors.files.typed import INSTANTS

    meaning = read.guesses[header].meaning
    return INSTANTS.get(meaning, "outcome_word" if meaning == "outcome" else _column(read, header))


def _stem(read: ReadTable) -> str:
    return read.table.file.rsplit(".", 1)[0]


def _tell_join(
    link: Link, heads: list[ReadTable], records: Records, column: str, similar: pl.DataFrame, unknown: pl.DataFrame
) -> None:
    what = link.meaning if link.meaning != "trait" else link.left_column
    listed = heads[link.right].table.name
    records.joins.append(
        {
            "table": heads[link.left].table.name,
            "column": link.left_column,
            "with": listed,
            "its_column": link.right_column,
        }
    )
    if similar.height:
        given, proper = similar.row(0, named=True)["text"], similar.row(0, named=True)["alike"]
        text = f"'{given}' is not in {listed}; it is taken for '{proper}'"
        records.warnings.append(Warning(f"unknown_{what}", int(similar["rows"].sum()), text))
    if unknown.height:
        text = f"'{unknown.row(0, named=True)['text']}' is not in {listed}"
        code = f"unknown_{what}" if not similar.height else f"unlisted_{what}"
        records.warnings.append(Warning(code, int(unknown["rows"].sum()), text))


def _with_key(frame: pl.DataFrame, read: ReadTable, records: Records, own_deal: bool) -> pl.DataFrame:
    """A unique `lead`: its own key, else the deal's, else the address, else the place in the file."""
    place = pl.format("{}:{}", pl.col(TABLE), pl.col(ROW))
    candidates = [name for name in ("lead", "deal", "email") if name in frame.columns]
    chosen = next((name for name in candidates if _tells_rows_apart(frame[name])), None)
    if "lead" in frame.columns and chosen != "lead" and not (own_deal and chosen == "deal"):
        chosen = "lead"
    frame = frame.with_columns(pl.coalesce(pl.col(chosen), place).alias(KEY) if chosen else place.alias(KEY))
    twice = frame.filter(frame[KEY].is_duplicated())
    if twice.height:
        extra = twice.height - twice[KEY].n_unique()
        text = (
            f"'{twice[KEY][0]}' stands in {twice.filter(pl.col(KEY) == twice[KEY][0]).height} rows; the first is taken"
        )
        records.warnings.append(Warning("duplicate_leads", extra, text))
        frame = frame.unique(KEY, keep="first", maintain_order=True)
    return frame


def _tells_rows_apart(cells: pl.Series) -> bool:
    return (
        cells.len() > 0 and cells.count() >= 0.5 * cells.len() and cells.drop_nulls().n_unique() >= 0.9 * cells.count()
    )


def _with_outcome(frame: pl.DataFrame, mapping: Mapping, read: ReadTable, is_deals: bool = False) -> pl.DataFrame:
    """`outcome`, from the column that says it, else from the stage, else from which dates are filled."""
    base = pl.lit(None, dtype=pl.String)
    if "outcome_word" in frame.columns:
        base = _by_words(frame["outcome_word"], mapping, flag=True)
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


def _attach_deals(
    way: Plan, heads: list[ReadTable], tables: dict[int, pl.DataFrame], records: Records, mapping: Mapping
) -> None:
    link = way.deals
    assert link is not None
    read = heads[link.deals]
    frame = tables[link.deals]
    deals_column, main_column = _column(read, link.deals_column), _column(heads[link.main], link.main_column)
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
    joined = _with_outcome(joined, mapping, read, is_deals=True)
    orphans = joined.filter(pl.col(KEY).is_null())
    if orphans.height:
        text = f"deal '{orphans['deal'][0]}' of {read.table.name} has no lead in {heads[link.main].table.name}"
        records.warnings.append(Warning("deals_without_lead", orphans.height, text))
    records.joins.append(
        {
            "table": read.table.name,
            "column": link.deals_column,
            "with": heads[link.main].table.name,
            "its_column": link.main_column,
        }
    )
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
