"""The buttons of a hand-off: who sees which, what they do, and what is said when something cannot be done."""

from __future__ import annotations

import pytest
from django.test import Client

from entente.events.models import Event
from entente.handoffs import models, verbs
from entente.handoffs.models import Handoff
from entente.people.models import Person
from tests.members.factories import UserFactory
from tests.web import world

pytestmark = pytest.mark.usefixtures("company")

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def lead() -> Handoff:
    """Carlos has qualified, and Lola has him."""
    (row,) = Handoff.objects.filter(person__name="Carlos")
    verbs.reassign(row.pk, world.REP, "boss@acme.example", world.NOW)
    return Handoff.objects.get(pk=row.pk)


@pytest.fixture
def lola() -> Client:
    return signed(UserFactory(email=world.REP, party="sales", role="member"))


@pytest.fixture
def boss() -> Client:
    return signed(UserFactory(email="boss@acme.example", party="sales", role="manager"))


def signed(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def do(client: Client, lead: Handoff, deed: str, **fields):
    return client.post(f"/handoffs/{lead.pk}/{deed}/", fields)


def page_of(client: Client, lead: Handoff) -> str:
    return client.get(f"/people/{lead.person_id}/").content.decode()


def test_a_rep_accepts_with_a_plain_form_and_comes_back_to_the_card(lola: Client, lead: Handoff):
    response = do(lola, lead, "acceptance")
    assert response["Location"] == f"/people/{lead.person_id}/#handoff-{lead.pk}"
    lead.refresh_from_db()
    assert lead.state == "accepted"
    assert "Accepted." in lola.get(f"/people/{lead.person_id}/").content.decode()


def test_with_script_the_card_and_the_story_are_renewed_in_place(lola: Client, lead: Handoff):
    response = lola.post(f"/handoffs/{lead.pk}/touch/", {"kind": "call", "note": "no answer"}, **HTMX)
    text = response.content.decode()
    assert text.strip().startswith(f'<div class="stack-s" id="handoff-{lead.pk}">')
    assert 'id="timeline" hx-swap-oob="true"' in text
    assert "lola called" in text
    assert "no answer" in text
    assert models.Touch.objects.get(handoff=lead).by == world.REP


def test_a_rejection_without_a_reason_says_which_there_are_and_changes_nothing(lola: Client, lead: Handoff):
    text = lola.post(f"/handoffs/{lead.pk}/rejection/", {"reason": ""}, **HTMX).content.decode()
    assert "This was not done: rejecting needs a reason of the agreement: No budget, No need." in text
    lead.refresh_from_db()
    assert lead.state == "assigned"
    do(lola, lead, "rejection", reason="No need", note="bought elsewhere")
    lead.refresh_from_db()
    assert (lead.state, lead.rejection.note) == ("rejected", "bought elsewhere")
    assert "lola rejected: No need" in page_of(lola, lead)


def test_pausing_resuming_and_giving_back(lola: Client, lead: Handoff):
    do(lola, lead, "pause", reason="on holiday")
    assert "Let its clocks go on" in page_of(lola, lead)
    do(lola, lead, "resumption")
    do(lola, lead, "recycling", reason="next year")
    lead.refresh_from_db()
    assert (lead.state, lead.closure.reason) == ("closed", "next year")
    page = page_of(lola, lead)
    assert "lola paused the clocks: on holiday" in page
    assert "lola gave this back to marketing" in page
    assert "Reject" not in page


def test_a_manager_gives_it_to_another_rep_and_takes_it_away(boss: Client, lead: Handoff):
    assert world.OTHER_REP not in page_of(boss, lead)
    UserFactory(email=world.OTHER_REP, party="sales", role="member")
    assert f'<option value="{world.OTHER_REP}">' in page_of(boss, lead)
    do(boss, lead, "assignment", rep=world.OTHER_REP, reason="knows them")
    lead.refresh_from_db()
    assert lead.rep == world.OTHER_REP
    do(boss, lead, "release")
    lead.refresh_from_db()
    assert (lead.rep, lead.state) == ("", "waiting")


@pytest.mark.parametrize("deed", ["acceptance", "rejection", "touch", "pause", "recycling", "assignment", "release"])
def test_a_rep_works_on_their_own_hand_offs_only(lead: Handoff, deed: str):
    other = signed(UserFactory(email=world.OTHER_REP, party="sales", role="member"))
    events = Event.objects.count()
    assert do(other, lead, deed, reason="No need", kind="call", rep=world.OTHER_REP).status_code == 403
    assert Event.objects.count() == events
    assert "/acceptance/" not in page_of(other, lead)


@pytest.mark.parametrize("deed", ["assignment", "release"])
def test_a_rep_does_not_move_their_own_either(lola: Client, lead: Handoff, deed: str):
    assert do(lola, lead, deed, rep=world.OTHER_REP).status_code == 403


@pytest.mark.parametrize(("party", "role"), [("marketing", "manager"), ("marketing", "member"), ("sales", "viewer")])
def test_who_does_not_work_on_hand_offs_sees_no_buttons(lead: Handoff, party: str, role: str):
    reader = signed(UserFactory(party=party, role=role))
    assert do(reader, lead, "acceptance").status_code == 403
    assert f"/handoffs/{lead.pk}/" not in page_of(reader, lead)


def test_an_unknown_deed_or_hand_off_is_not_found(boss: Client, lead: Handoff):
    assert do(boss, lead, "deletion").status_code == 404
    assert boss.post("/handoffs/999999/acceptance/").status_code == 404
    assert boss.get(f"/handoffs/{lead.pk}/acceptance/").status_code == 405


def test_two_clicks_on_accept_are_one_and_a_word_about_it(lola: Client, lead: Handoff):
    do(lola, lead, "acceptance")
    text = lola.post(f"/handoffs/{lead.pk}/acceptance/", {}, **HTMX).content.decode()
    assert "it was accepted by lola@acme.example" in text
    assert models.Acceptance.objects.filter(handoff=lead).count() == 1


def test_a_reps_list_shows_their_own_first_and_all_on_request(lola: Client, lead: Handoff):
    own = lola.get("/handoffs/").context["page"].object_list
    assert [row.person.name for row in own] == ["Carlos"]
    do(lola, lead, "recycling")
    assert not lola.get("/handoffs/").context["page"].object_list
    everyone = lola.get("/handoffs/?whose=all")
    assert everyone.status_code == 200


def test_the_list_is_cut_by_state_from_a_closed_list(boss: Client, lead: Handoff):
    assert [row.pk for row in boss.get("/handoffs/?state=assigned").context["page"]] == [lead.pk]
    assert not list(boss.get("/handoffs/?state=held").context["page"])
    assert boss.get("/handoffs/?state=';drop").status_code == 200


def test_a_hostile_note_stays_text(lola: Client, lead: Handoff):
    do(lola, lead, "touch", kind="call", note='<script>alert(1)</script>"=cmd')
    page = page_of(lola, lead)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_person_stays_one(lead: Handoff):
    assert Person.objects.filter(name="Carlos").count() == 1
