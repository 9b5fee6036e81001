"""The fold over each person's ordered events: DESIGN section 7, as one loop over columns.

Live, it runs over a batch of new events and the stored state of their persons; in replay, over whole histories from the
empty state. It is plain Python that numba compiles. Importing this module imports numba, which takes a second: import
it where it is needed.

Points decay as ``points * 2 ** (-elapsed / half_life)``, so a group needs one sum and its time. A limited rule needs
the calendar day of its last counted hit, the hits counted on it, and those of the day before (there are zones whose
clocks went back over midnight).

Pure.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from entente.scoring.days import Offsets
from entente.scoring.terms import Terms

NEVER: Final = np.iinfo(np.int64).min
"""A time that stands for 'not yet'."""

DAY: Final = 86_400_000_000


class Rows(NamedTuple):
    """Events and changes of knowledge of P persons, person by person, each in order.

    Events of person ``p`` are ``first[p]`` up to ``first[p + 1]``, at ``at`` (µs) and of class ``sight``. From before
    event ``change_row[c]`` on (the person's end: after all events), and from the instant ``change_at[c]`` on, class
    ``change_known[c]`` is known; a person's changes are ``change_first[p]`` up to ``change_first[p + 1]``.
    """

    first: NDArray[np.int64]
    at: NDArray[np.int64]
    sight: NDArray[np.int32]
    change_first: NDArray[np.int64]
    change_row: NDArray[np.int64]
    change_at: NDArray[np.int64]
    change_known: NDArray[np.int32]


class Meaning(NamedTuple):
    """What the evaluator said of the classes (see `lens.Verdicts`), with points and disqualifiers summed up."""

    hit_start: NDArray[np.int64]
    hit_rule: NDArray[np.int32]
    mixes: int
    kind: NDArray[np.int8]
    mix: NDArray[np.int32]
    fit: NDArray[np.float64]
    disqualified: NDArray[np.bool_]


class State(NamedTuple):
    """What the fold keeps of each person; groups and counters as in `Terms`. ``opened`` is NEVER without a hand-off."""

    sums: NDArray[np.float64]  # (P, groups)
    sum_at: NDArray[np.int64]  # (P, groups)
    day: NDArray[np.int64]  # (P, limited rules), days since 1970 in the agreement's time zone
    hits: NDArray[np.int64]  # counted on that day
    hits_before: NDArray[np.int64]  # and on the day before it
    known: NDArray[np.int32]  # (P,)
    opened: NDArray[np.int64]
    closed: NDArray[np.int64]


class Crossings(NamedTuple):
    """Qualifications in order: the event's row, the score then, the row of the event that closed the hand-off or -1.

    ``closed_before[p]`` is the row that closed the hand-off that was open when the fold began, or -1.
    """

    row: NDArray[np.int64]
    score: NDArray[np.float64]
    closing_row: NDArray[np.int64]
    closed_before: NDArray[np.int64]


def empty_state(persons: int, terms: Terms, *, keeps_counters: bool = True) -> State:
    """The state before any event. Without counters kept, one row serves all persons: who folds no more needs none."""
    groups, limited = len(terms.caps), int((terms.slot >= 0).sum())
    kept = persons if keeps_counters else 1
    return State(
        sums=np.zeros((persons, groups)),
        sum_at=np.zeros((persons, groups), np.int64),
        day=np.full((kept, limited), -DAY, np.int64),
        hits=np.zeros((kept, limited), np.int64),
        hits_before=np.zeros((kept, limited), np.int64),
        known=np.zeros(persons, np.int32),
        opened=np.full(persons, NEVER, np.int64),
        closed=np.full(persons, NEVER, np.int64),
    )


def fold(
    rows: Rows,
    meaning: Meaning,
    terms: Terms,
    offsets: Offsets,
    state: State,
    *,
    decide_from: int = NEVER,
    until: int = np.iinfo(np.int64).max,
    counted: NDArray[np.bool_] | None = None,
) -> Crossings:
    """Fold the events before ``until`` into ``state`` (changed in place), and return who qualified.

    Before ``decide_from`` events count but decide nothing. ``counted``, if given, has a place for each hit of the
    events, in order, and is told whether the hit counted within its limit.
    """
    most = len(rows.first) - 1 + count_closings(rows.sight, meaning.kind)  # each but the first follows a closing
    out = Crossings(
        row=np.empty(most, np.int64),
        score=np.empty(most),
        closing_row=np.full(most, -1, np.int64),
        closed_before=np.full(len(rows.first) - 1, -1, np.int64),
    )
    told = counted if counted is not None else np.zeros(0, np.bool_)
    n = fold_persons(rows, meaning, terms, offsets, state, np.int64(decide_from), np.int64(until), told, out)
    return Crossings(out.row[:n], out.score[:n], out.closing_row[:n], out.closed_before)


def machine_code(function: Any) -> Any:
    """Compile, and keep the machine code beside the source, or in the user's cache where that cannot be written."""
    try:
        return numba.njit(function, cache=True, nogil=True, error_model="numpy")
    except RuntimeError:  # no place at all to keep it: compile for this process only
        return numba.njit(function, nogil=True, error_model="numpy")


@machine_code
def decayed(value: float, elapsed: int, half_life: int) -> float:
    """What is left of points after so many microseconds."""
    return value * np.exp2(-(elapsed / half_life))


@machine_code
def score_at(sums: Any, sum_at: Any, terms: Any, fit: float, at: int) -> float:
    """Fit and the groups' decayed sums, each cut at its cap."""
    score = fit
    for group in range(len(terms.caps)):
        if sums[group] != 0.0:
            score += min(terms.caps[group], decayed(sums[group], at - sum_at[group], terms.half_life))
    return score


@machine_code
def may_reach(sums: Any, caps: Any, fit: float, threshold: float) -> bool:
    """Whether the score could be that high if nothing positive had decayed and everything negative had."""
    most = fit
    for group in range(len(caps)):
        most += min(caps[group], max(sums[group], 0.0))
    return most >= threshold


@machine_code
def fold_persons(  # noqa: PLR0912, PLR0915, PLR0917 - one loop, compiled as a whole
    rows: Any,
    meaning: Any,
    terms: Any,
    offsets: Any,
    state: Any,
    decide_from: int,
    until: int,
    counted: Any,
    out: Any,
) -> int:
    """The loop itself; returns the number of qualifications written to ``out``."""
    found = 0
    hit_number = 0
    low, high, offset = 0, 0, 0  # the offset holds from low up to, not including, high
    for p in range(len(rows.first) - 1):
        sums = state.sums[p]
        sum_at = state.sum_at[p]
        known = state.known[p]
        opened = state.opened[p]
        closed = state.closed[p]
        open_row = -1
        change = rows.change_first[p]
        last_change = rows.change_first[p + 1]
        counter = p
        if len(state.day) < len(state.known):  # counters are not kept
            counter = 0
            state.day[0], state.hits[0], state.hits_before[0] = -DAY, 0, 0
        looked, near = False, False  # whether the score could be high enough, once that was looked at
        for i in range(rows.first[p], rows.first[p + 1]):
            at = rows.at[i]
            if at >= until:
                break
            while change < last_change and rows.change_row[change] <= i:
                known = rows.change_known[change]
                change += 1
                looked = False
            sight = rows.sight[i]
            kind = meaning.kind[sight]
            if kind < 0:
                continue
            pair = sight * meaning.mixes + meaning.mix[known]
            for h in range(meaning.hit_start[pair], meaning.hit_start[pair + 1]):
                rule = meaning.hit_rule[h]
                slot = terms.slot[rule]
                counts = True
                if slot >= 0:
                    if not low <= at < high:
                        place = np.searchsorted(offsets.since, at, side="right") - 1
                        low = offsets.since[place]
                        high = offsets.since[place + 1] if place + 1 < len(offsets.since) else until
                        offset = offsets.offset[place]
                    day = (at + offset) // DAY
                    counts = count_hit(state, counter, slot, day, terms.limit[rule])
                if len(counted) > 0:
                    counted[hit_number] = counts
                hit_number += 1
                if counts:
                    group = terms.group[rule]
                    if sums[group] != 0.0:
                        sums[group] = decayed(sums[group], at - sum_at[group], terms.half_life)
                    sums[group] += terms.points[rule]
                    sum_at[group] = at
                    looked = False
            if at < decide_from:
                continue
            if opened != NEVER:
                if kind > 0:
                    opened, closed = NEVER, at
                    if open_row >= 0:
                        out.closing_row[found - 1] = i
                        open_row = -1
                    else:
                        out.closed_before[p] = i
                continue
            if meaning.disqualified[known] or (closed != NEVER and at - closed < terms.requalify_after):
                continue
            fit = meaning.fit[known]
            if not looked:
                looked, near = True, may_reach(sums, terms.caps, fit, terms.threshold)
            if near:
                score = score_at(sums, sum_at, terms, fit, at)
                if score >= terms.threshold:
                    opened = at
                    open_row = i
                    out.row[found] = i
                    out.score[found] = score
                    found += 1
        while change < last_change and rows.change_at[change] < until:
            known = rows.change_known[change]
            change += 1
        state.known[p] = known
        state.opened[p] = opened
        state.closed[p] = closed
    return found


@machine_code
def count_closings(sight: Any, kind: Any) -> int:
    """How many events can close a hand-off."""
    closings = 0
    for i in range(len(sight)):
        closings += kind[sight[i]] > 0
    return closings


@machine_code
def count_hit(state: Any, p: int, slot: int, day: int, limit: int) -> bool:
    """Whether one more hit of the rule counts on that day; counts it if so."""
    if day > state.day[p, slot]:
        state.hits_before[p, slot] = state.hits[p, slot] if day == state.day[p, slot] + 1 else 0
        state.day[p, slot] = day
        state.hits[p, slot] = 0
    if day == state.day[p, slot]:
        if state.hits[p, slot] >= limit:
            return False
        state.hits[p, slot] += 1
        return True
    if state.hits_before[p, slot] >= limit:
        return False
    state.hits_before[p, slot] += 1
    return True
