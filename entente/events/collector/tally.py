"""How often what kind of thing was refused or marked, and the last of each: counted here, written down now and then.

A process that is killed loses the counts of its last second; the senders have had their answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

WRITE: Final = """
    INSERT INTO events_refusal AS r (kind, source_id, count, example, last_at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (kind, source_id) DO UPDATE
    SET count = r.count + excluded.count, last_at = greatest(r.last_at, excluded.last_at),
        example = CASE WHEN excluded.last_at >= r.last_at THEN excluded.example ELSE r.example END
"""


@dataclass(slots=True)
class Seen:
    """How often, and the last one."""

    count: int
    example: dict[str, Any]
    last_at: datetime


@dataclass(slots=True)
class Tally:
    """Counts by kind and source (None: of no known source, or of all)."""

    seen: dict[tuple[str, int | None], Seen] = field(default_factory=dict)

    def note(self, kind: str, source: int | None, example: dict[str, Any], now: datetime, times: int = 1) -> None:
        found = self.seen.get((kind, source))
        if found is None:
            self.seen[kind, source] = Seen(times, example, now)
        else:
            found.count += times
            found.example, found.last_at = example, now

    def take(self) -> Tally:
        """All that was counted; this one is empty after it."""
        taken, self.seen = Tally(self.seen), {}
        return taken

    def put_back(self, taken: Tally) -> None:
        """What could not be written down is counted on."""
        for (kind, source), one in taken.seen.items():
            newer = self.seen.get((kind, source))
            if newer is None:
                self.seen[kind, source] = one
            else:
                newer.count += one.count

    def write(self, sql: Any) -> None:
        """Write all down, in an order in which two processes do not lock each other out."""
        for (kind, source), one in sorted(self.seen.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
            sql.execute(WRITE, [kind, source, one.count, Jsonb(one.example), one.last_at])
