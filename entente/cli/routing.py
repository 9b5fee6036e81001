"""`entente routing what-if` and `entente routing history`: where a lead would go and why, and a past period dealt under
a draft. Neither changes anything that is stored.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from entente.cli.replay import MOMENT, AgreementFile, Json, agreement_asked_for, moment_of, print_json, shown
from entente.cli.setup import fail, load_django

if TYPE_CHECKING:
    from entente.routing.queries import Preview
    from entente.routing.trying import Trial

app = typer.Typer(no_args_is_help=True, help="How leads are dealt: try it, without changing anything.")


@app.command("what-if")
def what_if_command(
    person: Annotated[str, typer.Argument(help="Number, e-mail, user id or identifier (`anon:…`).")],
    *,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="trait=value, or account.NAME=value; no value takes it away. May be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Where this person's lead would go at this moment, and why."""
    load_django()
    from entente.people.queries import find_person
    from entente.routing.queries import read_changes, what_if

    try:
        asked = read_changes(changes or [])
    except ValueError as wrong:
        fail(f"--set '{wrong}' is not name=value; write --set country=ES, or --set account.employees=200")
    found = find_person(person)
    if found is None:
        fail(f"nobody is known as '{person}'; give a number, an e-mail, a user id, or anon: and a device's id")
    preview = what_if(found.pk, datetime.now(UTC), asked)
    if as_json:
        print_json(preview.as_data())
    else:
        _print_preview(str(found), preview)


@app.command("history")
def history_command(
    *,
    since: Annotated[str, typer.Option("--from", help=f"Hand-offs opened from here on. {MOMENT}")],
    until: Annotated[str | None, typer.Option("--to", help=f"Up to here; by default now. {MOMENT}")] = None,
    agreement: AgreementFile = None,
    as_json: Json = False,
) -> None:
    """Deal a past period under a draft: who would have got how many leads, of what value, and what they were due."""
    load_django()
    from entente.routing.trying import try_out

    chosen, now = agreement_asked_for(agreement), datetime.now(UTC)
    start, end = moment_of(since, chosen.zone, "--from"), moment_of(until, chosen.zone, "--to") or now
    if start is None or start >= end:
        fail("--from must be before --to")
    trial = try_out(chosen, start, end, now)
    if as_json:
        print_json(trial.as_data())
    else:
        _print_trial(trial)


def _print_preview(person: str, preview: Preview) -> None:
    from rich.console import Console
    from rich.table import Table

    from entente.routing.labels import WAITS_WORDS, passed_words

    console, choice = Console(markup=False, highlight=False), preview.choice
    if choice.waits:
        console.print(f"{person} would wait: {WAITS_WORDS[choice.waits]}", style="bold")
    else:
        console.print(f"{person} would go to {preview.rep}, of {choice.team}", style="bold")
        console.print(_why(preview))
    if preview.deal:
        table = Table("could take it", "due of it", "leads over due", "value over due", "unevenness rises by")
        for column in table.columns[1:]:
            column.justify = "right"
        for each in preview.deal.candidates:
            table.add_row(each.rep, f"{each.due:.0%}", f"{each.count:+.2f}", f"{each.value:+,.0f}", f"{each.rise:+.3f}")
        console.print(table)
    for passed in choice.passed_over:
        console.print(f"{passed.rep} {passed_words(passed)}")


def _why(preview: Preview) -> str:
    choice = preview.choice
    worth = f"It counts for {preview.value:,.1f} {'points' if preview.measure == 'points' else 'in money'}."
    if choice.to:
        return f"The company is theirs, and stays with them. {worth}"
    covers = f"The company is with {choice.covers}, whose team covers. " if choice.covers else ""
    anyway = "Nobody is free, and it is agreed to assign anyway. " if choice.anyway else ""
    return f"{covers}{anyway}It leaves the team the most even. {worth}"


def _print_trial(trial: Trial) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False)
    console.print(f"{trial.leads:,} hand-offs from {shown(trial.start)} to {shown(trial.end)}", style="bold")
    table = Table("team", "rep", "leads", "due", trial.measure, "due", "had")
    for column in table.columns[2:]:
        column.justify = "right"
    for (team, rep), part in trial.parts.items():
        numbers = (f"{part.leads:,}", f"{part.due:,.1f}", f"{part.value:,.0f}", f"{part.due_value:,.0f}")
        table.add_row(team, rep, *numbers, f"{trial.had.get(rep, 0):,}")
    console.print(table)
    for why, count in trial.waited.items():
        console.print(f"{count:,} would have waited: {why.replace('_', ' ')}")
