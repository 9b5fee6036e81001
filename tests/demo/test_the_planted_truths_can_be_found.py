"""What was planted shows in the generated data by plain statistics, in its size; what is noise does not."""

import statistics
from collections import Counter, defaultdict

import numpy as np
import pytest
import statsmodels.api as sm

from entente.demo import cast
from entente.demo.truths import TRUTHS
from entente.events.types import TOUCHES


@pytest.fixture(scope="module")
def fitted(closed):
    """A logistic regression of winning on everything planted and all noise; each term's (low, high) odds ratio."""
    effects, noise = [effect.name for effect in TRUTHS.effects], list(TRUTHS.noise)
    rows = [
        [story.lead.holds[name] for name in effects]
        + [story.lead.noise[name] for name in noise]
        + [story.fast]
        + [story.lead.qualified_at.month == month for month in TRUTHS.season]
        for story in closed
    ]
    won = np.array([story.outcome == "won" for story in closed], float)
    result = sm.Logit(won, sm.add_constant(np.array(rows, float))).fit(disp=0)
    terms = ["const", *effects, *noise, "fast", *TRUTHS.season]
    return dict(zip(terms, np.exp(result.conf_int(alpha=0.01)).tolist(), strict=True))


@pytest.mark.parametrize("effect", TRUTHS.effects, ids=lambda effect: effect.name)
def test_a_planted_effect_is_found_in_its_size(fitted, effect):
    low, high = fitted[effect.name]
    assert low <= effect.odds_ratio <= high
    assert low > 1 or high < 1, "it can be told from chance"


@pytest.mark.parametrize("name", TRUTHS.noise)
def test_noise_is_not_found(fitted, name):
    low, high = fitted[name]
    assert low <= 1 <= high


def test_a_fast_first_touch_helps(fitted):
    low, high = fitted["fast"]
    assert 1 < low <= TRUTHS.fast_touch_odds_ratio <= high


@pytest.mark.parametrize("month", TRUTHS.season)
def test_the_slow_months_are_slow(fitted, month):
    low, high = fitted[month]
    assert low <= TRUTHS.season[month] <= high
    assert low * high < 1, "the estimate itself, in the middle of its interval's logarithms"


@pytest.mark.parametrize("effect", TRUTHS.effects, ids=lambda effect: effect.name)
def test_a_planted_effect_shows_in_a_simple_count(closed, effect):
    with_it, without = (
        [story.outcome == "won" for story in closed if story.lead.holds[effect.name] is holds]
        for holds in (True, False)
    )
    raised = statistics.mean(with_it) > statistics.mean(without)
    assert raised == (effect.odds_ratio > 1)


def test_the_late_rep_is_late_by_what_was_planted(closed):
    waits = defaultdict(list)
    for story in closed:
        waits[story.rep].append(story.minutes_to_touch)
    late = TRUTHS.late_rep
    iberia = [rep.email for rep in cast.REPS if rep.desk is cast.IBERIA and rep.email != late.email]
    assert statistics.median(waits[late.email]) == pytest.approx(late.median_minutes, rel=0.15)
    others = statistics.median(wait for rep in iberia for wait in waits[rep])
    assert others == pytest.approx(late.others_median_minutes, rel=0.15)
    kept = {rep: statistics.mean(wait <= 60 for wait in theirs) for rep, theirs in waits.items()}
    assert min(kept, key=kept.get) == late.email
    assert min(share for rep, share in kept.items() if rep != late.email) > 0.8


def test_the_junk_campaign_is_mostly_rejected(closed):
    junk = [story.outcome == "rejected" for story in closed if story.lead.holds["junk_campaign"]]
    others = [story.outcome == "rejected" for story in closed if not story.lead.holds["junk_campaign"]]
    assert statistics.mean(junk) == pytest.approx(TRUTHS.junk_rejected, abs=0.07)
    assert statistics.mean(others) < 0.28


def test_the_rising_reason_rises_and_the_others_do_not(world, closed):
    rising = TRUTHS.rising_reason
    since = world.end.replace(day=1).replace(month=world.end.month - rising.months + 1)
    rejected = [story for story in closed if story.outcome == "rejected"]
    before = Counter(story.reason for story in rejected if story.assigned_at < since)
    after = Counter(story.reason for story in rejected if story.assigned_at >= since)
    assert before[rising.reason] / before.total() == pytest.approx(rising.share_before, abs=0.06)
    assert after[rising.reason] / after.total() == pytest.approx(rising.share_after, abs=0.1)
    for reason in cast.REJECTIONS:
        assert after[reason] / after.total() < before[reason] / before.total() + 0.05


def test_unreachable_people_were_tried_five_times(closed):
    tries = [
        sum(fact.type in TOUCHES for fact in story.facts)
        for story in closed
        if story.outcome == "rejected" and story.reason == "Unreachable"
    ]
    assert min(tries) >= 5


def test_money_is_won_in_plausible_amounts(closed):
    amounts = [story.amount for story in closed if story.outcome == "won"]
    assert 5_000 < statistics.median(amounts) < 40_000
    assert min(amounts) > 1_000
    assert max(amounts) < 500_000
