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

EXAMPLE: Final = "someone@company.example"

SAYS_NOTHING: Final = -1
"""The class where an event does not have the key."""


class Extract:
    """The values of ``keys`` in the properties of the events in ``row``, in order of rows.

    ``kind`` is IDENTIFY, GROUP or 0. ``codes[:, k]`` numbers the JSON texts of key ``keys[k]`` in ``texts``, -1 where
    the event has no such key. Where rules ask for accounts, ``group`` and ``at`` are the events' group ids and times.
    """

    def __init__(self, keys: list[str], table: pa.Table | None) -> None:
        self.keys = keys
        self.row = np.zeros(0, np.int64)
        self.kind = np.zeros(0, np.int8)
        self.codes = np.zeros((0, len(keys)), np.int32)
        self.texts: list[str] = []
        self.at = np.zeros(0, np.int64)
        self._tables: dict[ValueClasses, NDArray[np.int32]] = {}
        self.group: pa.ChunkedArray = pa.chunked_array([], pa.string())
        if table is not None and table.num_rows:
            self._take(table)

    def classes(self, some: NDArray[np.int64], of: ValueClasses, null: object = None) -> NDArray[np.int32]:
        """The class of the key's value in some of the events (places in ``row``), SAYS_NOTHING where it is absent.

        ``null`` is what a null stands for: a value, or ABSENT where it unsets.
        """
        if of not in self._tables:
            self._tables[of] = self._table(of.key, lambda value: of.of(null if value is None else value))
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
        for code in np.flatnonzero(present[:-1]).tolist():
            table[code] = number(msgspec.json.decode(self.texts[code]))
        return table

    def _take(self, table: pa.Table) -> None:
        row = np.asarray(table["row"].to_numpy()).astype(np.int64)
        flat = pa.chunked_array([piece.flatten() for piece in table["found"].chunks], pa.string())
        coded = flat.dictionary_encode().combine_chunks()
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.unify_dictionaries().combine_chunks()
        codes = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)).astype(np.int32)
        order = np.argsort(row, kind="stable")
        self.row = row[order]
        if "group_id" in table.column_names:
            self.group = table["group_id"].take(order).dictionary_encode()
            self.at = np.asarray(table["at"].to_numpy()).astype(np.int64)[order]
        self.kind = np.asarray(table["kind"].to_numpy()).astype(np.int8)[order]
        self.codes = codes.reshape(len(row), len(self.keys))[order]
        self.texts = coded.dictionary.to_pylist()


def extract(log: Log, lens: Lens) -> Extract:
    """Look into the properties of those events where a rule of the lens might."""
    keys = sorted({classes.key for classes in (*lens.traits, *lens.account, *lens.properties)})
    where = [*_knowledge(lens), *_behaviours(lens)]
    if not keys or not where:
        return Extract(keys, None)
    paths = ", ".join(quoted(_json_path(key)) for key in keys)
    what = (
        f"row, CASE type WHEN 'identify' THEN {IDENTIFY} WHEN 'group' THEN {GROUP} ELSE 0 END AS kind, "
        f"json_extract(properties, [{paths}]) AS found"
    )
    if lens.looks_at_account:
        what += f", CASE type WHEN 'group' THEN group_id END AS group_id, {log.micros} AS at"
    return Extract(keys, log.select(what, f"({' OR '.join(where)})"))


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
