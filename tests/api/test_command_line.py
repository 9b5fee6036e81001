"""`entente key` and `entente status`, run as processes, as an operator does; the key then opens the API."""

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
    environment = {**os.environ, "ENTENTE_DATA": str(folder), "PYTHONWARNINGS": "ignore", "COLUMNS": "160"}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):  # those of this test run
        environment.pop(name, None)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *words], env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    return run


def test_a_life_of_keys_on_the_command_line(entente):
    made = entente("key", "create", "--name", "Website", "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert (told["name"], told["source"]) == ("Website", "Website")
    assert told["write_key"].startswith("wk_")
    assert told["api_key"].startswith("entente_")
    assert "events:write" in told["scopes"], "all of them, where none is named"

    entente("user", "create", "--email", "o@acme.example", "--role", "ops", "--name", "O")
    narrow = entente(
        "key", "create", "--name", "CRM", "--source", "crm", "--origin", "https://Acme.example/", "--json",
        "--scopes", "people:read,handoffs:read", "--as", "o@acme.example", "--expires", "2099-01-01",
    )  # fmt: skip
    told = json.loads(narrow.stdout)
    assert (told["scopes"], told["acts_as"], told["source"]) == (
        ["handoffs:read", "people:read"],
        "o@acme.example",
        "crm",
    )
    assert told["origins"] == ["https://acme.example"]
    assert told["expires_at"] == "2099-01-01T00:00:00+00:00"

    prefix = told["api_key"][:16]
    assert entente("key", "revoke", prefix).returncode == 0
    listed = {row["key"]: row for row in json.loads(entente("key", "list", "--json").stdout)}
    assert (listed[prefix]["state"], listed[prefix]["kind"]) == ("revoked", "api")
    assert {row["kind"] for row in listed.values()} == {"api", "write"}
    assert "revoked" in entente("key", "list").stdout


WRONG = [
    ("key", "create", "--name", "x", "--scopes", "everything"),
    ("key", "create", "--name", "x", "--as", "nobody@acme.example"),
    ("key", "create", "--name", " "),
    ("key", "create", "--name", "x", "--source", "entente"),
    ("key", "create", "--name", "x", "--expires", "2020-01-01"),
    ("key", "create", "--name", "x", "--origin", "acme"),
    ("key", "revoke", "nonsense"),
]


def test_what_makes_no_sense_ends_with_2_and_leaves_no_key(entente):
    before = entente("key", "list", "--json").stdout
    for words in WRONG:
        refused = entente(*words)
        assert (refused.returncode, refused.stderr[:9]) == (2, "entente: "), words
    assert entente("key", "list", "--json").stdout == before


def test_the_status_is_told_to_people_and_to_programs(entente):
    told = json.loads(entente("status", "--json").stdout)
    assert told["lag"] == {"events": 0, "batches": 0, "seconds": 0.0}
    assert {"rates", "workers", "outbox", "set_aside", "database_bytes", "healthy"} <= told.keys()
    shown = entente("status").stdout
    assert "to be folded" in shown
    assert "none runs" in shown
