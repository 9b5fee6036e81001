"""An event that cannot be folded is set aside: it stays in the log, marked, and nothing is derived from it.

That is the one change of a written event besides its erasure, and like that it says so to the log's guard. What the
event tells stays as it was sent; only the mark changes, and changes back when folding it is tried again.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connection, transaction

from entente.events.storing import arrived

MARK: Final = "set_aside"
"""The mark of such an event; every reader of the log that derives something passes it over."""


@transaction.atomic
def set_aside(event_id: int) -> str | None:
    """Mark the event; returns the mark that it had, None when it is gone or set aside already."""
    with connection.cursor() as sql:
        sql.execute("SELECT mark FROM events_event WHERE id = %s AND mark <> %s", [event_id, MARK])
        found = sql.fetchone()
        if found is None:
            return None
        _change(sql, "UPDATE events_event SET mark = %s WHERE id = %s", [MARK, event_id])
        return str(found[0])


@transaction.atomic
def take_back(event_id: int, mark: str) -> bool:
    """Give the event its mark back and let it arrive anew, to be folded; False when it is not set aside."""
    with connection.cursor() as sql:
        sql.execute("SELECT nextval('events_arrival_id_seq')")
        (arrival,) = sql.fetchone()
        change = "UPDATE events_event SET mark = %s, arrival = %s WHERE id = %s AND mark = %s"
        changed = _change(sql, change, [mark, arrival, event_id, MARK])
        if changed:
            sql.execute(arrived(arrival, event_id, 1))
        return bool(changed)


def _change(sql: Any, command: str, values: list[Any]) -> int:
    sql.execute("SET LOCAL entente.erasing = 'on'")
    sql.execute(command, values)
    changed = int(sql.rowcount)
    sql.execute("SET LOCAL entente.erasing = 'off'")
    return changed
