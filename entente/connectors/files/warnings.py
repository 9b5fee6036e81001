"""What in the files a person should look at before believing a number: each with a count and one example in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import polars as pl

from entente.connectors.files.names import misspelt, near_duplicates
from entente.connectors.files.read import ReadTable
from entente.connectors.files.records import KEY, Records
from entente.connectors.files.typed import TRAIT
from entente.evidence.history import Warning

BACKWARDS: Final = ("won_at", "lost_at", "first_touch_at", "accepted_at")
EMPTY: Final = ("owner", "source", "company")
NAMES_IN: Final = ("source", "company", "product", "owner", "segment", "competitor", "reason")
NOTES: Final = (
    "mixed_date_formats",
    "ambiguous_dates",
    "ambiguous_numbers",
    "file_kind",
    "duplicate_header",
    "unclosed_quote",
)
BAD_CODES: Final = {"amount": "bad_numbers", "touches": "bad_numbers", "email": "bad_emails"}


def warnings_of(records: Records, leads: pl.DataFrame) -> list[Warning]:
    """All warnings; those about joins were gathered while joining."""
    return [
        *records.warnings,
        *_backwards(leads),
        *_empty(records),
        *_bad_cells(records),
        *_rejected(records),
        *_notes(records),
        *_currencies(records.leads),
        *_alike(records, leads),
    ]


def _backwards(leads: pl.DataFrame) -> Iterator[Warning]:
    if "created_at" not in leads.columns:
        return
    ends = [name for name in BACKWARDS if name in leads.columns]
    if not ends:
        return
    wrong = leads.filter(pl.any_horizontal(pl.col(name) < _start(name) for name in ends))
    if wrong.height:
        row = wrong.row(0, named=True)
        name = next(n for n in ends if row[n] is not None and row[n] < row["created_at"])
        what = name.removesuffix("_at").replace("_", " ")
        text = f"'{row[KEY]}': {what} {row[name]:%Y-%m-%d %H:%M}, created {row['created_at']:%Y-%m-%d %H:%M}"
        yield Warning("dates_backwards", wrong.height, text)


def _start(name: str) -> pl.Expr:
    """An end that is only a date stands at midnight, and so may seem to lie before a start on the same day."""
    end, start = pl.col(name), pl.col("created_at")
    return pl.when(end == end.dt.truncate("1d")).then(start.dt.truncate("1d")).otherwise(start)


def _empty(records: Records) -> Iterator[Warning]:
    for name in EMPTY:
        for frame in (records.leads, records.deals):
            if frame is not None and name in frame.columns and frame[name].null_count():
                missing = frame.filter(pl.col(name).is_null())
                text = f"'{missing[KEY][0] or missing['deal'][0]}' has no {name}"
                yield Warning(f"empty_{name}", missing.height, text)
                break


def _bad_cells(records: Records) -> Iterator[Warning]:
    counts = Counter(BAD_CODES.get(cell.meaning, "bad_dates") for cell in records.bad)
    for code, count in counts.items():
        cell = next(cell for cell in records.bad if BAD_CODES.get(cell.meaning, "bad_dates") == code)
        yield Warning(code, count, f"row {cell.row} of {cell.table}, '{cell.column}': '{cell.cell[:60]}'")


def _rejected(records: Records) -> Iterator[Warning]:
    rejects = [reject for read in records.reads for reject in read.table.rejects]
    if rejects:
        yield Warning("bad_rows", len(rejects), f"row {rejects[0].row} of {rejects[0].table}: {rejects[0].reason}")


def _notes(records: Records) -> Iterator[Warning]:
    for code in NOTES:
        found = [(read, note) for read in records.reads for note in read.table.notes if note.code == code]
        if found:
            yield Warning(code, sum(_rows(read, note.column) for read, note in found), found[0][1].text)


def _rows(read: ReadTable, column: str | None) -> int:
    """How many rows a note concerns: those of its column, or one for the file."""
    profile = read.profiles.get(column) if column else None
    if profile is None:
        return 1
    return profile.date.mixed if profile.date and profile.date.mixed else profile.filled


def _currencies(frame: pl.DataFrame) -> Iterator[Warning]:
    if "currency" in frame.columns and frame["currency"].drop_nulls().n_unique() > 1:
        counts = frame["currency"].drop_nulls().value_counts(sort=True)
        others = int(counts["count"].sum() - counts["count"][0])
        yield Warning(
            "mixed_currencies",
            others,
            f"most values are in {counts[0, 0]}, some in {counts[1, 0]}; they are not converted",
        )


def _alike(records: Records, leads: pl.DataFrame) -> Iterator[Warning]:
    pairs: list[tuple[int, str, str, str]] = []
    for name in leads.columns:
        if (name not in NAMES_IN and not name.startswith(TRAIT)) or leads[name].dtype != pl.String:
            continue
        counts = leads[name].drop_nulls().value_counts(sort=True)
        if counts.height > max(200, leads.height * 0.2) or counts.height > 1_500:
            continue
        table = dict(counts.iter_rows())
        found = {rarer: (other, rows) for rarer, other, rows in (*near_duplicates(table), *misspelt(table))}
        pairs += [(rows, rarer, other, name.removeprefix(TRAIT)) for rarer, (other, rows) in found.items()]
    if pairs:
        _, rarer, other, column = max(pairs)
        text = f"'{rarer}' in '{column}' looks like '{other}'"
        yield Warning("near_duplicate_names", sum(pair[0] for pair in pairs), text)
