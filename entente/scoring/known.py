"""Who knew what when, over a whole log: the changes of knowledge that the kernel walks through in a replay.

It says the same as `weave` does event by event. A person's knowledge changes with identify calls; an account's with
the group calls of anyone; and a person's account with a group id or an e-mail. Pure.
"""

from __future__ import annotations

from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from entente.people.accounts import account_key, company_domain
from entente.scoring.columns import ONE_AT_A_TIME, Chunk, codes_of, distinct_rows, said_codes
from entente.scoring.extract import GROUP, IDENTIFY, SAYS_NOTHING, Extract
from entente.scoring.lens import ABSENT, Lens
from entente.scoring.log import Log
from entente.scoring.remembered import Remembered

Ints = NDArray[np.int64]
NONE: Final = 0
"""The number of no account, and of no domain."""


NO_ENTRIES: Final = (np.zeros(0, np.int64),) * 4


class Changes(NamedTuple):
    """The last four fields of `kernel.Rows`."""

    first: Ints
    row: Ints
    at: Ints
    known: NDArray[np.int32]


class Own(NamedTuple):
    """Changes by persons' own events: of their traits, group or e-mail domain; -1 where that stays as it is."""

    first: Ints  # (persons + 1,)
    row: Ints
    traits: Ints
    key: Ints
    domain: Ints


class Timeline(NamedTuple):
    """What became known of accounts when. Entries of account ``k`` are ``first[k]`` up to ``first[k + 1]``."""

    first: Ints
    at: Ints
    row: Ints
    rank: Ints
    state: Ints


class Names:
    """Numbers for account keys and domains; 0 is none."""

    def __init__(self) -> None:
        self._of: dict[str | None, int] = {None: NONE}

    def number(self, name: str | None) -> int:
        return self._of.setdefault(name, len(self._of))

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Any:
        return iter(self._of)


class Table:
    """Numbers for the distinct rows of tables that come piece by piece. The row of zeros has number 0."""

    def __init__(self, width: int) -> None:
        self.rows: list[tuple[int, ...]] = [(0,) * width]
        self._of = {self.rows[0]: 0}

    def numbers(self, table: NDArray[Any]) -> Ints:
        numbers, distinct = distinct_rows(table)
        return np.array([self._number(tuple(row)) for row in distinct.tolist()], np.int64)[numbers]

    def _number(self, row: tuple[int, ...]) -> int:
        if row not in self._of:
            self._of[row] = len(self.rows)
            self.rows.append(row)
        return self._of[row]


class Knowing:
    """Follows knowledge through a log, chunk by chunk."""

    def __init__(self, log: Log, lens: Lens, found: Extract) -> None:
        self._log, self._lens, self._found = log, lens, found
        self._names = Names()
        self._key_of_group, self._domain_of = Remembered(self._find_key), Remembered(self._find_domain)
        self._domain_class: list[int] = []
        self._traits = Table(len(lens.traits))
        self._domain = next((k for k, some in enumerate(lens.account) if some.key == "domain"), None)
        # Beside the classes of values, a state of an account says whether its group gave it a domain.
        self._states = Table(len(lens.account) + 1)
        self._entries = self._account_entries() if lens.looks_at_account else NO_ENTRIES

    def changes(self, chunk: Chunk) -> Changes:
        """The changes of what is known of the chunk's persons."""
        row, traits = self._trait_changes(chunk)
        if not self._lens.looks_at_account:
            person = _owner(chunk, row)
            known = self._known(np.stack([traits, np.zeros_like(traits), np.zeros_like(traits)], axis=1))
            return Changes(_starts(person, len(chunk.first) - 1), row, chunk.at[row], known)
        person, row, at, *combination = self._woven(chunk, self._own_changes(chunk, row, traits))
        return Changes(_starts(person, len(chunk.first) - 1), row, at, self._known(np.stack(combination, axis=1)))

    def _trait_changes(self, chunk: Chunk) -> tuple[Ints, Ints]:
        """Rows of identify calls, and the number of the traits' state from there on."""
        from entente.scoring.passes import carry_forward

        low, high = np.searchsorted(self._found.row, [chunk.start, chunk.start + len(chunk.at)])
        some = low + np.flatnonzero(self._found.kind[low:high] == IDENTIFY)
        some = some[~chunk.marked[self._found.row[some] - chunk.start]]
        if not self._lens.traits or not len(some):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        with ONE_AT_A_TIME:
            classes = np.stack([self._found.classes(some, of, null=ABSENT) for of in self._lens.traits], axis=1)
        says = (classes != SAYS_NOTHING).any(axis=1)
        row, classes = self._found.row[some][says] - chunk.start, np.ascontiguousarray(classes[says])
        carry_forward(_owner(chunk, row), classes)
        with ONE_AT_A_TIME:
            return row, self._traits.numbers(classes)

    def _known(self, combinations: Ints) -> NDArray[np.int32]:
        """The lens's class of knowledge for each (traits, state of the account, name of the domain)."""
        with ONE_AT_A_TIME:
            return self._classes_of_knowledge(combinations)

    def _classes_of_knowledge(self, combinations: Ints) -> NDArray[np.int32]:
        combinations[:, 2] = self._domain_classes()[combinations[:, 2]]
        numbers, distinct = distinct_rows(combinations)
        known = []
        for traits, state, domain in distinct.tolist():
            *account, gave_domain = self._states.rows[state]
            if self._domain is not None and not gave_domain and domain:
                account[self._domain] = domain
            known.append(self._lens.known(self._traits.rows[traits], tuple(account)))
        return np.array(known, np.int32)[numbers]

    def _domain_classes(self) -> Ints:
        if self._domain is None:
            return np.zeros(len(self._names), np.int64)
        classes = self._lens.account[self._domain]
        self._domain_class.extend(
            classes.of(ABSENT if name is None else name) for name in islice(self._names, len(self._domain_class), None)
        )
        return np.array(self._domain_class, np.int64)

    # Accounts

    def _own_changes(self, chunk: Chunk, trait_row: Ints, traits: Ints) -> Own:
        """Merge the changes of traits with those of group and e-mail domain."""
        move_row, move_key, move_domain = self._moves(chunk)
        row = _merged(trait_row, move_row)
        own = Own(
            first=np.searchsorted(row, chunk.first).astype(np.int64),
            row=row,
            traits=np.full(len(row), -1, np.int64),
            key=np.full(len(row), -1, np.int64),
            domain=np.full(len(row), -1, np.int64),
        )
        own.traits[np.searchsorted(row, trait_row)] = traits
        place = np.searchsorted(row, move_row)
        own.key[place], own.domain[place] = move_key, move_domain
        return own

    def _moves(self, chunk: Chunk) -> tuple[Ints, Ints, Ints]:
        """The rows at which persons' group or e-mail domain changes, with the numbers of both from there on."""
        from entente.scoring.passes import moves

        group_row, group = said_codes(chunk.table["group_id"], self._key_of_group.__getitem__)
        email_row, host = said_codes(_hosts(chunk.table["email"]), self._domain_of.__getitem__)
        row = _merged(group_row, email_row)
        key, domain = np.full(len(row), SAYS_NOTHING, np.int64), np.full(len(row), SAYS_NOTHING, np.int64)
        key[np.searchsorted(row, group_row)] = group
        domain[np.searchsorted(row, email_row)] = host
        unmarked = ~chunk.marked[row]
        row, key, domain = row[unmarked], key[unmarked], domain[unmarked]
        changes = moves(_owner(chunk, row), key, domain)
        return row[changes], key[changes], domain[changes]

    def _find_key(self, group_id: str | None) -> int:
        key = account_key(group_id, None)
        return SAYS_NOTHING if key is None else self._names.number(key)

    def _find_domain(self, host: str | None) -> int:
        return self._names.number(company_domain(host)) if host else SAYS_NOTHING

    def _woven(self, chunk: Chunk, own: Own) -> Any:
        from entente.scoring.passes import weave_accounts

        timeline = self._timeline(chunk.start)
        no_ranks = np.zeros(0, np.int64)
        columns, ties = weave_accounts(chunk.first, chunk.at, no_ranks, own, timeline)
        if ties:
            rank, timeline = self._ranked(chunk, timeline)
            columns, _ = weave_accounts(chunk.first, chunk.at, rank, own, timeline)
        return columns

    def _timeline(self, start: int) -> Timeline:
        """The entries, by the names known so far, with rows counted as the chunk does."""
        key, at, row, state = self._entries
        first = np.searchsorted(key, np.arange(len(self._names) + 1)).astype(np.int64)
        return Timeline(first, at, row - start, np.zeros(len(at), np.int64), state)

    def _ranked(self, chunk: Chunk, timeline: Timeline) -> tuple[Ints, Timeline]:
        """Ranks by message id and source for the rows that are at the same time as an entry, and for the entries."""
        from entente.scoring.passes import rows_at

        rows = rows_at(chunk.at, np.unique(timeline.at))
        entries = np.flatnonzero(np.isin(timeline.at, chunk.at[rows]))
        ids = self._log.ids(np.concatenate([rows, timeline.row[entries]]) + chunk.start)
        place = {id_: number for number, id_ in enumerate(sorted(set(ids)))}
        ranks = np.array([place[id_] for id_ in ids], np.int64)
        rank = np.zeros(len(chunk.at), np.int64)
        rank[rows] = ranks[: len(rows)]
        timeline.rank[entries] = ranks[len(rows) :]
        return rank, timeline

    def _account_entries(self) -> tuple[Ints, Ints, Ints, Ints]:
        """All group calls that change what is known of their account, as (key, at, row, state), in order by key."""
        from entente.scoring.passes import carry_forward

        some, key, at = self._group_calls()
        lens, found = self._lens, self._found
        gives = found.gives_domain(some) if self._domain is not None else np.full(len(some), SAYS_NOTHING, np.int32)
        classes = np.stack([*(found.classes(some, of, null=ABSENT) for of in lens.account), gives], axis=1)
        carry_forward(key, classes)
        state = self._states.numbers(classes)
        before = np.concatenate([[-1], state[:-1]])
        before[np.concatenate([[True], key[1:] != key[:-1]])] = 0
        changed = state != before if len(state) else np.zeros(0, np.bool_)
        return key[changed], at[changed], found.row[some][changed], state[changed]

    def _group_calls(self) -> tuple[Ints, Ints, Ints]:
        """Places in the extract of the group calls with a group, their keys and times, in order by key."""
        found = self._found
        some = np.flatnonzero((found.kind == GROUP) & ~found.marked)
        key = codes_of(found.group, self._key_of_group.__getitem__, np.int64)[some]
        some, key = some[key >= 0], key[key >= 0]
        order = np.lexsort((found.at[some], key))
        some, key = some[order], key[order]
        order = self._ties_put_right(found.row[some], key, found.at[some])
        return some[order], key[order], found.at[some[order]]

    def _ties_put_right(self, row: Ints, key: Ints, at: Ints) -> Ints:
        """The order in which what is equal in key and time is ordered by message id and source."""
        order = np.arange(len(row))
        same = (key[1:] == key[:-1]) & (at[1:] == at[:-1])
        if same.any():
            tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
            ids = dict(zip(tied.tolist(), self._log.ids(row[tied]), strict=True))
            order[tied] = sorted(tied.tolist(), key=lambda place: (key[place], at[place], ids[place]))
        return order


def _owner(chunk: Chunk, row: Ints) -> Ints:
    """The place of the person whose rows these are."""
    return np.searchsorted(chunk.first, row, side="right") - 1


def _hosts(emails: pa.ChunkedArray) -> pa.ChunkedArray:
    """What stands after the @: that alone decides about the domain, and far fewer are distinct."""
    pieces = []
    for piece in emails.chunks:
        parts = pc.split_pattern(piece.dictionary, "@")
        hosts = parts.values.take(pa.array(np.asarray(parts.offsets.to_numpy())[1:] - 1)).dictionary_encode()
        pieces.append(pa.DictionaryArray.from_arrays(hosts.indices.take(piece.indices), hosts.dictionary))
    return pa.chunked_array(pieces, pa.dictionary(pa.int32(), pa.string()))


def _merged(some: Ints, others: Ints) -> Ints:
    """The rows of both, in order, each once."""
    rows = np.concatenate([some, others])
    rows.sort(kind="stable")  # two runs that are in order already: a merge
    return rows[np.concatenate([[True], rows[1:] != rows[:-1]])] if len(rows) else rows


def _starts(person: Ints, persons: int) -> Ints:
    return np.searchsorted(person, np.arange(persons + 1)).astype(np.int64)
