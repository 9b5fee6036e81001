"""What people do with a hand-off is an event of ours, checked before, and the rows are what the log tells."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.events.actions import append, source_named
from entente.events.models import Event, Import
from entente.handoffs import models, verbs
from entente.handoffs.actions import Derived, derive
from entente.handoffs.facts import Outcome
from entente.handoffs.lifecycle import NotAllowed
from entente.handoffs.queries import handoffs_of_person
from entente.people.models import Person
from entente.worker.fold import fold_new_events, rebuild
from tests.handoffs.log import MARIA, NOW, event
from tests.handoffs.test_derive_live import DEFINITION, adopt_with_a_rule, only_person
from tests.handoffs.world import AGREEMENT, ANA, LUIS, START, at

pytestmark = pytest.mark.django_db

LOLA = "lola@acme.example"  # leads sales


def qualify(*, phone="1", when=START):
    """A person who qualified by asking for a demo; returns the id of the hand-off."""
    if not models.AgreementVersion.objects.exists():
        adopt_with_a_rule()
    append([event(when - at(9) + START, "identify", phone=phone, email=MARIA)] if phone else [], "site")
    append([event(when, "form_submitted", form="demo")], "site")
    fold_new_events(NOW)
    return models.Handoff.objects.latest("opened_at").pk


def given_to(rep=ANA):
    id_ = qualify()
    verbs.give([verbs.Giving(id_, rep)], at(1))
    return id_


def facts(id_):
    row = models.Handoff.objects.get(pk=id_)
    return next(each.handoff for each in handoffs_of_person(row.person_id) if each.id == id_)


def test_a_lead_is_given_accepted_touched_and_recycled():
    id_ = given_to(ANA)
    verbs.touch(id_, ANA, "call", at(5), "no answer")
    verbs.accept(id_, ANA, at(7))
    row = verbs.recycle(id_, ANA, at(60), "Bad timing")
    handoff = facts(id_)
    assert [(each.rep, each.given.by, each.given.why) for each in handoff.assignments] == [(ANA, "entente", "dealt")]
    assert [(each.kind, each.at) for each in handoff.touches] == [("call", at(5))]
    assert (handoff.acceptance.by, handoff.closure.outcome, handoff.closure.reason) == (
        ANA, Outcome.RECYCLED, "Bad timing",
    )  # fmt: skip
    assert (row.state, row.closed_at) == ("closed", at(60))


def test_rejecting_takes_a_reason_of_the_agreement_and_no_other():
    id_ = given_to(ANA)
    for wrong in ("", "Rude"):
        with pytest.raises(NotAllowed, match="reason of the agreement: No budget, Unreachable"):
            verbs.reject(id_, ANA, wrong, at(2))
    verbs.reject(id_, ANA, " no BUDGET ", at(3), "said so")
    rejection = facts(id_).rejection
    assert (rejection.reason, rejection.note, rejection.objection) == ("No budget", "said so", None)


def test_unreachable_can_be_said_after_the_agreed_touches():
    id_ = given_to(ANA)
    verbs.touch(id_, ANA, "call", at(2))
    with pytest.raises(NotAllowed, match="after 2 touches; so far there are 1"):
        verbs.reject(id_, ANA, "Unreachable", at(3))
    verbs.touch(id_, ANA, "email_sent", at(4))
    assert verbs.reject(id_, ANA, "Unreachable", at(5)).state == "rejected"


def test_a_deed_that_does_not_fit_says_why_and_leaves_no_event():
    id_ = given_to(ANA)
    verbs.accept(id_, ANA, at(2))
    events = Event.objects.count()
    with pytest.raises(NotAllowed, match="was accepted by ana"):
        verbs.reject(id_, ANA, "No budget", at(3))
    with pytest.raises(NotAllowed, match="has this hand-off already"):
        verbs.reassign(id_, ANA, LOLA, at(3))
    with pytest.raises(NotAllowed, match="not paused"):
        verbs.resume(id_, ANA, at(3))
    with pytest.raises(NotAllowed, match="a touch is one of"):
        verbs.touch(id_, ANA, "stare", at(3))
    with pytest.raises(verbs.NoSuchHandoff):
        verbs.accept(id_ + 1, ANA, at(3))
    assert Event.objects.count() == events


def test_under_one_key_a_deed_is_done_once():
    id_ = given_to(ANA)
    first = verbs.accept(id_, ANA, at(2), key="k1")
    again = verbs.accept(id_, ANA, at(9), key="k1")
    assert (first.pk, first.fingerprint) == (again.pk, again.fingerprint)
    verbs.touch(id_, ANA, "call", at(3), key="k2")
    verbs.touch(id_, ANA, "call", at(4), key="k2")
    assert len(facts(id_).touches) == 1


def test_deeds_of_one_instant_stay_in_the_order_in_which_they_were_done():
    id_ = given_to(ANA)
    verbs.pause(id_, ANA, "on holiday", at(2))
    verbs.resume(id_, ANA, at(2))
    verbs.pause(id_, ANA, "again", at(2))
    verbs.reassign(id_, LUIS, LOLA, at(2))
    handoff = facts(id_)
    assert [pause.began.reason for pause in handoff.pauses] == ["on holiday", "again"]
    assert handoff.rep == LUIS
    assert not handoff.is_paused  # a pause is the rep's


def test_a_lead_is_held_until_the_missing_information_comes():
    id_ = qualify(phone="")
    assert models.Handoff.objects.get(pk=id_).state == "held"
    with pytest.raises(NotAllowed, match="held until this is known: phone"):
        verbs.reassign(id_, ANA, LOLA, at(1))
    assert verbs.give([verbs.Giving(id_, ANA)], at(1)) == []
    append([event(at(5), "identify", phone="600", email=MARIA)], "site")
    fold_new_events(NOW)
    released = models.Handoff.objects.get(pk=id_)
    assert (released.state, released.completed_at) == ("waiting", at(5))
    assert verbs.reassign(id_, ANA, LOLA, at(6)).rep == ANA


def test_what_was_taken_from_its_rep_waits_again():
    id_ = given_to(ANA)
    row = verbs.release(id_, LOLA, at(3), "on leave")
    assert (row.state, row.rep) == ("waiting", "")
    verbs.give([verbs.Giving(id_, LUIS)], at(4))
    assert [(each.rep, each.until) for each in facts(id_).assignments] == [(ANA, at(3)), (LUIS, None)]


def test_a_late_event_does_not_take_back_what_was_given_and_the_difference_is_recorded():
    id_ = given_to(ANA)
    append([event(at(-60), "form_submitted", form="demo")], "site")  # so the person qualified an hour earlier
    fold_new_events(NOW)
    row = models.Handoff.objects.get()
    assert (row.pk, row.opened_at, row.rep, row.disputed) == (id_, START, ANA, True)
    rebuild(NOW)
    again = models.Handoff.objects.get()
    assert (again.opened_at, again.rep, again.disputed) == (START, ANA, True)


def test_what_nobody_was_given_yet_follows_a_late_event():
    qualify()
    append([event(at(-60), "form_submitted", form="demo")], "site")
    fold_new_events(NOW)
    row = models.Handoff.objects.get()
    assert (row.opened_at, row.disputed) == (at(-60), False)


def test_a_sender_cannot_open_a_hand_off_by_claiming_one():
    id_ = qualify()
    said = Event.objects.filter(type="form_submitted").get()
    verbs.reassign(id_, ANA, LOLA, at(2))
    pin = Event.objects.get(type="owner_assigned").properties["handoff"] | {"opened_at": at(-500).isoformat()}
    append([event(at(3), "owner_assigned", owner=LUIS, handoff=pin)], "crm")
    fold_new_events(NOW)
    (row,) = models.Handoff.objects.all()
    assert (row.opened_at, row.cause, row.rep) == (START, said.message_id, LUIS)


def test_a_file_that_calls_itself_ours_is_not_believed_either():
    id_ = qualify()
    verbs.reassign(id_, ANA, LOLA, at(2))
    pin = Event.objects.get(type="owner_assigned").properties["handoff"] | {"opened_at": at(-500).isoformat()}
    unit = Import.objects.create(source=source_named("entente"), files=[], started_at=NOW)
    append([event(at(-500), "owner_assigned", owner=LUIS, handoff=pin)], "entente", unit)
    fold_new_events(NOW)
    assert not models.Handoff.objects.filter(origin="score", opened_at=at(-500)).exists()
    assert models.Handoff.objects.get(opened_at=START).rep == ANA


def test_who_turns_out_to_be_somebody_known_keeps_the_hand_off_and_its_number():
    id_ = given_to(ANA)
    device = event(at(-90), "page", None)
    append([device_event(device, "anon:d1", anonymous_id="d1")], "site")
    fold_new_events(NOW)
    both = event(at(20), "identify", phone="1")
    append([device_event(both, f"email:{MARIA}", anonymous_id="d1", email=MARIA)], "site")
    fold_new_events(NOW)
    assert Person.objects.exclude(joined_into=None).count() == 1
    row = models.Handoff.objects.get()
    assert (row.pk, row.rep, row.person.joined_into) == (id_, ANA, None)


def device_event(like, identity, **fields):
    import msgspec

    return msgspec.structs.replace(like, identity=identity, mark="", **fields)


DEEDS = {
    "accept": verbs.accept,
    "reject": lambda id_, who, now: verbs.reject(id_, who, "No budget", now),
    "touch": lambda id_, who, now: verbs.touch(id_, who, "call", now),
    "reassign": lambda id_, who, now: verbs.reassign(id_, who, LOLA, now),
    "release": lambda id_, who, now: verbs.release(id_, LOLA, now),
    "recycle": lambda id_, who, now: verbs.recycle(id_, who, now, "later"),
    "pause": lambda id_, who, now: verbs.pause(id_, who, "waits", now),
    "resume": verbs.resume,
    "crm": lambda id_, who, now: told_by_crm(now, "owner_assigned", owner=who),
    "deal": lambda id_, who, now: told_by_crm(now, "deal_lost", owner=who, deal="D"),
    "late": lambda id_, who, now: told_by_crm(at(-30), "form_submitted"),
    "again": lambda id_, who, now: told_by_crm(now, "form_submitted"),
}


def told_by_crm(when, type_, **properties):
    append([event(when, type_, **properties)], "crm")
    fold_new_events(NOW)


def everything():
    rows = models.Handoff.objects.order_by("opened_at")
    return [each.handoff for person in {row.person_id for row in rows} for each in handoffs_of_person(person)]


class AnyDeeds(TestCase):
    @settings(max_examples=25)
    @example([("crm", ANA, 0), ("recycle", ANA, 0), ("crm", ANA, 1), ("accept", ANA, 0)])
    @given(st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.sampled_from([ANA, LUIS]), st.integers(0, 2)),
                    max_size=10))  # fmt: skip
    def test_leave_what_the_log_says(self, deeds):
        before, rest = AGREEMENT.to_yaml().split("definition:")
        definition = DEFINITION.replace("requalify_after: 30 days", "requalify_after: 1 minutes")
        adopt(parse(before + definition + rest.split("commitments:\n")[1]), None, NOW)
        id_, minute = qualify(), 1
        for deed, who, wait in deeds:
            minute += wait
            id_ = models.Handoff.objects.latest("opened_at").pk
            before_it = everything()
            try:
                DEEDS[deed](id_, who, at(minute))
            except NotAllowed:
                assert everything() == before_it
        assert derive() == Derived()
        fold_new_events(NOW)  # a deed is an event too, and may be the one at which the person qualifies anew
        stored = everything()
        rebuild(NOW)
        assert everything() == stored


def test_the_person_of_a_hand_off_is_told_apart_by_their_own_identifier():
    given_to(ANA)
    ours = Event.objects.get(source__name="entente")
    assert (ours.identity, ours.email, ours.received_at) == (f"email:{MARIA}", None, ours.occurred_at)
    fold_new_events(NOW)
    assert only_person()
