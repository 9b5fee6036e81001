"""What-if tells the truth, changes nothing, and speaks at the command line."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from entente.agreements.document import parse
from entente.cli.main import app
from entente.people.models import Person
from entente.routing import actions
from entente.routing.models import Balance, Capacity, Decision
from entente.routing.queries import what_if
from entente.routing.trying import try_out
from tests.routing.world import MARIA, MONDAY, TEAMS, agreement, at, begin, come, rep_of, worked

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


def person(name: str) -> int:
    return Person.objects.get(email__startswith=f"{name}@").pk


def command(*words: str):
    return CliRunner().invoke(app, ["routing", *words])


def test_a_preview_names_whom_dealing_then_chooses_with_the_same_numbers():
    begin()
    for n in range(6):
        come([f"p{n}"], at(n))
        foreseen = what_if(person(f"p{n}"), at(n))
        (dealt,) = worked(at(n))
        assert foreseen.rep == dealt.rep
        assert foreseen.as_data()["candidates"] == Decision.objects.get(pk=dealt.decision).candidates


def test_a_preview_changes_nothing():
    begin()
    come(["carla"], MONDAY)
    before = list(Balance.objects.values())
    what_if(person("carla"), at(1), {"country": "MX"})
    assert (list(Balance.objects.values()), Decision.objects.count(), rep_of("carla")) == (before, 0, "")


def test_another_trait_leads_to_another_team():
    begin()
    come(["carla"], MONDAY)
    moved = what_if(person("carla"), at(1), {"country": "MX"})
    assert (moved.choice.team, moved.rep) == ("Rest", MARIA)
    assert what_if(person("carla"), at(1), {"country": None}).choice.waits == "no_team"


def test_an_account_s_value_can_be_tried_too():
    big = TEAMS.replace("{trait: country, in: [MX]}", "{account: employees, from: 100}")
    begin(big)
    come(["carla"], MONDAY, country="FR")
    assert what_if(person("carla"), at(1)).choice.waits == "no_team"
    assert what_if(person("carla"), at(1), {"account.employees": 200}).rep == MARIA


def test_the_command_tells_it_to_programs_and_to_people():
    begin()
    come(["carla"], NOW)
    Capacity.objects.create(rep=MARIA, at_most=0, set_at=NOW)
    told = json.loads(command("what-if", "carla@carla.example", "--set", "country=ES", "--json").stdout)
    assert (told["team"], len(told["candidates"]), told["waits"]) == ("Iberia", 3, None)
    shown = command("what-if", "carla@carla.example", "--set", "country=MX").stdout
    assert "would wait: Nobody in the team can take it now." in shown
    assert f"{MARIA} is full: 0 open of at most 0" in shown


def test_what_cannot_be_asked_ends_with_a_clear_error():
    begin()
    assert command("what-if", "nobody@nowhere.example").exit_code == 2
    assert command("what-if", "1", "--set", "country").exit_code == 2


def test_a_past_period_is_dealt_under_a_draft():
    begin()
    come([f"p{n}" for n in range(6)], MONDAY)
    come(["mexican"], MONDAY, country="MX")
    worked(at(1))
    draft = parse(agreement(TEAMS.replace("luis@acme.example", "{rep: nina@acme.example, share: 2}")).to_yaml())
    trial = try_out(draft, MONDAY - timedelta(days=1), at(60), at(60))
    leads = {rep: part.leads for (_team, rep), part in trial.parts.items()}
    assert leads == {"ana@acme.example": 2, "nina@acme.example": 3, "eva@acme.example": 1, MARIA: 1} or leads == {
        "ana@acme.example": 1, "nina@acme.example": 3, "eva@acme.example": 2, MARIA: 1,
    }  # fmt: skip
    assert sum(trial.had.values()) == trial.leads == 7
    assert all(abs(part.leads - part.due) <= 2 for part in trial.parts.values())
    shown = command("history", "--from", "2026-07-05", "--to", "2026-07-08", "--json")
    assert json.loads(shown.stdout)["leads"] == 7


def test_a_past_period_changes_nothing_that_is_stored():
    begin()
    come(["carla"], MONDAY)
    try_out(agreement(), MONDAY - timedelta(days=1), at(60), at(60))
    assert not Decision.objects.exists()
    assert [each.rep for each in actions.deal_waiting(at(61))] == [rep_of("carla")]
