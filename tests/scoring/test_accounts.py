"""What is known of an account moves everybody in it: when, in which order, and by which of its names."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest

from entente.agreements.document import from_data
from entente.scoring.days import as_micros
from entente.scoring.explain import tell
from entente.scoring.fold import compile_rules, fold, newcomer
from entente.scoring.replay import replay
from entente.scoring.weave import LogEvent, in_order
from tests.scoring import reference
from tests.scoring.logs import as_table, moment

AGREEMENT = from_data(
    {
        "format": 1,
        "name": "Accounts",
        "effective": "2020-01-01",
        "timezone": "UTC",
        "definition": {
            "threshold": 60,
            "fit": [
                {"rule": "Large", "points": 60, "when": {"account": "employees", "from": 50}},
                {"rule": "Acme", "points": 5, "when": {"account": "domain", "is": "acme.example"}},
                {"rule": "No domain", "points": 1, "when": {"account": "domain", "exists": False}},
            ],
            "disqualify": [{"rule": "Rival", "when": {"account": "domain", "in": ["rival.example"]}}],
        },
    }
)
NOON = as_micros(moment("2026-01-01T12:00:00"))


def group(person, at, key, id_, **values):
    return LogEvent(person, NOON + at, id_, "web", "group", group_id=key, properties=json.dumps(values))


def identify(person, at, id_, email=None, **traits):
    return LogEvent(person, NOON + at, id_, "web", "identify", email=email, properties=json.dumps(traits))


def page(person, at, id_, source="web"):
    return LogEvent(person, NOON + at, id_, source, "page", path="/")


def told(log, person, after=1_000_000):
    """(fit, disqualified, qualified at) as replay, live and the reference have it, which must be one."""
    until = moment("2026-01-01T12:00:00") + timedelta(microseconds=after)
    found = replay(as_table(log), AGREEMENT, None, until)
    replayed = next(each for each in found.as_data()["people"] if each["id"] == person)
    compiled = compile_rules(AGREEMENT)
    standings = {one: newcomer(one, compiled) for one in sorted({event.person for event in log})}
    live = fold(compiled, standings.values(), {}, in_order(log), until=until)
    expected = reference.run(AGREEMENT, log, person, until)
    moments = [as_micros(moment(text)) - NOON for text in replayed["qualified_at"]]
    assert moments == [one.event.at - NOON for one in live.qualifications if one.person == person]
    assert moments == [as_micros(at) - NOON for at in expected.qualified]
    assert (replayed["fit"], replayed["disqualified"]) == (standings[person].fit, standings[person].disqualified)
    assert (replayed["fit"], replayed["disqualified"]) == (expected.fit, expected.disqualified)
    return replayed["fit"], replayed["disqualified"], moments


@pytest.mark.parametrize(("page_id", "qualifies"), [("m1", []), ("m3", [5])])
def test_events_of_one_instant_know_what_comes_before_them_by_message_id(page_id, qualifies):
    log = [group(1, 0, "g", "m0"), page(1, 5, page_id), group(2, 5, "g", "m2", employees=80)]
    assert told(log, 1) == (61, False, qualifies)


@pytest.mark.parametrize(("source", "qualifies"), [("alpha", []), ("zeta", [5])])
def test_and_by_source_where_message_ids_are_the_same(source, qualifies):
    log = [group(1, 0, "g", "m0"), page(1, 5, "m1", source), group(2, 5, "g", "m1", employees=80)]
    assert told(log, 1) == (61, False, qualifies)


def test_what_becomes_known_at_the_moment_asked_for_is_not_known_before_it():
    log = [group(1, 0, "g", "m0"), group(2, 5, "g", "m1", employees=80)]
    assert told(log, 1, after=5)[0] == 1
    assert told(log, 1, after=6)[0] == 61


def test_a_change_between_two_events_counts_from_the_next_of_them():
    log = [group(1, 0, "g", "m0"), group(2, 5, "g", "m1", employees=80), group(2, 7, "g", "m2", employees=3)]
    assert told([*log, page(1, 8, "m3")], 1) == (1, False, [])
    assert told([*log, page(1, 6, "m3")], 1) == (1, False, [6])


def test_the_e_mail_s_domain_stands_in_for_one_that_no_group_call_gave():
    assert told([identify(1, 0, "a", "eva@mail.acme.example")], 1)[0] == 5
    assert told([identify(1, 0, "a", "eva@gmail.com")], 1)[0] == 1
    assert told([identify(1, 0, "a", "eva@acme.example"), group(1, 1, "g", "b", domain=" ")], 1)[0] == 5
    assert told([identify(1, 0, "a", "eva@acme.example"), group(1, 1, "g", "b", domain="other.example")], 1)[0] == 0
    assert told([identify(1, 0, "a", "eva@rival.example"), group(1, 1, "g", "b", domain="acme.example")], 1)[:2] == (
        5,
        False,
    )
    assert told([identify(1, 0, "a", "eva@rival.example"), group(1, 1, "g", "b", domain=None)], 1)[1]


def test_group_calls_with_the_domain_as_id_reach_those_who_are_known_by_their_e_mail():
    log = [identify(1, 0, "a", "eva@acme.example"), group(2, 5, "acme.example", "b", employees=80)]
    assert told(log, 1) == (65, False, [])


def test_who_moves_takes_nothing_along():
    log = [
        group(1, 0, "g", "m0", employees=80),
        group(1, 1, "h", "m1"),
        group(2, 2, "g", "m2", employees=90),
        group(2, 3, "h", "m3", employees=70),
        group(2, 4, "h", "m4", employees=None),
    ]
    assert [told(log[: n + 1], 1)[0] for n in range(5)] == [61, 1, 1, 61, 1]


def test_no_order_of_arrival_matters():
    log = [
        identify(1, 0, "a", "eva@acme.example"),
        group(2, 0, "acme.example", "b", employees=80),
        page(1, 0, "c"),
        group(1, 0, "g", "d"),
    ]
    assert len({str(told(list(order), 1)) for order in itertools.permutations(log)}) == 1


def test_an_explanation_names_the_group_call_since_which_a_rule_holds():
    log = [group(1, 0, "g", "m0"), group(2, 5, "g", "m1", employees=80)]
    at = moment("2026-01-02")
    (large, nothing) = tell(compile_rules(AGREEMENT), 1, log, at).explain(at).contributions
    assert (large.rule, large.event, as_micros(large.at) - NOON) == ("Large", "m1", 5)
    assert (nothing.rule, nothing.event) == ("No domain", None)
