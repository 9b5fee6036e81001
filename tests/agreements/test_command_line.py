"""`entente agreement …` as an operator types it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entente.agreements import queries
from entente.agreements.document import parse
from entente.cli import agreement as commands
from tests.agreements.documents import SMALL, small

runner = CliRunner()


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "agreement.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def ready(monkeypatch, db):
    """Django is loaded and the tables are there already."""
    monkeypatch.setattr(commands, "load_django", lambda: None)


def entente(*arguments: object, code: int = 0) -> str:
    result = runner.invoke(commands.app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_template_is_valid_and_in_force_from_today(tmp_path, language):
    path = tmp_path / "ours.yaml"
    assert "Written to" in entente("template", "--language", language, "-o", path)
    assert "is a valid agreement" in entente("validate", path)
    assert parse(entente("template", "--language", language)) == parse(path.read_text())


def test_the_template_never_overwrites_a_file(file):
    assert "is there already" in entente("template", "-o", file, code=2)
    assert file.read_text() == SMALL


def test_a_language_without_template_is_refused():
    assert "there is no template in 'fr'" in entente("template", "--language", "fr", code=2)


def test_validating_says_name_hash_and_day(file):
    said = entente("validate", file)
    assert "ACME" in said
    assert small().sha256() in said
    assert "2026-07-01 (Europe/Madrid)" in said
    data = json.loads(entente("validate", file, "--json"))
    assert data["valid"] is True
    assert (data["name"], data["sha256"], data["effective"]) == ("ACME", small().sha256(), "2026-07-01")


def test_a_wrong_file_ends_with_code_2_and_every_mistake(file):
    file.write_text(SMALL.replace("threshold", "treshold").replace("Madrid", "Madrit"))
    said = entente("validate", file, code=2)
    assert "2 mistakes" in said
    assert "line 4, timezone: there is no time zone 'Europe/Madrit'" in said
    assert "did you mean 'threshold'?" in said
    data = json.loads(entente("validate", file, "--json", code=2))
    assert data["valid"] is False
    assert data["problems"][1] == {
        "line": 6,
        "path": "definition.treshold",
        "message": "the key 'treshold' is not known",
        "remedy": "did you mean 'threshold'?",
    }


def test_a_type_of_event_that_nobody_sends_is_remarked(file):
    file.write_text(SMALL + "  engagement: {rules: [{rule: Calls, points: 1, when: {event: cal}}]}\n")
    assert "no event of the type 'cal' is known to Entente; did you mean 'call'?" in entente("validate", file)


def test_validating_needs_neither_django_nor_a_database(file, tmp_path):
    program = (
        "import sys; from entente.cli.agreement import app; import contextlib\n"
        "with contextlib.suppress(SystemExit): app(['validate', sys.argv[1]])\n"
        "print('django' in sys.modules, 'psycopg' in sys.modules, 'pandas' in sys.modules)"
    )
    environment = {"ENTENTE_DATA": str(tmp_path / "data"), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program, file], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.splitlines()[-1] == "False False False"
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("ready")
def test_importing_stores_a_version_and_importing_again_says_that_it_is_there(file):
    assert "Stored as version 1: ACME, in force from 2026-07-01 (Europe/Madrid)" in entente("import", file)
    assert "is there already, as version 1" in entente("import", file)
    data = json.loads(entente("import", file, "--json"))
    assert (data["stored"], data["version"], data["sha256"]) == (False, 1, small().sha256())
    assert queries.versions().count() == 1


@pytest.mark.usefixtures("ready")
def test_importing_a_wrong_file_stores_nothing(file):
    file.write_text("format: 1\n")
    entente("import", file, code=2)
    assert not queries.versions().exists()


@pytest.mark.usefixtures("ready")
def test_the_agreement_is_shown_in_words_as_yaml_and_as_json(file):
    entente("import", file)
    words = entente("show", "--at", "2026-07-02")
    assert "ACME, version 1" in words
    assert "A person is qualified when their points reach 50" in words
    assert parse(entente("show", "--version", "1", "--yaml")) == small()
    data = json.loads(entente("show", "--at", "2026-07-01T00:00+02:00", "--json"))
    assert (data["version"], data["in_force_from"]) == (1, "2026-06-30T22:00:00+00:00")
    assert data["agreement"] == small().as_data()


@pytest.mark.usefixtures("ready")
def test_what_cannot_be_shown_is_said_why(file):
    assert "there is no agreement yet" in entente("show", code=2)
    entente("import", file)
    assert "there is no version 7; the newest is version 1" in entente("show", "--version", "7", code=2)
    assert "the first one begins at 2026-06-30" in entente("show", "--at", "2026-06-01", code=2)
    assert "is not a time" in entente("show", "--at", "tomorrow", code=2)
    assert "give one of them" in entente("show", "--version", "1", "--at", "2026-06-01", code=2)
    assert "give one of them" in entente("show", "--json", "--yaml", code=2)
