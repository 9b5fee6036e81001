"""The rules by which identifiers become persons, without a database."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from entente.people.identity import ALIAS, BELONGS, JOINS, Link, partition

START = datetime(2026, 1, 1, tzinfo=UTC)


def link(kind: str, a: str, b: str, minute: int = 0) -> Link:
    return Link(kind, a, b, START + timedelta(minutes=minute), f"{minute}", "web")


def persons(*links: Link, seen: set[str] | None = None) -> set[frozenset[str]]:
    named = {identifier for one in links for identifier in (one.a, one.b)}
    return set(partition(links, named, named if seen is None else seen).blocks)


def test_a_user_id_and_an_email_that_were_named_together_are_one_person():
    assert persons(link(JOINS, "user:1", "email:a@x.es"), link(JOINS, "user:2", "email:a@x.es")) == {
        frozenset({"user:1", "user:2", "email:a@x.es"})
    }


def test_a_device_belongs_to_the_user_that_it_met_first_and_joins_no_two_users():
    found = persons(link(BELONGS, "user:2", "anon:a", 5), link(BELONGS, "user:1", "anon:a", 1))
    assert found == {frozenset({"user:1", "anon:a"}), frozenset({"user:2"})}


def test_a_device_joins_a_user_and_an_email_that_has_no_user():
    found = persons(link(BELONGS, "user:1", "anon:a", 1), link(BELONGS, "email:a@x.es", "anon:a", 2))
    assert found == {frozenset({"user:1", "anon:a", "email:a@x.es"})}


def test_two_devices_of_one_user_are_one_person():
    assert len(persons(link(BELONGS, "user:1", "anon:a"), link(BELONGS, "user:1", "anon:b"))) == 1


def test_a_device_that_met_three_users_belongs_to_the_first_and_one_that_met_four_to_nobody():
    three = [link(BELONGS, f"user:{n}", "anon:a", n) for n in range(3)]
    assert frozenset({"user:0", "anon:a"}) in persons(*three)
    assert frozenset({"anon:a"}) in persons(*three, link(BELONGS, "user:3", "anon:a", 3))


def test_a_device_that_met_four_emails_joins_nobody_either():
    met = [link(BELONGS, f"email:{n}@x.es", "anon:a", n) for n in range(4)]
    assert len(persons(*met[:3])) == 1
    assert len(persons(*met)) == 5


def test_an_alias_joins_two_users():
    assert len(persons(link(ALIAS, "user:2", "user:1"))) == 1


def test_an_alias_from_a_device_that_many_use_does_not_make_its_users_one():
    calls = [link(ALIAS, "user:1", "user:d"), link(BELONGS, "user:1", "anon:d")]
    calls += [link(ALIAS, "user:2", "user:d", 1), link(BELONGS, "user:2", "anon:d", 1)]
    found = persons(*calls, seen={"user:1", "user:2", "anon:d"})
    assert {frozenset({"user:1", "anon:d"}), frozenset({"user:2"})} <= found


IDENTIFIERS = st.sampled_from([f"{kind}:{n}" for kind in ("user", "email", "anon") for n in range(5)])


@st.composite
def links(draw: st.DrawFn) -> Link:
    kind = draw(st.sampled_from([JOINS, BELONGS, BELONGS, ALIAS]))
    a = draw(st.sampled_from(["user:0", "user:1", "user:2", "user:3", "user:4"]))
    b = {JOINS: "email:", BELONGS: "anon:", ALIAS: "user:"}[kind] + str(draw(st.integers(0, 4)))
    return link(kind, a, b, draw(st.integers(0, 9)))


@given(st.lists(links(), max_size=25), st.randoms(use_true_random=False))
def test_the_persons_do_not_depend_on_order_or_repetition(given_links, random):
    again = given_links + random.choices(given_links, k=len(given_links)) if given_links else []
    random.shuffle(again)
    assert persons(*given_links) == persons(*again)


@given(st.lists(links(), max_size=25))
def test_every_identifier_is_in_one_person(given_links):
    blocks = list(persons(*given_links))
    assert sum(map(len, blocks)) == len(frozenset().union(*blocks)) if blocks else True
