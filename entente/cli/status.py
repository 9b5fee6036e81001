"""`entente status`: whether the worker keeps up, what waits, and what somebody must look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from entente.cli.setup import load_django

if TYPE_CHECKING:
    from entente.api.status import StatusBody


def register(app: typer.Typer) -> None:
    app.command()(status)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Tell how Entente is doing: lag, rates, workers, deliveries, size."""
    load_django()
    from django.utils import timezone

    from entente.api.status import status_at

    told = status_at(timezone.now())
    if as_json:
        print(told.model_dump_json())
    else:
        _show(told)


def _show(told: StatusBody) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False)
    for name, value in _lines(told):
        table.add_row(name, value)
    Console().print(table)


def _lines(told: StatusBody) -> list[tuple[str, str]]:
    lag, outbox = told.lag, told.outbox
    workers = [
        f"{each.name}, {each.trouble or (f'{each.events:,} events' if each.alive else 'no heartbeat')}"
        for each in told.workers
    ]
    return [
        ("doing", "well" if told.healthy else "not well"),
        ("to be folded", f"{lag.events:,} events, the oldest {lag.seconds:.1f} s old" if lag.events else "nothing"),
        ("received", f"{told.rates.received_per_second:,.1f} events a second"),
        ("workers", "\n".join(workers) or "none runs; `entente serve` or `entente worker` starts one"),
        ("set aside", f"{told.set_aside:,} events that could not be folded"),
        ("to be delivered", f"{outbox.waiting:,}, {outbox.parked:,} parked"),
        ("database", f"{told.database_bytes / 1e6:,.0f} MB"),
    ]
