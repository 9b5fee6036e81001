"""`entente audit`: where marketing and sales lose each other, from the files that a company has."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entente.cli.setup import fail

if TYPE_CHECKING:
    from entente.agreements.document import Agreement
    from entente.evidence.history import History
    from entente.reports.audit import Audit


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)


def audit(
    files: Annotated[list[Path], typer.Argument(help="Exports of your CRM: CSV, TSV, XLSX, ODS. Several are joined.")],
    mapping: Annotated[
        Path | None, typer.Option(help="YAML that says what columns mean, where the guess is wrong.")
    ] = None,
    agreement: Annotated[Path | None, typer.Option(help="An agreement (YAML) to measure the history under.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print data for programs instead of the report.")] = False,
    html: Annotated[Path | None, typer.Option(help="Also write the report with charts as one HTML file.")] = None,
) -> None:
    """Show where marketing and sales lose each other. Needs no server and changes nothing."""
    document = _agreement(agreement) if agreement else None
    history = _history(files, mapping)
    found = _audit(history, document)
    if html:
        _write_html(found, html)
    if as_json:
        json.dump(found.as_json(), sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
        print()
        return
    _print(found)
    if html:
        print(f"\nThe report with charts is in {html}")


def _history(files: list[Path], mapping: Path | None) -> History:
    from entente.connectors.files import FileProblem, MappingProblem, read_history

    try:
        return read_history(files, mapping_path=mapping)
    except (FileProblem, MappingProblem) as problem:
        fail(str(problem))


def _agreement(path: Path) -> Agreement:
    from entente.agreements.document import load
    from entente.agreements.problems import AgreementError

    try:
        return load(path)
    except AgreementError as error:
        fail(str(error))


def _audit(history: History, agreement: Agreement | None) -> Audit:
    from entente.reports.audit import audit as run

    return run(history, agreement, now=datetime.now(UTC))


def _write_html(found: Audit, path: Path) -> None:
    from entente.reports.audit_html import audit_as_html

    try:
        path.write_text(audit_as_html(found), encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {path}: {error.strerror}. Choose a place that exists and that you may write to")


def _print(found: Audit) -> None:
    from rich.console import Console

    from entente.reports.audit_text import print_audit

    print_audit(found, Console(highlight=False))
