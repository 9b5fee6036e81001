"""Tests run on the embedded PostgreSQL in a folder of their own, or on the server that DATABASE_URL names."""

import os
import tempfile

# Before Django reads its settings; the workers of pytest-xdist inherit both and so share one server.
if "ENTENTE_TEST_DATA" not in os.environ:
    os.environ["ENTENTE_TEST_DATA"] = tempfile.mkdtemp(prefix="entente-test-")
os.environ["ENTENTE_DATA"] = os.environ["ENTENTE_TEST_DATA"]


def pytest_configure() -> None:
    """Emptying the tables after a test that committed needs the leave that the log asks of everyone."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    empty = DatabaseOperations.execute_sql_flush

    def empty_with_leave(self: DatabaseOperations, statements: list[str]) -> None:
        empty(self, ["SET LOCAL entente.erasing = 'on'", *statements])

    DatabaseOperations.execute_sql_flush = empty_with_leave
