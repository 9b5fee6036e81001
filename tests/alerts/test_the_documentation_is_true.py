"""What the documentation of alerts shows is what Entente reads and sends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from entente.alerts import actions, delivery
from entente.alerts.document import parse
from entente.alerts.happened import Happened, Kind
from entente.alerts.views import EXAMPLE
from tests.alerts import servers, world
from tests.alerts.world import Told, hear, known, page, rep

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = (DOCS / "how-to" / "alerts.md").read_text()
REFERENCE = (DOCS / "reference" / "webhooks.md").read_text()


def block(text: str, language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)[0]


def test_the_rule_that_is_shown_is_one():
    shown = parse(block(HOW_TO, "yaml"))
    assert shown.tell == ("browser", "email", "Sales")
    assert shown.to_yaml().split("\n")[0] == "name: Pricing at ACME"
    assert parse(EXAMPLE).name == "Pricing at ACME"


def test_every_kind_is_named():
    for kind in Kind:
        assert f"`{kind}`" in HOW_TO
        assert f"`{kind}`" in REFERENCE


def test_the_pauses_that_are_named_are_those_that_are_made():
    named = [5, 30, 2 * 60, 10 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600]
    assert [pause.total_seconds() for pause in delivery.PAUSES] == named
    assert "5 s, 30 s, 2 and 10 min, half an hour, 2, 6 and 12 hours" in HOW_TO
    assert "tried nine times" in HOW_TO


@pytest.mark.django_db(transaction=True)
def test_a_call_has_the_fields_that_the_reference_shows(settings):
    shown = json.loads(block(REFERENCE, "json"))
    settings.PUBLIC_ADDRESS = "https://entente.company.example"
    lola = rep()
    with servers.http() as server:
        servers.allow(settings, server.port)
        world.webhook_of(lola, server.url())
        world.rule(lola, tell=["hook"])
        world.rule(lola, "Promises", on=["breach"], tell=["hook"])
        hear(known(), page())
        actions.hear(Happened(notices=[Told("breach", world.person().pk)]), world.at(5))
        delivery.deliver_due(world.at(5))
    first, second = (json.loads(call.body) for call in server.calls)
    assert shape(first) == shape(shown)
    for name in second["data"]["alerts"][0]:
        assert f"`{name}`" in REFERENCE


def shape(value):
    """The names of fields, however deep."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    return [shape(part) for part in value] if isinstance(value, list) else None
