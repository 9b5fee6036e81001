"""The queue, the teams and a rep's page say how things stand, and take what is typed into them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.urls import reverse

from entente.events.actions import source_named
from entente.events.models import Import
from entente.handoffs.queries import handoffs_of_person
from entente.members.models import Role, TrailEntry, User
from entente.routing import actions
from entente.routing.models import Absence, Capacity, Decision
from entente.worker.fold import fold_new_events
from tests.members.factories import UserFactory
from tests.routing.world import ANA, EVA, LUIS, MARIA, asks, begin, come, handoff_of, rep_of, told

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


def today(days: int = 0) -> str:
    return (NOW + timedelta(days=days)).date().isoformat()


@pytest.fixture
def manager(client):
    client.force_login(UserFactory(role=Role.MANAGER, party="sales", name="Sergio"))
    return client


def rep(client, email: str = ANA):
    client.force_login(UserFactory(email=email, name="Ana"))
    return client


def page(client, name: str, *args) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def test_the_queue_says_why_each_lead_waits(manager):
    begin()
    Capacity.objects.create(rep=MARIA, at_most=0, set_at=NOW)
    come(["carla"], NOW, country="MX")
    actions.deal_waiting(NOW)
    shown = page(manager, "waiting")
    assert "carla@carla.example" in shown
    assert "Nobody in the team can take it now." in shown
    assert "is full: 0 open of at most 0" in shown


def test_leads_from_before_are_shown_apart_and_dealt_when_somebody_says_so(manager):
    begin()
    unit = Import.objects.create(source=source_named("site"), files=[], started_at=NOW)
    told(NOW, *asks("old", NOW), *asks("older", NOW), imported_by=unit)
    actions.deal_waiting(NOW)
    assert "From before Entente ran" in page(manager, "waiting")
    manager.post(reverse("admissions"), {"handoff": [handoff_of("old").pk, "nonsense"]})
    actions.deal_waiting(NOW)
    assert (bool(rep_of("old")), rep_of("older")) == (True, "")
    manager.post(reverse("admissions"), {"all": "1"})
    actions.deal_waiting(NOW)
    assert rep_of("older")


def test_the_teams_show_got_against_due_and_who_is_there(manager):
    begin()
    come([f"p{n}" for n in range(3)], NOW)
    actions.deal_waiting(NOW)
    manager.post(reverse("rep_absences", args=[EVA]), {"first": today(), "last": today(3), "days_before": 0})
    shown = page(manager, "team")
    assert all(team in shown for team in ("Iberia", "Rest"))
    assert "is away until" in shown
    assert shown.count("no member") >= 4


def test_a_rep_enters_and_takes_back_their_own_absences_only(client):
    begin()
    rep(client)
    client.post(reverse("rep_absences", args=[ANA]), {"first": today(5), "last": today(9), "days_before": 2})
    mine = Absence.objects.get()
    assert (mine.rep, mine.days_before) == (ANA, 2)
    client.post(reverse("rep_absences", args=[LUIS]), {"first": today(5), "last": today(9), "days_before": 0})
    assert Absence.objects.count() == 1
    assert "Enter the absence" not in page(client, "rep", LUIS)
    client.post(reverse("absence_end", args=[mine.pk]))
    assert not Absence.objects.exists()
    assert {entry.verb for entry in TrailEntry.objects.all()} >= {"absence.entered", "absence.taken_back"}


def test_an_absence_that_ends_before_it_begins_is_refused_beside_its_field(manager):
    begin()
    response = manager.post(
        reverse("rep_absences", args=[ANA]), {"first": today(5), "last": today(1), "days_before": 0}
    )
    assert "The absence ends before it begins." in response.content.decode()
    assert not Absence.objects.exists()


def test_a_sales_manager_sets_a_capacity_and_gives_the_agreed_one_back(manager):
    begin()
    manager.post(reverse("rep_capacity", args=[MARIA]), {"at_most": "0"})
    come(["carla"], NOW, country="MX")
    assert actions.deal_waiting(NOW) == []
    manager.post(reverse("rep_capacity", args=[MARIA]), {"at_most": ""})
    assert not Capacity.objects.exists()
    assert [each.rep for each in actions.deal_waiting(NOW)] == [MARIA]


def test_disabling_a_rep_asks_where_their_open_hand_offs_go(client):
    begin()
    client.force_login(UserFactory(role=Role.OPS, party=""))
    leaver = UserFactory(email=MARIA, name="Maria Left")
    come(["carla"], NOW, country="MX")
    actions.deal_waiting(NOW)
    response = client.post(reverse("member_access", args=[leaver.pk]), {"access": "0"})
    assert response["Location"] == reverse("leaving", args=[MARIA])
    assert "Maria Left has 1 open hand-off." in page(client, "leaving", MARIA)
    shown = page(client, "team")
    assert "version 1 of the agreement still names them" in shown
    assert "Maria Left still has 1 open hand-off." in shown
    colleague = UserFactory(name="Nina")
    client.post(reverse("leaving", args=[MARIA]), {"to": colleague.email})
    fold_new_events(NOW)
    assert rep_of("carla") == colleague.email
    assert not User.objects.get(email=MARIA).is_active


def test_why_this_rep_is_told_beside_the_hand_off(manager):
    begin()
    UserFactory(email=LUIS, name="Luis Long")
    manager.post(reverse("rep_absences", args=[LUIS]), {"first": today(), "last": today(3), "days_before": 0})
    come(["carla"], NOW)
    actions.deal_waiting(NOW)
    row = handoff_of("carla")
    part = Template("{% load routing %}{% why_this_rep handoff %}")
    by_row = part.render(Context({"handoff": row}))
    by_facts = part.render(Context({"handoff": handoffs_of_person(row.person_id)[0].handoff}))
    assert by_row == by_facts
    assert "Dealt: it leaves the team the most even." in by_row
    assert "Luis Long" in by_row
    assert "is away until" in by_row
    assert Decision.objects.get().candidates[0]["lot"] in by_row
    assert reverse("why", args=[row.pk]) in page(manager, "person", row.person_id)
    assert "Dealt: it leaves the team the most even." in page(manager, "why", row.pk)
    asked_for = manager.get(reverse("why", args=[row.pk]), headers={"HX-Request": "true"})
    assert asked_for.content.decode().strip() == by_row.strip()


def test_where_a_lead_would_go_can_be_asked_with_other_values(manager):
    begin()
    come(["carla"], NOW)
    asked = {"person": "carla@carla.example", "set": "country=MX\naccount.employees=5\n"}
    shown = manager.get(reverse("what_if"), asked).content.decode()
    assert f"would go to {MARIA}, of Rest" in shown
    gone = manager.get(reverse("what_if"), asked | {"set": "country="}).content.decode()
    assert "No team of the agreement takes leads like this one." in gone
    assert "is not name=value" in manager.get(reverse("what_if"), asked | {"set": "country"}).content.decode()
    assert "Nobody is known as" in manager.get(reverse("what_if"), {"person": "nobody"}).content.decode()
    assert rep_of("carla") == ""


def test_a_stranger_s_address_is_no_rep(manager):
    begin()
    assert manager.get(reverse("rep", args=["nobody@acme.example"])).status_code == 404
