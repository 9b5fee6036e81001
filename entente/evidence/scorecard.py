"""A definition of a good lead in a few rules and small whole points, learned from what was won.

Rules are chosen one by one: the one that, with all others refitted beside it, explains the outcomes best. Choosing
stops when the next rule would not pay for itself (the extended Bayesian criterion of Chen and Chen, 2008, which also
charges for how many rules were looked through) and for its length, so that chance alone proposes nothing. The fitted
weights are then rounded to the smallest whole points that lose nothing to speak of: Ustun and Rudin ("Supersparse
linear integer models", 2016) show how little is lost. What such a scorecard is worth is asked of leads that it has
never seen: everything, from shaping the rules to rounding, is done anew for each of five parts. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entente.evidence.candidates import candidates
from entente.evidence.indicators import Indicator
from entente.evidence.sample import Flags, Sample

Floats = NDArray[np.float64]

RULES_AT_MOST: Final = 10
FOLDS: Final = 5
TOO_FEW: Final = 40
"""With fewer wins, or fewer others, nothing is proposed."""
WEAK: Final = 200
"""With fewer outcomes in all, a proposal is marked as weak."""
LEARNERS_AT_MOST: Final = 40_000
BETTER_THAN_CHANCE: Final = 0.55
SHORT_LIST: Final = 6
COST_OF_A_VALUE: Final = 3.0
COST_OF_TAKING: Final = 3.0
POINTS_AT_MOST: Final = 20
ROUNDING_MAY_COST: Final = 0.0005


@dataclass(frozen=True)
class Points:
    """One rule of the proposal: in words, its points, the agreement's condition, and what history says of it alone."""

    rule: str
    points: int
    trait: str
    condition: dict[str, Any]
    leads: int
    won: int


@dataclass(frozen=True)
class Cut:
    """What a threshold would have meant: leads at or above it, won among them, as counts and shares.

    `win_rate` is won / leads, `share_of_leads` and `share_of_wins` of all leads and of all wins.
    """

    threshold: int
    leads: int
    won: int
    win_rate: float
    share_of_leads: float
    share_of_wins: float


@dataclass(frozen=True)
class Proposal:
    """A scorecard, or the reason why there is none.

    `auc` is the mean over the folds of the chance (0.5 to 1) that a won lead, never seen, gets more points than
    another; `auc_low` and `auc_high` are the worst and the best fold. `missing` says what it would take, where
    nothing is proposed; `caveats` what to keep in mind, in words.
    """

    rules: tuple[Points, ...] = ()
    threshold: int | None = None
    auc: float | None = None
    auc_low: float | None = None
    auc_high: float | None = None
    cuts: tuple[Cut, ...] = ()
    missing: str | None = None
    caveats: tuple[str, ...] = ()

    @property
    def chosen(self) -> Cut | None:
        """What the proposed threshold would have meant."""
        return next((cut for cut in self.cuts if cut.threshold == self.threshold), None)

    def as_definition(self) -> dict[str, Any]:
        """The proposal as the `definition` of an agreement document; every rule is one of fit."""
        fit = [{"rule": rule.rule, "points": rule.points, "when": rule.condition} for rule in self.rules]
        return {"threshold": self.threshold, "fit": fit}


def propose(sample: Sample, rules_at_most: int = RULES_AT_MOST) -> Proposal:
    """The scorecard that history suggests. `sample` must be without columns that leak (see `leaks`)."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # the matrices are small: more threads only wait for each other
        return _propose(sample, rules_at_most)


def _propose(sample: Sample, rules_at_most: int) -> Proposal:
    others = sample.size - sample.wins
    if min(sample.wins, others) < TOO_FEW:
        return Proposal(missing=_what_is_missing(sample))
    learners = _learners(sample)
    rules, points = _learn(sample, learners, rules_at_most)
    if not rules:
        return Proposal(missing="Nothing that is known of a lead at the start goes with winning beyond chance.")
    by_fold = _try_on_unseen(sample if learners.all() else sample.only(learners), rules_at_most)
    auc = float(np.mean(by_fold))
    if auc < BETTER_THAN_CHANCE:
        return Proposal(
            missing=f"Tried on leads not seen before, the best rules do hardly better than chance ({auc:.2f})."
        )
    cuts = _cuts(_score(rules, points), sample.won)
    return Proposal(
        rules=_in_words(rules, points, sample),
        threshold=_best_cut(cuts, sample).threshold,
        auc=auc,
        auc_low=min(by_fold),
        auc_high=max(by_fold),
        cuts=cuts,
        caveats=_caveats(sample),
    )


def _what_is_missing(sample: Sample) -> str:
    other = "lost" if sample.basis == "won_or_lost" else "not won"
    return (
        f"There are {sample.wins:,} leads won and {sample.size - sample.wins:,} {other};"
        f" at least {TOO_FEW} of each are needed before rules can be told from chance."
    )


def _learners(sample: Sample) -> Flags:
    """The leads that rules are learned from: all, or of very many an even part, in which no more can be learned."""
    step = -(-sample.size // LEARNERS_AT_MOST)
    return np.asarray(np.arange(sample.size) % step == 0)


def _caveats(sample: Sample) -> tuple[str, ...]:
    found = []
    if sample.size < WEAK:
        found.append(f"Weak: it stands on {sample.size} outcomes only; {WEAK} or more would make it steadier.")
    if sample.basis == "won_or_not":
        found.append(
            "Losses are not recorded, so every lead that is not won counts as not won, the recent ones that may"
            " still be won among them."
        )
    return tuple(found)


def _learn(sample: Sample, rows: Flags, rules_at_most: int) -> tuple[list[Indicator], NDArray[np.int64]]:
    """The rules chosen on the leads in `rows`, and their points."""
    offered = candidates(sample, rows, at_least_leads=max(10, int(rows.sum() * 0.004)))
    if not offered:
        return [], np.zeros(0, dtype=np.int64)
    table = np.column_stack([rule.holds[rows] for rule in offered]).astype(np.float64)
    won = sample.won[rows].astype(np.float64)
    chosen = _choose(table, won, _costs(offered, table, won), rules_at_most)
    weights = _fit(table[:, chosen], won)[0] if chosen else np.zeros(0)
    points = _whole_points(weights, table[:, chosen], won)
    kept = [position for position, worth in enumerate(points) if worth]
    return [offered[chosen[position]] for position in kept], points[kept]


def _costs(offered: Sequence[Indicator], table: Floats, won: Floats) -> Floats:
    """What a rule must earn beyond the shortest: its length, and whether it takes points instead of giving some."""
    longer = np.array([rule.length - 1 for rule in offered]) * COST_OF_A_VALUE
    takes = (table.T @ won) / table.sum(axis=0) < won.mean()
    return np.asarray(longer + takes * COST_OF_TAKING)


def _choose(table: Floats, won: Floats, costs: Floats, at_most: int) -> list[int]:
    """Columns of the table, in the order of choosing."""
    chosen: list[int] = []
    _, chances, misfit = _fit(table[:, chosen], won)
    price = np.log(len(won)) + np.log(table.shape[1])
    while len(chosen) < min(at_most, table.shape[1]):
        tried = [(*_fit(table[:, [*chosen, j]], won), j) for j in _short_list(table, won, chances, chosen)]
        if not tried:
            break
        _, new_chances, new_misfit, best = min(tried, key=lambda fit: fit[2] + costs[fit[3]])
        if misfit - new_misfit < price + costs[best]:
            break
        chosen, chances, misfit = [*chosen, best], new_chances, new_misfit
    return chosen


def _short_list(table: Floats, won: Floats, chances: Floats, chosen: Sequence[int]) -> list[int]:
    """The few columns whose addition promises most, by the slope and curvature of the likelihood where it stands."""
    spread = chances * (1 - chances)
    beside = np.column_stack([np.ones(len(won)), table[:, chosen]])
    slope = table.T @ (won - chances)
    cross = table.T @ (beside * spread[:, None])
    inner = beside.T @ (beside * spread[:, None])
    curvature = (table * table).T @ spread - np.einsum("ij,ij->i", cross, np.linalg.solve(inner, cross.T).T)
    promise = np.where(curvature > 1e-9 * len(won), slope**2 / np.maximum(curvature, 1e-12), 0.0)
    promise[list(chosen)] = 0.0
    order = np.argsort(-promise, kind="stable")[:SHORT_LIST]
    return [int(column) for column in order if promise[column] > 0]


def _fit(table: Floats, won: Floats) -> tuple[Floats, Floats, float]:
    """Weights of the columns in a lightly restrained logistic regression, each lead's chance, and twice the misfit.

    Leads to whom the same rules apply are fitted as one row with their count, which is the same fit at a fraction of
    the work.
    """
    from scipy.special import xlogy
    from sklearn import config_context
    from sklearn.linear_model import LogisticRegression

    codes = table.astype(np.int64) @ (1 << np.arange(table.shape[1]))
    _, first, pattern, leads = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
    wins = np.bincount(pattern, weights=won)
    if table.shape[1] == 0:
        weights, chances = np.zeros(0), wins / leads
    else:
        rows, outcome = np.tile(table[first], (2, 1)), np.repeat([1, 0], len(first))
        with config_context(assume_finite=True, skip_parameter_validation=True):
            model = LogisticRegression(C=10.0, solver="newton-cholesky", tol=1e-3)
            model.fit(rows, outcome, sample_weight=np.concatenate([wins, leads - wins]))
            weights, chances = model.coef_[0], model.predict_proba(table[first])[:, 1]
    misfit = -2 * float((xlogy(wins, chances) + xlogy(leads - wins, 1 - chances)).sum())
    return weights, chances[pattern], misfit


def _whole_points(weights: Floats, table: Floats, won: Floats) -> NDArray[np.int64]:
    """The smallest whole points that order the leads as well as the weights do, to `ROUNDING_MAY_COST` of the AUC."""
    from sklearn.metrics import roc_auc_score

    if not len(weights):
        return np.zeros(0, dtype=np.int64)
    exact = roc_auc_score(won, table @ weights)
    largest = np.abs(weights).max()
    for top in range(2, POINTS_AT_MOST + 1):
        points = np.rint(weights / largest * top).astype(np.int64)
        if (points != 0).all() and roc_auc_score(won, table @ points) >= exact - ROUNDING_MAY_COST:
            break
    return points


def _try_on_unseen(sample: Sample, rules_at_most: int) -> list[float]:
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(sample.won, sample.won)
    found = []
    for _, unseen in folds:
        rows = np.ones(sample.size, dtype=bool)
        rows[unseen] = False
        rules, points = _learn(sample, rows, rules_at_most)
        found.append(float(roc_auc_score(sample.won[unseen], _score(rules, points, sample.size)[unseen])))
    return found


def _score(rules: Sequence[Indicator], points: NDArray[np.int64], size: int = 0) -> NDArray[np.int64]:
    if not rules:
        return np.zeros(size, dtype=np.int64)
    return np.asarray(np.column_stack([rule.holds for rule in rules]).astype(np.int64) @ points)


def _cuts(scores: NDArray[np.int64], won: Flags) -> tuple[Cut, ...]:
    """What each score would mean as a threshold, the lowest first; the lowest of all, which keeps all, is left out."""
    found = []
    for threshold in np.unique(scores)[1:]:
        above = scores >= threshold
        leads, wins = int(above.sum()), int((above & won).sum())
        found.append(Cut(int(threshold), leads, wins, wins / leads, leads / len(won), wins / int(won.sum())))
    return tuple(found)


def _best_cut(cuts: Sequence[Cut], sample: Sample) -> Cut:
    """Where most wins are kept for fewest others: the share of wins less the share of the others is largest."""
    others = sample.size - sample.wins
    return max(cuts, key=lambda cut: (cut.share_of_wins - (cut.leads - cut.won) / others, cut.threshold))


def _in_words(rules: Sequence[Indicator], points: NDArray[np.int64], sample: Sample) -> tuple[Points, ...]:
    made = [
        Points(
            rule.rule,
            int(worth),
            rule.trait,
            rule.condition,
            int(rule.holds.sum()),
            int((rule.holds & sample.won).sum()),
        )
        for rule, worth in zip(rules, points, strict=True)
    ]
    return tuple(sorted(made, key=lambda rule: -rule.points))
