"""What programs read: people with their reasons and story, hand-offs, promises, the agreement."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from django.utils import timezone

from entente.api.paging import Order, page_of
from entente.handoffs.models import Handoff
from entente.people.models import Person
from tests.web import world

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("company")
def test_a_person_is_found_by_e_mail_whatever_its_case(api):
    found = api.get("people", email="ANA@Kunde.Example").json()
    assert [(each["name"], each["email"]) for each in found["items"]] == [("Ana", "ana@kunde.example")]
    assert api.get("people", email="nobody@kunde.example").json() == {"items": [], "next": None}
    assert api.get("people", email="no address").json()["items"] == []


@pytest.mark.usefixtures("company")
def test_people_are_found_by_words_of_name_mail_and_company(api):
    assert [each["name"] for each in api.get("people", q="bea kunde").json()["items"]] == ["Bea"]


@pytest.mark.usefixtures("company")
def test_visitors_without_a_name_are_listed_only_on_request(api):
    known = api.get("people").json()["items"]
    everybody = api.get("people", visitors="true").json()["items"]
    assert len(everybody) == len(known) + 1


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_hold_everybody_once_in_order(api, limit):
    whole = [each["id"] for each in api.get("people", limit=200).json()["items"]]
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get("people", limit=limit, cursor=cursor).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert seen == whole == sorted(whole)


@pytest.mark.usefixtures("company")
def test_somebody_who_comes_between_two_pages_moves_nobody(api):
    first = api.get("people", limit=3).json()
    Person.objects.filter(pk=first["items"][0]["id"]).update(joined_into=first["items"][1]["id"])
    following = api.get("people", limit=200, cursor=first["next"]).json()
    assert following["items"][0]["id"] > first["items"][-1]["id"]


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    "cursor", ["AAAA", "bm9wZQ", "WyJwayIsIiIsLTFd", "WyItb3BlbmVkX2F0LC1wayIsIiIsMV0", "_", "-" * 50]
)
def test_a_cursor_that_was_not_made_here_is_refused(api, cursor):
    assert api.get("people", cursor=cursor).status_code == 422
    assert api.get("handoffs", cursor=cursor).status_code == 422


@pytest.mark.usefixtures("company")
def test_rows_of_one_moment_are_told_apart_by_their_number():
    Handoff.objects.update(closed_at=None, state="waiting")
    at = world.at(3)["occurred_at"]
    Handoff.objects.update(opened_at=at, qualified_at=None, completed_at=None)
    order, seen, cursor = Order("opened_at", newest_first=True), [], ""
    while cursor is not None:
        rows, cursor = page_of(Handoff.objects.all(), order, cursor, 1)
        seen += [row.pk for row in rows]
    assert seen == sorted(Handoff.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.usefixtures("company")
def test_a_person_is_told_with_every_reason_of_their_score(api):
    ana = api.get(f"people/{world.found('Ana').pk}").json()
    score = ana["score"]
    assert math.fsum(line["now"] for line in score["contributions"]) == score["score"]
    assert score["fit"] == 10
    assert math.isclose(score["fit"] + sum(score["engagement"].values()), score["score"])
    assert {line["rule"] for line in score["contributions"]} == {"Decision maker", "Looked at pricing"}
    assert ana["handoffs"][0]["state"] == "closed"
    assert ana["deals"][0]["amount"] == 1200
    assert [entry["type"] for entry in ana["timeline"]][:2] == ["deal_won", "deal_opened"]
    assert ana["timeline"][-1]["type"] == "identify"


@pytest.mark.usefixtures("company")
def test_a_score_is_told_as_of_a_past_moment(api):
    ana = world.found("Ana").pk
    before = world.at(1.5)["occurred_at"].isoformat()
    assert api.get(f"people/{ana}", at=before).json()["score"]["score"] == 10
    long_ago = world.at(-300)["occurred_at"].isoformat()
    assert api.get(f"people/{ana}", at=long_ago).json()["score"] is None


@pytest.mark.usefixtures("company")
def test_a_story_goes_on_where_the_page_ended(api):
    ana = world.found("Ana").pk
    whole = api.get(f"people/{ana}/timeline").json()["items"]
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"people/{ana}/timeline", limit=2, cursor=cursor).json()
        seen, cursor = seen + page["items"], page["next"]
    assert seen == whole


@pytest.mark.usefixtures("company")
def test_who_was_joined_is_told_as_the_survivor(api):
    bea, dora = world.found("Bea"), world.found("Dora")
    Person.objects.filter(pk=dora.pk).update(joined_into=bea)
    assert api.get(f"people/{dora.pk}").json()["id"] == bea.pk


@pytest.mark.usefixtures("company")
def test_hand_offs_are_chosen_by_state_rep_person_and_time(api):
    every = api.get("handoffs").json()["items"]
    assert len(every) == Handoff.objects.count() >= 3
    opened = [each["opened_at"] for each in every]
    assert opened == sorted(opened, reverse=True)
    rejected = api.get("handoffs", state="rejected").json()["items"]
    assert [(each["person"]["name"], each["rejection"]["reason"]) for each in rejected] == [("Bea", "No budget")]
    assert {each["rep"] for each in api.get("handoffs", rep=world.REP).json()["items"]} == {world.REP}
    carlos = world.found("Carlos")
    assert [each["person"]["id"] for each in api.get("handoffs", person=carlos.pk).json()["items"]] == [carlos.pk]
    late = api.get("handoffs", since=world.at(29)["occurred_at"].isoformat()).json()["items"]
    assert [each["person"]["name"] for each in late] == ["Carlos"]
    assert api.get("handoffs", sort="oldest").json()["items"] == every[::-1]


@pytest.mark.usefixtures("company")
def test_a_hand_off_is_told_with_its_clocks(api):
    given = Handoff.objects.get(person__name="Ana")
    told = api.get(f"handoffs/{given.pk}").json()
    assert told["acceptance"]["by"] == world.REP
    assert [(clock["kind"], clock["state"]) for clock in told["clocks"]] == [("first_touch", "met")]


@pytest.mark.usefixtures("company")
def test_promises_are_told_with_what_they_count(api):
    board = api.get("commitments", period="last_12_months").json()
    told = {each["promise"]: each for each in board["items"]}
    assert [each["party"] for each in board["items"]] == ["marketing", "marketing", "sales"]
    assert (told["Quality"]["actual"], told["Quality"]["target"], told["Quality"]["met"]) == (0.5, 0.7, False)
    assert (told["Quality"]["n"], told["Quality"]["kept"]) == (2, 1)
    assert told["First touch"]["kind"] == "clock"


@pytest.mark.usefixtures("company")
def test_a_period_is_two_days_in_order(api):
    today = timezone.now().date()
    good = {"from": str(today - timedelta(days=60)), "to": str(today)}
    assert api.get("commitments", **good).json()["items"][1]["n"] == 2
    for wrong in ({"from": good["from"]}, {"from": good["to"], "to": good["from"]}, {"to": "1800-01-01"}):
        assert api.get("commitments", **wrong).status_code == 422


@pytest.mark.usefixtures("company")
def test_the_agreement_is_told_as_data_as_file_and_by_its_hash(api):
    from entente.agreements.document import parse

    told = api.get("agreement").json()
    assert (told["version"], told["in_force"]) == (1, True)
    assert parse(told["yaml"]).sha256() == told["sha256"]
    assert told["document"]["name"] == "ACME, small"
    assert api.get("agreement", at=world.at(-390)["occurred_at"].isoformat()).status_code == 404


def test_an_empty_entente_has_lists_that_are_empty_and_no_agreement(api):
    assert api.get("people").json()["items"] == []
    assert api.get("handoffs").json()["items"] == []
    assert api.get("commitments").json()["items"] == []
    assert api.get("agreement").status_code == 404
    assert api.get("people/1").status_code == 404
    assert api.get("handoffs/1").status_code == 404


def test_whoever_asks_learns_as_whom(api, olga):
    told = api.get("me").json()
    assert told["member"]["email"] == olga.email
    assert told["key"]["name"] == "tests"
    assert "keys.manage" in told["permissions"]


@pytest.mark.parametrize("query", [{"emial": "x"}, {"limit": 0}, {"limit": 201}, {"q": "a\0b"}, {"q": "x" * 201}])
def test_what_a_query_must_not_say_is_named(api, query):
    refused = api.get("people", **query)
    assert refused.status_code == 422
    assert refused.json()["errors"]


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("2026-03-01T09:00:00Z", 200),
        ("2026-03-01T09:00:00+01:00", 200),
        ("2026-03-01T09:00:00 01:00", 200),  # the plus of an address that was not encoded
        ("0082-10-24T14:56:01-16:48", 200),
        ("0001-01-01T00:00:00+14:00", 422),
        ("9999-12-31T23:59:59-12:00", 422),
        ("2026-03-01T09:00:00", 422),
        ("2026-03-01", 422),
        ("0", 422),
        ("1e400", 422),
    ],
)
def test_a_time_is_iso_8601_with_an_offset(api, written, status):
    assert api.get("handoffs", since=written).status_code == status
    assert api.get("clocks", due_before=written).status_code == status


@pytest.mark.parametrize("number", ["0", "-1", "x", str(2**63), "1.5", "%00", "%D9%A1"])
def test_a_number_that_is_none_is_refused(api, number):
    assert api.get(f"people/{number}").status_code in (404, 422)
