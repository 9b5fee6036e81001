"""Hand-offs and deals derived from a stored log, through the rooms before this one."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.events.actions import undo_import
from entente.events.models import Import, Source
from entente.handoffs import models
from entente.handoffs.actions import Derived, derive_from
from entente.handoffs.history import TYPES, Qualification
from entente.handoffs.queries import deals_of_person, handoffs_of_person, open_handoffs
from entente.people.actions import resolve_new
from tests.handoffs.log import MARIA, NOW, adopt_agreement, event, log
from tests.handoffs.world import AGREEMENT, ANA, LUIS, START, at

pytestmark = pytest.mark.django_db


def test_a_crm_history_becomes_hand_offs_and_deals():
    adopt_agreement()
    persons = log(
        event(START, "owner_assigned", owner=ANA),
        event(at(30), "call", by=ANA),
        event(at(60), "accepted", by=ANA),
        event(at(days=2), "deal_opened", deal="D-1", amount=9000, owner=ANA),
        event(at(days=9), "deal_won", deal="D-1", owner=ANA),
    )
    assert derive_from({}) == Derived(handoffs=1, deals=1)
    (stored,) = handoffs_of_person(persons[MARIA])
    handoff = stored.handoff
    assert (handoff.opened.version, handoff.rep, handoff.touches[0].at) == (1, ANA, at(30))
    assert (handoff.acceptance.at, handoff.closure.deal, handoff.closed_at) == (at(60), "D-1", at(days=9))
    (deal,) = deals_of_person(persons[MARIA])
    assert (deal.outcome, deal.amount, deal.account.key) == ("won", 9000, "client.example")


def test_deriving_again_changes_nothing():
    adopt_agreement()
    persons = log(event(START, "owner_assigned", owner=ANA), event(at(9), "deal_won", deal="D-1"))
    qualified = {persons[MARIA]: [Qualification(at(days=50), 1)]}
    derive_from(qualified)
    before = list(models.Handoff.objects.values()), list(models.Deal.objects.values())
    assert derive_from(qualified) == Derived()
    assert (list(models.Handoff.objects.values()), list(models.Deal.objects.values())) == before


def test_what_is_stored_is_what_was_derived():
    adopt_agreement()
    persons = log(
        event(START, "owner_assigned", owner=ANA),
        event(at(5), "owner_assigned", owner=LUIS),
        event(at(9), "meeting", by=LUIS),
        event(at(12), "rejected", by=LUIS, reason="Rude", note="said no"),
    )
    derive_from({persons[MARIA]: [Qualification(at(days=40), 1, "cause")]})
    first, second = (each.handoff for each in handoffs_of_person(persons[MARIA]))
    assert [(each.rep, each.until) for each in first.assignments] == [(ANA, at(5)), (LUIS, at(12))]
    assert (first.rejection.reason, first.rejection.note, first.rejection.objection) == (
        "Rude",
        "said no",
        "not a reason of the agreement",
    )
    assert (second.opened.missing, second.qualified_at, second.state) == (("company", "phone"), at(days=40), "held")


def test_a_new_event_changes_its_hand_off_and_keeps_its_number():
    adopt_agreement()
    persons = log(event(START, "owner_assigned", owner=ANA))
    derive_from({})
    (before,) = handoffs_of_person(persons[MARIA])
    log(event(at(20), "call", by=ANA))
    assert derive_from({}, list(persons.values())) == Derived(handoffs=1)
    (after,) = handoffs_of_person(persons[MARIA])
    assert after.id == before.id
    assert len(after.handoff.touches) == 1


def test_only_the_persons_asked_for_are_derived():
    adopt_agreement()
    persons = log(
        event(START, "owner_assigned", owner=ANA),
        event(START, "owner_assigned", "jo@client.example", owner=ANA),
    )
    derive_from({}, [persons[MARIA]])
    assert [each.person_id for each in open_handoffs()] == [persons[MARIA]]
    assert open_handoffs(LUIS).count() == 0


def test_what_an_undone_import_told_is_gone():
    adopt_agreement()
    source = Source.objects.create(name="crm")
    unit = Import.objects.create(source=source, files=[], started_at=NOW)
    log(event(START, "call", by=ANA))
    log(event(START, "owner_assigned", owner=ANA), event(START, "deal_won", deal="D-1"), imported_by=unit)
    assert derive_from({}) == Derived(handoffs=1, deals=1)
    undo_import(unit, NOW)
    resolve_new(NOW)
    assert derive_from({}) == Derived(handoffs_removed=1, deals_removed=1)
    assert not models.Assignment.objects.exists()


def test_without_an_agreement_there_are_deals_but_no_hand_offs():
    log(event(START, "owner_assigned", owner=ANA), event(START, "deal_won", deal="D-1"))
    assert derive_from({}) == Derived(deals=1)


def test_a_deal_of_nobody_is_a_deal():
    log(event(START, "deal_won", None, deal="D-1"))
    assert derive_from({}) == Derived(deals=1)
    assert derive_from({}, []) == Derived()
    assert models.Deal.objects.get().person is None


def test_a_deal_is_read_whole_when_one_of_its_persons_is():
    persons = log(
        event(START, "deal_opened", deal="D-1", amount=5),
        event(at(9), "deal_won", "jo@client.example", deal="D-1"),
    )
    derive_from({}, [persons["jo@client.example"]])
    deal = models.Deal.objects.get()
    assert (deal.opened_at, deal.outcome, deal.person_id) == (START, "won", persons[MARIA])


def test_a_new_version_leaves_hand_offs_under_their_own():
    adopt_agreement()
    log(
        event(START, "owner_assigned", owner=ANA),
        event(at(days=60), "owner_assigned", "jo@client.example", owner=ANA),
    )
    adopt(parse(AGREEMENT.to_yaml().replace("2026-01-01", "2026-08-01")), None, NOW)
    derive_from({})
    assert list(models.Handoff.objects.order_by("opened_at").values_list("version_id", flat=True)) == [1, 2]


def test_four_thousand_hand_offs_are_derived_at_once_with_all_their_touches():
    adopt_agreement()
    people = [f"p{n}@client{n % 800}.example" for n in range(4_000)]
    persons = log(*(each for n, person in enumerate(people) for each in lead(person, at(n % 500))))
    qualified = {persons[person]: [Qualification(at(n % 500), 1)] for n, person in enumerate(people)}
    derived = derive_from(qualified)
    assert derived.handoffs == 4_000
    assert models.Touch.objects.count() == 12_000


def lead(person, when):
    minutes = [timedelta(minutes=n) for n in range(7)]
    yield event(when - minutes[1], "identify", person, phone="1", company="Client")
    yield event(when + minutes[1], "owner_assigned", person, owner=ANA)
    for n in range(2, 5):
        yield event(when + minutes[n], "call", person, by=ANA)
    yield event(when + minutes[5], "accepted", person, by=ANA)
    yield event(when + minutes[6], "recycled", person, by=ANA, reason="Bad timing")


def test_the_index_of_what_hand_offs_are_made_of_knows_every_type():
    with connection.cursor() as sql:
        sql.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'event_of_handoffs'")
        (definition,) = sql.fetchone()
    assert set(re.findall(r"'(\w+)'::text", definition)) - {""} == set(TYPES)
