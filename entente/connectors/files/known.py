"""What the log knows of a source already: which facts it was told about which keys, and of whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from entente.connectors.files.facts import IDENTIFY, KEY_LENGTH, key_digest
from entente.events.types import NewEvent

SCHEMA: Final = {"prefix": pl.String(), "identity": pl.String()}


@dataclass(frozen=True, slots=True)
class Known:
    """`told` has, once each, the beginning of a message id (what the fact is about) and the identity it was told of."""

    told: pl.DataFrame

    @classmethod
    def of(cls, events: Iterable[NewEvent]) -> Known:
        """What a log of these events knows."""
        rows = {(event.message_id[:KEY_LENGTH], event.identity) for event in events}
        return cls(pl.DataFrame(sorted(rows, key=str), schema=SCHEMA, orient="row"))

    def among(self, prefixes: Sequence[str]) -> dict[str, str | None]:
        """Those of the prefixes that were told before, and of whom."""
        return dict(self._rows(prefixes).sort("identity", descending=True, nulls_last=False).iter_rows())

    def identities(self, keys: Sequence[str | None]) -> list[frozenset[str]]:
        """For each key all identities by which its person was known so far."""
        prefixes = [key_digest(IDENTIFY, key) if key is not None else "" for key in keys]
        found: dict[str, set[str]] = {}
        for prefix, identity in self._rows(prefixes).drop_nulls().iter_rows():
            found.setdefault(prefix, set()).add(identity)
        return [frozenset(found.get(prefix, ())) for prefix in prefixes]

    def _rows(self, prefixes: Sequence[str]) -> pl.DataFrame:
        """Joined so that the few prefixes are hashed, not the millions of the log."""
        wanted = pl.DataFrame({"prefix": prefixes}, schema={"prefix": pl.String()}).unique()
        return self.told.join(wanted, on="prefix", how="semi")
