"""The index of rules misses nothing: whatever holds could hold, and an event's type is among those that are read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from entente.agreements.conditions import AccountValue, All, Any, EventType, Not, Page, Test, Track, Trait
from entente.alerts.document import AlertDocument
from entente.alerts.matching import DEEDS, Matcher, Person, Rule, could_hold, matches
from entente.scoring.evaluator import Sight, holds

TYPES = ["page", "track", "form_submitted", "email_opened", "call", "screen"]
NAMES = ["", "Demo Requested", "Email Opened", "Quote Viewed"]
PATHS = ["", "/", "/pricing", "/pricing/", "/pricing/plans", "/blog/one", "/blog/\n", "/a+b(c)", "/\ud800x", "/ñandú"]
tests = st.sampled_from([Test(is_=1), Test(exists=True), Test(exists=False), Test(in_=("x", 2)), Test(matches="x")])
wheres = st.one_of(st.just(()), tests.map(lambda test: (("amount", test),)))
leaves = st.one_of(
    st.builds(
        Page,
        st.sampled_from(["/pricing*", "*", "/blog/*", "/", "/pricing/", "*/plans", "/a+b(*", "/*x", "/ñ*ú"]),
        wheres,
    ),
    st.builds(Track, st.sampled_from(NAMES[1:]), wheres),
    st.builds(EventType, st.sampled_from(TYPES), wheres),
    st.builds(Trait, st.just("title"), tests),
    st.builds(AccountValue, st.just("size"), tests),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Any(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=6,
)
values = st.sampled_from([None, 1, 2, "x", "y", ""])
sights = st.builds(
    Sight, st.sampled_from(TYPES), st.sampled_from(NAMES), st.sampled_from(PATHS), st.builds(dict, amount=values)
)


@given(conditions, sights, values, values)
def test_what_holds_could_hold_and_what_holds_for_certain_holds(condition, event, title, size):
    certain = could_hold(condition, event.type, event.name, event.path)
    held = holds(condition, event, {"title": title}, {"size": size})
    assert certain is None or certain == held


@given(st.lists(conditions, max_size=4), sights, values, values)
def test_the_index_finds_every_rule_that_matches_and_reads_every_event_that_one_matches(asked, event, title, size):
    rules = [Rule(number, 1, "", AlertDocument("r", when=when)) for number, when in enumerate([*asked, None])]
    matcher, person = Matcher(tuple(rules)), Person({"title": title}, {"size": size})
    found = matcher.candidates(event.type, event.name, event.path)
    wanted = [rule for rule in rules if rule.document.when and matches(rule.document, "", event, person)]
    assert {rule.id for rule in wanted} <= {rule.id for rule in found}
    assert not wanted or not matcher.types() or event.type in matcher.types()


def test_a_rule_without_a_condition_hears_of_deeds_and_not_of_what_machines_write():
    rule = Rule(1, 1, "", AlertDocument("all", account="acme.example"))
    matcher = Matcher((rule,))
    assert [type_ for type_ in TYPES if matcher.candidates(type_, "", "")] == [each for each in TYPES if each in DEEDS]
    assert matcher.types() == sorted(DEEDS)


def test_no_rules_means_that_nothing_is_read():
    assert Matcher(()).candidates("page", "", "/") == ()
