"""`entente replay` and `entente explain`, as a program and as a person reads them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.cli.main import app
from entente.events.actions import append
from entente.events.types import NewEvent
from entente.people.actions import resolve_new
from entente.people.models import Person
from entente.scoring.actions import fold_new_events
from entente.scoring.models import PersonScore, Qualified

NOW = datetime(2026, 9, 1, tzinfo=UTC)
AGREEMENT = """
format: 1
name: Told
effective: 2026-01-01
timezone: Europe/Madrid
definition:
  threshold: 30
  fit: [{rule: Chief, points: 10, when: {trait: title, matches: chief}}]
  engagement:
    half_life: 30 days
    groups: {Content: {at_most: 12}}
    rules:
      - {rule: Demo, points: 20, when: {track: Demo Requested}}
      - {rule: Blog, points: 8, when: {page: "/blog/*"}, group: Content}
"""


@pytest.fixture
def told(db, tmp_path):
    file = tmp_path / "agreement.yaml"
    file.write_text(AGREEMENT)
    append(
        [
            event("a", "2026-06-01T08:00", "identify", properties={"title": "Chief of all"}, email="eva@acme.example"),
            event("b", "2026-06-02T08:00", "page", path="/blog/one"),
            event("c", "2026-06-02T09:00", "page", path="/blog/two"),
            event("d", "2026-06-03T22:30", "track", name="Demo Requested"),
            event("e", "2026-06-20T10:00", "rejected", properties={"by": "ana@shop.example"}),
        ],
        "web",
    )
    fold_new_events(resolve_new(NOW), NOW)
    return str(file)


def event(id_, at, type_, **fields):
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    given = {"properties": {}, "identity": "user:eva", "user_id": "eva", "received_at": NOW}
    return NewEvent(message_id=id_, occurred_at=moment, type=type_, **(given | fields))


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def as_json(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_replay_prints_people_weeks_and_hand_offs(told):
    found = as_json("replay", "--agreement", told, "--from", "2026-06-01", "--to", "2026-07-01")
    (person,) = found["people"]
    assert person["email"] == "eva@acme.example"
    assert person["fit"] == 10
    assert person["score"] == pytest.approx(person["fit"] + sum(person["engagement"].values()))
    assert person["engagement"].keys() == {"ungrouped", "Content"}
    assert person["qualified_at"] == ["2026-06-03T22:30:00Z"]
    assert [week["week"] for week in found["weeks"]] == [f"2026-06-{day:02}" for day in (1, 8, 15, 22, 29)]
    assert [week["qualified"] for week in found["weeks"]] == [1, 0, 0, 0, 0]
    (handoff,) = found["handoffs"]
    assert handoff["opened_at"] == "2026-06-03T22:30:00Z"
    assert handoff["closed_at"] == "2026-06-20T10:00:00Z"
    assert handoff["outcome"] == "rejected"
    assert handoff["person"] == person["id"]


def test_replay_changes_nothing_and_needs_no_adopted_version(told):
    as_json("replay", "--agreement", told)
    assert not PersonScore.objects.exists()
    assert not Qualified.objects.exists()


def test_a_day_begins_in_the_agreement_s_time_zone(told):
    # 22:30 UTC on 3 June is 00:30 on 4 June in Madrid.
    assert as_json("replay", "--agreement", told, "--to", "2026-06-04")["handoffs"] == []
    assert len(as_json("replay", "--agreement", told, "--to", "2026-06-05")["handoffs"]) == 1
    assert as_json("replay", "--agreement", told, "--to", "2026-06-03T22:30Z")["handoffs"] == []
    assert len(as_json("replay", "--agreement", told, "--to", "2026-06-04T00:31+02:00")["handoffs"]) == 1


@pytest.mark.parametrize("who", ["eva", "eva@acme.example", "EVA@acme.example", "user:eva", "number"])
def test_explain_finds_a_person_by_anything_and_adds_up_exactly(told, who):
    number = str(Person.objects.get().pk)
    moment = "2026-06-04T12:00Z"
    found = as_json("explain", number if who == "number" else who, "--at", moment, "--agreement", told)
    lines = found["contributions"]
    assert found["score"] == math.fsum(line["now"] for line in lines)
    assert [line["rule"] for line in lines] == ["Chief", "Blog", "Blog", "Demo", "at most 12 from Content"]
    assert [line["event"] for line in lines] == ["a", "b", "c", "d", None]
    assert lines[0] | {"group": None} == {
        "rule": "Chief", "event": "a", "at": "2026-06-01T08:00:00Z", "points": 10, "now": 10, "group": None,
    }  # fmt: skip
    assert lines[-1]["now"] < 0
    (person,) = as_json("replay", "--agreement", told, "--to", moment)["people"]
    assert found["score"] == pytest.approx(person["score"], abs=1e-9)


def test_without_a_file_the_agreement_in_force_is_run(told):
    assert run("replay").exit_code == 2
    adopt(parse(AGREEMENT), None, NOW)
    assert as_json("replay", "--to", "2026-07-01")["agreement"]["name"] == "Told"
    assert as_json("explain", "eva", "--at", "2026-06-04")["score"] > 0


def test_people_read_tables(told):
    adopt(parse(AGREEMENT), None, NOW)
    shown = run("replay", "--to", "2026-07-01")
    assert shown.exit_code == 0
    assert "1 people, 1 hand-offs: 1 rejected" in shown.stdout
    assert "eva@acme.example" in shown.stdout
    shown = run("explain", "eva", "--at", "2026-06-10")
    assert shown.exit_code == 0
    assert "Chief" in shown.stdout
    assert "at most 12" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["replay", "--agreement", "nowhere.yaml"], "nowhere.yaml"),
        (["replay", "--agreement", "FILE", "--to", "yesterday"], "--to 'yesterday' is not a time"),
        (["replay", "--agreement", "FILE", "--from", "2026-13-01"], "--from '2026-13-01' is not a time"),
        (["replay", "--agreement", "FILE", "--from", "2026-07-01", "--to", "2026-06-01"], "is not before --to"),
        (["replay", "--agreement", "FILE", "--log", "nowhere.parquet"], "nowhere.parquet is not there"),
        (["replay", "--agreement", "FILE", "--log", "FILE"], "is not a Parquet file"),
        (["explain", "nobody@acme.example", "--agreement", "FILE"], "nobody is known as 'nobody@acme.example'"),
        (["explain", "eva", "--at", "2020-01-01", "--agreement", "FILE"], "nothing is known of"),
        (["explain", "eva", "--at", "soon", "--agreement", "FILE"], "--at 'soon' is not a time"),
    ],
)
def test_what_is_wrong_is_said_and_ends_with_exit_code_2(told, arguments, message):
    result = run(*(told if argument == "FILE" else argument for argument in arguments))
    assert result.exit_code == 2
    assert message in result.stderr.replace("\n", " ")
    assert result.stdout == ""


def test_a_wrong_agreement_is_refused_with_all_of_its_mistakes(told, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(AGREEMENT.replace("threshold: 30", "treshold: 30").replace("points: 20", "points: many"))
    result = run("replay", "--agreement", str(wrong))
    assert result.exit_code == 2
    assert "treshold" in result.stderr
    assert "many" in result.stderr
