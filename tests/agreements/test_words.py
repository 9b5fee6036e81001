"""The agreement is said in plain words, all of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from django.utils.formats import date_format
from hypothesis import given, settings
from hypothesis import strategies as st

from entente.agreements.condition_words import condition_words, predicate_words
from entente.agreements.conditions import Test
from entente.agreements.document import Agreement, BusinessTime, Duration, parse
from entente.agreements.starting_points import LANGUAGES, template
from entente.agreements.time_words import _due, _telling_start, duration_words, example_words, hours_words
from entente.agreements.words import Line, describe
from entente.sla.business_time import calendar_of
from tests.agreements.documents import SMALL, example_of_the_design
from tests.agreements.strategies import agreements
from tests.agreements.test_reading import when, who


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("{page: /pricing}", "the person looks at the page /pricing"),
        ("{page: '/pricing*'}", "the person looks at a page that begins with /pricing"),
        ("{page: '*demo*'}", "the person looks at a page with demo in its address"),
        ("{page: '*/demo'}", "the person looks at a page that ends with /demo"),
        ("{page: '/a/*/b'}", "the person looks at a page like /a/*/b"),
        ("{page: '*'}", "the person looks at any page"),
        ("{page: '/*'}", "the person looks at any page"),
        ("{track: Quote Viewed}", "the person does “Quote Viewed”"),
        ("{event: call}", "the person is called by a rep"),
        ("{event: own_thing}", "the person has an event of the type own_thing"),
        (
            "{track: A, where: {n: {from: 10}, m: {is: x}}}",
            "the person does “A”, where m is x and n is 10 or more",
        ),
        ("{any: [{page: /a}, {track: B}]}", "the person looks at the page /a or does “B”"),
        (
            "{all: [{page: /a}, {trait: country, is: ES}]}",
            "the person looks at the page /a and the person's country is ES",
        ),
        (
            "{all: [{track: A}, {not: {any: [{account: n, to: 5}, {trait: x, exists: false}]}}]}",
            "the person does “A” and (it is not so that (the company's n is 5 or less or the person's x is not known))",
        ),
    ],
)
def test_a_condition_is_a_clause(condition, words):
    assert condition_words(when(condition)) == words


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("in: [ES, PT, MX]", "is one of ES, PT, MX"),
        ("in: [ES]", "is ES"),
        ("not_in: [ES, PT]", "is known and is none of ES, PT"),
        ("not_in: [ES]", "is known and is not ES"),
        ("is: true", "is true"),
        ("from: 50, to: 5000", "is from 50 to 5000"),
        ("matches: 'chief|head of'", "contains “chief” or “head of”"),
        (r"matches: 'chief|\bceo\b'", "contains “chief” or the word “ceo”"),
        ("matches: '^a.b'", "matches the pattern ^a.b"),
        (r"matches: '\bceo'", r"matches the pattern \bceo"),
        ("exists: false", "is not known"),
        ("matches: a, not_in: [b]", "is known and is not b and contains “a”"),
    ],
)
def test_a_test_is_a_predicate(test, words):
    text = SMALL + f"stages: [{{name: S, entered_when: {{trait: t, {test}}}}}]\n"
    assert condition_words(parse(text).stages[0].entered_when) == f"the person's t {words}"
    assert who(test)


def test_days_are_said_in_the_form_of_the_readers_language():
    test = Test(to=date(2026, 12, 24))
    with translation.override("en"):
        assert predicate_words(test) == f"is on {date_format(date(2026, 12, 24))} or earlier"
    with translation.override("es"):
        assert date_format(date(2026, 12, 24)) in predicate_words(test)


OFFICE = BusinessTime()


@pytest.mark.parametrize(
    ("length", "words", "example"),
    [
        (Duration(1, "days"), "1 working day", "assigned on Friday at 17:30, due on Monday at 17:30"),
        (Duration(24, "hours"), "24 open hours", "assigned on Friday at 17:30, due on Wednesday at 14:30"),
        (Duration(1, "hours"), "1 open hour", "assigned on Friday at 17:30, due on Monday at 09:30"),
        (Duration(45, "minutes"), "45 open minutes", "assigned on Friday at 17:30, due on Monday at 09:15"),
        (Duration(10, "days"), "10 working days", "assigned on Friday at 17:30, due on Friday at 17:30, 14 days later"),
        (Duration(1, "weeks"), "1 week", "assigned on Friday at 17:30, due on Friday at 17:30, 7 days later"),
    ],
)
def test_a_length_of_time_says_what_it_means_by_an_example(length, words, example):
    assert duration_words(length) == words
    assert example_words(length, OFFICE) == example


@given(agreements(), st.integers(1, 30), st.sampled_from(("minutes", "hours", "days", "weeks")))
@settings(max_examples=60, deadline=None)
def test_the_example_is_what_the_clocks_would_count(agreement, n, unit):
    hours = agreement.business_time.hours
    start = _telling_start(hours)
    due = _due(hours, start, Duration(n, unit))
    monday = datetime(2026, 6, 1, tzinfo=UTC)
    calendar = calendar_of(BusinessTime(hours), "UTC")
    if due is not None:
        counted = calendar.add(monday + timedelta(minutes=start), Duration(n, unit))
        assert counted == monday + timedelta(minutes=due)


def test_hours_are_said_by_runs_of_days():
    hours = parse(SMALL + "business_time: {hours: {mon-thu: ['09:00-14:00', '16:00-19:00'], sat: '10:00-24:00'}}\n")
    said = hours_words(hours.business_time.hours)
    assert said == "Monday to Thursday 09:00-14:00 and 16:00-19:00, Saturday 10:00-24:00"


def lines_of(agreement: Agreement) -> dict[str, Line]:
    return {line.path: line for section in describe(agreement) for line in section.lines}


def test_the_example_of_the_design_is_said_in_full():
    lines = lines_of(parse(example_of_the_design()))
    assert lines["definition.fit[2]"] == Line(
        "definition.fit[2]", "The person's country is known and is none of ES, PT, MX.", "Outside our market", -30
    )
    pricing = lines["definition.engagement.rules[1]"]
    assert pricing.text == "The person looks at a page that begins with /pricing. Counts at most 2 times a day."
    assert pricing.points == 10
    assert lines["definition.disqualify[0]"].points is None
    assert lines["commitments.marketing[0]"].text == "At least 120 qualified leads a month."
    feedback = lines["commitments.sales[1]"]
    assert "within 2 working days of the assignment" in feedback.text
    assert feedback.note == "For example: assigned on Friday at 14:30, due on Tuesday at 14:30."
    assert lines["review"].text == "Both sides meet every Monday at 10:00."


@given(agreements())
@settings(max_examples=40, deadline=None)
def test_nothing_of_an_agreement_is_left_unsaid(agreement):
    sections = describe(agreement)
    lines = [line for section in sections for line in section.lines]
    said = {line.path for line in lines}
    assert len(said) == len(lines)
    assert len({section.key for section in sections}) == len(sections)
    expected = {"effective", "definition.threshold", "business_time.hours", "routing.when_nobody"}
    expected |= {f"definition.fit[{n}]" for n in range(len(agreement.definition.fit))}
    expected |= {f"definition.engagement.rules[{n}]" for n in range(len(agreement.definition.engagement.rules))}
    expected |= {f"definition.disqualify[{n}]" for n in range(len(agreement.definition.disqualify))}
    expected |= {f"stages[{n}]" for n in range(len(agreement.stages))}
    expected |= {f"commitments.marketing[{n}]" for n in range(len(agreement.commitments.marketing))}
    expected |= {f"commitments.sales[{n}]" for n in range(len(agreement.commitments.sales))}
    expected |= {f"commitments.escalation.{clock}" for clock in agreement.commitments.escalation}
    expected |= {f"commitments.rejection_reasons[{n}]" for n in range(len(agreement.commitments.rejection_reasons))}
    expected |= {f"routing.teams[{n}]" for n in range(len(agreement.routing.teams))}
    assert expected <= said
    assert all(line.text or line.name for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_pattern_of_a_template_needs_a_programmer_to_read(language):
    assert not [line for line in lines_of(parse(template(language))).values() if "pattern" in line.text]
