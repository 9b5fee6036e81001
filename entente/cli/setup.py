"""What commands share: loading Django with an up-to-date database, and ending with a clear error."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def load_django() -> None:
    """Start the database if it is ours, load Django, and bring the tables up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entente.settings")
    from entente.database import DatabaseError

    try:
        import django

        django.setup()
        migrate()
    except DatabaseError as error:
        fail(str(error))


def migrate() -> None:
    """Apply migrations that are missing; two processes that start at once wait for each other."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(78201)")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(78201)")


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and end with exit code 2."""
    print(f"entente: {message}", file=sys.stderr)
    raise SystemExit(2)
