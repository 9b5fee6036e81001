"""`entente audit` as it is typed: no server, no Django, no set-up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from entente.cli.main import app
from tests.reports.histories import small
from tests.shared_data import shared


def entente(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)), env={"COLUMNS": "90"})


@pytest.fixture(scope="module")
def leads_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "leads.csv"
    frame = small().leads.select("lead", "source", "owner", "created_at", "outcome", "amount")
    frame.rename({"lead": "Lead ID", "owner": "Sales rep", "created_at": "Created", "outcome": "Outcome"}).write_csv(
        path
    )
    return path


def test_it_prints_the_report(leads_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = entente("audit", leads_csv)

    assert run.exit_code == 0, run.stderr
    assert "Marketing brought 6 leads" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_json_is_data_and_nothing_else(leads_csv: Path) -> None:
    data = json.loads(entente("audit", leads_csv, "--json").stdout)

    assert data["leads"]["count"] == 6
    assert {
        "leads",
        "outcomes",
        "days_to_won",
        "days_to_lost",
        "by",
        "evidence",
        "leaks",
        "proposal",
        "warnings",
    } <= set(data)
    assert set(data["by"]) == {"source", "campaign", "month", "rep", "segment"}


def test_html_is_written_where_asked(leads_csv: Path, tmp_path: Path) -> None:
    run = entente("audit", leads_csv, "--html", tmp_path / "report.html", "--json")

    assert json.loads(run.stdout)
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_it_starts_in_a_bare_process_without_django(leads_csv: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from entente.cli.main import run\n"
        "try:\n    run()\nfinally:\n    assert 'django' not in sys.modules"
    )
    command = [sys.executable, "-c", code, "audit", str(leads_csv)]
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=bare, timeout=120, check=False)

    assert run.returncode == 0, run.stderr
    assert "Marketing brought 6 leads" in run.stdout


@pytest.mark.parametrize(
    ("name", "content", "option", "says"),
    [
        ("none.csv", None, None, "none.csv"),
        ("empty.csv", "", None, "empty.csv"),
        ("leads.csv", "id,outcome\n1,won\n", ("--mapping", "map.yaml", "columns: ["), "map.yaml"),
        ("leads.csv", "id,outcome\n1,won\n", ("--agreement", "deal.yaml", "format: 1\nname: X\n"), "effective"),
        ("leads.csv", "id,outcome\n1,won\n", ("--agreement", "gone.yaml", None), "gone.yaml"),
        ("leads.csv", "id,outcome\n1,won\n", ("--html", "nowhere/report.html", None), "nowhere/report.html"),
    ],
)
def test_what_is_wrong_is_said_and_ends_with_code_2(
    name: str,
    content: str | None,
    option: tuple[str, str, str | None] | None,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_text(content)
    if option and option[2] is not None:
        (tmp_path / option[1]).write_text(option[2])
    run = entente("audit", name, *(option or ())[:2])

    assert run.exit_code == 2
    assert says in run.stderr
    assert run.stderr.startswith("entente: ")
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


def test_the_largest_public_file_is_audited_with_an_agreement() -> None:
    agreement = Path(__file__).parents[2] / "entente" / "agreements" / "starting_points" / "en.yaml"
    folder = shared("maven-crm")
    run = entente("audit", *sorted(folder.glob("*.csv")), "--agreement", agreement, "--json")

    assert run.exit_code == 0, run.stderr
    assert json.loads(run.stdout)["agreement"]["name"]
