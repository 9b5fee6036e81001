"""Passes over a log's columns, compiled: where persons begin, what class an event is of, who knew what when.

Importing this module imports numba; import it where it is needed. Pure.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from entente.scoring.kernel import machine_code


@machine_code
def starts(person: Any, before: int) -> Any:
    """The rows at which another person begins than the one before; ``before`` is who stood before the first row."""
    n = 0
    for i in range(len(person)):
        n += person[i] != before
        before = person[i]
    rows = np.empty(n, np.int64)
    for i in range(len(person) - 1, 0, -1):
        if person[i] != person[i - 1]:
            n -= 1
            rows[n] = i
    if n > 0:
        rows[0] = 0
    return rows


@machine_code
def look_at_times(first: Any, at: Any) -> Any:
    """Whether every person's events are in order of time; and the rows of the same time as the person's row before."""
    ordered, n = True, 0
    for p in range(len(first) - 1):
        for i in range(first[p] + 1, first[p + 1]):
            ordered = ordered and at[i] >= at[i - 1]
            n += at[i] == at[i - 1]
    tied = np.empty(n, np.int64)
    if n > 0:
        n = 0
        for p in range(len(first) - 1):
            for i in range(first[p] + 1, first[p + 1]):
                if at[i] == at[i - 1]:
                    tied[n] = i
                    n += 1
    return ordered, tied


@machine_code
def mark_combinations(codes: Any, classes: Any, present: Any) -> None:
    """Set ``present[type, name, path]`` for every combination of classes; ``classes[c][codes[c][i]]`` is row i's."""
    for i in range(len(codes[0])):
        present[classes[0][codes[0][i]], classes[1][codes[1][i]], classes[2][codes[2][i]]] = True


@machine_code
def map_combinations(codes: Any, classes: Any, table: Any, out: Any) -> None:
    """``out[i]`` is the table's entry for the combination of row i."""
    for i in range(len(out)):
        out[i] = table[classes[0][codes[0][i]], classes[1][codes[1][i]], classes[2][codes[2][i]]]


@machine_code
def map_through(values: Any, table: Any, out: Any) -> None:
    """``out[i] = table[values[i]]``"""
    for i in range(len(values)):
        out[i] = table[values[i]]


@machine_code
def carry_forward(owner: Any, classes: Any) -> None:
    """Fill -1 (says nothing) with the class before of the same owner, or 0 (absent) at the beginning; in place."""
    for i in range(classes.shape[0]):
        for k in range(classes.shape[1]):
            if classes[i, k] < 0:
                classes[i, k] = classes[i - 1, k] if i > 0 and owner[i] == owner[i - 1] else 0


@machine_code
def moves(owner: Any, key: Any, domain: Any) -> Any:
    """Fill in what rows do not say (-1) of group and e-mail domain with what was said before of the same owner, or 0
    (none), in place; returns which rows change either.
    """
    changes = np.zeros(len(owner), np.bool_)
    now_key, now_domain = 0, 0
    for i in range(len(owner)):
        if i == 0 or owner[i] != owner[i - 1]:
            now_key, now_domain = 0, 0
        if key[i] < 0:
            key[i] = now_key
        if domain[i] < 0:
            domain[i] = now_domain
        changes[i] = key[i] != now_key or domain[i] != now_domain
        now_key, now_domain = key[i], domain[i]
    return changes


@machine_code
def row_is_before(at: Any, rank: Any, row: int, timeline: Any, entry: int) -> bool:
    """Whether the row's event comes before the entry's. ``rank`` and the timeline's decide between equal times."""
    if at[row] != timeline.at[entry]:
        return at[row] < timeline.at[entry]
    if row == timeline.row[entry] or len(rank) == 0:
        return False
    return rank[row] < timeline.rank[entry]


@machine_code
def weave_accounts(first: Any, at: Any, rank: Any, own: Any, timeline: Any) -> Any:  # noqa: PLR0912, PLR0915 - as fold
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


@machine_code
def not_after(at: Any, rank: Any, row: int, timeline: Any, entry: int) -> bool:
    """Whether the entry's event is the row's, or comes before it."""
    return row == timeline.row[entry] or not (
        at[row] < timeline.at[entry] or row_is_before(at, rank, row, timeline, entry)
    )


@machine_code
def is_tie(at: Any, rank: Any, row: int, timeline: Any, entry: int) -> bool:
    """Whether only message ids can tell the order of the two."""
    return len(rank) == 0 and at[row] == timeline.at[entry] and row != timeline.row[entry]


@machine_code
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
