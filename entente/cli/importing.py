"""`entente import`: files of leads and deals, or events as newline-delimited Segment calls, into the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entente.cli.setup import fail, load_django

if TYPE_CHECKING:
    from entente.connectors.actions import Progress
    from entente.connectors.files.mapping import Mapping
    from entente.connectors.files.preview import Preview, PreviewTable
    from entente.events.models import Import

EVENT_ENDINGS = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
WORDS = {
    "reading": "Reading the files",
    "writing": "Rows to the log",
    "events": "Events to the log",
    "persons": "Bringing people up to date",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_command)


def import_command(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Exports of one company (CSV, TSV, XLSX, XLS, ODS), or `list`, or `undo N`."
        ),
    ],
    *,
    mapping: Annotated[Path | None, typer.Option(help="A file that says what the columns mean.")] = None,
    source: Annotated[str | None, typer.Option(help="Name of the system that the files come from.")] = None,
    show: Annotated[bool, typer.Option("--show", help="Show what the files are taken for; change nothing.")] = False,
    show_mapping: Annotated[bool, typer.Option("--show-mapping", help="Print the guess as a mapping file.")] = False,
    save_mapping: Annotated[
        Path | None, typer.Option(help="Write the guess to a mapping file; change nothing.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of times that carry none, such as Europe/Madrid.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Import what happened from files: each fact once, as one unit that can be undone.

    `entente import list` shows the imports, `entente import undo N` takes one back.
    """
    if files == ["list"] and not Path("list").exists():
        _list(as_json)
    elif files[0] == "undo" and not Path("undo").exists():
        _undo(files[1:], as_json)
    elif files[0].lower().endswith(EVENT_ENDINGS):
        _import_events(files, source, as_json)
    elif show or show_mapping or save_mapping:
        _show(_existing(files), _mapping(mapping, timezone), show_mapping, save_mapping, as_json)
    else:
        _import(_existing(files), _mapping(mapping, timezone), source, as_json)


def _existing(files: list[str]) -> list[Path]:
    paths = [Path(file) for file in files]
    events = [path.name for path in paths if path.name.lower().endswith(EVENT_ENDINGS)]
    if events:
        fail(f"{events[0]}: events and tables are imported apart. Import it in a command of its own")
    return paths


def _mapping(path: Path | None, timezone: str | None) -> Mapping:
    from dataclasses import replace

    from entente.connectors.files import Mapping, MappingProblem, load_mapping
    from entente.connectors.files.mapping import is_timezone

    if timezone and not is_timezone(timezone):
        fail(f"there is no time zone '{timezone}'. Write for example Europe/Madrid")
    try:
        mapping = load_mapping(path) if path else Mapping()
    except MappingProblem as problem:
        fail(str(problem))
    return replace(mapping, timezone=timezone) if timezone else mapping


@contextmanager
def _clear_errors() -> Iterator[None]:
    """What is wrong with a file is said in its own words."""
    from entente.connectors.files import FileProblem, MappingProblem

    try:
        yield
    except (FileProblem, MappingProblem) as problem:
        fail(str(problem))


def _show(paths: list[Path], mapping: Mapping, as_mapping: bool, save: Path | None, as_json: bool) -> None:
    from entente.connectors.files.preview import preview

    with _clear_errors():
        seen = preview(paths, mapping)
    if save:
        try:
            save.write_text(seen.mapping, encoding="utf-8")
        except OSError as error:
            fail(f"{save} cannot be written ({error.strerror}). Choose another place")
        typer.echo(f"The mapping is in {save}. Change it and import with --mapping {save}")
    elif as_mapping:
        typer.echo(seen.mapping, nl=False)
    elif as_json:
        typer.echo(json.dumps(_plain(seen), ensure_ascii=False, default=str, indent=1))
    else:
        _print_preview(seen)


def _plain(seen: Preview) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(seen)


def _print_preview(seen: Preview) -> None:
    from rich.console import Console

    console = Console()
    for table in seen.tables:
        _print_table(console, table)
    for join in seen.joins:
        console.print(f"{join['table']} ({join['column']}) → {join['with']} ({join['its_column']})", markup=False)
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in seen.outcomes.items())
    console.print(f"{seen.leads:,} leads: {outcomes}. Times without an offset are in {seen.timezone}.", markup=False)
    stages = ", ".join(f"{stage} = {outcome}" for stage, outcome in seen.stages.items())
    if stages:
        console.print(f"Stages: {stages}", markup=False)
    for warning in seen.warnings:
        console.print(
            f"! {warning.count:,} x {warning.code.replace('_', ' ')}: {warning.example}", markup=False, style="yellow"
        )
    console.print(
        "Nothing was changed. To change the guess: --save-mapping FILE, edit it, --mapping FILE.", markup=False
    )


def _print_table(console: Any, table: PreviewTable) -> None:
    from rich.table import Table
    from rich.text import Text

    how = ", ".join(str(part) for part in (table.kind, table.encoding, table.delimiter) if part)
    shown = Table(title=Text(f"{table.name}: {table.rows:,} rows, {how}, {table.role}"), title_justify="left")
    for heading in ("column", "means", "how sure", "written as", "examples"):
        shown.add_column(heading)
    for column in table.columns:
        examples = ", ".join(column.examples)
        sure = f"{column.certainty:.0%}"
        shown.add_row(*map(Text, (column.header, column.meaning.replace("_", " "), sure, column.written, examples)))
    console.print(shown)
    for note in table.notes:
        console.print(f"  {note.text}", markup=False)


def _import(paths: list[Path], mapping: Mapping, source: str | None, as_json: bool) -> None:
    load_django()
    from entente.connectors.actions import import_files

    with _clear_errors(), _progress(quiet=as_json) as progress:
        unit = import_files(paths, mapping, source, now=datetime.now(UTC), progress=progress)
    _tell(unit, as_json)


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """A bar on standard error for each step; none where nobody looks."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bars:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(WORDS.get(what, what), total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield tell


def _tell(unit: Import, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_row(unit), ensure_ascii=False))
        return
    typer.echo(f"Import {unit.pk}: {unit.rows:,} rows, {unit.events:,} new events, {unit.known:,} known already.")
    if unit.rejected:
        typer.echo(f"{unit.rejected:,} rows were left out; each with its reason in {unit.rejects_file}")
    if unit.events:
        typer.echo(f"To take it back: entente import undo {unit.pk}")


def _row(unit: Import) -> dict[str, Any]:
    return {
        "id": unit.pk,
        "source": unit.source.name,
        "files": unit.files,
        "at": unit.started_at.isoformat(),
        "rows": unit.rows,
        "events": unit.events,
        "known": unit.known,
        "rejected": unit.rejected,
        "rejects_file": unit.rejects_file,
        "undone_at": unit.undone_at.isoformat() if unit.undone_at else None,
    }


def _list(as_json: bool) -> None:
    load_django()
    from entente.events.models import Import

    units = list(Import.objects.select_related("source").order_by("pk"))
    if as_json:
        typer.echo(json.dumps([_row(unit) for unit in units], ensure_ascii=False))
        return
    for unit in units:
        names = ", ".join(file["name"] for file in unit.files)
        state = f"undone {unit.undone_at:%Y-%m-%d}" if unit.undone_at else f"{unit.events:,} events"
        typer.echo(
            f"{unit.pk:>5}  {unit.started_at:%Y-%m-%d %H:%M}  {unit.source.name}  {names}  {unit.rows:,} rows  {state}"
        )
    if not units:
        typer.echo("Nothing has been imported yet.")


def _undo(arguments: list[str], as_json: bool) -> None:
    if len(arguments) != 1 or not arguments[0].isdigit():
        fail("say which import to undo, for example `entente import undo 3`; `entente import list` shows them")
    load_django()
    from entente.connectors.actions import ImportProblem, undo

    try:
        removed = undo(int(arguments[0]), None, now=datetime.now(UTC))
    except ImportProblem as problem:
        fail(str(problem))
    typer.echo(
        json.dumps({"id": int(arguments[0]), "removed": removed}) if as_json else f"{removed:,} events were taken back."
    )


def _import_events(files: list[str], source: str | None, as_json: bool) -> None:
    """Calls, one a line. They are read by the room of the log itself."""
    for file in files:
        if not file.lower().endswith(EVENT_ENDINGS):
            fail(f"{file}: events and tables are imported apart. Import it in a command of its own")
        if not Path(file).is_file():
            fail(f"{file}: there is no such file. Check the spelling and the folder")
    load_django()
    from entente.connectors.actions import bring_up_to_date
    from entente.events.ndjson import DEFAULT_SOURCE, EventFileError, import_events

    now = datetime.now(UTC)
    with _progress(quiet=as_json) as tell:
        done = 0

        def written(events: int) -> None:
            nonlocal done
            done += events
            tell("events", done, done)

        try:
            unit = import_events([Path(file) for file in files], source or DEFAULT_SOURCE, now=now, progress=written)
        except EventFileError as error:
            fail(str(error))
        bring_up_to_date(now, tell)
    _tell(unit, as_json)
