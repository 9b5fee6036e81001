"""What an import would take the files for, shown before anything is changed, and the same as a mapping file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from entente.connectors.files.delimited import describe_delimiter
from entente.connectors.files.history import history_of, read_records
from entente.connectors.files.mapping import DATE_WORDS, Mapping
from entente.connectors.files.mapping_file import dump
from entente.connectors.files.problems import Note, Reject
from entente.connectors.files.profile import Profile
from entente.connectors.files.read import ReadTable
from entente.connectors.files.records import Records
from entente.evidence.history import Warning


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """One column: its header, what it is taken for and why, how its cells are written, and some of them."""

    header: str
    meaning: str
    certainty: float
    why: str
    kind: str
    written: str
    filled: int
    distinct: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreviewTable:
    """One table; `role` is main, deals, lookup or unused."""

    name: str
    file: str
    sheet: str | None
    kind: str
    encoding: str | None
    delimiter: str | None
    header_row: int
    rows: int
    role: str
    columns: tuple[PreviewColumn, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """All that was guessed. `mapping` is the same as YAML; feed it back, changed, to change the guess."""

    tables: tuple[PreviewTable, ...]
    joins: tuple[dict[str, Any], ...]
    warnings: tuple[Warning, ...]
    rejects: tuple[Reject, ...]
    timezone: str
    leads: int
    deals: int
    outcomes: dict[str, int]
    stages: dict[str, str]
    mapping: str
    first: tuple[dict[str, Any], ...] = field(default=())


def preview(paths: Sequence[str | Path], mapping: Mapping | None = None, timezone: str | None = None) -> Preview:
    """Read the files and tell what they are taken for; nothing is changed. Raises `FileProblem`, `MappingProblem`."""
    return preview_of(read_records(paths, mapping or Mapping(), timezone))


def preview_of(records: Records) -> Preview:
    """The same of records that were read already."""
    told = history_of(records)
    leads = told.leads
    return Preview(
        tables=tuple(_table(read, records.roles[read.table.name]) for read in records.reads),
        joins=tuple(records.joins),
        warnings=tuple(told.warnings),
        rejects=tuple(reject for read in records.reads for reject in read.table.rejects),
        timezone=records.zone,
        leads=leads.height,
        deals=0 if records.deals is None else records.deals.height,
        outcomes=dict(leads["outcome"].value_counts(sort=True).iter_rows()),
        stages=_stages(leads),
        mapping=mapping_yaml(records),
        first=tuple(leads.head(5).to_dicts()),
    )


def _table(read: ReadTable, role: str) -> PreviewTable:
    layout = read.table.layout
    return PreviewTable(
        name=read.table.name,
        file=read.table.file,
        sheet=layout.sheet,
        kind=layout.kind,
        encoding=layout.encoding,
        delimiter=describe_delimiter(layout.delimiter) if layout.delimiter else None,
        header_row=layout.header_row,
        rows=read.table.frame.height,
        role=role,
        columns=tuple(_column(read, name) for name in read.table.columns),
        notes=tuple(read.table.notes),
    )


def _column(read: ReadTable, name: str) -> PreviewColumn:
    profile, guess = read.profiles[name], read.guesses[name]
    return PreviewColumn(
        header=name,
        meaning=guess.meaning,
        certainty=guess.certainty,
        why=guess.why,
        kind=profile.kind,
        written=_written(profile),
        filled=profile.filled,
        distinct=profile.distinct,
        examples=tuple(example[:80] for example in profile.examples[:3]),
    )


def _written(profile: Profile) -> str:
    if profile.date:
        return profile.date.describe()
    if profile.number:
        words = [f"decimal {'comma' if profile.number.decimal == ',' else 'point'}"]
        words += [profile.number.currency] if profile.number.currency else []
        words += ["percent"] if profile.number.percent else []
        return ", ".join(words)
    return {"bool": "yes or no", "empty": "nothing"}.get(profile.kind, "text")


def _stages(leads: pl.DataFrame) -> dict[str, str]:
    """What each stage was taken for."""
    pairs = leads.select("stage", "outcome").drop_nulls().unique().sort("stage").head(60)
    return dict(pairs.iter_rows())


def mapping_yaml(records: Records) -> str:
    """The guess as a mapping file that gives the same result, and in which everything can be changed."""
    files = [_file(read) for read in records.reads]
    return HEAD + dump({"format": 1, "timezone": records.zone, "files": files})


HEAD = """\
# What each column is taken for. Change what is wrong; what you delete is guessed again.
# Meanings and all other keys: docs/reference/mapping.md
"""


def _file(read: ReadTable) -> dict[str, Any]:
    layout = read.table.layout
    entry: dict[str, Any] = {"file": read.table.file}
    if layout.sheet is not None:
        entry["sheet"] = layout.sheet
    entry["header"] = layout.header_row
    if layout.encoding:
        entry["encoding"] = layout.encoding
    if layout.delimiter:
        entry["delimiter"] = describe_delimiter(layout.delimiter)
    entry["columns"] = {name: _entry(read, name) for name in read.table.columns}
    return entry


def _entry(read: ReadTable, name: str) -> str | dict[str, str]:
    """Just the meaning, unless the way the cells are written could be read in another way."""
    profile, meaning = read.profiles[name], read.guesses[name].meaning
    words = {order: word for word, order in DATE_WORDS.items()}
    if profile.date and profile.date.order in ("dmy", "mdy") and not profile.date.mixed:
        return {"meaning": meaning, "dates": words[profile.date.order]}
    if profile.number and not profile.number.sure:
        return {"meaning": meaning, "decimal": profile.number.decimal}
    return meaning
