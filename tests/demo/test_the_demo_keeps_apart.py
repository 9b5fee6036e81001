"""`entente demo` never touches data that is not its own, and its exports need no database at all."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from typer.testing import CliRunner

from entente.cli.demo import keep_apart
from entente.cli.main import app
from entente.demo.actions import DemoError, clear, current, refuse_other_data
from entente.events.actions import append
from entente.events.types import NewEvent
from entente.members.actions import create_user


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ENTENTE_DATA", str(tmp_path))


def test_it_lives_in_a_folder_within_the_data_folder(tmp_path):
    keep_apart(None)
    assert Path(os.environ["ENTENTE_DATA"]) == tmp_path / "demo"


def test_it_lives_where_it_is_told_to(tmp_path):
    keep_apart(tmp_path / "elsewhere")
    assert Path(os.environ["ENTENTE_DATA"]) == tmp_path / "elsewhere"


def test_it_stays_away_from_the_database_of_the_company(monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@db.company.example/entente")
    with pytest.raises(SystemExit) as ended:
        keep_apart(None)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "'entente'" in said
    assert "secret" not in said


def test_it_takes_a_database_that_is_called_a_demo(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@db.company.example/entente_demo")
    keep_apart(None)


def test_exports_need_no_database_and_end_on_the_day_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("entente.demo.world.MONTHS", 3)  # as good as 18, and quicker
    done = CliRunner().invoke(app, ["demo", "--export", str(tmp_path / "files"), "--until", "2026-07-01"])
    assert done.exit_code == 0, done.output
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "files").iterdir()}
    assert set(written) == {"leads.csv", "deals.csv"}
    assert "2026-06-30" in written["leads.csv"]
    assert not (tmp_path / "demo").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("entente.demo.world.MONTHS", 3)
    (tmp_path / "file").write_text("in the way")
    done = CliRunner().invoke(app, ["demo", "--export", str(tmp_path / "file"), "--until", "2026-07-01"])
    assert done.exit_code == 2


@pytest.mark.django_db
def test_it_leaves_a_database_alone_that_holds_events_of_a_company():
    at = datetime(2026, 1, 2, tzinfo=UTC)
    append([NewEvent(message_id="1", type="page", occurred_at=at, received_at=at)], "website")
    with pytest.raises(DemoError, match="not the demo's"):
        refuse_other_data()


@pytest.mark.django_db
def test_it_leaves_a_database_alone_that_has_members_of_a_company():
    create_user("you@company.example", "You", "", "ops", by=None)
    with pytest.raises(DemoError, match="not the demo's"):
        refuse_other_data()


@pytest.mark.django_db
def test_an_empty_database_is_its_to_take():
    refuse_other_data()
    assert current() is None


@pytest.mark.django_db
def test_clearing_leaves_a_database_without_tables():
    clear()
    assert connection.introspection.table_names() == []
