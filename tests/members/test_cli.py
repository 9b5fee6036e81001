"""`entente user`, run as a process, as an operator does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def entente(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("data")
    command = Path(sys.executable).parent / "entente"
    environment = {**os.environ, "ENTENTE_DATA": str(folder), "PYTHONWARNINGS": "ignore"}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):  # those of this test run
        environment.pop(name, None)

    def run(*words: str, says: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *words], env=environment, input=says, capture_output=True, text=True, check=False, timeout=120
        )

    return run


def test_a_life_of_a_member_on_the_command_line(entente):
    made = entente("user", "create", "--email", "o@acme.example", "--name", "O", "--role", "ops", "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert (told["party"], told["role"]) == ("none", "ops")
    assert told["set_password_path"].startswith("/accounts/invitation/")

    entente(
        "user", "create", "--email", "s@acme.example", "--party", "sales", "--password-stdin", says="correct horse 77\n"
    )
    last = entente("user", "disable", "o@acme.example")
    assert (last.returncode, "last member of operations" in last.stderr) == (2, True)
    entente("user", "disable", "s@acme.example")
    listed = json.loads(entente("user", "list", "--json").stdout)
    assert [(row["email"], row["active"]) for row in listed] == [("o@acme.example", True), ("s@acme.example", False)]


@pytest.mark.parametrize(
    "words",
    [
        ("--email", "nonsense"),
        ("--email", "a@b.example", "--party", "law"),
        ("--email", "a@b.example", "--role", "boss"),
        ("--email", "a@b.example", "--timezone", "Mars/Base"),
        ("--email", "a@b.example", "--language", "xx"),
    ],
)
def test_what_makes_no_sense_ends_with_2_and_a_sentence(entente, words: tuple[str, ...]):
    refused = entente("user", "create", *words)
    assert refused.returncode == 2
    assert refused.stderr.startswith("entente: ")
