"""What all tests share. Their settings, and where their database lies, are in `tests/settings.py`."""

from hypothesis import HealthCheck, settings

# A loaded machine is no counterexample: nothing is timed in tests.
settings.register_profile("entente", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("entente")


def pytest_configure() -> None:
    """Emptying the tables after a test that committed needs the leave that the log asks of everyone."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    empty = DatabaseOperations.execute_sql_flush

    def empty_with_leave(self: DatabaseOperations, statements: list[str]) -> None:
        empty(self, ["SET LOCAL entente.erasing = 'on'", *statements])

    DatabaseOperations.execute_sql_flush = empty_with_leave
