"""`entente replay` and `entente explain`: an agreement over the whole history, and one score with all its reasons.

Neither changes anything that is stored.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from entente.cli.setup import fail, load_django

if TYPE_CHECKING:
    from entente.agreements.document import Agreement
    from entente.people.models import Person
    from entente.scoring.explain import Explanation
    from entente.scoring.replay import Replay

AgreementFile = Annotated[
    Path | None, typer.Option(help="The agreement, as YAML; by default the one in force.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
WEEKS = 26
"""So many weeks are shown in the terminal; `--json` has them all."""

MOMENT = "A day (00:00 in the agreement's time zone) or a time, such as 2026-07-01 or 2026-07-01T09:00Z."


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("replay")(replay_command)
    app.command("explain")(explain_command)


def replay_command(
    *,
    agreement: AgreementFile = None,
    since: Annotated[str | None, typer.Option("--from", help=f"Who qualified from here on. {MOMENT}")] = None,
    until: Annotated[str | None, typer.Option("--to", help=f"Scores as of here; by default now. {MOMENT}")] = None,
    log: Annotated[
        list[Path] | None, typer.Option(help="Sealed Parquet files of a log, instead of the stored one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run an agreement over the whole history: scores, who would have qualified when, hand-offs. Changes nothing."""
    if not log or agreement is None:
        load_django()
    chosen = agreement_asked_for(agreement)
    end = moment_of(until, chosen.zone, "--to") or datetime.now(UTC)
    start = moment_of(since, chosen.zone, "--from")
    if start and start >= end:
        fail(f"--from ({shown(start)}) is not before --to ({shown(end)})")
    found = _replay(chosen, start, end, log)
    if as_json:
        print_json(found.as_data())
    else:
        _print_replay(found)


def explain_command(
    person: Annotated[str, typer.Argument(help="Number, e-mail, user id or identifier (`anon:…`).")],
    *,
    at: Annotated[str | None, typer.Option(help=f"By default now. {MOMENT}")] = None,
    agreement: AgreementFile = None,
    as_json: Json = False,
) -> None:
    """Explain a person's score at any moment: every contribution, adding up to it."""
    load_django()
    from entente.people.queries import find_person
    from entente.scoring.queries import explain

    chosen = agreement_asked_for(agreement)
    moment = moment_of(at, chosen.zone, "--at") or datetime.now(UTC)
    found = find_person(person)
    if found is None:
        fail(f"nobody is known as '{person}'; give a number, an e-mail, a user id, or anon: and a device's id")
    explanation = explain(found, moment, chosen if agreement else None)
    if explanation is None:
        fail(f"nothing is known of {found} before {shown(moment)}")
    if as_json:
        print_json({"id": found.pk, "email": found.email or None, **explanation.as_data()})
    else:
        _print_explanation(found, explanation, chosen.zone)


def agreement_asked_for(path: Path | None) -> Agreement:
    """The agreement of the file, or the one in force; ends the command where there is none."""
    from entente.agreements.document import AgreementError, load

    if path is not None:
        try:
            return load(path)
        except AgreementError as error:
            fail(f"{path} is not a valid agreement:\n" + "\n".join(f"  {problem}" for problem in error.problems))
    from entente.agreements.queries import in_force

    found = in_force(datetime.now(UTC))
    if found is None:
        fail("no agreement is in force; name a file: --agreement agreement.yaml")
    return found


def moment_of(text: str | None, zone: ZoneInfo, option: str) -> datetime | None:
    """A day begins at 00:00 in the zone, where a time without an offset is, too."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= len("2026-07-01"):
            moment = datetime.combine(date.fromisoformat(text.strip()), time())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        fail(f"{option} '{text}' is not a time; write a day as 2026-07-01, or a time as 2026-07-01T09:00Z")


def _replay(agreement: Agreement, start: datetime | None, end: datetime, log: list[Path] | None) -> Replay:
    from entente.scoring.replay import LogError, replay

    try:
        with _progress() as progress:
            return replay(log or _stored_log(end), agreement, start, end, progress)
    except LogError as error:
        fail(str(error))


def _stored_log(end: datetime) -> Any:
    from entente.events.models import Arrival
    from entente.people.queries import read_log

    if Arrival.objects.exists():
        print("entente: some events have arrived and wait for the worker; they are not in this replay", file=sys.stderr)
    return read_log(upto=end)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], object]]:
    """A bar on standard error, if somebody is looking."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Reading the log", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_json(data: Any) -> None:
    import msgspec

    sys.stdout.buffer.write(msgspec.json.encode(data) + b"\n")
    sys.stdout.buffer.flush()


def _print_replay(found: Replay) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False)
    handoffs = found.handoffs()
    emails = found.emails()
    zone = found.agreement.zone
    console.print(f"{found.agreement.name}, replayed to {shown(found.until, zone)}", style="bold")
    outcomes = Counter(handoff.outcome or "open" for handoff in handoffs)
    told = ", ".join(f"{count:,} {outcome.replace('_', ' ')}" for outcome, count in sorted(outcomes.items()))
    console.print(f"{len(found.person):,} people, {len(handoffs):,} hand-offs{': ' + told if told else ''}")
    by_week = found.weeks()
    last = f" (the last {WEEKS} of {len(by_week):,})" if len(by_week) > WEEKS else ""
    weeks = Table("week of", "qualified", "", title=f"Qualified by week{last}", title_justify="left")
    weeks.columns[1].justify = "right"
    most = max((count for _, count in by_week), default=0) or 1
    for monday, count in by_week[-WEEKS:]:
        weeks.add_row(monday.isoformat(), f"{count:,}", "█" * round(30 * count / most))
    console.print(weeks)
    people = Table("person", "score", "fit", "disqualified", title="Highest scores", title_justify="left")
    for place in (-found.score).argsort(kind="stable")[:10].tolist():
        number = int(found.person[place])
        barred = "yes" if found.disqualified[place] else ""
        who = emails.get(number) or str(number)
        people.add_row(who, f"{found.score[place]:.1f}", f"{found.fit[place]:g}", barred)
    console.print(people)


def _print_explanation(person: Person, explanation: Explanation, zone: ZoneInfo) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False)
    console.print(f"{person} scored {explanation.score:.2f} at {shown(explanation.at, zone)}", style="bold")
    if explanation.disqualified_by:
        console.print(f"Disqualified by: {', '.join(explanation.disqualified_by)}")
    table = Table("rule", "group", "when", "points then", "points now", "event")
    table.columns[3].justify = table.columns[4].justify = "right"
    for line in explanation.contributions:
        when = shown(line.at, zone)
        table.add_row(line.rule, line.group or "fit", when, f"{line.points:g}", f"{line.now:.2f}", line.event or "")
    console.print(table)


def shown(moment: datetime, zone: ZoneInfo | None = None) -> str:
    return f"{moment.astimezone(zone) if zone else moment:%Y-%m-%d %H:%M %Z}"
