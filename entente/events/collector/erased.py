"""Events of erased persons do not come back: the same promise as that of `entente.events.erasure`, for rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from entente.events.erasure import hash_with
from entente.events.identifiers import named_by_alias
from entente.events.rows import COLUMNS, Row

_PLACES: Final = {
    prefix: COLUMNS.index(name) for prefix, name in (("user", "user_id"), ("email", "email"), ("anon", "anonymous_id"))
}
_IDENTITY, _TYPE, _PROPERTIES = (COLUMNS.index(name) for name in ("identity", "type", "properties"))


PROOF: Final = "(SELECT proof FROM events_erasurekey WHERE EXISTS (SELECT FROM events_erased) LIMIT 1)"
"""What the key of erasures is proved by; null while nobody is erased."""


def without_erased(sql: Any, rows: list[Row], proof: bytes | None) -> list[Row]:
    """The rows that carry no identifier of an erased person. Only the hashes of their identifiers are looked up.

    Raises ErasureError when there are erased persons and the key that recognises them is not here.
    """
    if proof is None:
        return rows
    hash_of = hash_with(bytes(proof))
    hashes = [[hash_of(identifier) for identifier in _identifiers(row)] for row in rows]
    sql.execute(
        "SELECT hash FROM events_erased WHERE hash = ANY(%s)",
        [list({digest for of_row in hashes for digest in of_row})],
    )
    erased = {bytes(digest) for (digest,) in sql.fetchall()}
    return [row for row, of_row in zip(rows, hashes, strict=True) if erased.isdisjoint(of_row)]


def _identifiers(row: Row) -> Iterator[str]:
    for prefix, place in _PLACES.items():
        if row[place]:
            yield f"{prefix}:{row[place]}"
    if row[_IDENTITY]:
        yield row[_IDENTITY]
    if row[_TYPE] == "alias":
        previous = named_by_alias(msgspec.json.decode(row[_PROPERTIES][1:]).get("previousId"))
        yield from previous.all if previous else ()
