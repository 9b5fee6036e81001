"""Passes over a log's columns, compiled: where persons begin, what class an event is of, who knew what when.

Importing this module imports numba; import it where it is needed. Pure.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from entente.scoring.kernel import _compiled

Ints = NDArray[np.int64]


@_compiled
def person_starts(person: Any) -> Any:
    """The rows at which persons begin, and the number of rows."""
    n = 0
    for i in range(len(person)):
        n += i == 0 or person[i] != person[i - 1]
    starts = np.empty(n + 1, np.int64)
    n = 0
    for i in range(len(person)):
        if i == 0 or person[i] != person[i - 1]:
            starts[n] = i
            n += 1
    starts[n] = len(person)
    return starts


@_compiled
def combine(types: Any, names: Any, paths: Any, n_names: int, n_paths: int, out: Any) -> None:
    """One number for the classes of type, name and path."""
    for i in range(len(out)):
        out[i] = (types[i] * n_names + names[i]) * n_paths + paths[i]


@_compiled
def mark_present(values: Any, present: Any) -> None:
    """Set ``present[v]`` for every value v."""
    for i in range(len(values)):
        present[values[i]] = True


@_compiled
def map_through(values: Any, table: Any, out: Any) -> None:
    """``out[i] = table[values[i]]``"""
    for i in range(len(values)):
        out[i] = table[values[i]]


@_compiled
def carry_forward(owner: Any, classes: Any) -> None:
    """Fill -1 (says nothing) with the class before of the same owner, or 0 (absent) at the owner's beginning; in place."""
    for i in range(classes.shape[0]):
        for k in range(classes.shape[1]):
            if classes[i, k] < 0:
                classes[i, k] = classes[i - 1, k] if i > 0 and owner[i] == owner[i - 1] else 0


@_compiled
def moves(first: Any, key: Any, domain: Any, marked: Any) -> Any:
    """The rows at which a person's group or e-mail domain becomes another, with both as they are from then on.

    Both are numbers of names; -1 says nothing, 0 is none.
    """
    n = 0
    rows = np.empty(1024, np.int64)
    keys = np.empty(1024, np.int64)
    domains = np.empty(1024, np.int64)
    for p in range(len(first) - 1):
        now_key, now_domain = 0, 0
        for i in range(first[p], first[p + 1]):
            if marked[i]:
                continue
            new_key = key[i] if key[i] >= 0 else now_key
            new_domain = domain[i] if domain[i] >= 0 else now_domain
            if new_key != now_key or new_domain != now_domain:
                now_key, now_domain = new_key, new_domain
                if n == len(rows):
                    rows = np.concatenate((rows, np.empty(n, np.int64)))
                    keys = np.concatenate((keys, np.empty(n, np.int64)))
                    domains = np.concatenate((domains, np.empty(n, np.int64)))
                rows[n], keys[n], domains[n] = i, now_key, now_domain
                n += 1
    return rows[:n], keys[:n], domains[:n]


@_compiled
def row_is_before(at: Any, rank: Any, row: int, timeline: Any, entry: int) -> bool:
    """Whether the row's event comes before the entry's. ``rank`` and the timeline's decide between equal times."""
    if at[row] != timeline.at[entry]:
        return at[row] < timeline.at[entry]
    if row == timeline.row[entry] or len(rank) == 0:
        return False
    return rank[row] < timeline.rank[entry]


@_compiled
def weave_accounts(first: Any, at: Any, rank: Any, own: Any, timeline: Any) -> Any:
    """Changes of what is known of each person: their own (``own``), and those of the account they are of at the time.

    Returns columns (person, row, at, traits, account, domain), and whether equal times had to be compared while no
    ranks were given. An own change applies from its row on, an account's from the next event of the person on.
    """
    n = 0
    ties = False
    out = np.empty((6, 1024), np.int64)
    for p in range(len(first) - 1):
        traits, key, domain, account = 0, 0, 0, 0
        entry, last_entry = 0, 0
        here = first[p]
        end = first[p + 1]
        o = own.first[p]
        while True:
            row = own.row[o] if o < own.first[p + 1] else end
            while entry < last_entry and (row == end or not_after(at, rank, row, timeline, entry)):
                if row < end and row == timeline.row[entry]:
                    break
                low, high = here, row
                while low < high:
                    middle = (low + high) // 2
                    ties = ties or is_tie(at, rank, middle, timeline, entry)
                    if row_is_before(at, rank, middle, timeline, entry):
                        low = middle + 1
                    else:
                        high = middle
                account = timeline.state[entry]
                if n == out.shape[1]:
                    out = np.concatenate((out, np.empty((6, n), np.int64)), axis=1)
                out[0, n], out[1, n], out[2, n] = p, low, timeline.at[entry]
                out[3, n], out[4, n], out[5, n] = traits, account, domain
                n += 1
                entry += 1
            if row == end:
                break
            if entry < last_entry:
                ties = ties or is_tie(at, rank, row, timeline, entry)
            if own.traits[o] >= 0:
                traits = own.traits[o]
            if own.domain[o] >= 0:
                domain = own.domain[o]
                new_key = own.key[o] if own.key[o] > 0 else domain
                if new_key != key:
                    key, account = new_key, 0
                    entry, last_entry = timeline.first[key], timeline.first[key + 1]
            while entry < last_entry and not_after(at, rank, row, timeline, entry):
                ties = ties or is_tie(at, rank, row, timeline, entry)
                account = timeline.state[entry]
                entry += 1
            if entry < last_entry:
                ties = ties or is_tie(at, rank, row, timeline, entry)
            if n == out.shape[1]:
                out = np.concatenate((out, np.empty((6, n), np.int64)), axis=1)
            out[0, n], out[1, n], out[2, n] = p, row, at[row]
            out[3, n], out[4, n], out[5, n] = traits, account, domain
            n += 1
            here = row
            o += 1
    return out[:, :n], ties


@_compiled
def not_after(at: Any, rank: Any, row: int, timeline: Any, entry: int) -> bool:
    """Whether the entry's event is the row's, or comes before it."""
    return row == timeline.row[entry] or not (
        at[row] < timeline.at[entry] or row_is_before(at, rank, row, timeline, entry)
    )


@_compiled
def is_tie(at: Any, rank: Any, row: int, timeline: Any, entry: int) -> bool:
    """Whether only message ids can tell the order of the two."""
    return len(rank) == 0 and at[row] == timeline.at[entry] and row != timeline.row[entry]


@_compiled
def rows_at(at: Any, instants: Any) -> Any:
    """The rows at one of the instants (sorted)."""
    found = np.empty(len(at), np.int64)
    n = 0
    for i in range(len(at)):
        place = np.searchsorted(instants, at[i])
        if place < len(instants) and instants[place] == at[i]:
            found[n] = i
            n += 1
    return found[:n].copy()
