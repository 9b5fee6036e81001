"""The worker's heartbeat: a row that says it lives, what it has folded, and what is wrong if something is."""

from __future__ import annotations

import logging
import os
import socket
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, transaction

from entente.worker.models import Worker

log = logging.getLogger("entente.worker")

EVERY: Final = timedelta(seconds=1)
FORGOTTEN_AFTER: Final = timedelta(hours=1)
"""A worker that was killed is shown as missing for so long."""


class Heart:
    """Counts since the start, written at most once a second."""

    def __init__(self, now: datetime) -> None:
        self.started_at = now
        self.beat_at: datetime | None = None
        self.events = self.batches = 0
        self.lag = 0.0
        self.trouble = ""

    def folded(self, events: int, lag: float) -> None:
        self.events, self.batches, self.lag, self.trouble = self.events + events, self.batches + 1, max(0.0, lag), ""

    def troubled(self, error: BaseException) -> None:
        self.trouble = f"{type(error).__name__}: {error}"[:500]
        log.warning("the worker waits: %s", self.trouble)

    @transaction.atomic
    def beat(self, now: datetime) -> None:
        """Write the row, if the last time is long enough ago."""
        if self.beat_at is not None and now - self.beat_at < EVERY:
            return
        first, self.beat_at = self.beat_at is None, now
        Worker.objects.update_or_create(
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=self.started_at,
            defaults={
                "beat_at": now,
                "events": self.events,
                "batches": self.batches,
                "lag": self.lag,
                "trouble": self.trouble,
            },
        )
        if first:
            Worker.objects.filter(beat_at__lt=now - FORGOTTEN_AFTER).delete()

    def stop(self) -> None:
        """Take the row away: it has stopped in good order."""
        try:
            Worker.objects.filter(host=socket.gethostname(), pid=os.getpid(), started_at=self.started_at).delete()
        except DatabaseError:
            log.warning("could not sign off")
