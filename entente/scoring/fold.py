"""The live fold: a batch of new events onto what is stored of their persons. Pure; the kernel does the sums.

The same function folds a person anew from the whole log (a late event, a join, a new version): then the batch is all of
the person's events and what is stored is nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from entente.agreements.document import Agreement
from entente.scoring.days import as_micros, offsets_between
from entente.scoring.lens import Lens, Verdicts, conditions_of
from entente.scoring.terms import fit_points, terms_of
from entente.scoring.weave import Account, Knowledge, LogEvent, Order, Weaver, rows_of

if TYPE_CHECKING:
    from entente.scoring.kernel import Crossings, Meaning, State


class Compiled:
    """An agreement made ready to fold. Keep it: it remembers the verdicts on all that it has seen."""

    def __init__(self, agreement: Agreement, lens: Lens | None = None) -> None:
        self.agreement = agreement
        self.lens = lens or Lens(conditions_of(agreement.definition))
        self.terms = terms_of(agreement)
        self.limited = int((self.terms.slot >= 0).sum())
        self._fit_points = fit_points(agreement)
        self._verdicts: Verdicts | None = None
        self._meaning: Meaning | None = None

    def meaning(self) -> Meaning:
        """The verdicts so far with this agreement's points."""
        from entente.scoring.kernel import Meaning

        verdicts = self.lens.verdicts()
        if self._meaning is None or verdicts is not self._verdicts:
            self._verdicts = verdicts
            self._meaning = Meaning(
                verdicts.hit_start,
                verdicts.hit_rule,
                verdicts.mixes,
                verdicts.kind,
                verdicts.mix,
                verdicts.fit @ self._fit_points,
                np.asarray(verdicts.disqualified.any(axis=1)),
            )
        return self._meaning


def compile_rules(agreement: Agreement) -> Compiled:
    """Make the agreement's rules ready to fold events."""
    return Compiled(agreement)


@dataclass(slots=True, eq=False)
class Standing:
    """Where a person stands after the last event folded: all that the next fold needs, and nothing that grows.

    ``opened`` and ``closed`` are the times (µs) of the open hand-off and of the last one closed.
    """

    knowledge: Knowledge
    sums: list[float]
    sum_at: list[int]
    day: list[int]
    count: list[int]
    day_before: list[int]
    opened: int | None = None
    closed: int | None = None
    last: Order | None = None
    fit: float = 0.0
    disqualified: bool = False

    def score(self, at: int, compiled: Compiled) -> float:
        """The score at an instant not before the last event folded."""
        from entente.scoring.kernel import score_at

        sums, sum_at = np.array(self.sums), np.array(self.sum_at, np.int64)
        return float(score_at(sums, sum_at, compiled.terms, self.fit, at))


class Qualification(NamedTuple):
    """A person reached the threshold at an event; and the event that closed the hand-off since, if any."""

    person: int
    event: LogEvent
    score: float
    closed_by: LogEvent | None


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold found. ``closed_before`` are, by person, the events that closed hand-offs open before it."""

    qualifications: list[Qualification] = field(default_factory=list)
    closed_before: dict[int, LogEvent] = field(default_factory=dict)


def newcomer(person: int, compiled: Compiled) -> Standing:
    """A person of whom nothing is known."""
    groups, limited = len(compiled.terms.caps), compiled.limited
    empty = [0] * limited
    return Standing(Knowledge(person), [0.0] * groups, [0] * groups, [-1] * limited, empty[:], empty[:])


def fold(
    compiled: Compiled,
    standings: Iterable[Standing],
    accounts: dict[str, Account],
    events: Sequence[LogEvent],
    *,
    decide_from: datetime | None = None,
    until: datetime | None = None,
) -> Folded:
    """Fold events, in order, into the standings and accounts, in place.

    The events are those of the persons in ``standings``, later than their last; group calls of others may be among
    them. Events before ``decide_from`` count but decide nothing, those from ``until`` on are left out.
    """
    standings = list(standings)
    if until is not None:
        events = events[: bisect_left(events, as_micros(until), key=lambda event: event.at)]
    Weaver(compiled.lens, [standing.knowledge for standing in standings], accounts).weave(events)
    return fold_woven(compiled, standings, decide_from)


def fold_woven(
    compiled: Compiled,
    standings: Sequence[Standing],
    decide_from: datetime | None = None,
    counted: NDArray[np.bool_] | None = None,
) -> Folded:
    """Fold the rows that are woven onto the standings' knowledge; see `fold` and `kernel.fold`."""
    from entente.scoring import kernel

    if not standings:
        return Folded()
    rows = kernel.Rows(*rows_of([standing.knowledge for standing in standings]))
    state = _state_of(standings)
    meaning = compiled.meaning()
    span = (int(rows.at.min()), int(rows.at.max())) if len(rows.at) else (0, 0)
    crossings = kernel.fold(
        rows,
        meaning,
        compiled.terms,
        offsets_between(compiled.agreement.zone, *span),
        state,
        decide_from=kernel.NEVER if decide_from is None else as_micros(decide_from),
        counted=counted,
    )
    _take_over(standings, state, meaning)
    return _told(crossings, standings)


def _state_of(standings: Sequence[Standing]) -> State:
    from entente.scoring.kernel import NEVER, State

    def table(rows: list[list[int]]) -> NDArray[np.int64]:
        return np.array(rows, np.int64).reshape(len(rows), len(rows[0]))

    return State(
        sums=np.array([standing.sums for standing in standings], np.float64),
        sum_at=table([standing.sum_at for standing in standings]),
        day=table([standing.day for standing in standings]),
        hits=table([standing.count for standing in standings]),
        hits_before=table([standing.day_before for standing in standings]),
        known=np.array([standing.knowledge.known_before for standing in standings], np.int32),
        opened=np.array([NEVER if s.opened is None else s.opened for s in standings], np.int64),
        closed=np.array([NEVER if s.closed is None else s.closed for s in standings], np.int64),
    )


def _take_over(standings: Sequence[Standing], state: State, meaning: Meaning) -> None:
    """Write what the kernel left in the columns back into the standings."""
    from entente.scoring.kernel import NEVER

    columns = zip(
        standings,
        state.sums.tolist(),
        state.sum_at.tolist(),
        state.day.tolist(),
        state.hits.tolist(),
        state.hits_before.tolist(),
        state.opened.tolist(),
        state.closed.tolist(),
        meaning.fit[state.known].tolist(),
        meaning.disqualified[state.known].tolist(),
        strict=True,
    )
    for standing, sums, sum_at, day, count, day_before, opened, closed, fit, disqualified in columns:
        standing.sums, standing.sum_at = sums, sum_at
        standing.day, standing.count, standing.day_before = day, count, day_before
        standing.opened = None if opened == NEVER else opened
        standing.closed = None if closed == NEVER else closed
        standing.fit, standing.disqualified = fit, disqualified
        if standing.knowledge.events:
            standing.last = standing.knowledge.events[-1].order


def _told(crossings: Crossings, standings: Sequence[Standing]) -> Folded:
    """The kernel's row numbers as events."""
    events = [event for standing in standings for event in standing.knowledge.events]
    qualifications = [
        Qualification(events[row].person, events[row], score, None if closing < 0 else events[closing])
        for row, score, closing in zip(
            crossings.row.tolist(), crossings.score.tolist(), crossings.closing_row.tolist(), strict=True
        )
    ]
    closed_before = [events[row] for row in crossings.closed_before[crossings.closed_before >= 0].tolist()]
    return Folded(qualifications, {event.person: event for event in closed_before})
