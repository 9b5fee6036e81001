"""Two spellings of one agreement are one agreement, and what is written is read back."""

import json

import pytest
from hypothesis import given, settings

from entente.agreements.document import Agreement, from_data, parse
from tests.agreements.strategies import agreements, documents

FIRST = """
format: 1
name: ACME
effective: 2026-07-01
timezone: Europe/Madrid
definition:
  threshold: 50
  fit:
    - {rule: Boss, points: 15, when: {trait: title, matches: "chief"}}
  engagement:
    half_life: 720 hours
    rules:
      - {rule: Buys, points: 8, when: {track: Quote, where: {b: {from: 1.50}, a: {is: NO}}}, limit: 2  per day}
business_time: {hours: {mon-fri: "9:00-18:00"}}
"""
SAME_IN_OTHER_WORDS = """
# the same, by someone else
definition:
  engagement:
    rules:
    - rule: Buys
      limit: "2 per day"
      when:
        where: {a: {is: "NO"}, b: {from: "1.5"}}
        track: 'Quote'
      points: 8.0
    half_life: 30 days
  fit: [{when: {matches: chief, trait: title}, points: +15, rule: " Boss "}]
  threshold: 50.0
"name": ACME
"format": 1
currency: EUR
timezone: "Europe/Madrid"
effective: "2026-07-01"
business_time:
  hours: {monday-wed: 09:00-18:00, thu: 09:00 - 18:00, friday: ["09:00-18:00"]}
routing: {when_nobody: wait}
"""


def test_two_spellings_of_one_agreement_are_equal_and_have_one_hash():
    first, second = parse(FIRST), parse(SAME_IN_OTHER_WORDS)
    assert first == second
    assert first.sha256() == second.sha256()
    assert hash(first) == hash(second)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("points: 15", "points: 16"),
        ("name: ACME", "name: Acme"),
        ("2026-07-01", "2026-07-02"),
        ("is: NO", "is: false"),
        ("limit: 2  per day", "limit: 3 per day"),
        ("720 hours", "721 hours"),
        ("9:00-18:00", "9:00-18:30"),
    ],
)
def test_another_meaning_has_another_hash(old, new):
    assert parse(FIRST.replace(old, new)).sha256() != parse(FIRST).sha256()


def test_the_canonical_form_is_pinned_so_that_signatures_stay_valid():
    canonical = parse(FIRST).canonical().decode()
    assert canonical.startswith('{"business_time":{"closed":[],"holidays":"none","hours":{"mon-fri":"09:00-18:00"}},')
    assert '"requalify_after":"30 days"' in canonical  # defaults are written out: they are part of what is signed
    assert parse(FIRST).sha256() == "0486b17b3b8dae7d832680c7a70b43c9b432ab186fdb0053ae647d328829cb45"


@given(agreements())
@settings(max_examples=60, deadline=None)
def test_an_agreement_written_as_yaml_is_read_back_equal(agreement: Agreement):
    again = parse(agreement.to_yaml())
    assert again == agreement
    assert again.sha256() == agreement.sha256()


@given(agreements())
@settings(max_examples=60, deadline=None)
def test_an_agreement_is_read_back_from_its_canonical_form(agreement: Agreement):
    again = from_data(json.loads(agreement.canonical()))
    assert again == agreement
    assert again.canonical() == agreement.canonical()


@given(documents())
@settings(max_examples=30, deadline=None)
def test_json_is_yaml_and_is_read_to_the_same_agreement(document):
    assert parse(json.dumps(document)).sha256() == from_data(document).sha256()
