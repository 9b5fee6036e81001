"""`entente serve`, `entente web` and `entente migrate`: the processes of a running Entente."""

from __future__ import annotations

import os
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from entente.cli.setup import fail, load_django
from entente.cli.supervisor import Child, end_with_supervisor, keep_running

Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is every one of this machine.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]
Processes = Annotated[int, typer.Option(help="How many web processes.", min=1, max=64)]


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(web)
    app.command("migrate")(bring_up_to_date)


def serve(host: Host = "127.0.0.1", port: Port = 8000, processes: Processes = 2) -> None:
    """Run Entente for a team on this machine: pages, worker and, unless DATABASE_URL names one, the database."""
    refuse_a_taken_port(host, port)
    share_the_database()
    in_a_process_of_its_own(lambda: _prepare(host, port))
    run_all(host, port, processes)


def web(host: Host = "127.0.0.1", port: Port = 8000, processes: Processes = 2) -> None:
    """Run the web server alone, on a database that `entente migrate` has brought up to date."""
    end_with_supervisor()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entente.settings")
    refuse_a_taken_port(host, port)
    share_the_database()
    serve_pages(host, port, processes)


def run_all(host: str, port: int, processes: int) -> NoReturn:
    """Keep web and worker running, as processes of their own, until this one is told to stop; ends this process.

    Nothing heavy is imported here: this process only waits.
    """
    command = [sys.executable, "-m", "entente.cli.main"]
    pages = [*command, "web", "--host", host, "--port", str(port), "--processes", str(processes)]
    raise SystemExit(keep_running([Child("web", pages), Child("worker", [*command, "worker"])]))


def in_a_process_of_its_own(work: Callable[[], object]) -> None:
    """Do what needs much memory in a process that ends with it; ends this one too where that fails."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 - it is printed, and the code says so
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)  # and not through this process's own clean-up: the database goes on
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit(code)


def _prepare(host: str, port: int) -> None:
    load_django()
    _greet(host, port)


def bring_up_to_date() -> None:
    """Bring the database's tables up to date; run it once before new versions of `entente web` start."""
    load_django()
    print("The database is up to date.")


def serve_pages(host: str, port: int, processes: int = 2) -> None:
    """Serve the pages until the process is told to stop (SIGTERM, or Ctrl-C); requests under way are finished."""
    import multiprocessing

    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    # Processes that start afresh inherit no open connection and no lock.
    multiprocessing.set_start_method("spawn", force=True)
    Server(
        "entente.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=processes,
        loop=Loops.asyncio,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        log_level=LogLevels.warning,
    ).serve()


def refuse_a_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"cannot listen on {host}:{port}: {error.strerror}. Choose another with --port.")


def share_the_database() -> None:
    """Hand the other processes the address of the database, so that the one of ours stays this process's to stop."""
    from entente.database import DatabaseError, data_folder, embedded_url

    os.environ["ENTENTE_POOL"] = "1"
    if os.environ.get("DATABASE_URL"):
        return
    try:
        os.environ["DATABASE_URL"] = embedded_url(data_folder())
    except DatabaseError as error:
        fail(str(error))


def _greet(host: str, port: int) -> None:
    from entente.members.queries import has_members

    shown = f"[{host}]" if ":" in host else host
    print(f"Entente is at http://{shown}:{port} (stop it with Ctrl-C)", flush=True)
    if not has_members():
        print("Nobody can sign in yet. Add the first member of operations in another terminal:")
        print("  entente user create --email you@company.example --name 'Your Name' --role ops", flush=True)
