"""`entente demo`: an invented company to look at, in a database of its own."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from entente.cli.serve import in_a_process_of_its_own, refuse_a_taken_port, run_all, share_the_database
from entente.cli.setup import fail, load_django

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from entente.demo.actions import Tell

Host = Annotated[str, typer.Option(help="The address to listen on. The demo's passwords are known to all.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]
Reset = Annotated[bool, typer.Option("--reset", help="Throw the demo away and make it anew, up to this moment.")]
NoServe = Annotated[bool, typer.Option("--no-serve", help="Set the demo up, print the log-ins, and end.")]
Data = Annotated[Path | None, typer.Option(help="The demo's folder (default: 'demo' in ENTENTE_DATA).")]
Export = Annotated[Path | None, typer.Option(help="Write leads.csv and deals.csv into this folder, and end.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With --export: the day on which the history ends.")
]


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(  # noqa: PLR0917 - typer reads the options off the parameters
    port: Port = 8000,
    host: Host = "127.0.0.1",
    reset: Reset = False,
    no_serve: NoServe = False,
    data: Data = None,
    export: Export = None,
    until: Until = None,
) -> None:
    """Show Entente on an invented company: 18 months of visits, hand-offs and deals. Never touches your data."""
    if export:
        write_files(export, until)
        return
    keep_apart(data)
    if no_serve:
        _set_up(reset)
        print("The demo is ready; `entente demo` serves it.")
        return
    refuse_a_taken_port(host, port)
    share_the_database()
    in_a_process_of_its_own(lambda: _set_up(reset))
    _greet(host, port)
    run_all(host, port, processes=1)


def _set_up(reset: bool) -> None:
    load_django()
    prepare(reset)
    print_log_ins()


def keep_apart(folder: Path | None) -> None:
    """Point this process at the demo's own folder and database; end with an error if it cannot be kept apart."""
    from entente.database import data_folder

    url = os.environ.get("DATABASE_URL")
    name = urlsplit(url).path.lstrip("/") if url else ""
    if url and not name.endswith("demo"):
        fail(
            f"the demo stays away from the database '{name}' that DATABASE_URL names. Unset DATABASE_URL, "
            "or let it name an empty database whose name ends with 'demo'."
        )
    os.environ["ENTENTE_DATA"] = str(folder or data_folder() / "demo")


def prepare(reset: bool) -> None:
    """Make sure that the demo is there, whole and fresh."""
    from entente.demo import actions

    now = datetime.now(UTC)
    try:
        actions.refuse_other_data()
        there = None if reset else actions.current()
        with _progress() as progress:
            tell = _teller(progress)
            if there:
                actions.bring_up_to_date(there, now, tell)
                return
            actions.clear()
            load_django()
            actions.set_up(now, tell)
    except actions.DemoError as error:
        fail(str(error))


def write_files(folder: Path, until: datetime | None) -> None:
    """Write the files that the demo company's CRM would export; needs no database."""
    from entente.demo.exports import write_exports
    from entente.demo.world import SEED, World, started

    end = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
    world = World(SEED, started(end), end)
    for _ in world.events():
        pass
    try:
        paths = write_exports(world, folder)
    except OSError as error:
        fail(f"cannot write into {folder}: {error.strerror}. Name another folder with --export.")
    for path in paths:
        print(f"Wrote {path}")


def _progress() -> Progress:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())


def _teller(progress: Progress) -> Tell:
    tasks: dict[str, TaskID] = {}

    def tell(step: str, done: int, of: int | None) -> None:
        if step not in tasks:
            tasks[step] = progress.add_task(step, total=of)
        progress.update(tasks[step], completed=done, total=of)

    return tell


def print_log_ins() -> None:
    """Who can sign in to the demo, with the passwords, in full however narrow the terminal is."""
    from rich.console import Console
    from rich.table import Column, Table

    from entente.demo import cast

    table = Table(*(Column(title, no_wrap=True) for title in ("who", "sign in as", "password")))
    for member in cast.MEMBERS:
        who = " ".join(part for part in (member.party, "rep" if member.role == "member" else member.role) if part)
        table.add_row(who, member.email, member.password)
    console = Console()
    console.width = max(console.width, 100)
    console.print(table)


def _greet(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    if host not in ("127.0.0.1", "::1", "localhost"):
        print("Whoever can reach this machine can sign in with these passwords.")
    print(f"The demo is at http://{shown}:{port} (stop it with Ctrl-C)", flush=True)
