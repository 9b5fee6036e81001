"""Replay: an agreement run over the whole history in a log, touching no stored state.

`prepare_log` reads the log through the rules' conditions once; `Prepared.replay` runs the kernel over the columns that
are left, as often as wanted, for any agreement with the same conditions: other points, limits, half-life, threshold.

What happened before `until` is folded. Scores are as of `until`; qualifications, weeks and hand-offs are those from
`since` on. Pure.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from entente.agreements.document import Agreement
from entente.scoring.columns import ONE_AT_A_TIME
from entente.scoring.days import as_datetime, as_micros, offsets_between
from entente.scoring.fold import Compiled
from entente.scoring.lens import CLOSINGS, Lens, conditions_of
from entente.scoring.log import Log, LogError, Source
from entente.scoring.prepare import Part, prepare
from entente.scoring.terms import groups_of

if TYPE_CHECKING:
    from entente.scoring.kernel import Crossings, State

__all__ = ["Handoff", "Log", "LogError", "Prepared", "Replay", "prepare_log", "replay"]

WEEK: Final = timedelta(days=7)
LAST_EMAILS: Final = "person, arg_max(email, (occurred_at, message_id, source)) AS email"
ROWS_AT_ONCE: Final = 1_000_000
"""A thread folds about so many rows at once: large enough to be quick, small enough to share evenly."""


def replay(
    source: Source,
    agreement: Agreement,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Replay:
    """Run the agreement over a log: an Arrow table or Parquet files with the columns of `read_log`.

    ``since`` and ``until`` are aware; without them, from the first event to just after the last. Raises LogError for a
    file that is no log.
    """
    log, lens = Log(source), Lens(conditions_of(agreement.definition))
    fold = _Fold(Compiled(agreement, lens), until)
    return _replayed(log, fold, prepare(log, lens, fold, progress) or [fold(_nobody())], since)


def prepare_log(source: Source, agreement: Agreement, progress: Callable[[int, int], object] | None = None) -> Prepared:
    """Read a log through the agreement's conditions. ``progress`` is told rows done and rows in all."""
    log, lens = Log(source), Lens(conditions_of(agreement.definition))
    return Prepared(log, lens, prepare(log, lens, lambda part: part, progress))


@dataclass(frozen=True)
class Handoff:
    """A hand-off as the agreement would have opened it. ``outcome`` is the type of the event that closed it."""

    person: int
    opened_at: datetime
    score: float
    closed_at: datetime | None
    outcome: str | None


class Prepared:
    """A log read through the conditions of an agreement."""

    def __init__(self, log: Log, lens: Lens, parts: list[Part]) -> None:
        self.log = log
        self.lens = lens
        self.parts = [small for part in parts for small in _split(part)] or [_nobody()]

    def replay(self, agreement: Agreement, since: datetime | None = None, until: datetime | None = None) -> Replay:
        """Fold everything before ``until``. Raises ValueError when the agreement's conditions are not those read."""
        if conditions_of(agreement.definition) != self.lens.conditions:
            raise ValueError("the log was prepared for other conditions")
        fold = _Fold(Compiled(agreement, self.lens), until)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return _replayed(self.log, fold, list(pool.map(fold, self.parts)), since)


class _Piece(NamedTuple):
    """What folding made of some persons. ``began`` is when the first event of each was, ``span`` that of all."""

    persons: NDArray[np.int64]
    began: NDArray[np.int64]
    span: tuple[int, int] | None
    state: State
    qualified: dict[str, NDArray[Any]]


class _Fold:
    """Folds the parts of a log, in any threads: while others are still being read, too."""

    def __init__(self, compiled: Compiled, until: datetime | None) -> None:
        self.compiled = compiled
        self.until = None if until is None else as_micros(until)

    def __call__(self, part: Part) -> _Piece:
        from entente.scoring import kernel

        terms, rows = self.compiled.terms, part.rows
        began, span = rows.at[rows.first[:-1]], _span(part)
        with ONE_AT_A_TIME:  # the classes of all that this part holds are known, others are being numbered
            meaning = self.compiled.meaning()
        offsets = offsets_between(self.compiled.agreement.zone, *(span or (0, 0)))
        state = kernel.empty_state(len(part.persons), terms, keeps_counters=False)
        # What others tell of an account after the last event of this part counts too: the part's end is not the end.
        end = np.iinfo(np.int64).max if self.until is None else self.until
        crossings = kernel.fold(rows, meaning, terms, offsets, state, until=end)
        return _Piece(part.persons, began, span, state, _qualified(part, crossings, meaning.kind))


def _replayed(log: Log, fold: _Fold, pieces: list[_Piece], since: datetime | None) -> Replay:
    """The pieces as one."""
    spans = [piece.span for piece in pieces if piece.span] or [(0, 0)]
    end = max(last for _, last in spans) + 1 if fold.until is None else fold.until
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        scores = list(pool.map(lambda piece: _scores(piece, fold.compiled, end), pieces))
    return Replay(
        agreement=fold.compiled.agreement,
        log=log,
        since=as_datetime(min(first for first, _ in spans)) if since is None else since,
        until=as_datetime(end),
        **{name: np.concatenate([columns[name] for columns in scores]) for name in SCORE_COLUMNS},
        **{name: np.concatenate([piece.qualified[name] for piece in pieces]) for name in QUALIFIED_COLUMNS},
    )


def _span(part: Part) -> tuple[int, int] | None:
    """The first and the last instant of the part, None where it has no events."""
    at, first = part.rows.at, part.rows.first
    return (int(at[first[:-1]].min()), int(at[first[1:] - 1].max())) if len(at) else None


SCORE_COLUMNS: Final = ("person", "score", "fit", "engagement", "disqualified")
QUALIFIED_COLUMNS: Final = ("who", "opened", "opening_score", "closed", "closing")


def _scores(piece: _Piece, compiled: Compiled, at: int) -> dict[str, NDArray[Any]]:
    """The columns on persons, of those with an event before ``at``."""
    there, state = piece.began < at, piece.state
    terms, meaning = compiled.terms, compiled.meaning()
    elapsed = (at - state.sum_at[there]) / terms.half_life
    engagement = np.minimum(terms.caps, state.sums[there] * np.exp2(-elapsed))
    fit = meaning.fit[state.known[there]]
    return {
        "person": piece.persons[there],
        "score": fit + engagement.sum(axis=1),
        "fit": fit,
        "engagement": engagement,
        "disqualified": meaning.disqualified[state.known[there]],
    }


def _qualified(part: Part, out: Crossings, kind: NDArray[np.int8]) -> dict[str, NDArray[Any]]:
    """The columns on qualifications."""
    is_closed = out.closing_row >= 0
    closing_row = np.maximum(out.closing_row, 0)
    return {
        "who": part.persons[np.searchsorted(part.rows.first, out.row, side="right") - 1],
        "opened": part.rows.at[out.row],
        "opening_score": out.score,
        "closed": np.where(is_closed, part.rows.at[closing_row], -1),
        "closing": np.where(is_closed, kind[part.rows.sight[closing_row]], 0),
    }


@dataclass(frozen=True)
class Replay:
    """What the agreement makes of the history. Columns by person, in the log's order, and by qualification.

    Times are µs. ``engagement`` is (persons, groups), cut at the groups' caps; with ``fit`` it adds up to ``score``.
    ``closing`` is 0 for a hand-off that is open, else a place in CLOSINGS counted from 1.
    """

    agreement: Agreement
    log: Log
    since: datetime
    until: datetime
    person: NDArray[np.int64]
    score: NDArray[np.float64]
    fit: NDArray[np.float64]
    engagement: NDArray[np.float64]
    disqualified: NDArray[np.bool_]
    who: NDArray[np.int64]
    opened: NDArray[np.int64]
    opening_score: NDArray[np.float64]
    closed: NDArray[np.int64]
    closing: NDArray[np.int8]

    def handoffs(self) -> list[Handoff]:
        """The hand-offs opened within the period, by person and time."""
        some = np.flatnonzero(self._within())
        return [
            Handoff(
                person=person,
                opened_at=as_datetime(opened),
                score=score,
                closed_at=as_datetime(closed) if closing else None,
                outcome=CLOSINGS[closing - 1] if closing else None,
            )
            for person, opened, score, closed, closing in zip(
                self.who[some].tolist(),
                self.opened[some].tolist(),
                self.opening_score[some].tolist(),
                self.closed[some].tolist(),
                self.closing[some].tolist(),
                strict=True,
            )
        ]

    def weeks(self) -> list[tuple[date, int]]:
        """Qualifications by week of the agreement's time zone, each named by its Monday; no week is left out."""
        first, last = self._monday(self.since), self._monday(max(self.since, self.until - timedelta(microseconds=1)))
        counts = dict.fromkeys((first + n * WEEK for n in range((last - first) // WEEK + 1)), 0)
        for opened in self.opened[self._within()].tolist():
            counts[self._monday(as_datetime(opened))] += 1
        return list(counts.items())

    def as_data(self) -> dict[str, Any]:
        """What `entente replay --json` prints."""
        emails = self.emails()
        handoffs = self.handoffs()
        return {
            "agreement": {"name": self.agreement.name, "sha256": self.agreement.sha256()},
            "from": _iso(self.since),
            "to": _iso(self.until),
            "people": list(self._people(emails, handoffs)),
            "weeks": [{"week": monday.isoformat(), "qualified": count} for monday, count in self.weeks()],
            "handoffs": [
                {
                    "person": handoff.person,
                    "email": emails.get(handoff.person),
                    "opened_at": _iso(handoff.opened_at),
                    "closed_at": _iso(handoff.closed_at) if handoff.closed_at else None,
                    "outcome": handoff.outcome,
                    "score": handoff.score,
                }
                for handoff in handoffs
            ],
        }

    def emails(self) -> dict[int, str]:
        """The e-mail of each person that has one, as last known before ``until``."""
        condition = f"coalesce(email, '') <> '' AND {self.log.micros} < {as_micros(self.until)}"
        table = self.log.aggregate(LAST_EMAILS, condition)
        return dict(zip(table["person"].to_pylist(), table["email"].to_pylist(), strict=True))

    def _people(self, emails: dict[int, str], handoffs: list[Handoff]) -> Iterator[dict[str, Any]]:
        groups = groups_of(self.agreement)
        qualified: dict[int, list[str]] = {}
        for handoff in handoffs:
            qualified.setdefault(handoff.person, []).append(_iso(handoff.opened_at))
        columns = (self.person, self.score, self.fit, self.engagement, self.disqualified)
        for person, score, fit, engagement, disqualified in zip(*(c.tolist() for c in columns), strict=True):
            yield {
                "id": person,
                "email": emails.get(person),
                "score": score,
                "fit": fit,
                "engagement": dict(zip(groups, engagement, strict=True)),
                "disqualified": disqualified,
                "qualified_at": qualified.get(person, []),
            }

    def _within(self) -> NDArray[np.bool_]:
        return (self.opened >= as_micros(self.since)) & (self.opened < as_micros(self.until))

    def _monday(self, moment: datetime) -> date:
        day = moment.astimezone(self.agreement.zone).date()
        return day - timedelta(days=day.weekday())


def _nobody() -> Part:
    from entente.scoring.kernel import Rows

    none = np.zeros(0, np.int64)
    no_classes = np.zeros(0, np.int32)
    zero = np.zeros(1, np.int64)
    return Part(none, Rows(zero, none, no_classes, zero, none, none, no_classes))


def _split(part: Part) -> Iterator[Part]:
    """The same persons in parts of about ROWS_AT_ONCE rows."""
    rows = part.rows
    pieces = max(1, len(rows.at) // ROWS_AT_ONCE)
    bounds = np.unique(np.searchsorted(rows.first, np.linspace(0, len(rows.at), pieces + 1).astype(np.int64)))
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        start, end = rows.first[low], rows.first[high]
        begin, finish = rows.change_first[low], rows.change_first[high]
        yield Part(
            part.persons[low:high],
            rows._replace(
                first=rows.first[low : high + 1] - start,
                at=rows.at[start:end],
                sight=rows.sight[start:end],
                change_first=rows.change_first[low : high + 1] - begin,
                change_row=rows.change_row[begin:finish] - start,
                change_at=rows.change_at[begin:finish],
                change_known=rows.change_known[begin:finish],
            ),
        )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
