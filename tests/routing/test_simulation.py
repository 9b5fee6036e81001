"""The promise of fair dealing, on worlds of unequal shares, lognormal values, partial eligibility and absences.

The benchmark does the same with 100,000 leads and draws it.
"""

import pytest

from benchmarks import dealing
from entente.routing.fair import Ledger


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_at_every_moment_each_rep_is_within_two_leads_and_two_largest_values_of_their_due(monkeypatch, seed):
    monkeypatch.setattr(dealing, "LEADS", 4_000)
    values, eligible = dealing.world(seed)
    ledger = Ledger()
    fair = dealing.follow(lambda lead, value, reps: ledger.deal(lead, value, reps).rep, values, eligible)
    robin = dealing.follow(dealing.WeightedRoundRobin(), values, eligible)
    assert fair.worst_count <= min(2, robin.worst_count)
    assert fair.worst_value <= min(2, robin.worst_value)
