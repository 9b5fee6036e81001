"""One evaluator and one kernel: live, replay and the naive reference say the same of any log under any agreement."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from entente.agreements.document import Agreement
from entente.scoring.days import as_datetime, as_micros
from entente.scoring.explain import tell
from entente.scoring.fold import compile_rules, fold, newcomer
from entente.scoring.replay import prepare_log, replay
from entente.scoring.weave import LogEvent, in_order
from tests.agreements.strategies import definitions
from tests.scoring import reference
from tests.scoring.logs import as_table, end_of, logs

calm = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
calmer = settings(calm, max_examples=25)  # each example makes DuckDB read a log twice
near = 1e-9


def expected(agreement: Agreement, log: list[LogEvent], until: datetime) -> dict[int, reference.Outcome]:
    there = {one.person for one in log if as_datetime(one.at) < until}
    return {person: reference.run(agreement, log, person, until) for person in sorted(there)}


def assert_replay_says(agreement: Agreement, log: list[LogEvent], until: datetime) -> None:
    outcomes = expected(agreement, log, until)
    found = replay(as_table(log), agreement, None, until).as_data()
    people = {person["id"]: person for person in found["people"]}
    assert people.keys() == outcomes.keys()
    for number, outcome in outcomes.items():
        assert people[number]["score"] == pytest.approx(outcome.score, abs=near)
        assert people[number]["fit"] == outcome.fit
        assert people[number]["engagement"] == pytest.approx(outcome.engagement, abs=near)
        assert people[number]["disqualified"] == outcome.disqualified
        theirs = [handoff for handoff in found["handoffs"] if handoff["person"] == number]
        assert [datetime.fromisoformat(each["opened_at"]) for each in theirs] == outcome.qualified
        assert [each["closed_at"] and datetime.fromisoformat(each["closed_at"]) for each in theirs] == outcome.closed
        assert [each["score"] for each in theirs] == pytest.approx(outcome.scores, abs=near)
        event(f"{len(theirs)} qualified")


@calm
@given(definitions(), logs())
def test_replay_says_what_the_reference_says(agreement, log):
    assert_replay_says(agreement, log, end_of(log))


@calm
@given(definitions(), logs(), st.data())
def test_replay_up_to_a_moment_knows_nothing_of_what_comes_after(agreement, log, data):
    until = as_datetime(data.draw(st.sampled_from(log)).at + data.draw(st.sampled_from((0, 1, 3_600_000_000))))
    assert_replay_says(agreement, log, until)


@calm
@given(definitions(), logs(), st.data())
def test_live_in_any_batches_says_what_the_reference_says(agreement, log, data):
    ordered = in_order(log)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(ordered)), max_size=4)))
    compiled = compile_rules(agreement)
    persons = sorted({one.person for one in log})
    standings = {person: newcomer(person, compiled) for person in persons}
    accounts, qualified, closed = {}, {person: [] for person in persons}, {person: [] for person in persons}
    for start, end in zip([0, *cuts], [*cuts, len(ordered)], strict=True):
        standings = {person: as_stored(standing) for person, standing in standings.items()}
        accounts = {key: type(account)(account.values, account.last) for key, account in accounts.items()}
        found = fold(compiled, standings.values(), accounts, ordered[start:end])
        for person, closing in found.closed_before.items():
            closed[person][-1] = as_datetime(closing.at)
        for person, opening, _, closing in found.qualifications:
            qualified[person].append(as_datetime(opening.at))
            closed[person].append(closing and as_datetime(closing.at))
    until = end_of(log)
    for person, outcome in expected(agreement, log, until).items():
        assert (person, standings[person].score(as_micros(until), compiled)) == (
            person,
            pytest.approx(outcome.score, abs=near),
        )
        assert (standings[person].fit, standings[person].disqualified) == (outcome.fit, outcome.disqualified)
        assert (qualified[person], closed[person]) == (outcome.qualified, outcome.closed)


def as_stored(standing):
    """The standing as if it had been written and read: without what was woven."""
    knowledge = standing.knowledge
    standing.knowledge = type(knowledge)(
        knowledge.person, knowledge.traits, knowledge.group_id, knowledge.email, knowledge.keys
    )
    return standing


@calm
@given(definitions(), logs(), st.data())
def test_an_explanation_adds_up_to_the_score_at_any_moment(agreement, log, data):
    person = data.draw(st.sampled_from(log)).person
    first = min(one.at for one in log if one.person == person)
    at = max(first, data.draw(st.sampled_from(log)).at + data.draw(st.sampled_from((0, 1, 10**11))))
    explanation = tell(compile_rules(agreement), person, log, as_datetime(at)).explain(as_datetime(at))
    # The reference takes in what is before a moment, an explanation also what is at it.
    outcome = reference.run(agreement, log, person, as_datetime(at + 1))
    assert explanation.score == pytest.approx(outcome.score, abs=1e-6)
    assert explanation.fit == outcome.fit
    assert bool(explanation.disqualified_by) == outcome.disqualified
    engaged = [line for line in explanation.contributions if line.group and line.event]
    assert all(abs(line.now) <= abs(line.points) for line in engaged)


@calmer
@given(definitions(), logs(), st.data())
def test_a_prepared_log_replays_other_points_as_if_read_anew(agreement, log, data):
    changed = with_other_numbers(agreement, data.draw(st.randoms(use_true_random=False)))
    until = end_of(log)
    prepared = prepare_log(as_table(log), agreement)
    assert prepared.replay(changed, None, until).as_data() == replay(as_table(log), changed, None, until).as_data()


def with_other_numbers(agreement, random):
    definition = agreement.definition
    rules = tuple(replace(rule, points=random.randint(-30, 60)) for rule in definition.engagement.rules)
    engagement = replace(definition.engagement, rules=rules)
    fit = tuple(replace(rule, points=random.randint(-30, 60)) for rule in definition.fit)
    return replace(agreement, definition=replace(definition, fit=fit, engagement=engagement, threshold=20))
