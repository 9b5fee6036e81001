"""From a visit to the right rep, through the real thing: `entente serve`, the collector, the worker and the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.running import Running

AGREEMENT = f"""
format: 1
name: Live
effective: {datetime.now(UTC):%Y}-01-01
timezone: Europe/Madrid
business_time:
  hours: {{mon-sun: "00:00-24:00"}}
definition:
  threshold: 40
  fit:
    - {{rule: Decision maker, points: 10, when: {{trait: title, matches: "head of"}}}}
  engagement:
    half_life: 30 days
    rules:
      - {{rule: Asked for a demo, points: 40, when: {{track: Demo Requested}}}}
      - {{rule: Looked at pricing, points: 5, when: {{page: "/pricing*"}}}}
  required: [email, phone]
commitments:
  sales:
    - {{promise: First touch, clock: first_touch, within: 1 hour, at_least: 90%, warn_at: 50%}}
    - {{promise: Feedback, clock: feedback, within: 2 days, at_least: 95%}}
  rejection_reasons: [No budget]
routing:
  teams:
    - {{team: Iberia, when: {{trait: country, in: [ES]}}, reps: [ana@acme.example]}}
    - {{team: Rest, reps: [max@acme.example]}}
"""


@pytest.fixture(scope="module")
def entente(tmp_path_factory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("live"))
    agreement = running.folder / "agreement.yaml"
    agreement.write_text(AGREEMENT)
    running.start()
    try:
        running.command("agreement", "import", str(agreement))
        for email, party, role in (
            ("ana@acme.example", "sales", "member"),
            ("max@acme.example", "sales", "member"),
            ("olga@acme.example", "none", "ops"),
        ):
            running.command(
                "user", "create", "--email", email, "--name", email[:3].title(), "--party", party, "--role", role,
                "--password-stdin", given="correct-horse-battery-7\n",
            )  # fmt: skip
        running.keys = json.loads(
            running.command("key", "create", "--name", "shop", "--as", "olga@acme.example", "--json")
        )
        yield running
        assert running.stop() == 0
    finally:
        if running.process and running.process.poll() is None:
            running.process.kill()
        running.log.close()


def handoff_of(entente: Running, email: str, state: str) -> dict | None:
    """The person's hand-off, once it is in the state."""
    people = entente.ask(f"people?email={email}")["items"]
    found = entente.ask(f"handoffs?person={people[0]['id']}")["items"] if people else []
    return next((each for each in found if each["state"] == state), None)


def clocks_of(entente: Running, handoff: dict) -> list[dict]:
    return [clock for clock in entente.ask("clocks")["items"] if clock["handoff"] == handoff["id"]]


def test_a_visitor_who_asks_for_a_demo_is_scored_dealt_touched_and_accepted(entente: Running):
    traits = {"email": "eva@kunde.example", "title": "Head of Sales", "country": "ES", "phone": "+34600111222"}
    assert entente.track("page", anonymousId="v-1", properties={"path": "/pricing/teams"}) == {"success": True}
    assert entente.track("identify", anonymousId="v-1", userId="u-1", traits=traits) == {"success": True}
    assert entente.track("track", userId="u-1", event="Demo Requested") == {"success": True}

    handoff = entente.until(lambda: handoff_of(entente, "eva@kunde.example", "assigned"))
    assert handoff["rep"] == "ana@acme.example"
    person = entente.ask(f"people/{handoff['person']['id']}")
    assert person["score"]["fit"] == 10
    assert 54.9 < person["score"]["score"] <= 55

    clocks = entente.until(lambda: clocks_of(entente, handoff) or None)
    assert {clock["kind"]: clock["state"] for clock in clocks} == {"first_touch": "running", "feedback": "running"}
    entente.tell(f"handoffs/{handoff['id']}/touch", kind="call", note="Wants a quote")
    entente.tell(f"handoffs/{handoff['id']}/accept")

    def are_met() -> bool | None:
        return {clock["state"] for clock in clocks_of(entente, handoff)} == {"met"} or None

    entente.until(are_met)
    assert handoff_of(entente, "eva@kunde.example", "accepted")


def test_a_lead_is_held_until_the_agreed_information_is_there(entente: Running):
    entente.track("identify", userId="u-2", traits={"email": "ivo@autre.example", "country": "FR"})
    entente.track("track", userId="u-2", event="Demo Requested")
    held = entente.until(lambda: handoff_of(entente, "ivo@autre.example", "held"))
    assert held["missing"] == ["phone"]
    entente.track("identify", userId="u-2", traits={"phone": "+33123456789"})
    dealt = entente.until(lambda: handoff_of(entente, "ivo@autre.example", "assigned"))
    assert dealt["rep"] == "max@acme.example"


def test_a_colleague_goes_to_the_rep_who_has_the_company(entente: Running):
    entente.track("identify", userId="u-4", traits={"email": "oda@kunde.example", "country": "FR", "phone": "+3312"})
    entente.track("track", userId="u-4", event="Demo Requested")
    dealt = entente.until(lambda: handoff_of(entente, "oda@kunde.example", "assigned"))
    assert dealt["rep"] == "ana@acme.example"  # by country it would be the other one's


def test_a_machine_is_kept_in_the_log_and_out_of_the_scores(entente: Running):
    agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    entente.track("track", userId="u-3", event="Demo Requested", context={"userAgent": agent})
    entente.track("identify", userId="u-3", traits={"email": "bo@kunde.example", "phone": "+33123456780"})
    person = entente.until(lambda: next(iter(entente.ask("people?email=bo@kunde.example")["items"]), None))
    assert entente.ask(f"people/{person['id']}")["score"]["score"] == 0


def test_the_status_tells_that_the_worker_keeps_up(entente: Running):
    status = json.loads(entente.command("status", "--json"))
    assert status["lag"]["events"] == 0
    assert any(worker["alive"] for worker in status["workers"])
