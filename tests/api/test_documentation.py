"""The commands of `docs/how-to/use-the-api.md` run as they stand; the reference names what there is and no more."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from django.utils import timezone

from entente.api.gateway import api as the_api
from entente.api.problems import TITLES
from entente.handoffs.models import Handoff
from entente.handoffs.verbs import reassign
from entente.members.keys import create_api_key
from entente.members.scopes import SCOPES
from tests.members.factories import UserFactory
from tests.web import world

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = (DOCS / "how-to" / "use-the-api.md").read_text("utf-8")
REFERENCE = (DOCS / "reference" / "api.md").read_text("utf-8")


def commands() -> list[str]:
    """Each command of the blocks that are run; it may go on over lines until its quotes are closed."""
    found: list[str] = []
    for block in re.findall(r"^```console\n(.*?)^```", HOW_TO, re.MULTILINE | re.DOTALL):
        found += [each.strip() for each in re.split(r"^\$ ", block, flags=re.MULTILINE) if each.strip()]
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine")
def test_the_commands_of_the_how_to_work_one_after_the_other(live_server):
    world.build()
    olga, rep = UserFactory(role="ops", party=""), UserFactory(email=world.REP, party="sales")
    lead = Handoff.objects.get(person__name="Carlos")
    reassign(lead.pk, rep.email, olga.email, timezone.now())
    told = {
        "ENTENTE": live_server.url,
        "KEY": create_api_key("CRM sync", SCOPES, olga, by=None, now=timezone.now()).secret,
        "PERSON": str(world.found("Ana").pk),
        "HANDOFF": str(lead.pk),
        "CURSOR": "",
    }
    run = [command for command in commands() if not command.startswith("entente ")]
    assert len(run) >= 16
    for command in run:
        done = subprocess.run(
            ["bash", "-c", command], env=os.environ | told, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        if "/metrics" not in command:
            answer = json.loads(done.stdout)
            told["CURSOR"] = answer.get("next") or told["CURSOR"]
    assert Handoff.objects.get(pk=lead.pk).state == "accepted"
    assert told["CURSOR"]


def test_the_key_of_the_how_to_asks_for_scopes_that_there_are():
    (made,) = [shlex.split(command) for command in commands() if command.startswith("entente ")]
    assert set(made[made.index("--scopes") + 1].split(",")) <= SCOPES.keys()


def test_the_reference_names_every_address_and_no_other():
    paths = {path.removeprefix("/") for path in the_api.get_openapi_schema(path_prefix="/")["paths"]}
    table = REFERENCE.split("## Addresses")[1].split("## Who asks")[0]
    named = set(re.findall(r"`(?:GET|POST|PATCH|DELETE) ([^`]+)`", table))
    named |= {f"handoffs/{{handoff_id}}{verb}" for verb in re.findall(r"`(/\w+)`", table)}
    assert named == paths


def test_the_reference_names_every_scope_and_every_kind_of_error():
    assert {scope for scope in SCOPES if f"`{scope}`" not in REFERENCE} == set()
    assert set(re.findall(r"`urn:entente:([\w-]+)`", REFERENCE)) == TITLES.keys()
