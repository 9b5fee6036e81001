"""Delivering the outbox: whatever is due is claimed, sent by a few threads, and tried again later where it failed.

Only the threads talk to the network, and only the thread that claims talks to the database. An address that does not
answer rests for a while, growing with each failure, and is tried on a lane of its own until it answers again, so that
it keeps nobody else waiting. A message is claimed for some minutes: a deliverer that dies loses none of it, and what it
had sent may be sent again, with the same key.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from entente.alerts.channels import CHANNELS, Failed, Letter, Refused
from entente.alerts.letters import letter_of
from entente.alerts.models import Address, Notification, Outbox
from entente.alerts.sealing import Unsealable, unseal
from entente.alerts.telling import OUTBOX
from entente.events.listening import Ear

log = logging.getLogger(__name__)

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 2 * 3600, 6 * 3600, 12 * 3600))
"""How long a message waits after each failed try; after the last of them it is parked. About a day in all."""
JITTER: Final = 0.25
"""A pause is longer or shorter by up to this share, so that what failed together is not tried together."""
LONGEST_REST: Final = timedelta(minutes=10)
"""So long an address that fails again and again is left alone at most."""
CLAIM: Final = timedelta(minutes=3)
"""Longer than any channel takes."""
KEPT_DELIVERED: Final = timedelta(days=30)
KEPT: Final = timedelta(days=365)
LANE: Final = 16
"""Messages under way to addresses that answer."""
DOUBTFUL_LANE: Final = 4
"""Messages under way to addresses that failed the last time."""
GLANCE: Final = 1.0
"""Seconds between looks at what has become due, where nobody calls."""


@dataclass(slots=True)
class Delivered:
    """What became of messages: delivered, to be tried again, and parked."""

    delivered: int = 0
    failed: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Sending:
    """A claimed message, opened and ready to go."""

    id: int
    address: int
    attempts: int
    failures: int
    channel: str
    sealed: str
    letter: Letter


@dataclass(slots=True)
class Outcome:
    """How a try ended: `error` is empty when it was delivered; `final` when another try is of no use."""

    error: str = ""
    final: bool = False
    retry_after: int | None = None


@dataclass(slots=True)
class Deliverer:
    """Two lanes of threads, and what is under way on them."""

    chance: random.Random = field(default_factory=random.SystemRandom)
    done: Delivered = field(default_factory=Delivered)
    cleared_at: datetime | None = None
    _lanes: tuple[ThreadPoolExecutor, ThreadPoolExecutor] = field(
        default_factory=lambda: (
            ThreadPoolExecutor(LANE, thread_name_prefix="alerts"),
            ThreadPoolExecutor(DOUBTFUL_LANE, thread_name_prefix="alerts-doubtful"),
        )
    )
    _under_way: dict[Future[Outcome], Sending] = field(default_factory=dict)

    def start_due(self, now: datetime) -> int:
        """Claim what is due and send it off; returns how many messages were claimed."""
        started = 0
        for doubtful, lane in enumerate(self._lanes):
            room = (DOUBTFUL_LANE if doubtful else LANE) - self._busy(bool(doubtful))
            claimed, sendings = _claimed(now, room, doubtful=bool(doubtful)) if room > 0 else (0, [])
            started += claimed
            for sending in sendings:
                self._under_way[lane.submit(_send, sending, now)] = sending
        return started

    def _busy(self, doubtful: bool) -> int:
        return sum((sending.failures > 0) == doubtful for sending in self._under_way.values())

    def collect(self, now: datetime, seconds: float | None) -> int:
        """Write down what has ended, waiting up to so many seconds for the first; returns how many."""
        if not self._under_way:
            return 0
        ended, _rest = wait(self._under_way, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in ended:
            # Forgotten only when it is written: where the database is away, it is written when it is back.
            self._write_down(self._under_way[future], future.result(), now)
            del self._under_way[future]
        return len(ended)

    def _write_down(self, sending: Sending, outcome: Outcome, now: datetime) -> None:
        if not outcome.error:
            _note_success(sending, now)
            self.done.delivered += 1
        elif outcome.final or sending.attempts > len(PAUSES):
            _park(sending, outcome, now)
            self.done.parked += 1
        else:
            _put_off(sending, outcome, now, self.chance.uniform(1 - JITTER, 1 + JITTER))
            self.done.failed += 1

    def clear_out(self, now: datetime) -> None:
        """Once an hour, take away what is old."""
        if self.cleared_at is None or now - self.cleared_at >= timedelta(hours=1):
            clear_out(now)
            self.cleared_at = now

    @property
    def is_busy(self) -> bool:
        return bool(self._under_way)

    def close(self) -> None:
        for lane in self._lanes:
            lane.shutdown(wait=True, cancel_futures=True)


def deliver_due(now: datetime) -> Delivered:
    """Deliver all that is due by ``now`` and wait for it."""
    deliverer = Deliverer()
    try:
        while deliverer.start_due(now) or deliverer.is_busy:
            deliverer.collect(now, None)
    finally:
        deliverer.close()
    return deliverer.done


def clear_out(now: datetime) -> None:
    """Take away messages that were delivered or parked long ago, and notifications that nobody will look for."""
    Outbox.objects.filter(delivered_at__lt=now - KEPT_DELIVERED).delete()
    Outbox.objects.filter(parked_at__lt=now - KEPT).delete()
    Notification.objects.filter(at__lt=now - KEPT).delete()


def run(stop: threading.Event) -> None:
    """Deliver until told to stop: at once when somebody calls, and whatever has become due since."""
    deliverer = Deliverer()
    try:
        with Ear(OUTBOX, stop) as ear:
            while not stop.is_set():
                _step(deliverer, ear)
        while deliverer.collect(timezone.now(), 3):
            pass
    finally:
        deliverer.close()
        connections.close_all()


def _step(deliverer: Deliverer, ear: Ear) -> None:
    try:
        deliverer.start_due(timezone.now())
        if not deliverer.is_busy:
            ear.wait(GLANCE)
        elif not deliverer.collect(timezone.now(), 0.02):
            ear.wait(0.02)
        deliverer.clear_out(timezone.now())
    except DatabaseError as error:
        # The database is gone for a moment; what is claimed comes back by itself.
        log.warning("the outbox cannot be read now: %s", type(error).__name__)
        connections.close_all()
        ear.wait(GLANCE)
    except Exception:
        log.exception("a step of the delivery went wrong; it goes on")
        ear.wait(GLANCE)


@transaction.atomic
def _claimed(now: datetime, room: int, *, doubtful: bool) -> tuple[int, list[Sending]]:
    """Claim the first due message of up to ``room`` addresses; one address has one message under way at most.

    Returns how many were claimed, and those of them that can be sent.
    """
    with connection.cursor() as sql:
        parameters: dict[str, Any] = {"now": now, "until": now + CLAIM, "room": room, "doubtful": doubtful}
        sql.execute(CLAIM_DUE, parameters)
        ids = [id_ for (id_,) in sql.fetchall()]
    rows = Outbox.objects.filter(pk__in=ids).select_related("address__owner").order_by("next_at", "pk")
    return len(ids), list(_opened(rows, now))


def _opened(rows: Iterable[Outbox], now: datetime) -> Iterable[Sending]:
    for row in rows:
        try:
            letter = letter_of(row)
        except (KeyError, TypeError, ValueError) as error:
            Outbox.objects.filter(pk=row.pk).update(parked_at=now, error=f"it cannot be written: {error!r}"[:200])
            continue
        if letter is None:  # nothing is left to tell: the person was erased, or the receiver disabled
            row.delete()
            continue
        address = row.address
        yield Sending(row.pk, address.pk, row.attempts, address.failures, address.channel, address.sealed, letter)


def _send(sending: Sending, now: datetime) -> Outcome:
    """One try, on a thread of a lane. Whatever goes wrong is an outcome, without what the other side said."""
    try:
        CHANNELS[sending.channel].send(unseal(sending.sealed), sending.letter, now)
    except Refused as refused:
        return Outcome(str(refused), final=True)
    except Failed as failed:
        return Outcome(str(failed), retry_after=failed.retry_after)
    except Unsealable:
        return Outcome("the address was kept under another secret key; add it anew", final=True)
    except Exception as error:  # noqa: BLE001 - whatever a channel does, the others go on
        log.error("a message to %s ended in %s", sending.channel, type(error).__name__)
        return Outcome(f"an error of ours: {type(error).__name__}")
    return Outcome()


@transaction.atomic
def _note_success(sending: Sending, now: datetime) -> None:
    Outbox.objects.filter(pk=sending.id).update(delivered_at=now, claimed_until=None, error="")
    Address.objects.filter(pk=sending.address).update(failures=0, rests_until=None, delivered_at=now)


@transaction.atomic
def _park(sending: Sending, outcome: Outcome, now: datetime) -> None:
    Outbox.objects.filter(pk=sending.id).update(parked_at=now, claimed_until=None, error=outcome.error)
    _let_rest(sending, now)


@transaction.atomic
def _put_off(sending: Sending, outcome: Outcome, now: datetime, stretch: float) -> None:
    pause = max(pause_after(sending.attempts - 1) * stretch, timedelta(seconds=outcome.retry_after or 0))
    Outbox.objects.filter(pk=sending.id).update(next_at=now + pause, claimed_until=None, error=outcome.error)
    _let_rest(sending, now)


def _let_rest(sending: Sending, now: datetime) -> None:
    rest = min(pause_after(sending.failures), LONGEST_REST)
    Address.objects.filter(pk=sending.address).update(failures=sending.failures + 1, rests_until=now + rest)


def pause_after(attempts: int) -> timedelta:
    """The pause after a failure, when so many were before it."""
    return PAUSES[min(attempts, len(PAUSES) - 1)]


# One step of an index for each address that anything waits for, however much waits for it.
CLAIM_DUE: Final = """
    WITH RECURSIVE waiting AS (
        (SELECT address_id FROM alerts_outbox WHERE delivered_at IS NULL AND parked_at IS NULL
         ORDER BY address_id LIMIT 1)
        UNION ALL
        SELECT (SELECT o.address_id FROM alerts_outbox o
                WHERE o.delivered_at IS NULL AND o.parked_at IS NULL AND o.address_id > w.address_id
                ORDER BY o.address_id LIMIT 1)
        FROM waiting w WHERE w.address_id IS NOT NULL
    ), first AS (
        SELECT head.id, head.next_at
        FROM waiting w JOIN alerts_address a ON a.id = w.address_id CROSS JOIN LATERAL (
            SELECT o.id, o.next_at FROM alerts_outbox o
            WHERE o.address_id = a.id AND o.delivered_at IS NULL AND o.parked_at IS NULL AND o.next_at <= %(now)s
            ORDER BY o.next_at, o.id LIMIT 1
        ) AS head
        WHERE (a.rests_until IS NULL OR a.rests_until <= %(now)s) AND (a.failures > 0) = %(doubtful)s
          AND NOT EXISTS (
              SELECT FROM alerts_outbox b WHERE b.address_id = a.id AND b.claimed_until > %(now)s
                AND b.claimed_until IS NOT NULL AND b.delivered_at IS NULL AND b.parked_at IS NULL
          )
    ), chosen AS (
        SELECT o.id FROM alerts_outbox o JOIN first ON first.id = o.id
        WHERE o.claimed_until IS NULL OR o.claimed_until <= %(now)s
        ORDER BY first.next_at, o.id LIMIT %(room)s FOR UPDATE OF o SKIP LOCKED
    )
    UPDATE alerts_outbox o SET claimed_until = %(until)s, attempts = o.attempts + 1
    FROM chosen WHERE chosen.id = o.id RETURNING o.id
"""
