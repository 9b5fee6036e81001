"""Why somebody was given a lead, and where one would go, as the pages of dealing say it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.handoffs.models import Handoff
from entente.routing.models import Decision
from tests.members.factories import UserFactory
from tests.web import world

pytestmark = pytest.mark.django_db

TEAMS = f"""
routing:
  keep_account_with_its_rep: false
  teams:
    - {{team: Iberia, when: {{trait: country, in: [PT]}}, reps: [{world.OTHER_REP}]}}
    - {{team: Rest, reps: [{world.REP}]}}
"""


@pytest.fixture
def teams(company):
    for email in (world.REP, world.OTHER_REP):
        UserFactory(role="member", party="sales", email=email)
    today = timezone.now().date()
    text = world.AGREEMENT.replace(f"effective: {(world.NOW - timedelta(days=400)).date()}", f"effective: {today}")
    return adopt(parse(text + TEAMS), None, timezone.now())


def test_where_a_lead_would_go_is_told_also_if_something_else_were_known(api, teams):
    carlos = world.found("Carlos").pk
    told = api.get(f"people/{carlos}/foresight").json()
    assert (told["rep"], told["team"], told["waits"]) == (world.REP, "Rest", None)
    assert [each["rep"] for each in told["candidates"]] == [world.REP]
    elsewhere = api.get(f"people/{carlos}/foresight", set="country=PT").json()
    assert (elsewhere["rep"], elsewhere["team"]) == (world.OTHER_REP, "Iberia")
    assert Handoff.objects.get(person=carlos).rep == "", "nothing is stored"


def test_a_change_that_is_none_is_refused(api, teams):
    assert api.get(f"people/{world.found('Carlos').pk}/foresight", set="country").status_code == 422


@pytest.mark.usefixtures("company")
def test_why_a_rep_was_given_a_lead_is_told(api):
    lead = Handoff.objects.get(person__name="Carlos")
    assert api.get(f"handoffs/{lead.pk}/decisions").json() == {"items": []}
    Decision.objects.create(
        cause=lead.cause, opened_at=lead.opened_at, number=1, person_id=lead.person_id, rep=world.REP,
        at=timezone.now(), team="Rest", why="dealt", value=61.0, candidates=[{"rep": world.REP, "share": 1.0}],
        passed_over=[{"rep": world.OTHER_REP, "why": "absent"}],
    )  # fmt: skip
    (told,) = api.get(f"handoffs/{lead.pk}/decisions").json()["items"]
    assert (told["rep"], told["why"], told["passed_over"][0]["why"]) == (world.REP, "dealt", "absent")
    assert api.get("handoffs/999999/decisions").status_code == 404
