from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from entente.agreements.document import from_data
from entente.connectors.files import read_history
from entente.evidence.history import History
from entente.evidence.leaks import leaks
from entente.evidence.sample import Sample, sample_of
from entente.evidence.scorecard import Proposal, propose
from entente.scoring.evaluator import NO_EVENT, holds
from tests.evidence.making import noise, planted, sample
from tests.shared_data import shared


@pytest.fixture(scope="module")
def proposed() -> tuple[Sample, Proposal]:
    basis = sample_of(planted(3_000))
    return basis, propose(basis)


def test_the_rules_are_the_planted_truths(proposed: tuple[Sample, Proposal]) -> None:
    _, found = proposed

    assert {rule.trait for rule in found.rules} == {"Form", "Employees", "Student"}
    signs = {rule.rule: np.sign(rule.points) for rule in found.rules}
    assert signs["Form is Demo"] == 1
    assert signs.get("Student is yes", -1) == -1
    assert signs.get("Student is no", 1) == 1


def test_a_planted_threshold_is_found_where_it_lies(proposed: tuple[Sample, Proposal]) -> None:
    (at,) = [rule.condition["from"] for rule in proposed[1].rules if rule.trait == "Employees"]
    assert 80 <= at <= 120


def test_the_auc_on_unseen_leads_is_near_that_of_the_truth(proposed: tuple[Sample, Proposal]) -> None:
    basis, found = proposed
    traits = {trait.name: trait.array for trait in basis.traits}
    truth = 2.2 * (traits["Form"] == "Demo") + 1.4 * (traits["Employees"] >= 100) - 1.8 * traits["Student"]

    best = roc_auc_score(basis.won, truth.astype(float))
    assert found.auc is not None
    assert best - 0.02 <= found.auc <= best + 0.01


def test_points_are_small_whole_numbers_and_none_is_nothing(proposed: tuple[Sample, Proposal]) -> None:
    assert all(isinstance(rule.points, int) and 0 < abs(rule.points) <= 20 for rule in proposed[1].rules)


def test_the_definition_is_one_that_the_agreement_takes_and_scores_alike(proposed: tuple[Sample, Proposal]) -> None:
    basis, found = proposed
    document = {"format": 1, "name": "Proposed", "effective": "2026-01-01", "timezone": "UTC"}
    agreement = from_data({**document, "definition": found.as_definition()})
    rows = basis.frame.head(200).rename(lambda name: name.removeprefix("trait:")).to_dicts()

    scores = [
        sum(rule.points for rule in agreement.definition.fit if holds(rule.when, NO_EVENT, row, {})) for row in rows
    ]
    kept = sum(score >= agreement.definition.threshold for score in scores)
    assert found.chosen is not None
    assert kept / 200 == pytest.approx(found.chosen.share_of_leads, abs=0.1)
    assert roc_auc_score(basis.won[:200], scores) > 0.7


def test_the_cuts_tell_what_each_threshold_keeps(proposed: tuple[Sample, Proposal]) -> None:
    basis, found = proposed
    assert found.chosen is not None
    assert found.chosen.share_of_wins > found.chosen.share_of_leads
    assert [cut.leads for cut in found.cuts] == sorted((cut.leads for cut in found.cuts), reverse=True)
    assert all(cut.win_rate == cut.won / cut.leads for cut in found.cuts)
    assert found.chosen.share_of_wins == pytest.approx(found.chosen.won / basis.wins)


def test_a_lead_of_whom_nothing_is_known_does_not_qualify(proposed: tuple[Sample, Proposal]) -> None:
    assert proposed[1].threshold is not None
    assert proposed[1].threshold > 0


@pytest.mark.parametrize("seed", range(6))
def test_where_nothing_goes_with_winning_nothing_is_proposed(seed: int) -> None:
    found = propose(sample_of(noise(600, seed)))

    assert found.rules == ()
    assert found.threshold is None
    assert found.missing


@pytest.mark.parametrize(("wins", "others"), [(39, 500), (500, 39), (0, 500), (500, 0), (0, 0)])
def test_with_too_few_of_one_kind_it_says_what_is_missing(wins: int, others: int) -> None:
    won = [True] * wins + [False] * others
    found = propose(sample(won, {"Form": ["Demo" if is_won else "Fair" for is_won in won]}))

    assert found.rules == ()
    assert found.missing is not None
    assert "at least 40 of each" in found.missing


def test_with_fewer_than_two_hundred_outcomes_a_proposal_is_marked_as_weak() -> None:
    chance = np.random.default_rng(1)
    won = [number % 2 == 0 for number in range(160)]
    form = ["Demo" if chance.random() < (0.85 if is_won else 0.1) else "Fair" for is_won in won]
    found = propose(sample(won, {"Form": form}))

    assert found.rules
    assert found.caveats[0].startswith("Weak")


def test_without_losses_it_says_that_the_recent_count_as_not_won() -> None:
    found = planted(800)
    leads = found.leads.with_columns(outcome=found.leads["outcome"].replace("lost", "open"))
    proposal = propose(sample_of(History(leads, [], found.trait_columns, {})))

    assert any("recent" in caveat for caveat in proposal.caveats)


def test_no_more_rules_are_made_than_asked_for() -> None:
    assert len(propose(sample_of(planted(1_500)), rules_at_most=2).rules) <= 2


def test_of_very_many_leads_an_even_part_is_learned_from_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entente.evidence.scorecard.LEARNERS_AT_MOST", 1_000)
    basis = sample_of(planted(4_000))
    found = propose(basis)
    form = next(trait for trait in basis.traits if trait.name == "Form")

    assert {rule.trait for rule in found.rules} == {"Form", "Employees", "Student"}
    assert next(rule for rule in found.rules if rule.trait == "Form").leads == (form.array == "Demo").sum()


def test_the_order_of_rows_changes_nothing() -> None:
    found = planted(800)
    shuffled = History(found.leads.sample(fraction=1, shuffle=True, seed=9), [], found.trait_columns, {})
    assert propose(sample_of(found)) == propose(sample_of(shuffled))


def test_a_rule_of_many_long_values_stays_readable() -> None:
    from entente.evidence.indicators import one_of

    (trait,) = sample([True, False] * 3, {"Page": [letter * 50 for letter in "abcdef"]}).traits
    rule = one_of(trait, [letter * 50 for letter in "abcdef"])

    assert rule.rule.endswith("or 3 others")
    assert len(rule.condition["in"]) == 6


def test_x_education_is_told_by_ten_readable_rules_without_leaks() -> None:
    basis = sample_of(read_history([shared("x-education") / "Leads.csv"]))
    leaking = leaks(basis)
    found = propose(basis.without({leak.column for leak in leaking}))

    assert 1 <= len(found.rules) <= 10
    assert found.auc is not None
    assert found.auc >= 0.865
    assert not {rule.trait for rule in found.rules} & {leak.trait for leak in leaking}


def test_maven_has_nothing_to_propose_and_says_so() -> None:
    basis = sample_of(read_history(sorted(shared("maven-crm").glob("*.csv"))))
    assert propose(basis).missing == "Nothing that is known of a lead at the start goes with winning beyond chance."
