"""Group commit: the calls of many requests are written in one transaction, by one thread of this process.

While a transaction is on its way to the disk, calls that arrive wait in memory; the next transaction takes all of them.
So that a commit, which costs the same for one row as for a hundred, is shared by as many as are there, and nobody waits
for more than two. A request is told of success only after the commit of its rows.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors

from entente.events.collector.erased import PROOF, without_erased
from entente.events.rows import COLUMNS, Row
from entente.events.storing import NEXT_ARRIVAL, Stored, arrived, copy_rows, insert_unknown

log = logging.getLogger(__name__)

MOST_WAITING: Final = 20_000
"""Events that may wait for the disk; who comes later is told to come again."""
LARGEST_GROUP: Final = 5_000
COMPANY: Final = 0.002
"""Seconds that a group waits for company while many send: half as many commits for as many events."""
TRIES: Final = 3
BEGIN: Final = "BEGIN; " + NEXT_ARRIVAL.replace(" FROM", f", {PROOF} FROM", 1)
MESSAGE_ID: Final = COLUMNS.index("message_id")

PASSING: Final = (errors.DeadlockDetected, errors.SerializationFailure)
Answer = TypeVar("Answer")
Connect = Callable[[], "psycopg.Connection[Any]"]


class Away(Exception):
    """The database cannot be written to now. What was to be written may come again."""


class Full(Exception):
    """Too much waits to be written already."""


class Unstorable(Exception):
    """The database refuses these rows for what they hold."""


@dataclass(slots=True, eq=False)
class Task:
    """Rows to write for one request, or a question to the database; and who waits for it."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    rows: Sequence[Row] = ()
    question: Callable[[psycopg.Cursor[Any]], Any] | None = None
    result: Any = None
    error: Exception | None = None

    def settle(self) -> None:
        """On the loop of who waits, if they still do."""
        if self.future.done():
            return
        if self.error:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """The one thread that writes, and the queue before it. Used from event loops; it starts with the first task."""

    def __init__(self, connect: Connect, most_waiting: int = MOST_WAITING) -> None:
        self._connect = connect
        self._most_waiting = most_waiting
        self._connection: psycopg.Connection[Any] | None = None
        self._waiting: list[Task] = []
        self._rows_waiting = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ended = False

    async def write(self, rows: Sequence[Row]) -> Stored:
        """Return when the rows are on disk. Raises Full, Away or Unstorable, and then nothing is acknowledged.

        What became of the rows of a whole group is told to the first of it; the others get zeroes.
        """
        return await self._hand_in(lambda loop: Task(loop, loop.create_future(), rows))

    async def ask(self, question: Callable[[psycopg.Cursor[Any]], Answer]) -> Answer:
        """What the database answers, in a transaction of its own. Raises Full or Away."""
        return await self._hand_in(lambda loop: Task(loop, loop.create_future(), question=question))

    def end(self) -> None:
        """Finish what waits, and close the connection."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread:
            self._thread.join()

    async def _hand_in(self, make: Callable[[asyncio.AbstractEventLoop], Task]) -> Any:
        task = make(asyncio.get_running_loop())
        with self._changed:
            if self._rows_waiting + len(task.rows) > self._most_waiting:
                raise Full
            self._waiting.append(task)
            self._rows_waiting += len(task.rows)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="collector's writer", daemon=True)
                self._thread.start()
            self._changed.notify()
        return await task.future

    def _work(self) -> None:
        busy = False
        while tasks := self._take(wait=COMPANY if busy else 0.0):
            busy = len(tasks) > 1
            questions = [task for task in tasks if task.question]
            group = [task for task in tasks if not task.question]
            for task in questions:
                self._answer(task)
            if group:
                self._store(group)
            _settle(tasks)
        self._disconnect()

    def _take(self, wait: float) -> list[Task]:
        """All that waits, but no more rows than one transaction should hold; waits while there is nothing.

        ``wait`` is for how many seconds more may join the first.
        """
        with self._changed:
            while not self._waiting and not self._ended:
                self._changed.wait()
        time.sleep(wait)
        with self._changed:
            rows = taken = 0
            while taken < len(self._waiting) and rows < LARGEST_GROUP:
                rows += len(self._waiting[taken].rows)
                taken += 1
            tasks, self._waiting = self._waiting[:taken], self._waiting[taken:]
            self._rows_waiting -= rows
            return tasks

    def _answer(self, task: Task) -> None:
        try:
            task.result = self._ask(task)
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever it meets
            self._fail([task], error)

    def _ask(self, task: Task, again: bool = True) -> Any:
        """What the database says; a connection that was cut while nobody used it is opened again first."""
        connection = self._open()
        try:
            with connection.transaction(), connection.cursor() as sql:
                return task.question(sql) if task.question else None
        except psycopg.OperationalError:
            if again and connection.closed:
                return self._ask(task, again=False)
            raise

    def _store(self, group: list[Task]) -> None:
        try:
            stored = self._commit([row for task in group for row in task.rows])
        except (errors.DataError, errors.ProgramLimitExceeded) as error:
            if len(group) > 1:
                for task in group:
                    self._store([task])
            else:
                group[0].error = Unstorable(str(error).partition("\n")[0])
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever it meets
            self._fail(group, error)
        else:
            for task in group:
                task.result = stored if task is group[0] else Stored()

    def _commit(self, rows: list[Row]) -> Stored:
        """In the order of message ids, so that two writers who meet wait for each other in one direction only."""
        ordered = sorted(rows, key=lambda row: row[MESSAGE_ID])
        are_new = True
        for attempt in range(1, TRIES + 1):
            connection = self._open()
            try:
                with connection.cursor() as sql:
                    return _write(sql, ordered, are_new)
            except errors.UniqueViolation:
                are_new = False
            except psycopg.OperationalError as error:
                if attempt == TRIES or not (connection.closed or isinstance(error, PASSING)):
                    raise
                are_new = False  # a commit whose answer was lost may have happened: once more, it changes nothing
            finally:
                if not connection.closed:
                    connection.rollback()
        raise Away

    def _fail(self, tasks: list[Task], error: Exception) -> None:
        """Whatever it is, nothing was stored for certain: the senders are to come again."""
        if not isinstance(error, Away):
            log.error("the collector cannot write: %s", str(error).partition("\n")[0] or type(error).__name__)
        if not isinstance(error, psycopg.Error):
            log.debug("the collector cannot write", exc_info=error)
        self._disconnect()
        for task in tasks:
            task.error = Away(type(error).__name__)

    def _open(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


def _write(sql: psycopg.Cursor[Any], rows: list[Row], are_new: bool) -> Stored:
    """One transaction, in as few trips to the database as can be: with small groups, trips are what a commit costs."""
    sql.execute(BEGIN)
    sql.nextset()
    arrival, first, proof = sql.fetchall()[0]
    kept = without_erased(sql, rows, proof)
    stored, last = Stored(), ""
    if kept and are_new:
        copy_rows(sql, kept, arrival)
        stored, last = Stored(len(kept)), arrived(arrival, first, len(kept)) + "; "
    elif kept:
        stored = insert_unknown(sql, kept)
    sql.execute(last + "COMMIT")
    return stored._replace(erased=len(rows) - len(kept))


def _settle(tasks: list[Task]) -> None:
    """Tell each who waits, with one call into each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Task]] = {}
    for task in tasks:
        by_loop.setdefault(task.loop, []).append(task)
    for loop, settled in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle_all, settled)


def _settle_all(tasks: list[Task]) -> None:
    for task in tasks:
        task.settle()
