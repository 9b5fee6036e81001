"""What the rules look at inside the properties of a log's events, taken out by DuckDB and numbered.

Only events whose properties can matter are looked into: identify and group calls, and those that a rule names together
with `where`. Texts are parsed once for each distinct one, however many events carry it. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from entente.agreements.conditions import EventType, Page, Track
from entente.people.accounts import account_values
from entente.scoring.lens import Lens, ValueClasses
from entente.scoring.log import Log, quoted

IDENTIFY: Final = 1
GROUP: Final = 2
OTHER: Final = 0

EXAMPLE: Final = "someone@company.example"

SAYS_NOTHING: Final = -1
"""The class where an event does not have the key."""


class Extract:
    """The values of ``keys`` in the properties of the events in ``row``, in order of rows.

    ``kind`` is IDENTIFY, GROUP or OTHER. ``codes[:, k]`` numbers the JSON texts of key ``keys[k]`` in ``texts``, -1
    where the event has no such key. Where rules ask for accounts, ``group``, ``at`` and ``marked`` are the events'
    group ids, times, and whether they carry a mark.
    """

    def __init__(self, keys_of: dict[int, list[str]], table: pa.Table | None) -> None:
        self.keys = sorted({key for keys in keys_of.values() for key in keys})
        self.row = np.zeros(0, np.int64)
        self.kind = np.zeros(0, np.int8)
        self.codes = np.zeros((0, len(self.keys)), np.int32)
        self.texts: list[str] = []
        self.at = np.zeros(0, np.int64)
        self.marked = np.zeros(0, np.bool_)
        self._tables: dict[ValueClasses, NDArray[np.int32]] = {}
        self.group: pa.ChunkedArray = pa.chunked_array([], pa.string())
        if table is not None and table.num_rows:
            self._take(keys_of, table)

    def classes(self, some: NDArray[np.int64], of: ValueClasses, null: object = None) -> NDArray[np.int32]:
        """The class of the key's value in some of the events (places in ``row``), SAYS_NOTHING where it is absent.

        ``null`` is what a null stands for: a value, or ABSENT where it unsets.
        """
        if of not in self._tables:
            self._tables[of] = self._table(of.key, lambda value: of.judged(null if value is None else value))
        return self._tables[of][self._codes_of(of.key)[some]]

    def gives_domain(self, some: NDArray[np.int64]) -> NDArray[np.int32]:
        """1 where the value of `domain` stands before the e-mail's, 0 where not, SAYS_NOTHING where it is absent."""

        def stands(value: object) -> int:
            return account_values({"domain": value}, EXAMPLE)["domain"] != "company.example"

        return self._table("domain", stands)[self._codes_of("domain")[some]]

    def _codes_of(self, key: str) -> NDArray[np.int32]:
        return self.codes[:, self.keys.index(key)]

    def _table(self, key: str, number: Callable[[object], int]) -> NDArray[np.int32]:
        """The number of every code's value; in the last place, which code -1 finds, SAYS_NOTHING."""
        present = np.zeros(len(self.texts) + 1, np.bool_)
        present[self._codes_of(key)] = True
        table = np.full(len(self.texts) + 1, SAYS_NOTHING, np.int32)
        codes = np.flatnonzero(present[:-1])
        values = msgspec.json.decode("[" + ",".join([self.texts[code] for code in codes.tolist()]) + "]")
        table[codes] = [number(value) for value in values]
        return table

    def _take(self, keys_of: dict[int, list[str]], table: pa.Table) -> None:
        self.row = np.asarray(table["row"].to_numpy()).astype(np.int64)
        if (self.row[1:] < self.row[:-1]).any():  # from several files rows may come in any order
            table = table.take(np.argsort(self.row))
            self.row = np.sort(self.row)
        self.kind = np.asarray(table["kind"].to_numpy()).astype(np.int8)
        self.codes = self._codes(keys_of, self.kind, table["found"].combine_chunks())
        if "group_id" in table.column_names:
            self.group = table["group_id"].dictionary_encode()
            self.at = np.asarray(table["at"].to_numpy()).astype(np.int64)
            self.marked = np.asarray(table["marked"].combine_chunks().to_numpy(zero_copy_only=False))

    def _codes(self, keys_of: dict[int, list[str]], kind: NDArray[np.int8], found: pa.ListArray) -> NDArray[np.int32]:
        """From lists of texts, which mean other keys for each kind of event, to a column of codes for each key."""
        coded = found.values.dictionary_encode()
        self.texts = coded.dictionary.to_pylist()
        flat = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False))
        start = np.asarray(found.offsets.to_numpy())[:-1]
        codes = np.full((len(kind), len(self.keys)), -1, np.int32)
        for number, keys in keys_of.items():
            some = np.flatnonzero(kind == number)
            for place, key in enumerate(keys):
                codes[some, self.keys.index(key)] = flat[start[some] + place]
        return codes


def extract(log: Log, lens: Lens) -> Extract:
    """Look into the properties of those events where a rule of the lens might."""
    keys_of = _keys_of(lens)
    where = [*_knowledge(lens), *_behaviours(lens)]
    if not where:
        return Extract(keys_of, None)
    what = (
        f"row, CASE type WHEN 'identify' THEN {IDENTIFY} WHEN 'group' THEN {GROUP} ELSE {OTHER} END AS kind, "
        f"CASE type WHEN 'identify' THEN {_taken(keys_of[IDENTIFY])} WHEN 'group' THEN {_taken(keys_of[GROUP])} "
        f"ELSE {_taken(keys_of[OTHER])} END AS found"
    )
    if lens.looks_at_account:
        group = "CASE type WHEN 'group' THEN group_id END AS group_id"
        what += f", {group}, {log.micros} AS at, coalesce(mark, '') <> '' AS marked"
    return Extract(keys_of, log.select(what, f"({' OR '.join(where)})"))


def _keys_of(lens: Lens) -> dict[int, list[str]]:
    """The keys to take out of each kind of event."""
    named = {leaf.type for leaf in lens.behaviours if isinstance(leaf, EventType) and leaf.where}
    looked_at = {classes.key for classes in lens.properties}
    keys = {
        IDENTIFY: {classes.key for classes in lens.traits} | (looked_at if "identify" in named else set()),
        GROUP: {classes.key for classes in lens.account} | (looked_at if "group" in named else set()),
        OTHER: looked_at,
    }
    return {kind: sorted(some) for kind, some in keys.items()}


def _taken(keys: list[str]) -> str:
    paths = ", ".join(quoted(_json_path(key)) for key in keys)
    return f"json_extract(properties, [{paths}])" if keys else "CAST([] AS JSON[])"


def _knowledge(lens: Lens) -> Iterable[str]:
    if lens.traits:
        yield "type = 'identify'"
    if lens.account:
        yield "type = 'group'"


def _behaviours(lens: Lens) -> Iterable[str]:
    for leaf in lens.behaviours:
        if not leaf.where:
            continue
        match leaf:
            case Page(glob):
                begins = glob.partition("*")[0].rstrip("/")
                yield f"(type = 'page' AND starts_with(coalesce(path, ''), {quoted(begins)}))"
            case Track(name):
                yield f"name = {quoted(name)}"
            case EventType(type_):
                yield f"type = {quoted(type_)}"


def _json_path(key: str) -> str:
    return '$."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
