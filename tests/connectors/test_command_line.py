"""`entente import …` as an operator types it: clear words, exit code 2, nothing half done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from entente.cli import importing
from entente.events.models import Event, Import
from tests.connectors.files import write

runner = CliRunner()
LEADS = """
Email,Name,Created,Source,Won
ann@x.example,Ann,13/01/2024,Web,yes
bob@x.example,Bob,14/01/2024,Fair,no
"""


@pytest.fixture
def leads(tmp_path) -> Path:
    return write(tmp_path, "leads.csv", LEADS)


@pytest.fixture
def ready(monkeypatch, db, settings, tmp_path):
    """Django is loaded and the tables are there already."""
    monkeypatch.setattr(importing, "load_django", lambda: None)
    settings.DATA = tmp_path


def entente(*arguments: object, code: int = 0) -> str:
    app = typer.Typer()
    importing.register(app)
    app.callback()(lambda: None)  # so that `import` stays a command of its own
    result = runner.invoke(app, ["import", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_show_tells_what_the_files_are_taken_for_and_changes_nothing(leads):
    shown = entente(leads, "--show")
    assert "created" in shown
    assert "day/month/year" in shown
    assert "2 leads: 1 won, 1 open" in shown
    assert "Nothing was changed" in shown


def test_show_as_json(leads):
    shown = json.loads(entente(leads, "--show", "--json"))
    (table,) = shown["tables"]
    assert [column["meaning"] for column in table["columns"]] == ["email", "person", "created", "source", "outcome"]
    assert shown["leads"] == 2


def test_a_saved_mapping_can_be_used(leads, tmp_path, ready):
    mapping = tmp_path / "mapping.yaml"
    entente(leads, "--save-mapping", mapping)
    assert entente(leads, "--show-mapping") == mapping.read_text()
    mapping.write_text(mapping.read_text().replace("Source: source", "Source: product"))
    entente(leads, "--mapping", mapping)
    assert Event.objects.filter(type="deal_won", properties__product="Web").exists()


def test_import_list_and_undo(leads, ready):
    told = entente(leads)
    assert "2 rows" in told
    unit = Import.objects.get()
    assert f"entente import undo {unit.pk}" in told
    assert "0 new events" in entente(leads)
    assert "leads.csv" in entente("list")
    assert json.loads(entente("list", "--json"))[0]["events"] == unit.events
    assert json.loads(entente("undo", unit.pk, "--json")) == {"id": unit.pk, "removed": unit.events}
    assert not Event.objects.exists()
    assert "undone" in entente("list")


def test_json_is_all_that_is_printed(leads, ready):
    told = json.loads(entente(leads, "--json", "--source", "Old CRM"))
    assert (told["source"], told["rows"], told["rejected"]) == ("Old CRM", 2, 0)


def test_the_zone_of_times_without_one(leads, ready):
    entente(leads, "--timezone", "Europe/Madrid")
    first = Event.objects.filter(type="identify").earliest("occurred_at")
    assert first.occurred_at.isoformat() == "2024-01-12T23:00:00+00:00"


def test_events_one_a_line(tmp_path, ready):
    call = {"type": "track", "userId": "u1", "event": "Demo Requested", "messageId": "m1", "timestamp": "2024-01-02"}
    path = write(tmp_path, "calls.ndjson", json.dumps(call) + "\n")
    assert "1 new events" in entente(path)
    assert Event.objects.get().name == "Demo Requested"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.csv"], "no such file"),
        (["."], "folder"),
        (["leads.csv", "--mapping", "none.yaml"], "cannot be read"),
        (["leads.csv", "--mapping", "wrong.yaml"], "Did you mean 'Created'"),
        (["leads.csv", "--timezone", "Mars/Olympus"], "no time zone"),
        (["leads.csv", "calls.ndjson"], "apart"),
        (["calls.ndjson", "leads.csv"], "apart"),
        (["gone.ndjson"], "no such file"),
        (["undo"], "which import"),
        (["undo", "seven"], "which import"),
        (["undo", "7"], "no import 7"),
        (["leads.csv", "--save-mapping", "nowhere/mapping.yaml"], "cannot be written"),
    ],
)
def test_what_is_wrong_is_said_with_exit_code_2(tmp_path, leads, ready, monkeypatch, capfd, arguments, words):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "wrong.yaml", "files: [{file: leads.csv, columns: {Craeted: created}}]\n")
    write(tmp_path, "calls.ndjson", "{}\n")
    assert words in entente(*arguments, code=2) + capfd.readouterr().err
    assert not Import.objects.exists()


WITHOUT_DJANGO = """
import sys
from entente.cli.main import app
app(standalone_mode=False)
assert "django" not in sys.modules
"""


def test_showing_needs_no_database_and_no_django(leads):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DJANGO, "import", str(leads), "--show"],
        capture_output=True,
        text=True,
        check=False,
        env={"DATABASE_URL": "postgresql://nobody@nowhere.invalid/none"},
    )
    assert done.returncode == 0, done.stderr
    assert "2 leads" in done.stdout
