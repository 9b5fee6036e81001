"""Facts of one kind about many rows, and the events that they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from entente.events.types import NewEvent

if TYPE_CHECKING:
    from entente.connectors.files.known import Known

IDENTIFY, GROUP, OWNER, TOUCH, LAST_TOUCH, ACCEPTED, REJECTED, STAGE, OPENED, CLOSED = "0123456789"
"""The first character of a message id: facts of one instant are told in this order."""

DIGEST: Final = 9
KEY_LENGTH: Final = 1 + 2 * DIGEST
"""Characters of a message id that say what the fact is about; the rest is what it says."""

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Fact:
    """One kind of fact about each of the rows.

    `key` and `at` are columns; `said` gives for each property its column. `group` tells the company too. `about` are
    the properties that make it one fact, where that is less than all it says; `dated` facts are others at another time,
    and happen when they are dated whatever the log knows. `by_key` tells the row's own key as an identifier, too.
    """

    order: str
    kind: str
    rows: pl.DataFrame
    key: str
    at: str
    said: dict[str, str]
    group: bool = False
    about: tuple[str, ...] = ()
    dated: bool = False
    by_key: bool = False


def events_of(fact: Fact, now: datetime, known: Known | None) -> Iterator[NewEvent]:
    """An event a row. What is not dated and changes what the log knows happens now, not when the lead came."""
    rows = fact.rows
    if not rows.height:
        return
    keys = [key_digest(fact.order, key) for key in rows[fact.key].to_list()]
    before = known.among(keys) if known else {}
    times = _times(fact, keys, before, now)
    groups = rows["#group"].to_list() if fact.group else [None] * rows.height
    facts = zip(keys, times, groups, _said(fact), _people(fact, keys, before), strict=True)
    for key, at, group, said, (identity, anonymous, email) in facts:
        content = _content(fact, said, group, at)
        yield NewEvent(
            message_id=key + _digest(content),
            type=fact.kind,
            occurred_at=at,
            received_at=now,
            identity=identity,
            anonymous_id=anonymous,
            email=email,
            group_id=group,
            properties=said,
        )


Person = tuple[str | None, str | None, str | None]


def _people(fact: Fact, keys: list[str], before: Mapping[str, str | None]) -> Iterator[Person]:
    """Identity, anonymous id and e-mail of each event.

    Only who is identified brings an address; all other facts name the identity alone, and keep to the one by which
    they were told before.
    """
    rows = fact.rows
    if fact.kind != "identify":
        return (
            (before.get(key) or identity, None, None) for key, identity in zip(keys, rows["#identity"], strict=True)
        )
    people = zip(rows["#identity"], rows["#anon"], rows["#email"], strict=True)
    if fact.by_key:
        return people
    return ((who, anon if who.startswith("anon:") else None, email) for who, anon, email in people)


def _times(fact: Fact, keys: list[str], before: Mapping[str, str | None], now: datetime) -> list[datetime]:
    given = fact.rows[fact.at].to_list()
    if fact.dated:
        return given
    return [now if at is None or key in before else at for at, key in zip(given, keys, strict=True)]


def _content(fact: Fact, said: dict[str, Any], group: str | None, at: datetime) -> bytes:
    told = {name: said.get(name) for name in fact.about} if fact.about else said
    return _encode((fact.kind, told, group, at if fact.dated else None))


def _said(fact: Fact) -> Iterable[dict[str, Any]]:
    """The properties of each row, without those that have no value."""
    names = sorted(fact.said)
    columns = [_values(fact.rows[fact.said[name]]) for name in names]
    if not columns:
        return ({} for _ in range(fact.rows.height))
    return (
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*columns, strict=True)
    )


def _values(cells: pl.Series) -> list[Any]:
    """Values as JSON has them: whole numbers without a point, instants as ISO text."""
    if cells.dtype.is_temporal():
        return cells.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ").to_list()
    if cells.dtype.is_float():
        whole = bool((cells.drop_nulls() % 1 == 0).all()) and bool((cells.drop_nulls().abs() < 1e15).all())
        return cells.cast(pl.Int64).to_list() if whole else [_number(value) for value in cells.to_list()]
    return cells.to_list()


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and value.is_integer() and abs(value) < 1e15 else value


def key_digest(order: str, key: str) -> str:
    """The beginning of the message ids of all facts of one kind about one key."""
    return order + _digest(key.encode())


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=DIGEST).hexdigest()
