"""A document that is wrong is refused with every mistake at once: its line, its path, and what would be right."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entente.agreements.document import AgreementError, from_data, load, parse
from entente.agreements.tree import MAX_BYTES
from tests.agreements.documents import SMALL, example_of_the_design, problems_of, with_definition
from tests.agreements.strategies import documents


def test_every_mistake_is_told_at_once_with_its_line_and_place():
    text = example_of_the_design()
    for right, wrong in {
        "Europe/Madrid": "Europe/Madrit",
        "ES-MD": "ES-XX",
        "threshold: 50": "treshold: 50",
        '"chief|vp': '"(chief|vp',
        "from: 50, to: 5000": "from: 5000, to: 50",
        "half_life: 30 days": "half_life: 1 month",
        "group: Content}": "group: Contents}",
        "at_least: 120": "at_least: lots",
        "first_touch: {on_warning": "first_tuch: {on_warning",
        "maria@acme.example": "maria.acme.example",
        "on: monday": "on: mondays",
    }.items():
        assert right in text
        text = text.replace(right, wrong)
    lines = text.splitlines()
    problems = problems_of(text)
    assert [problem.path for problem in problems] == [
        "timezone",
        "business_time.holidays",
        "definition.treshold",
        "definition.fit[0].when.matches",
        "definition.fit[1].when",
        "definition.engagement.half_life",
        "definition.engagement.rules[2].group",
        "commitments.marketing[0].at_least",
        "commitments.escalation.first_tuch",
        "routing.teams[1].reps[0]",
        "review.on",
    ]
    told = (
        "Madrit", "ES-XX", "treshold", "(chief", "5000, to", "1 month", "Contents", "lots", "tuch", "maria", "mondays",
    )  # fmt: skip
    for problem, word in zip(problems, told, strict=True):
        assert word in lines[problem.line - 1]
        assert problem.message
        assert problem.remedy
    remedies = {problem.path: problem.remedy for problem in problems}
    assert remedies["timezone"] == "did you mean 'Europe/Madrid'?"
    assert remedies["definition.treshold"] == "did you mean 'threshold'?"
    assert remedies["definition.engagement.rules[2].group"] == "did you mean 'Content'?"


TOP = {
    "format: 1": {
        "format: 2": "format 2 is not known",
        "format: one": "a number is expected, not 'one'",
        "format:": "a number is expected, not nothing",
    },
    "name: ACME": {
        "name: ''": "the text is empty",
        "name: [A]": "a text is expected, not a list",
        'name: "a\\nb"': "a character that cannot be seen",
        'name: "a\\0b"': "a character that cannot be seen",
        'name: "a\\u202Eb"': "a character that cannot be seen",
        'name: "\\ud800"': "a character that cannot be seen",
        "name: " + "x" * 501: "the text has 501 characters",
        "": "this is missing",
    },
    "effective: 2026-07-01": {
        "effective: 2026-02-30": "there is no day 2026-02-30",
        "effective: 01/07/2026": "a date is expected, not '01/07/2026'",
        "effective: 2026-07-01T00:00:00": "a date is expected",
    },
    "timezone: Europe/Madrid": {
        "timezone: Madrid": "there is no time zone 'Madrid'",
        "timezone: ../../etc/passwd": "there is no time zone",
        "timezone: Europe": "there is no time zone 'Europe'",
        "timezone: 1": "there is no time zone '1'",
    },
}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [(right, wrong, message) for right, many in TOP.items() for wrong, message in many.items()],
)
def test_a_wrong_top_value_is_refused(right, wrong, message):
    [problem] = problems_of(SMALL.replace(right, wrong))
    assert message in problem.message
    assert problem.path == right.split(":", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("condition", "path", "message", "remedy"),
    [
        ("{}", "", "does not say what it looks at", "begin it with page"),
        ("{page: /a, track: B}", "", "'page' and 'track' stand in one condition", "all: [{page: …}, {track: …}]"),
        ("{trait: title}", "", "there is no test of the value", "add is, in"),
        ("{trait: title, is: }", ".is", "a value is expected, not nothing", "exists: false"),
        ("{trait: title, where: {a: {is: 1}}, is: 1}", ".where", "'where' cannot stand beside 'trait'", "beside page"),
        ("{page: /a, is: b}", ".is", "'is' cannot stand beside 'page'", "under 'where"),
        ("{all: [{page: /a}], is: b}", ".is", "'is' cannot stand beside 'all'", "under 'all'"),
        ("{trait: n, from: 5, to: 4}", "", "'from' (5) is above 'to' (4)", "swap"),
        ("{trait: n, from: 2026-01-02, to: 2026-01-01}", "", "is above 'to'", "swap"),
        ("{trait: n, from: 5, to: 2026-01-01}", "", "a number and a date", "both numbers"),
        ("{trait: n, from: many}", ".from", "a number or a date is expected, not 'many'", "write 50"),
        ("{trait: n, from: true}", ".from", "a number or a date is expected", "write 50"),
        ("{trait: n, in: ES}", ".in", "a list is expected, not 'ES'", "[one, two]"),
        ("{trait: n, in: []}", ".in", "the list is empty", "write the values"),
        ("{trait: n, in: [[a]]}", ".in[0]", "a value is expected, not a list", "write a text"),
        ("{trait: n, exists: maybe}", ".exists", "true or false is expected, not 'maybe'", "without quotes"),
        ("{trait: n, exists: 'true'}", ".exists", "true or false is expected", "without quotes"),
        ("{trait: n, exists: false, is: 1}", "", "does not exist passes no other test", "alone"),
        ("{trait: n, matches: '(a'}", ".matches", "missing )", "RE2"),
        (r"{trait: n, matches: '(a)\1'}", ".matches", "invalid escape sequence", "RE2"),
        ("{trait: n, matches: '(?=a)'}", ".matches", "cannot be read", "no look-around"),
        ("{trait: n, matches: 'a{1000}{1000}'}", ".matches", "cannot be read", "RE2"),
        ("{trait: n, mathces: a}", ".mathces", "the key 'mathces' is not known", "did you mean 'matches'?"),
        ("{pgae: /a}", ".pgae", "the key 'pgae' is not known", "did you mean 'page'?"),
        ("{page: pricing}", ".page", "does not begin with /", "/pricing"),
        ("{page: https://acme.example/pricing}", ".page", "is a whole address", "/pricing*"),
        ("{event: Form Submitted}", ".event", "is not a type of event", "track: Form Submitted"),
        ("{track: A, where: {}}", ".where", "there is no property", "leave it out"),
        ("{track: A, where: {plan: Pro}}", ".where.plan", "a table of keys and values is expected", "its keys are is"),
        ("{track: A, where: {plan: {}}}", ".where.plan", "there is no test of the value", "add is"),
        ("{any: []}", ".any", "there is no condition under 'any'", "any: ["),
        ("{any: {page: /a}}", ".any", "a list is expected, not a table", "- "),
        ("{not: [{page: /a}]}", ".not", "a table of keys and values is expected, not a list", "its keys are page"),
        ("/pricing", "", "a table of keys and values is expected, not '/pricing'", "its keys are page"),
    ],
)
def test_a_wrong_condition_is_refused(condition, path, message, remedy):
    text = SMALL + f"stages:\n  - name: S\n    entered_when: {{all: [{condition}]}}\n"
    [problem] = problems_of(text)
    assert problem.path == "stages[0].entered_when.all[0]" + path
    assert problem.line == 9
    assert message in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("lines", "path", "message"),
    [
        ("fit: [{rule: A, points: 1, when: {page: /a}}]", "fit[0].when", "about who a person is"),
        ("fit: [{rule: A, points: 1.5, when: {trait: a, is: 1}}]", "fit[0].points", "1.5 is not a whole number"),
        ("fit: [{rule: A, points: 1, limit: 2 per day, when: {trait: a, is: 1}}]", "fit[0].limit", "is not known"),
        ("fit: [{points: 1, when: {trait: a, is: 1}}]", "fit[0].rule", "this is missing"),
        ("fit: {rule: A}", "fit", "a list is expected, not a table"),
        ("disqualify: [{rule: A, when: {track: X}}]", "disqualify[0].when", "about who a person is"),
        ("disqualify: [{rule: A, points: 1, when: {trait: a, is: 1}}]", "disqualify[0].points", "is not known"),
        ("required: [email, email]", "required[1]", "the field 'email' stands twice"),
        ("requalify_after: 30", "requalify_after", "a length of time is expected, not '30'"),
        ("engagement: {half_life: 0 days}", "engagement.half_life", "the time is zero"),
        ("engagement: {half_life: 9999 weeks}", "engagement.half_life", "too long"),
        ("engagement: {groups: {A: 20}}", "engagement.groups.A", "a table of keys and values is expected"),
        ("engagement: {groups: {A: {at_most: 0}}}", "engagement.groups.A.at_most", "0 is not more than zero"),
        (
            "engagement: {rules: [{rule: A, points: 1, when: {trait: a, is: 1}}]}",
            "engagement.rules[0].when",
            "would give points at every event",
        ),
        (
            "engagement: {rules: [{rule: A, points: 1, when: {page: /}, limit: 2 a day}]}",
            "engagement.rules[0].limit",
            "a count such as '2 per day' is expected, not '2 a day'",
        ),
        (
            "engagement: {rules: [{rule: A, points: 1, when: {page: /}, limit: 0 per day}]}",
            "engagement.rules[0].limit",
            "the count is zero",
        ),
        (
            "engagement: {rules: [{rule: A, points: 1, when: {page: /}, group: B}]}",
            "engagement.rules[0].group",
            "there is no group 'B'",
        ),
        (
            "fit: [{rule: a, points: 1, when: {trait: t, is: 1}}], "
            "engagement: {rules: [{rule: A, points: 1, when: {page: /}}]}",
            "engagement.rules[0].rule",
            "the rule 'A' stands twice",
        ),
    ],
)
def test_a_wrong_definition_is_refused(lines, path, message):
    text = SMALL.replace("definition:\n  threshold: 50\n", f"definition: {{threshold: 50, {lines}}}\n")
    [problem] = problems_of(text)
    assert problem.path == "definition." + path
    assert message in problem.message


@pytest.mark.parametrize(
    ("lines", "path", "message"),
    [
        ("currency: EURO", "currency", "'EURO' is not a currency"),
        ("business_time: {hours: {}}", "business_time.hours", "no day is open"),
        ("business_time: {hours: {mo: 09:00-18:00}}", "business_time.hours.mo", "'mo' is not a day of the week"),
        ("business_time: {hours: {mon: 18:00-09:00}}", "business_time.hours.mon", "ends before it begins"),
        ("business_time: {hours: {mon: 9-18}}", "business_time.hours.mon", "opening hours are expected, not '9-18'"),
        ("business_time: {hours: {mon: closed}}", "business_time.hours.mon", "opening hours are expected"),
        ("business_time: {hours: {mon: []}}", "business_time.hours.mon", "no opening hours"),
        ("business_time: {hours: {mon-wed: 09:00-18:00, tue: 09:00-18:00}}", "business_time.hours.tue", "given twice"),
        ("business_time: {hours: {mon: [09:00-14:00, 13:00-18:00]}}", "business_time.hours.mon", "overlap"),
        ("business_time: {holidays: Spain}", "business_time.holidays", "no public holidays are known for 'Spain'"),
        ("business_time: {holidays: ES-}", "business_time.holidays", "breaks off"),
        ("business_time: {closed: [24.12.2026]}", "business_time.closed[0]", "a date is expected"),
        ("stages: []", "stages", "there is no stage"),
        ("stages: [{name: A, entered_when: knwon}]", "stages[0].entered_when", "'knwon' is not known here"),
        ("stages: [{name: A, entered_when: known}, {name: A, entered_when: known}]", "stages[1].name", "stands twice"),
        ("commitments: {marketing: [{promise: A}]}", "commitments.marketing[0]", "nothing that can be measured"),
        (
            "commitments: {marketing: [{promise: A, count: qualified, share: accepted}]}",
            "commitments.marketing[0]",
            "'count' and 'share'",
        ),
        (
            "commitments: {sales: [{promise: A, share: accepted, at_least: 0.9}]}",
            "commitments.sales[0].at_least",
            "a share in percent is expected, not '0.9'",
        ),
        (
            "commitments: {sales: [{promise: A, share: accepted, at_least: 101%}]}",
            "commitments.sales[0].at_least",
            "101% is not a share",
        ),
        (
            "commitments: {sales: [{promise: A, share: accepted, at_least: 90%, within: 1 hour}]}",
            "commitments.sales[0].within",
            "the key 'within' is not known",
        ),
        (
            "commitments: {sales: [{promise: A, clock: first_touch, within: 1 hr, at_least: 90%}]}",
            "commitments.sales[0].within",
            "a length of time is expected, not '1 hr'",
        ),
        (
            "commitments: {sales: [{promise: A, share: accepted, at_least: 9%}, "
            "{promise: a, share: accepted, at_least: 9%}]}",
            "commitments.sales[1].promise",
            "the promise 'a' stands twice",
        ),
        (
            "commitments: {escalation: {feedback: {on_breach: rep}}}",
            "commitments.escalation.feedback",
            "no promise has",
        ),
        (
            "commitments: {rejection_reasons: [A, {reason: a}]}",
            "commitments.rejection_reasons[1].reason",
            "stands twice",
        ),
        (
            "commitments: {rejection_reasons: [{gives_credit: true}]}",
            "commitments.rejection_reasons[0].reason",
            "missing",
        ),
        ("commitments: {pause_at_most: soon}", "commitments.pause_at_most", "a length of time is expected"),
        ("routing: {at_most: 25}", "routing.at_most", "a count such as '25 open per rep'"),
        ("routing: {when_nobody: panic}", "routing.when_nobody", "'panic' is not known here"),
        ("routing: {teams: [{team: A, reps: []}]}", "routing.teams[0].reps", "the team has no reps"),
        ("routing: {teams: [{team: A, reps: [a@b.example, A@B.example]}]}", "routing.teams[0].reps[1]", "stands twice"),
        (
            "routing: {teams: [{team: A, reps: [{rep: a@b.example, share: 0}]}]}",
            "routing.teams[0].reps[0].share",
            "zero",
        ),
        (
            "routing: {teams: [{team: A, when: {page: /}, reps: [a@b.example]}]}",
            "routing.teams[0].when",
            "who a person is",
        ),
        ("review: {every: day, on: monday, at: 10:00}", "review.every", "'day' is not known here"),
        ("review: {every: week, on: monday, at: 25:00}", "review.at", "a time of the day is expected, not '25:00'"),
        ("review: {every: week, on: monday}", "review.at", "this is missing"),
    ],
)
def test_a_wrong_part_is_refused(lines, path, message):
    [problem] = problems_of(SMALL + lines + "\n")
    assert problem.path == path
    assert problem.line == 7
    assert message in problem.message


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "a table of keys and values is expected, not nothing"),
        ("- a\n", 1, "a table of keys and values is expected, not a list"),
        (SMALL + "name: Twice\n", 7, "the key 'name' stands twice, first in line 2"),
        (SMALL.replace("  threshold", "\tthreshold"), 6, "a tab stands where the line is indented"),
        (SMALL + "currency: [EUR\n", 8, "this is not YAML"),
        (SMALL + 'currency: "EUR\n', 8, "this is not YAML"),
        (SMALL + "currency: EUR: USD\n", 7, "this is not YAML"),
        (SMALL + "currency: &c EUR\n", 7, "'&c' names a place to refer to"),
        (SMALL + "currency: *c\n", 7, "'*c' refers to another place"),
        (SMALL + "currency: !!str EUR\n", 7, "there is a tag"),
        (SMALL + "currency: !!python/object:os.system {}\n", 7, "there is a tag"),
        (SMALL + "---\na: 1\n", 0, "there is more than one document"),
        (SMALL + "? [a]\n: b\n", 7, "a key is a list or a table"),
        (SMALL + "currency: \x00EUR\n", 7, "a character that text cannot hold"),
        (SMALL + "stages: " + "[" * 60 + "]" * 60 + "\n", 7, "nested more than 40 deep"),
        (SMALL + "stages: " + "[" * 20_000, 7, "nested more than 40 deep"),
        (SMALL + "# " + "x" * MAX_BYTES, 0, "larger than"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else str(value),
)
def test_text_that_is_no_plain_document_is_refused_with_its_line(text, line, message):
    problems = problems_of(text)
    assert message in problems[0].message
    if line:
        assert problems[0].line == line
    assert len({problem.path for problem in problems}) == len(problems) or not problems[0].path


def test_a_file_full_of_mistakes_is_refused_with_the_first_of_them_and_how_many_more():
    problems = problems_of(SMALL + "".join(f"key{number}: 1\n" for number in range(500)))
    assert len(problems) == 201
    assert problems[0].line == 7
    assert problems[-1].message == "there are 300 more mistakes after these"


def test_a_chain_of_references_that_would_grow_without_end_is_refused_at_once():
    bomb = "a: &a [x, x]\n" + "".join(f"k{n}: &k{n} [*a, *a]\n" for n in range(200))
    assert "names a place to refer to" in problems_of(bomb)[0].message


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"format: 1\nname: Espa\xf1a\n", 2, "the file is not UTF-8"),
        (SMALL.encode("utf-16"), 1, "the file is not UTF-8"),
        (b"\x89PNG\r\n", 1, "the file is not UTF-8"),
        (b"x" * (MAX_BYTES + 1), 0, "larger than"),
    ],
)
def test_a_file_that_is_no_text_is_refused(tmp_path, content, line, message):
    path = tmp_path / "agreement.yaml"
    path.write_bytes(content)
    with pytest.raises(AgreementError) as caught:
        load(path)
    assert message in caught.value.problems[0].message
    assert caught.value.problems[0].line == line


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path):
    for path in (tmp_path / "nothing.yaml", tmp_path):
        with pytest.raises(AgreementError, match="cannot be read"):
            load(path)


def test_mistakes_in_data_have_a_path_and_no_line():
    with pytest.raises(AgreementError) as caught:
        from_data({"format": 1, "name": "A", "definition": {"threshold": float("nan"), "fits": 10**5000}})
    paths = {(problem.line, problem.path) for problem in caught.value.problems}
    assert paths == {(0, "effective"), (0, "timezone"), (0, "definition.threshold"), (0, "definition.fits")}


def test_data_nested_without_end_is_refused():
    nested: list = []
    for _ in range(5000):
        nested = [nested]
    with pytest.raises(AgreementError, match="nested more than"):
        from_data({"stages": nested})


@given(st.text(max_size=200) | st.text("{}[]:,-&*!#|>'\"%@` \n\tab1", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused_and_nothing_else(text):
    with contextlib.suppress(AgreementError):
        parse(text)


@given(documents(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_document_with_something_taken_out_or_put_in_is_read_or_refused_and_nothing_else(document, data):
    with contextlib.suppress(AgreementError):
        from_data(_spoil(document, data))


def _spoil(node, data):
    """The document with one part replaced by something else."""
    junk = st.sampled_from([None, "", "x", -1, 1e300, 10**40, True, [], [None], {}, {"": 1}, {"x": []}])
    if not isinstance(node, (dict, list)) or not node or data.draw(st.booleans()):
        return data.draw(junk)
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    key = data.draw(st.sampled_from(keys))
    copy = node.copy()
    copy[key] = _spoil(node[key], data)
    return copy


def test_a_definition_may_be_spoiled_in_many_places_and_each_is_told():
    problems = problems_of(
        with_definition(
            """\
  fit:
    - {rule: A, points: x, when: {trait: a}}
    - {rule: A, points: 1, when: {trait: a, is: 1}}
    - just a text
    - {rule: D, points: 1, when: {trati: a, is: 1}}
  engagement:
    rules:
      - {rule: B, when: {}}
      - {rule: E, points: 1, when: {all: [{pgae: /a}]}}
"""
        )
    )
    assert [(problem.line, problem.path.removeprefix("definition.")) for problem in problems] == [
        (8, "fit[0].when"),
        (8, "fit[0].points"),
        (9, "fit[1].rule"),
        (10, "fit[2]"),
        (11, "fit[3].when.trati"),
        (14, "engagement.rules[0].points"),
        (14, "engagement.rules[0].when"),
        (15, "engagement.rules[1].when.all[0].pgae"),
    ]
