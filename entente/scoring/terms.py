"""The numbers of an agreement, laid out for the kernel: points, limits, groups, half-life, threshold. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from entente.agreements.document import Agreement

UNGROUPED: Final = "ungrouped"
"""The name under which rules without a group are summed. Their sum is not cut."""

TOLERANCE: Final = 1e-9
"""Who is this near below the threshold has reached it: the rounding of a sum must not decide over a person."""


class Terms(NamedTuple):
    """Engagement rules are numbered in their order, groups as in ``caps``. Times are in microseconds.

    ``slot`` is -1 for a rule without a limit, else its place in the state's counters.
    """

    points: NDArray[np.float64]
    group: NDArray[np.int64]
    slot: NDArray[np.int64]
    limit: NDArray[np.int64]
    caps: NDArray[np.float64]
    half_life: int
    threshold: float
    requalify_after: int


def groups_of(agreement: Agreement) -> list[str]:
    """The names of the groups in the order of `Terms.caps`: the ungrouped first."""
    return [UNGROUPED, *agreement.definition.engagement.groups]


def terms_of(agreement: Agreement) -> Terms:
    """The agreement's numbers."""
    definition = agreement.definition
    rules = definition.engagement.rules
    groups = groups_of(agreement)
    limited = [number for number, rule in enumerate(rules) if rule.limit is not None]
    caps = [group.at_most for group in definition.engagement.groups.values()]
    return Terms(
        points=np.array([rule.points for rule in rules], np.float64),
        group=np.array([groups.index(rule.group, 1) if rule.group is not None else 0 for rule in rules], np.int64),
        slot=np.array([limited.index(n) if n in limited else -1 for n in range(len(rules))], np.int64),
        limit=np.array([rule.limit or 0 for rule in rules], np.int64),
        caps=np.array([np.inf, *caps], np.float64),
        half_life=_micros(definition.engagement.half_life),
        threshold=float(definition.threshold) - TOLERANCE,
        requalify_after=_micros(definition.requalify_after or timedelta()),
    )


def fit_points(agreement: Agreement) -> NDArray[np.float64]:
    """The points of the fit rules in their order."""
    return np.array([rule.points for rule in agreement.definition.fit], np.float64)


def _micros(length: timedelta) -> int:
    return length // timedelta(microseconds=1)
