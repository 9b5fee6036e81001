"""From paths to tables with a meaning for every column: the guess, and what a mapping file fixes in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from entente.connectors.files import limits
from entente.connectors.files.containers import Source, open_file
from entente.connectors.files.delimited import read_delimited
from entente.connectors.files.layout import drop_empty, trim_tail
from entente.connectors.files.mapping import Mapping, TableMapping
from entente.connectors.files.meanings import Guess, guess_meanings
from entente.connectors.files.missing import WORDS, blank_missing
from entente.connectors.files.problems import FileProblem
from entente.connectors.files.profile import Profile, profile_table
from entente.connectors.files.table import Table
from entente.connectors.files.workbooks import read_workbook


@dataclass(slots=True)
class ReadTable:
    """A table, what its cells say, and what its columns were taken for."""

    table: Table
    profiles: dict[str, Profile]
    guesses: dict[str, Guess]

    def column(self, meaning: str) -> str | None:
        """The header of the column with this meaning."""
        return next((name for name, guess in self.guesses.items() if guess.meaning == meaning), None)


def read_tables(paths: Sequence[Path], mapping: Mapping | None = None) -> list[ReadTable]:
    """Every table in the files. Raises `FileProblem`, or `MappingProblem` where the mapping does not fit them."""
    mapping = mapping or Mapping()
    if len(paths) > limits.FILES:
        raise FileProblem(f"{len(paths)} files", f"the limit is {limits.FILES} at once", "Import them in parts")
    tables = [table for path in paths for source in open_file(path) for table in _read(source, mapping)]
    if not tables:
        raise FileProblem("no file was named", "there is nothing to read", "Name at least one file")
    if mapping.tables:
        mapping.check([(table.file, table.layout.sheet, table.columns, profile_table(table)) for table in tables])
    reads = [_understand(table, mapping) for table in tables]
    if not any(read.table.frame.height for read in reads):
        raise FileProblem(", ".join(path.name for path in paths), "there are no rows", "Export again with rows")
    return reads


def _read(source: Source, mapping: Mapping) -> list[Table]:
    if source.kind == "text":
        fixed = mapping.table(source.name, None)
        tables = [read_delimited(source, fixed.cut if fixed else None)]
    else:
        tables = read_workbook(source, mapping.sheets(source.name))
        if not tables:
            raise FileProblem(source.name, "its sheets are empty", "Save the sheet that has the table as the first")
    for table in tables:
        table.frame = blank_missing(table.frame, table.columns, WORDS | mapping.missing)
        drop_empty(table)
        trim_tail(table)
        if source.ending_lies:
            table.note("file_kind", f"the file is {_article(source.kind)} under the name '{source.name}'")
    return tables


def _understand(table: Table, mapping: Mapping) -> ReadTable:
    fixed = mapping.table(table.file, table.layout.sheet) or TableMapping()
    profiles = profile_table(table)
    for name, override in fixed.columns.items():
        if name in profiles:
            profiles[name] = override.apply(profiles[name])
    meanings = {
        name: override.meaning for name, override in fixed.columns.items() if name in profiles and override.meaning
    }
    _tell_formats(table, profiles)
    return ReadTable(table, profiles, guess_meanings(profiles, meanings))


def _article(kind: str) -> str:
    return {"xlsx": "an Excel workbook", "xls": "an old Excel workbook", "ods": "an OpenDocument sheet"}.get(
        kind, "text"
    )


def _tell_formats(table: Table, profiles: dict[str, Profile]) -> None:
    for name, profile in profiles.items():
        if profile.date and not profile.date.sure:
            text = f"the dates of '{name}' fit both orders; they are read as {profile.date.describe()}"
            table.note("ambiguous_dates", text, name)
        if profile.date and profile.date.mixed:
            table.note(
                "mixed_date_formats", f"{profile.date.mixed} dates of '{name}' have day and month the other way", name
            )
        if profile.number and not profile.number.sure:
            text = f"the numbers of '{name}' fit both marks; '{profile.number.decimal}' is taken for the decimals"
            table.note("ambiguous_numbers", text, name)
