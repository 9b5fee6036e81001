"""What is known of persons and accounts, and how they are found."""

from datetime import timedelta

import pytest

from entente.events.actions import append
from entente.events.models import Event
from entente.people.accounts import account_key, account_values, registrable_domain
from entente.people.actions import erase_person, resolve_new
from entente.people.models import Account, Identifier, Join, Person
from entente.people.queries import LOG_SCHEMA, find_person, read_log
from tests.events.factories import NOW, START, alias, event, group, identify, page


def taken_in(*events):
    append(events, "web")
    return resolve_new(NOW)


def person(text: str) -> Person:
    found = find_person(text)
    assert found
    return found


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("uk.acme.co.uk", "acme.co.uk"), ("ACME.es", "acme.es"), ("https://www.acme.es/x?y", "acme.es"),
        ("acme.example", "acme.example"), ("a.b.acme.example", "acme.example"), ("co.uk", None), ("localhost", None),
        ("127.0.0.1", None), ("[::1]", None), ("", None), ("bücher.de", "bücher.de"),
    ],
)  # fmt: skip
def test_the_domain_that_one_can_register(host, domain):
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("group_id", "email", "key"),
    [
        (" ACME ", "ana@gmail.com", "acme"), (None, "ana@mail.acme.es", "acme.es"), ("  ", "ana@acme.es", "acme.es"),
        (None, "ana@gmail.com", None), (None, "ana@hotmail.es", None), (None, None, None),
        (None, "info@acme.es", "acme.es"),
    ],
)  # fmt: skip
def test_the_account_of_a_person(group_id, email, key):
    assert account_key(group_id, email) == key


def test_the_domain_of_an_account_falls_back_to_the_address():
    assert account_values({}, "ana@x.acme.es") == {"domain": "acme.es"}
    assert account_values({"domain": "rival.es"}, "ana@acme.es") == {"domain": "rival.es"}
    assert account_values({"domain": None, "size": 3}, "ana@gmail.com") == {"domain": None, "size": 3}


@pytest.mark.django_db
class TestPersons:
    def test_what_was_told_later_lies_over_what_was_told_before(self):
        taken_in(identify("u", {"title": "CEO", "city": "Vigo"}, email="ana@acme.es", minute=5))
        taken_in(identify("u", {"title": "CTO", "name": "Ana"}, minute=1), identify("u", {"city": None}, minute=6))
        known = person("u")
        assert (known.traits, known.name, known.email) == ({"title": "CEO", "name": "Ana"}, "Ana", "ana@acme.es")
        assert known.first_seen == START + timedelta(minutes=1)
        assert known.last_seen == START + timedelta(minutes=6)

    def test_a_name_may_come_in_two_parts(self):
        taken_in(identify("u", {"firstName": "Ana", "lastName": "Gil"}))
        assert person("u").name == "Ana Gil"

    def test_odd_traits_do_no_harm(self):
        taken_in(
            identify("u", {"name": {"first": 1}, "email": [], "company": 5, "domain": "%s {x}", "": 1}, email="a@b.es")
        )
        assert person("u").name == ""

    def test_a_machine_s_event_tells_nothing(self):
        taken_in(identify("u", {"title": "Bot"}, email="ana@acme.es", mark="machine"), page(user="u"))
        assert person("u").traits == {}
        assert find_person("ana@acme.es") is None

    def test_a_person_is_found_by_whatever_they_are_known_as(self):
        taken_in(identify("U1", email="Ana@acme.es".lower(), anonymous="dev-1"), identify("77", email="leo@acme.es"))
        ana = person("U1")
        for text in ("user:U1", "ANA@acme.es", "email:ana@acme.es", "dev-1", "anon:dev-1", f" {ana.pk} "):
            assert find_person(text) == ana, text
        assert person("77").email == "leo@acme.es"
        assert find_person("nobody") is None
        assert find_person("9" * 30) is None

    def test_a_role_mailbox_is_shown_but_joins_nobody(self):
        taken_in(identify("a", email="info@acme.es"), identify("b", email="info@acme.es"))
        assert Person.objects.count() == 2
        assert {one.email for one in Person.objects.all()} == {"info@acme.es"}
        assert Account.objects.get().key == "acme.es"
        assert find_person("info@acme.es") is not None

    def test_a_join_is_recorded_and_the_older_survives(self):
        taken_in(page(user="new", minute=3), page(email="ana@acme.es", minute=1))
        old, new = person("ana@acme.es"), person("new")
        resolved = taken_in(identify("new", email="ana@acme.es", minute=5, id="the-call"))
        join = Join.objects.get()
        assert (join.survivor, join.absorbed, join.event) == (old, new, "the-call")
        assert join.identifiers == ["user:new"]
        assert resolved.gone == {new.pk}
        assert old.pk in resolved.refold
        assert find_person(str(new.pk)) == old

    def test_a_shared_device_is_marked_and_keeps_its_own_visits(self):
        taken_in(
            *[identify(f"u{n}", anonymous="tablet", minute=n) for n in range(3)], page(anonymous="tablet", minute=9)
        )
        assert person("tablet") == person("u0")
        resolved = taken_in(identify("u3", anonymous="tablet", minute=3))
        assert Identifier.objects.get(value="anon:tablet").shared
        assert person("tablet") != person("u0")
        assert {person("tablet").pk, person("u0").pk} <= resolved.refold
        taken_in(identify("u4", anonymous="tablet", minute=10), identify("u5", anonymous="tablet", minute=11))
        assert Person.objects.count() == 7

    def test_a_previous_id_turns_out_to_be_a_device_that_two_use(self):
        taken_in(alias("u1", "tablet", minute=1), alias("u2", "tablet", minute=2))
        assert person("u1") == person("u2")
        resolved = taken_in(page(anonymous="tablet", minute=3))
        assert person("u1") == person("tablet") != person("u2")
        assert {person("u1").pk, person("u2").pk} <= resolved.refold
        assert not Identifier.objects.filter(value="user:tablet").exists()

    def test_a_late_event_is_told_apart_from_one_in_time(self):
        assert taken_in(page(user="u", minute=5)).refold == set()
        assert taken_in(page(user="u", minute=6)).refold == set()
        assert taken_in(page(user="u", minute=4)).refold == {person("u").pk}

    def test_events_of_nobody_make_no_person(self):
        resolved = taken_in(page(mark="no_identity"))
        assert resolved.events == 1
        assert not Person.objects.exists()

    def test_erasing_takes_the_person_out_of_everything(self):
        taken_in(
            identify("u", {"name": "Ana"}, email="ana@acme.es", anonymous="d"), page(anonymous="d"), page(user="v")
        )
        assert erase_person(person("ana@acme.es"), NOW) == 2
        resolve_new(NOW)
        assert not Account.objects.exists()
        assert [one.pk for one in Person.objects.all()] == [person("v").pk]
        assert list(Identifier.objects.values_list("value", flat=True)) == ["user:v"]
        assert append([page(anonymous="d")], "crm").erased == 1
        assert Event.objects.count() == 1


@pytest.mark.django_db
class TestAccounts:
    def test_a_group_call_tells_of_an_account_and_a_name_may_come_from_its_people(self):
        taken_in(group("u", "Acme", {"name": "Acme S.A.", "domain": "www.acme.es"}), page(user="u", minute=1))
        taken_in(identify("v", {"company": "Beta S.L."}, email="v@beta.es"))
        acme, beta = Account.objects.get(key="acme"), Account.objects.get(key="beta.es")
        assert (acme.name, acme.domain, acme.first_seen) == ("Acme S.A.", "acme.es", START)
        assert (beta.name, beta.domain) == ("Beta S.L.", "beta.es")
        assert person("u").account == acme

    def test_an_explicit_group_comes_before_the_address(self):
        taken_in(identify("u", email="u@beta.es"), group("u", "acme", minute=1))
        assert person("u").account == Account.objects.get()
        assert Account.objects.get().key == "acme"


@pytest.mark.django_db
class TestLog:
    def test_it_is_ordered_by_person_time_and_id(self):
        taken_in(
            page(user="b", minute=2, id="m1"), page(user="a", minute=1, id="é"), page(user="a", minute=1, id="z"),
            page(user="a", minute=0, id="m3"), page(mark="no_identity"),
        )  # fmt: skip
        log = read_log()
        assert log.schema == LOG_SCHEMA
        rows = log.select(["person", "occurred_at", "message_id", "source"]).to_pylist()
        assert [tuple(row.values()) for row in rows] == sorted(tuple(row.values()) for row in rows)
        assert [row["message_id"] for row in rows if row["person"] == person("a").pk] == ["m3", "z", "é"]

    def test_it_can_be_asked_for_a_part(self):
        first = taken_in(page(user="a", minute=1), page(user="b", minute=2))
        second = taken_in(page(user="a", minute=3))
        assert read_log(upto=START + timedelta(minutes=2)).num_rows == 2
        assert read_log(persons=[person("a").pk]).num_rows == 2
        assert read_log(batch=first.batch).num_rows == 2
        assert read_log(batch=second.batch)["person"].to_pylist() == [person("a").pk]
        assert read_log(persons=[]).num_rows == 0

    def test_texts_come_out_as_they_went_in(self):
        odd = 'a,"b"\n\\N\t\\ é \u2028 {"x": 1}'
        taken_in(event("track", user="u", name=odd, id=odd, properties={odd: odd}))
        row = read_log().to_pylist()[0]
        assert (row["name"], row["message_id"]) == (odd, odd)
        assert Event.objects.get().properties == {odd: odd}

    def test_nothing_and_empty_are_two(self):
        taken_in(page("", user="u", email=None))
        row = read_log().to_pylist()[0]
        assert (row["path"], row["email"], row["group_id"]) == ("", None, None)
