"""Finding people, leafing through them, taking them out, and one person with every reason of their score."""

from __future__ import annotations

import csv
import io
import math
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entente.members.models import TrailEntry
from entente.people.models import Person
from entente.reports.models import Journey
from entente.scoring.queries import score_at
from tests.members.factories import UserFactory
from tests.web import world

pytestmark = pytest.mark.usefixtures("company")


def names(client: Client, query: str) -> list[str]:
    return [row["person"].name for row in client.get(f"/people/?{query}").context["rows"]]


def test_people_are_found_by_parts_of_name_mail_and_company(ops: Client):
    assert names(ops, "q=ana") == ["Ana"]
    assert names(ops, "q=BEA@KUNDE") == ["Bea"]
    assert set(names(ops, "q=fair kunde")) == {f"Fair{n}" for n in range(5)}
    assert names(ops, "q=ana bea") == []
    assert names(ops, "q=%25") == []


def test_unknown_visitors_are_shown_when_asked_for(ops: Client):
    assert "" not in names(ops, "")
    assert "" in names(ops, "visitors=1")


def test_people_are_sorted_by_a_closed_list_of_keys(ops: Client):
    assert names(ops, "sort=score")[:3] == ["Carlos", "Bea", "Ana"]
    assert names(ops, "sort=name")[0] == "Ana"
    assert names(ops, "sort=stage")[0] == "Ana"
    assert names(ops, "sort=password") == names(ops, "")


def test_open_hand_offs_are_found_by_their_state(ops: Client):
    assert names(ops, "handoff=open") == ["Carlos"]
    assert names(ops, "handoff=rejected") == names(ops, ""), "not one of the states that are offered"


KEYS = ["q", "stage", "mode", "period", "from", "to", "source", "segment", "rep", "handoff", "sort", "page", "stayed"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(KEYS), st.text(max_size=30) | st.integers().map(str), max_size=5))
def test_whatever_an_address_says_a_page_answers(ops: Client, said: dict[str, str]):
    for address in ("/people/", "/funnel/", "/", "/deals/", "/promises/sales/0/"):
        assert ops.get(address, said).status_code == 200


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_moment_is_asked_for_a_person_is_shown(ops: Client, at: str, before: str):
    address = f"/people/{world.found('Ana').pk}/"
    assert ops.get(address, {"at": at, "before": before}).status_code == 200


def test_a_name_that_would_be_a_formula_is_quoted_in_the_export(ops: Client):
    Person.objects.filter(name="Dora").update(name='=HYPERLINK("http://evil.example")')
    export = ops.get("/people/export/")
    text = b"".join(export.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == Journey.objects.filter(position__gte=0).count()
    assert any(row["Name"].startswith("'=HYPERLINK") for row in rows)
    assert float(next(row["Score"] for row in rows if row["Name"] == "Ana")) > 0
    assert TrailEntry.objects.get(verb="people.exported")


def test_a_member_without_the_permission_takes_nothing_out(client: Client):
    client.force_login(UserFactory(role="member"))
    assert client.get("/people/export/").status_code == 403
    assert b"/people/export/" not in client.get("/people/").content


def test_the_reasons_of_a_score_add_up_to_it(ops: Client):
    ana = world.found("Ana")
    explanation = ops.get(f"/people/{ana.pk}/").context["explanation"]
    assert [line.rule for line in explanation.lines] == ["Decision maker", "Looked at pricing"]
    assert math.fsum(part.now for line in explanation.lines for part in line.parts) == explanation.score
    assert explanation.score == pytest.approx(score_at(ana, timezone.now()), abs=1e-3)


def test_a_past_moment_is_explained_as_it_was_then(ops: Client):
    ana = world.found("Ana")
    moment = timezone.localtime(world.BEGAN + timedelta(days=1.5), ZoneInfo("Europe/Madrid"))
    page = ops.get(f"/people/{ana.pk}/", {"at": moment.strftime("%Y-%m-%dT%H:%M")})
    assert [line.rule for line in page.context["explanation"].lines] == ["Decision maker"]
    before = world.BEGAN - timedelta(days=3)
    assert ops.get(f"/people/{ana.pk}/", {"at": before.isoformat()}).context["explanation"] is None


def test_the_course_of_a_score_has_a_threshold_and_a_table(ops: Client):
    page = ops.get(f"/people/{world.found('Ana').pk}/").content.decode()
    assert "qualified: 20" in page
    assert "The numbers as a table" in page


def test_a_story_goes_on_where_it_was_left(ops: Client):
    ana = world.found("Ana")
    whole = ops.get(f"/people/{ana.pk}/story/").context
    titles = [line.title for _day, lines in whole["days"] for line in lines]
    assert titles[:2] == ["Deal D-1 was won", "Deal D-1 was opened"]
    assert "lola called" in titles


def test_whoever_was_joined_into_another_is_found_there(ops: Client):
    ana, bea = world.found("Ana"), world.found("Bea")
    Person.objects.filter(pk=bea.pk).update(joined_into=ana)
    assert ops.get(f"/people/{bea.pk}/")["Location"] == f"/people/{ana.pk}/"
    assert ops.get("/people/999999/").status_code == 404
