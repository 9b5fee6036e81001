"""What all tests share. Their settings, and where their database lies, are in `tests/settings.py`."""


def pytest_configure() -> None:
    """Emptying the tables after a test that committed needs the leave that the log asks of everyone."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    empty = DatabaseOperations.execute_sql_flush

    def empty_with_leave(self: DatabaseOperations, statements: list[str]) -> None:
        empty(self, ["SET LOCAL entente.erasing = 'on'", *statements])

    DatabaseOperations.execute_sql_flush = empty_with_leave
