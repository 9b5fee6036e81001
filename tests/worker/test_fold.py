"""One fold: event by event, in any batches, out of order, or all of it anew, it ends in the same."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.events.actions import append, source_named, undo_import
from entente.events.models import Arrival, Import
from entente.events.types import NewEvent
from entente.handoffs.models import Deal, Handoff
from entente.people.models import Person
from entente.scoring.models import AccountKnowledge, PersonScore, Qualified
from entente.worker.fold import fold_new_events, rebuild
from tests.events.factories import NOW, event, group, identify, page
from tests.people.test_resolve_in_any_order import world

AGREEMENT = """
format: 1
name: A small one
effective: 2026-03-01
timezone: Europe/Madrid
definition:
  threshold: 20
  fit:
    - {rule: Chief, points: 10, when: {trait: title, matches: chief}}
    - {rule: Large, points: 5, when: {account: employees, from: 50}}
  engagement:
    half_life: 2 days
    groups: {Reading: {at_most: 8}}
    rules:
      - {rule: Pricing, points: 6, when: {page: "/pricing*"}, limit: 2 per day}
      - {rule: Blog, points: 3, when: {page: "/blog*"}, group: Reading}
  disqualify:
    - {rule: Rival, when: {account: domain, is: rival.example}}
  requalify_after: 1 day
"""


def numberless() -> dict[str, object]:
    """All that is derived, with persons named by their identifiers."""
    names = {
        person.pk: min(person.identifiers.values_list("value", flat=True), default="")
        for person in Person.objects.filter(joined_into=None)
    }
    scores = {
        names[one.person_id]: (
            one.version, one.fit, one.disqualified, one.opened, one.closed, one.last_at, one.last_message, one.traits,
            [round(points, 6) for points in one.sums], one.sum_at, one.day, one.count, one.day_before,
        )
        for one in PersonScore.objects.all()
    }  # fmt: skip
    return world() | {
        "scores": scores,
        "qualified": sorted(
            (names[one.person_id], one.at, one.version, one.message_id, one.closed_at, one.closed_by)
            for one in Qualified.objects.all()
        ),
        "accounts known": sorted(AccountKnowledge.objects.values_list("key", "last_at", "last_message")),
        "handoffs": sorted(
            (names[one.person_id], str(one.opened_at), one.state, str(one.closed_at)) for one in Handoff.objects.all()
        ),
        "deals": sorted(Deal.objects.values_list("key", "stage", "outcome", "amount")),
    }


def start_again() -> None:
    with connection.cursor() as sql:
        sql.execute("SET LOCAL entente.erasing = 'on'; DELETE FROM events_event; SET LOCAL entente.erasing = 'off'")
    Arrival.objects.all().delete()
    rebuild(NOW)


@st.composite
def happenings(draw: st.DrawFn) -> NewEvent:
    user, when = draw(st.sampled_from("abcd")), {"minute": draw(st.integers(0, 9)) * 400}
    who = {"user": user} if draw(st.booleans()) else {"anonymous": f"device-{draw(st.sampled_from('abc'))}"}
    id = {"id": f"m{draw(st.integers(0, 10**6))}"}
    match draw(st.sampled_from(["page", "page", "page", "identify", "identify", "group", "fact"])):
        case "page":
            return page(draw(st.sampled_from(["/pricing", "/blog/x", "/"])), **who, **when, **id)
        case "identify":
            email = draw(st.sampled_from([None, f"{user}@acme.example", "x@rival.example"]))
            device = draw(st.sampled_from([None, "device-a", "device-b", "device-c"]))
            traits = {"title": draw(st.sampled_from(["Chief of staff", "Clerk", None]))}
            return identify(user, traits, email=email, anonymous=device, **when, **id)
        case "group":
            return group(user, "acme.example", {"employees": draw(st.sampled_from([5, 500]))}, **when, **id)
        case _:
            kind = draw(st.sampled_from(["owner_assigned", "accepted", "recycled", "deal_opened", "deal_won", "call"]))
            properties = {"by": "ana@us.example", "owner": "ana@us.example", "deal": f"d-{user}", "amount": 10}
            return event(kind, user=user, properties=properties, **when, **id)


class OneFold(TestCase):
    @settings(max_examples=12, deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(happenings(), min_size=2, max_size=25, unique_by=lambda one: one.message_id), st.randoms(), st.data()
    )
    def test_batches_in_any_order_and_a_rebuild_end_in_the_same(self, sent, random, data):
        adopt(parse(AGREEMENT), None, NOW)
        append(sent, "web")
        fold_new_events(NOW)
        at_once = numberless()
        rebuild(NOW)
        assert numberless() == at_once

        start_again()
        random.shuffle(sent)
        while sent:
            size = data.draw(st.integers(1, 8))
            append(sent[:size], "web")
            fold_new_events(NOW)
            sent = sent[size:]
        assert numberless() == at_once


@pytest.mark.django_db
def test_a_fold_of_nothing_changes_nothing():
    adopt(parse(AGREEMENT), None, NOW)
    append([page("/pricing", user="a"), identify("a", {"title": "Chief"}, minute=1)], "web")
    assert fold_new_events(NOW).events == 2
    before = numberless()
    assert fold_new_events(NOW).events == 0
    assert numberless() == before


@pytest.mark.django_db
def test_an_undone_import_leaves_everything_as_if_it_had_never_been():
    adopt(parse(AGREEMENT), None, NOW)
    append([identify("a", {"title": "Clerk"}, email="a@acme.example"), page("/pricing", anonymous="d")], "web")
    fold_new_events(NOW)
    before = numberless()
    unit = Import.objects.create(source=source_named("crm"), files=[], started_at=NOW)
    facts = [
        identify("b", {"title": "Chief"}, email="a@acme.example", anonymous="d", minute=1),
        page("/pricing", user="b", minute=2),
        page("/pricing", user="b", minute=3),
        event("deal_won", user="b", minute=4, properties={"deal": "d1", "amount": 5}),
        group("b", "acme.example", {"employees": 900}, minute=5),
        page("/", user="stranger"),
    ]
    append(facts, "crm", unit)
    fold_new_events(NOW)
    assert numberless() != before
    assert Deal.objects.exists()
    undo_import(unit, NOW)
    fold_new_events(NOW)
    assert numberless() == before
    assert not Deal.objects.exists()


@pytest.mark.django_db
def test_a_fold_that_fails_leaves_the_events_to_be_folded(monkeypatch):
    append([page(user="a")], "web")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("entente.scoring.actions.fold_new_events", fail)
        with pytest.raises(RuntimeError):
            fold_new_events(NOW)
    assert not Person.objects.exists()
    assert fold_new_events(NOW).events == 1
