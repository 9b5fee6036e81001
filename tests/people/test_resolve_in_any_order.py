"""Order does not matter: any permutation, repetition and batching of the same calls ends in the same persons."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entente.events.actions import append
from entente.events.types import NewEvent
from entente.people.actions import resolve_anew, resolve_new
from entente.people.models import Account, Identifier, Link, Person
from tests.events.factories import NOW, alias, event, group, identify, page

USERS = st.sampled_from(["1", "2", "3", "4", "5"])
EMAILS = st.sampled_from(["a@acme.es", "b@acme.es", "c@gmail.com", "info@beta.es", None])
DEVICES = st.sampled_from(["x", "y", "z", None])
MINUTES = st.integers(0, 6)
TRAITS = st.dictionaries(st.sampled_from(["title", "name", "company"]), st.sampled_from(["A", "B", None]), max_size=2)


@st.composite
def calls(draw: st.DrawFn) -> NewEvent:
    kind = draw(
        st.sampled_from(["identify", "identify", "identify", "alias", "alias", "group", "page", "page", "form"])
    )
    when = {"minute": draw(MINUTES), "id": f"m{draw(st.integers(0, 10_000))}"}
    if kind == "identify":
        user = draw(st.one_of(USERS, st.none()))
        return identify(user, draw(TRAITS), email=draw(EMAILS), anonymous=draw(DEVICES), **when)
    if kind == "alias":
        return alias(draw(USERS), draw(st.sampled_from(["1", "2", "x", "y", "a@acme.es", "null"])), **when)
    if kind == "group":
        return group(draw(USERS), draw(st.sampled_from(["Acme", "beta"])), draw(TRAITS), **when)
    if kind == "form":
        return event("form_submitted", email=draw(EMAILS), anonymous=draw(DEVICES), **when)
    return page(user=draw(st.one_of(USERS, st.none())), anonymous=draw(DEVICES), **when)


def world() -> dict[str, object]:
    """Everything that is known, without the numbers of rows."""
    persons = {}
    for person in Person.objects.filter(joined_into=None).select_related("account"):
        identifiers = frozenset(person.identifiers.values_list("value", "first_seen", "last_seen", "seen", "shared"))
        persons[identifiers] = (
            person.first_seen, person.last_seen, person.email, person.name, person.traits, person.group_id,
            person.account and person.account.key,
        )  # fmt: skip
    accounts = set(Account.objects.values_list("key", "name", "domain", "traits__title", "first_seen", "named_at"))
    return {
        "persons": persons,
        "accounts": accounts,
        "links": set(Link.objects.values_list("a", "b", "kind", "occurred_at", "message_id", "source")),
    }


class InAnyOrder(TestCase):
    @settings(max_examples=25, deadline=timedelta(seconds=10), suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(calls(), min_size=1, max_size=18, unique_by=lambda call: call.message_id), st.randoms(), st.data())
    def test_any_order_and_batching_ends_in_the_same_persons(self, sent, random, data):
        append(sent, "web")
        resolve_new(NOW)
        at_once = world()
        self._start_again()

        shuffled = sent + random.choices(sent, k=3)
        random.shuffle(shuffled)
        while shuffled:
            size = data.draw(st.integers(1, 6))
            append(shuffled[:size], "web")
            resolve_new(NOW)
            shuffled = shuffled[size:]
        assert world() == at_once

        numbers = dict(Identifier.objects.values_list("value", "person"))
        resolve_anew(NOW)
        assert world() == at_once
        assert dict(Identifier.objects.values_list("value", "person")) == numbers

    def _start_again(self) -> None:
        from django.db import connection

        with connection.cursor() as sql:
            sql.execute("SET LOCAL entente.erasing = 'on'; DELETE FROM events_event; SET LOCAL entente.erasing = 'off'")
            sql.execute("DELETE FROM people_join; DELETE FROM people_link; DELETE FROM people_identifier")
            sql.execute("DELETE FROM people_person; DELETE FROM people_account")


@pytest.mark.django_db
def test_undoing_what_joined_two_persons_brings_both_back():
    from entente.events.actions import source_named, undo_import
    from entente.events.models import Import

    append([identify("1", email="a@acme.es", minute=1), identify("2", minute=2), page(user="2", minute=3)], "web")
    resolve_new(NOW)
    before = {i.value: i.person_id for i in Identifier.objects.all()}
    unit = Import.objects.create(source=source_named("crm"), files=[], started_at=NOW)
    append([identify("2", email="a@acme.es", minute=4)], "crm", unit)
    resolve_new(NOW)
    assert Person.objects.get(pk=before["user:2"]).joined_into_id == before["user:1"]
    assert undo_import(unit, NOW) == 1
    resolve_new(NOW)
    assert {i.value: i.person_id for i in Identifier.objects.all()} == before
