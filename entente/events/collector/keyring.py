"""The write keys that this process knows: read from the database now and then, so that no request waits for them.

A key that is not known is looked for at once, but not more often than `PATIENCE`; a revoked one is refused within
`FRESH` seconds. While the database is away the known keys hold, and the writer answers for what cannot be stored.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from entente.events.collector.limits import Bucket
from entente.events.collector.writer import Away, Full, Writer
from entente.events.keys import digest_of

FRESH: Final = 2.0
"""Seconds for which what was read is taken to hold."""
PATIENCE: Final = 0.25
"""Seconds at least between two looks for a key that is not known."""
READ: Final = "SELECT id, digest, source_id, origins, rate_per_second FROM events_writekey WHERE revoked_at IS NULL"
USED: Final = """
    UPDATE events_writekey SET last_used_at = greatest(last_used_at, %(at)s)
    WHERE id = ANY(%(keys)s) AND (last_used_at IS NULL OR last_used_at < %(at)s - interval '1 minute')
"""


@dataclass(slots=True)
class Key:
    """A key that is good, and how much may still be sent with it."""

    id: int
    source: int
    origins: frozenset[str]
    rate: int
    bucket: Bucket

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may use it; one that is no page's (a server) names none."""
        return not self.origins or not origin or origin.lower() in self.origins


@dataclass(slots=True)
class Keyring:
    """Keys by their digest. ``clock`` gives seconds and never goes back."""

    writer: Writer
    clock: Callable[[], float] = time.monotonic
    keys: dict[str, Key] = field(default_factory=dict)
    read_at: float = float("-inf")
    used: set[int] = field(default_factory=set)
    reading: asyncio.Future[bool] | None = None

    async def find(self, secret: str) -> Key | None:
        """The key, if it is good. Raises Away when that cannot be known now."""
        digest = digest_of(secret)
        age = self.clock() - self.read_at
        could_read = True
        if digest not in self.keys:
            could_read = await self._read_once(wait=PATIENCE - age)
        elif age > FRESH:
            await self._read_once()
        key = self.keys.get(digest)
        if key is None and not could_read:
            raise Away
        if key:
            self.used.add(key.id)
        return key

    async def allows_somewhere(self, origin: str) -> bool:
        """Whether any key may be used by pages of this origin: what a browser asks before it tells which key."""
        if self.clock() - self.read_at > FRESH:
            await self._read_once()
        return any(key.allows(origin) for key in self.keys.values())

    async def _read_once(self, wait: float = 0) -> bool:
        """Whether the keys could be read; whoever asks while that is under way shares the answer."""
        if self.reading is None:
            self.reading = asyncio.ensure_future(self._read(wait))
        return await asyncio.shield(self.reading)

    async def _read(self, wait: float) -> bool:
        try:
            if wait > 0:
                await asyncio.sleep(wait)
            self._take(await self.writer.ask(lambda sql: sql.execute(READ).fetchall()), self.clock())
        except (Away, Full):
            return False
        finally:
            self.reading, self.read_at = None, self.clock()
        return True

    def _take(self, rows: Iterable[tuple[Any, ...]], at: float) -> None:
        """Take new keys in and forget revoked ones; the others keep their buckets."""
        taken: dict[str, Key] = {}
        for id_, digest, source, origins, rate in rows:
            old = self.keys.get(digest)
            bucket = old.bucket if old and old.rate == rate else Bucket.full(rate, at)
            taken[digest] = Key(id_, source, frozenset(origins), rate, bucket)
        self.keys = taken

    async def remember_use(self, now: datetime) -> None:
        """Write down which keys were used, to the minute. Raises Away or Full."""
        used = self.used
        if used:
            await self.writer.ask(lambda sql: sql.execute(USED, {"at": now, "keys": list(used)}))
            self.used = self.used - used
