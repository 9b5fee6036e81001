"""`entente agreement`: begin, check, show and adopt the agreement from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from entente.cli.setup import fail, load_django

if TYPE_CHECKING:
    from entente.agreements.document import Agreement
    from entente.agreements.models import AgreementVersion
    from entente.agreements.problems import AgreementError

app = typer.Typer(help="The agreement: begin, check, show and adopt it.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
File = Annotated[Path, typer.Argument(help="The agreement, as YAML.", show_default=False)]


@app.command()
def template(
    language: Annotated[str, typer.Option(help="en or es")] = "en",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
) -> None:
    """Print an agreement to begin with, in force from today; it works as it is."""
    from entente.agreements.starting_points import LANGUAGES
    from entente.agreements.starting_points import template as starting_point

    if language not in LANGUAGES:
        fail(f"there is no template in '{language}'; choose one of {', '.join(LANGUAGES)}")
    text = starting_point(language, datetime.now(UTC).date())
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{output} is there already; name another file, or move it away")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")
    typer.echo(f"Written to {output}. Change what does not fit, then: entente agreement validate {output}")


@app.command()
def validate(file: File, as_json: Json = False) -> None:
    """Check a file; say everything that is wrong, each with its line, its place and what would be right."""
    agreement = _load(file, as_json)
    remarks = _remarks(agreement)
    if as_json:
        _print_json({"valid": True, **_identity(agreement), "problems": [], "remarks": remarks})
        return
    typer.echo(f"{file} is a valid agreement: {agreement.name}")
    typer.echo(f"  in force from {agreement.effective} ({agreement.timezone})")
    typer.echo(f"  sha256 {agreement.sha256()}")
    for remark in remarks:
        typer.echo(f"  note: {remark}")


@app.command()
def show(
    number: Annotated[int | None, typer.Option("--version", help="This version, whether in force or not.")] = None,
    at: Annotated[str | None, typer.Option(help="In force at this time, such as 2026-07-01T09:00+02:00.")] = None,
    as_json: Json = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the document as YAML.")] = False,
) -> None:
    """Show the agreement in force, or another version, in plain words or as the document."""
    if number is not None and at is not None:
        fail("--version and --at choose differently; give one of them")
    if as_json and as_yaml:
        fail("--json and --yaml print differently; give one of them")
    moment = _moment(at) if at else datetime.now(UTC)
    load_django()
    version = _version(number, moment)
    if as_json:
        _print_json({**_version_identity(version), "agreement": version.agreement.as_data()})
    elif as_yaml:
        typer.echo(version.agreement.to_yaml(), nl=False)
    else:
        _print_words(version)


@app.command("import")
def import_(file: File, as_json: Json = False) -> None:
    """Adopt the file as the next version; it is in force from its effective day. A stored one is left as it is."""
    agreement = _load(file, as_json)
    load_django()
    from entente.agreements import actions, queries

    known = queries.version_of(agreement) is not None
    version = actions.adopt(agreement, None, datetime.now(UTC))
    if as_json:
        _print_json({"stored": not known, **_version_identity(version)})
    elif known:
        typer.echo(f"This document is there already, as version {version.number}; nothing was changed.")
    else:
        day = f"{agreement.effective} ({agreement.timezone})"
        typer.echo(f"Stored as version {version.number}: {agreement.name}, in force from {day}.")


def _load(file: Path, as_json: bool) -> Agreement:
    from entente.agreements.document import AgreementError, load

    try:
        return load(file)
    except AgreementError as error:
        _refuse(file, error, as_json)


def _refuse(file: Path, error: AgreementError, as_json: bool) -> NoReturn:
    if as_json:
        _print_json({"valid": False, "problems": [problem.as_data() for problem in error.problems]})
        raise typer.Exit(2)
    count = len(error.problems)
    lines = [f"{file} is refused, {count} mistake{'' if count == 1 else 's'}:"]
    for problem in error.problems:
        place = ", ".join(part for part in (f"line {problem.line}" if problem.line else "", problem.path) if part)
        lines += [f"  {place}: {problem.message}" if place else f"  {problem.message}", f"      {problem.remedy}"]
    fail("\n".join(lines))


def _remarks(agreement: Agreement) -> list[str]:
    """What is allowed and yet probably not meant."""
    from entente.agreements.conditions import EventType, leaves
    from entente.agreements.places import nearest
    from entente.events.types import OWN_TYPES, SEGMENT_CALLS

    known = (*OWN_TYPES, *SEGMENT_CALLS)
    return [
        f"{rule.name}: no event of the type '{leaf.type}' is known to Entente; {nearest(leaf.type, known)}".rstrip("; ")
        for rule in agreement.definition.rules()
        for leaf in leaves(rule.when)
        if isinstance(leaf, EventType) and leaf.type not in known
    ]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"'{text}' is not a time; write it as 2026-07-01 or 2026-07-01T09:00+02:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _version(number: int | None, at: datetime) -> AgreementVersion:
    from entente.agreements import queries

    version = queries.version_in_force(at) if number is None else queries.version(number)
    return version or _say_why_none(number, at)


def _say_why_none(number: int | None, at: datetime) -> NoReturn:
    from entente.agreements import queries

    if not queries.versions().exists():
        fail("there is no agreement yet; begin with: entente agreement template -o FILE, then import FILE")
    if number is not None:
        fail(f"there is no version {number}; the newest is version {queries.versions()[0].number}")
    first = queries.reigns()[0]
    fail(f"no agreement is in force at {at.isoformat()}; the first one begins at {first.begins.isoformat()}")


def _identity(agreement: Agreement) -> dict[str, Any]:
    return {
        "name": agreement.name,
        "sha256": agreement.sha256(),
        "effective": agreement.effective.isoformat(),
        "timezone": agreement.timezone,
    }


def _version_identity(version: AgreementVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        **_identity(version.agreement),
        "sha256": version.sha256,
        "in_force_from": version.effective_at.isoformat(),
        "adopted_at": version.created_at.isoformat(),
        "adopted_by": version.created_by.email if version.created_by else None,
    }


def _print_words(version: AgreementVersion) -> None:
    from rich.console import Console
    from rich.table import Table

    from entente.agreements.words import describe

    console = Console(highlight=False, markup=False)
    console.print(f"{version.name}, version {version.number}", style="bold")
    console.print(f"sha256 {version.sha256}", style="dim")
    for section in describe(version.agreement):
        console.print()
        console.print(section.title, style="bold")
        table = Table(box=None, show_header=False, padding=(0, 1))
        table.add_column(justify="right")
        table.add_column()
        table.add_column(overflow="fold")
        for line in section.lines:
            points = "" if line.points is None else f"{line.points:+d}"
            table.add_row(points, line.name, " ".join(part for part in (line.text, line.note) if part))
        console.print(table)


def _print_json(data: dict[str, Any]) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
