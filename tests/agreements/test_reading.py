"""A document is read to what it says."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from entente.agreements.conditions import MISSING, All, Any, EventType, Not, Page, Test, Track, Trait
from entente.agreements.document import (
    Agreement,
    BusinessTime,
    Clock,
    Count,
    Duration,
    Escalation,
    Persistence,
    Reason,
    RepShare,
    Review,
    Share,
    Stage,
    load,
    parse,
)
from entente.agreements.starting_points import LANGUAGES, template
from tests.agreements.documents import SMALL, example_of_the_design, small, with_definition


@pytest.fixture(scope="module")
def example() -> Agreement:
    return parse(example_of_the_design())


def test_the_example_of_the_design_is_read_to_the_letter(example):
    assert example.name == "ACME, second half of 2026"
    assert example.effective == date(2026, 7, 1)
    assert example.in_force_from == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert example.currency == "EUR"
    nine, three, six = time(9), time(15), time(18)
    hours = {**dict.fromkeys(range(4), ((nine, six),)), 4: ((nine, three),)}
    assert example.business_time == BusinessTime(hours, "ES-MD", (date(2026, 12, 24),))
    assert example.stages[3] == Stage("Opportunity", "deal_opened")
    assert example.review == Review("week", "monday", time(10))


def test_the_examples_definition_is_read_to_the_letter(example):
    definition = example.definition
    assert definition.threshold == 50
    assert definition.required == ("email", "company", "phone")
    assert definition.requalify_after == timedelta(days=30)
    assert definition.fit[2].when == Trait("country", Test(not_in=("ES", "PT", "MX")))
    assert definition.engagement.half_life == timedelta(days=30)
    assert definition.engagement.groups["Content"].at_most == 20
    pricing = definition.engagement.rules[1]
    assert (pricing.name, pricing.points, pricing.limit, pricing.group) == ("Looked at pricing", 10, 2, None)
    assert pricing.when == Page("/pricing*")
    assert definition.engagement.rules[3].when == Track("Quote Viewed", (("amount", Test(from_=10000)),))
    assert [rule.name for rule in definition.rules()][-1] == "Student or teacher"


def test_the_examples_promises_are_read_to_the_letter(example):
    commitments = example.commitments
    assert commitments.marketing == (
        Count("Volume", "qualified", 120, "month"),
        Share("Completeness", "complete_at_handoff", 0.95),
        Share("Quality", "accepted", 0.7),
    )
    assert commitments.sales == (
        Clock("First touch", "first_touch", Duration(1, "hours"), 0.9, 0.5),
        Clock("Feedback", "feedback", Duration(2, "days"), 0.95),
        Persistence("Persistence", 5, Duration(10, "days"), 0.8),
    )
    assert commitments.escalation == {
        "first_touch": Escalation(("rep",), ("sales_manager",), Duration(2, "hours")),
    }
    assert commitments.rejection_reasons[1] == Reason("No budget")
    assert commitments.rejection_reasons[6:] == (
        Reason("Duplicate", gives_credit=True),
        Reason("Unreachable", after_touches=5),
    )
    assert commitments.pause_at_most == Duration(3, "days")


def test_the_examples_routing_is_read_to_the_letter(example):
    routing = example.routing
    assert routing.teams[0].reps == (RepShare("ana@acme.example"), RepShare("luis@acme.example", 0.5))
    assert routing.teams[1].when is None
    assert (routing.keep_account_with_its_rep, routing.at_most, routing.when_nobody) == (True, 25, "wait")


def test_five_keys_are_enough_and_the_rest_has_plain_defaults():
    agreement = parse(SMALL)
    assert agreement.currency == "EUR"
    assert agreement.business_time.hours == dict.fromkeys(range(5), ((time(9), time(18)),))
    assert [stage.name for stage in agreement.stages] == ["Lead", "Qualified", "Accepted", "Opportunity", "Customer"]
    assert agreement.definition.engagement.half_life == timedelta(days=30)
    assert agreement.commitments.sales == ()
    assert agreement.routing.when_nobody == "wait"
    assert agreement.review is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_valid_as_it_is_and_takes_a_day(language):
    assert parse(template(language)).effective == date(2026, 1, 1)
    assert parse(template(language, date(2027, 2, 3))).effective == date(2027, 2, 3)


def test_the_templates_promise_the_same_in_every_language():
    first, second = (parse(template(language)) for language in LANGUAGES)
    assert [rule.points for rule in first.definition.rules()] == [rule.points for rule in second.definition.rules()]
    assert [type(p) for p in first.commitments.sales] == [type(p) for p in second.commitments.sales]


def when(condition: str):
    text = with_definition(f"  engagement: {{rules: [{{rule: R, points: 1, when: {condition}}}]}}\n")
    return parse(text).definition.engagement.rules[0].when


def who(test: str) -> Test:
    text = with_definition(f"  fit: [{{rule: R, points: 1, when: {{trait: t, {test}}}}}]\n")
    condition = parse(text).definition.fit[0].when
    assert isinstance(condition, Trait)
    return condition.test


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("10:00", "10:00"),
        ("08001", "08001"),
        ("+34", "+34"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("2026-07-01", "2026-07-01"),
        ("10", 10),
        ("-2.50", -2.5),
        ("'10'", "10"),
        ("true", True),
        ("'true'", "true"),
        ("1.0", 1),
    ],
)
def test_a_plain_word_stays_what_it_is(written, value):
    assert who(f"is: {written}") == Test(is_=value)
    assert type(who(f"is: {written}").is_) is type(value)


def test_a_test_that_asks_for_one_is_not_a_test_that_asks_for_true():
    assert Test(is_=True) != Test(is_=1)
    assert Test(in_=(1, True)) != Test(in_=(True, 1))
    assert len({Test(is_=True), Test(is_=1), Test(is_=1.0)}) == 2
    assert who("from: 0").is_ is MISSING


def test_bounds_are_numbers_or_dates():
    assert who("from: 10, to: '20'") == Test(from_=10, to=20)
    assert who("from: 2026-07-01") == Test(from_=date(2026, 7, 1))


def test_conditions_join_to_trees():
    tree = when("{all: [{page: /a}, {not: {event: call, where: {by: {exists: true}}}}, {any: [{track: X}]}]}")
    call = EventType("call", (("by", Test(exists=True)),))
    assert tree == All((Page("/a"), Not(call), Any((Track("X"),))))


def test_where_means_the_same_in_any_order():
    assert when("{track: X, where: {b: {is: 1}, a: {is: 2}}}") == when("{track: X, where: {a: {is: 2}, b: {is: 1}}}")


@pytest.mark.parametrize(
    ("hours", "read"),
    [
        ("{mon-thu: '09:00-18:00'}", dict.fromkeys(range(4), ((time(9), time(18)),))),
        ("{sun-mon: 8:00-17:00}", {0: ((time(8), time(17)),), 6: ((time(8), time(17)),)}),
        ("{Friday: 09:00 - 24:00}", {4: ((time(9), time(0)),)}),
        ("{sat: ['16:00-19:00', '09:00-14:00']}", {5: ((time(9), time(14)), (time(16), time(19)))}),
        ("{sat: ['09:00-14:00', '14:00-19:00']}", {5: ((time(9), time(14)), (time(14), time(19)))}),
    ],
)
def test_hours_are_written_as_people_do(hours, read):
    assert parse(SMALL + f"business_time: {{hours: {hours}}}\n").business_time.hours == read


def test_texts_that_look_alike_are_alike():
    composed, decomposed = "Jos\u00e9", "Jose\u0301"
    assert small(name=composed) == small(name=decomposed)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "agreement.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load(path) == parse(SMALL)
