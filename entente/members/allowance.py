"""How often a caller of the API may ask: a steady rate, and a burst on top, counted for all web processes together.

The generic cell rate algorithm (ITU-T I.371): each request is paid for with one interval of time, and the caller may be
ahead of the clock by as many intervals as the burst holds. One row, one conditional write.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

BURST: Final = 100


def seconds_to_wait(holder: str, now: datetime) -> int:
    """Take one request from what the holder (`key:7`) may make; 0 if it may be made, else whole seconds to wait."""
    interval = timedelta(seconds=1) / settings.API_REQUESTS_PER_SECOND
    names: dict[str, Any] = {"holder": holder, "now": now, "interval": interval, "burst": interval * (BURST - 1)}
    with transaction.atomic(), connection.cursor() as sql:
        # What is lost with the machine is a moment's count, and not worth a wait for the disk.
        sql.execute("SET LOCAL synchronous_commit = off")
        sql.execute(TAKE, names)
        if sql.fetchone():
            return 0
        sql.execute("SELECT until FROM members_allowance WHERE holder = %(holder)s", names)
        until = sql.fetchone()[0]
    return max(1, math.ceil((until - now - names["burst"]).total_seconds()))


TAKE = """
    INSERT INTO members_allowance AS held (holder, until) VALUES (%(holder)s, %(now)s + %(interval)s)
    ON CONFLICT (holder) DO UPDATE SET until = greatest(held.until, %(now)s) + %(interval)s
    WHERE held.until <= %(now)s + %(burst)s
    RETURNING until
"""
