"""The commands of the how-to run as they stand, and the reference names every meaning and no other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from entente.connectors.files import parse_mapping
from entente.connectors.files.mapping import DATE_WORDS
from entente.connectors.files.mapping_file import FILE_KEYS, TOP_KEYS
from entente.connectors.files.meanings import MEANINGS
from tests.connectors.files import write
from tests.connectors.test_command_line import entente, ready
from tests.connectors.test_joining_files import CONTACTS, DEALS

__all__ = ["ready"]

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = (DOCS / "how-to" / "import-files.md").read_text("utf-8")
REFERENCE = (DOCS / "reference" / "mapping.md").read_text("utf-8")


@pytest.mark.usefixtures("ready")
def test_the_commands_of_the_how_to_run_one_after_the_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "contacts.csv", CONTACTS)
    write(tmp_path, "deals.csv", DEALS)
    write(tmp_path, "calls.ndjson", '{"type": "page", "userId": "u1", "messageId": "m1", "timestamp": "2024-01-02"}\n')
    commands = re.findall(r"^\$ entente import (.*)$", HOW_TO, re.MULTILINE)
    assert len(commands) == 7
    outputs = [entente(*_numbered(shlex.split(command))) for command in commands]
    assert "Nothing was changed" in outputs[0]
    assert "new events" in outputs[3]
    assert "were taken back" in outputs[5]


def _numbered(arguments: list[str]) -> list[str]:
    """The import to undo is the one that was just made, whatever number the database gave it."""
    from entente.events.models import Import

    if arguments[0] != "undo":
        return arguments
    return ["undo", str(Import.objects.latest("pk").pk)]


def test_the_reference_names_every_meaning_and_no_other():
    table = REFERENCE.split("## Meanings")[1].split("## How cells")[0]
    named = {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert named == set(MEANINGS)


def test_the_reference_names_every_key_and_way_to_write_dates():
    for key in (*TOP_KEYS, *FILE_KEYS):
        assert f"{key}:" in REFERENCE
    for word in DATE_WORDS:
        assert f"`{word}`" in REFERENCE


def test_the_example_of_the_reference_is_a_mapping():
    example = REFERENCE.split("```yaml\n")[1].split("```")[0]
    mapping = parse_mapping(example)
    assert mapping.outcomes["descartado"] == "lost"
    assert len(mapping.tables) == 2
