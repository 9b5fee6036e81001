"""The worker's loop: fold what arrives, act on what is due, rest until something does.

An append to the log says so on a channel of PostgreSQL when it commits, and every worker listens. A batch is folded in
one transaction with the note that it waited (`events.Arrival`): a worker that dies leaves either both or neither, and
the next one goes on from there. Several workers take turns under an advisory lock, which PostgreSQL takes from the
dead. What is due is found by its time in the database, never held in memory; so a worker that comes late misses
nothing.

A batch that fails is halved until the event that fails alone is found (`set_aside`); all else goes on.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from django.db import Error, InterfaceError, OperationalError, connection, transaction

from entente.events.listening import Ear
from entente.events.models import Arrival
from entente.events.storing import CHANNEL
from entente.sla.actions import catch_up
from entente.worker.beat import Heart
from entente.worker.fold import Folded
from entente.worker.set_aside import Culprit, set_aside_next
from entente.worker.timers import act_on_timers
from entente.worker.turn import take_turn

log = logging.getLogger("entente.worker")

AT_ONCE: Final = 20_000
"""At most so many events are folded in one transaction: memory stays small, and nobody waits long for a person."""

REST: Final = 1.0
"""Seconds between two looks at what is due, and at the log should a call get lost."""

PATIENCE: Final = (0.2, 1.0, 3.0, 10.0)
"""Seconds to wait after the first, second, ... failure in a row that no event is to blame for."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Let Python look for garbage less often, and not among what is loaded: it took two fifths of a fold's time.

    A batch makes a hundred thousand objects that live until it is folded, and few rings among them.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class LiveWorker:
    """One worker of this process. ``clock`` tells the time; all that it calls is told the time by it."""

    def __init__(self, clock: Callable[[], datetime] = utc_now, at_once: int = AT_ONCE) -> None:
        self.clock = clock
        self.at_once = at_once
        self.suspects = 0
        self.failures = 0
        self.looked_at: datetime | None = None
        self.heart = Heart(clock())

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; the batch under way is finished."""
        with collecting_rarely(), Ear(CHANNEL, stop) as ear:
            while not stop.is_set():
                if self.step():
                    self.failures = 0
                elif self.failures:
                    stop.wait(PATIENCE[min(self.failures, len(PATIENCE)) - 1])
                else:
                    ear.wait(REST)
        self.heart.stop()

    def step(self) -> bool:
        """Fold a batch and act on what is due; whether there may be more to do at once."""
        try:
            busy = self._fold_next()
            self._look_at_the_time()
            self.heart.beat(self.clock())
        except (OperationalError, InterfaceError, MemoryError) as error:
            self._wait_for_better_times(error)
            return False
        except Exception as error:  # whatever it is, the loop goes on and says so
            log.exception("the worker could not go on")
            self._wait_for_better_times(error)
            return False
        return busy

    def _fold_next(self) -> bool:
        waiting = Arrival.objects.order_by("pk").values_list("at", flat=True).first()
        if waiting is None:
            return False
        size = max(1, self.suspects // 2) if self.suspects else self.at_once
        try:
            folded = take_turn(self.clock(), at_most=size)
        except (OperationalError, InterfaceError, MemoryError):
            raise  # nobody's fault, or at least no event's
        except Exception as error:  # noqa: BLE001 - a batch fails in whatever way its events make it
            self._suspect(size, error)
            return True
        self._folded(folded, waiting)
        return True

    def _folded(self, folded: Folded, waited_since: datetime) -> None:
        self.suspects = max(0, self.suspects - folded.events)
        self.heart.folded(folded.events, (self.clock() - waited_since).total_seconds())

    def _suspect(self, size: int, error: Exception) -> None:
        """The first ``size`` events that wait hold one that cannot be folded; alone, it is the one."""
        log.warning("a batch of up to %s events cannot be folded: %s", size, error)
        if size > 1:
            self.suspects = min(size, max(2, _waiting_events()))
            return
        self.suspects = 0
        set_aside_next(Culprit.of(error), self.clock())

    def _look_at_the_time(self) -> None:
        now = self.clock()
        if self.looked_at is not None and (now - self.looked_at).total_seconds() < REST:
            return
        begins, self.looked_at = self.looked_at is None, now
        if begins:
            catch_up(now)
        act_on_timers(now)

    def _wait_for_better_times(self, error: BaseException) -> None:
        self.failures += 1
        self.heart.troubled(error)
        if isinstance(error, Error):
            connection.close()  # it is opened anew when it is needed


def _waiting_events() -> int:
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute("SELECT coalesce(sum(events), 0) FROM events_arrival")
        return int(sql.fetchone()[0])
