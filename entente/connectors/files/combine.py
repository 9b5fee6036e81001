"""Tables to `Records`: joined by their keys, every cell read as what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from entente.connectors.files.deals import attach_deals
from entente.connectors.files.headers import normal
from entente.connectors.files.join import Link, plan, stacked
from entente.connectors.files.keys import with_key
from entente.connectors.files.lookups import LISTED, look_up
from entente.connectors.files.mapping import Mapping
from entente.connectors.files.meanings import Guess
from entente.connectors.files.outcome_of_rows import with_outcome
from entente.connectors.files.problems import FileProblem
from entente.connectors.files.read import ReadTable
from entente.connectors.files.records import Records
from entente.connectors.files.table import ROW
from entente.connectors.files.typed import Typed, typed
from entente.evidence.history import Warning


def combine(reads: Sequence[ReadTable], mapping: Mapping | None = None) -> Records:
    """Join the tables and read every cell as what it means. Raises `FileProblem` where nothing can be used."""
    mapping = mapping or Mapping()
    zone = mapping.timezone or "UTC"
    groups = stacked(reads)
    heads = [group[0] if len(group) == 1 else _tall(group) for group in groups]
    way = plan(heads)
    records = Records(pl.DataFrame(), None, list(reads), zone)
    _refuse_useless(heads[way.main])
    for link in way.lookups:
        _only_traits(groups[link.right], heads[link.right], link)
    tables = {
        index: _typed(head, groups[index], zone, records)
        for index, head in enumerate(heads)
        if way.roles[index] != "unused"
    }
    records.roles = {read.table.name: role for group, role in zip(groups, way.roles, strict=True) for read in group}
    records.given = frozenset(tables[way.main].columns)
    records.warnings += [_left_out(heads[index]) for index, role in enumerate(way.roles) if role == "unused"]
    look_up(way, heads, tables, records)
    main = with_key(tables[way.main], records, own_deal=way.deals is None)
    records.leads = with_outcome(main, mapping)
    if way.deals:
        attach_deals(way.deals, heads, tables[way.deals.deals], records, mapping)
    return records


def _left_out(read: ReadTable) -> Warning:
    text = f"{read.table.name} shares no key with the others and is left out"
    return Warning("file_not_joined", read.table.frame.height, text)


def _tall(group: list[ReadTable]) -> ReadTable:
    """Several tables of the same columns as one, for finding links; the columns are named as in the first."""
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


def _only_traits(group: list[ReadTable], head: ReadTable, link: Link) -> None:
    """What a list tells of a company, product or rep is a trait: its revenue is not the amount of a deal."""
    kept = (*LISTED, "trait", "ignore")
    for read in {id(read): read for read in (*group, head)}.values():
        for name, guess in read.guesses.items():
            if name != link.right_column and guess.meaning not in kept and guess.why != "chosen":
                read.guesses[name] = Guess("trait", 0.8, f"it tells of the {link.meaning.replace('_', ' ')}")


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
