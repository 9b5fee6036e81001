"""The audit for a terminal: the sentences first, then the tables behind them. Reads at 80 columns and wider. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from entente.evidence.scorecard import Proposal
from entente.reports.audit_figures import (
    EMPTY,
    NOTHING,
    between,
    days_in_words,
    hours_in_words,
    money,
    part,
    percent,
    times,
)
from entente.reports.audit_findings import WHOSE, Finding, findings
from entente.reports.audit_tables import Row
from entente.reports.audit_times import FollowUp, RepSpeed, Spread
from entente.reports.audit_warnings import in_words
from entente.reports.audit_words import headline, proposal_in_words, told_apart, understood_in_words

if TYPE_CHECKING:
    from entente.reports.audit import Audit

ROWS: Final = 12
"""A table shows so many rows; the rest is counted below it. HTML and JSON have all of them."""

EVIDENCE: Final = 8


def print_audit(audit: Audit, console: Console) -> None:
    """Print the whole report."""
    for renderable in _report(audit):
        console.print(renderable)


def _report(audit: Audit) -> Iterable[RenderableType]:
    yield Rule(Text(f"Audit of {', '.join(audit.files) or 'the history'}", style="bold"), style="cyan")
    yield Padding(Text(" ".join(headline(audit))), (1, 2))
    yield from _understood(audit)
    yield from _lost_each_other(findings(audit))
    yield from _by(audit, "source", f"By source ({audit.headers['source']})")
    yield from _by(audit, "campaign", f"By campaign ({audit.headers['campaign']})")
    yield from _by(audit, "month", "By month of the beginning")
    yield from _by(audit, "segment", f"By segment ({audit.headers['segment']})")
    yield from _by(audit, "rep", f"By sales rep ({audit.headers['rep']})")
    yield from _times(audit)
    yield from _follow_up(audit.follow_up)
    yield from _ended(audit)
    yield from _evidence(audit)
    yield from _leaks(audit)
    yield from _proposal(audit.proposal)
    yield from _suggestions(audit)
    yield from _agreement(audit)
    yield from _warnings(audit)


def _title(words: str) -> RenderableType:
    return Padding(Text(words, style="bold cyan"), (1, 0, 0, 0))


def _understood(audit: Audit) -> Iterable[RenderableType]:
    if words := understood_in_words(audit):
        yield Padding(Text(words, style="dim"), (0, 2))


def _lost_each_other(found: Sequence[Finding]) -> Iterable[RenderableType]:
    if not found:
        return
    yield _title("Where you lose each other")
    for finding in found:
        title = Text.assemble(("• ", "cyan"), (finding.title, "bold"), (f"  {WHOSE[finding.side]}", "dim"))
        yield Padding(Group(title, Padding(Text(finding.words), (0, 0, 0, 2))), (0, 2))


def _table(*columns: str) -> Table:
    """A table whose first column is text and the others are numbers."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    for position, column in enumerate(columns):
        numeric = position > 0
        table.add_column(
            column, justify="right" if numeric else "left", no_wrap=numeric, overflow="ellipsis" if numeric else "fold"
        )
    return table


def _by(audit: Audit, name: str, title: str) -> Iterable[RenderableType]:
    rows = audit.by[name]
    if len(rows) < 2:
        return
    comparable = not (name == "rep" and audit.reps_of_won_only)
    shown = rows if name == "month" else rows[:ROWS]
    yield _title(title)
    yield Padding(_Fitting([_heads(audit, comparable), *(_cells(row, audit, comparable) for row in shown)]), (0, 2))
    if len(rows) > len(shown):
        yield Padding(Text(_the_rest(rows[len(shown) :], audit.unit), style="dim"), (0, 2))
    if not comparable:
        note = "Only won leads name a rep in these files, so no share can be given: wins are counted."
        yield Padding(Text(note, style="dim"), (0, 2))


def _heads(audit: Audit, comparable: bool) -> dict[str, str]:
    """The columns of a table of rows, by name."""
    heads = {"value": "", "count": audit.unit, "won": "won"}
    if audit.outcomes.lost:
        heads["lost"] = "lost"
    if comparable:
        heads |= {"share": f"won of {audit.unit}", "interval": "95 %"}
    if audit.outcomes.lost and comparable:
        heads["rate"] = "of ended"
    if audit.outcomes.won_value is not None:
        heads["amount"] = "value won"
    return heads


def _cells(row: Row, audit: Audit, comparable: bool) -> dict[str, str]:
    said = {
        "value": row.value or EMPTY,
        "count": f"{row.leads:,}",
        "won": f"{row.won:,}",
        "lost": f"{row.lost:,}",
        "share": percent(row.conversion),
        "interval": between(row.conversion.low * 100, row.conversion.high * 100, 1),
        "rate": percent(row.win_rate),
        "amount": money(row.won_value, None),
    }
    return {name: said[name] for name in _heads(audit, comparable)}


class _Fitting:
    """A table that leaves out its least telling columns where the terminal is narrow, before it breaks names."""

    GIVEN_UP = ("interval", "nine_tenths", "amount", "lost")
    NAME = 28

    def __init__(self, lines: Sequence[dict[str, str]]) -> None:
        self.heads, *self.lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        names = list(self.heads)
        for name in self.GIVEN_UP:
            if self._width(names) > options.max_width and name in names:
                names.remove(name)
        table = _table(*(self.heads[name] for name in names))
        for line in self.lines:
            table.add_row(*(Text(line[name], style="dim" if line[name] == EMPTY else "") for name in names))
        yield table

    def _width(self, names: Sequence[str]) -> int:
        widths = [max(cell_len(line[name]) for line in [self.heads, *self.lines]) for name in names]
        return min(widths[0], self.NAME) + sum(widths[1:]) + 3 * len(names)


def _the_rest(rows: Sequence[Row], unit: str) -> str:
    return f"and {len(rows):,} more, with {sum(r.leads for r in rows):,} {unit} and {sum(r.won for r in rows):,} wins"


def _times(audit: Audit) -> Iterable[RenderableType]:
    ends = [(name, found) for name, found in (("won", audit.days_to_won), ("lost", audit.days_to_lost)) if found]
    if not ends:
        return
    yield _title("From lead to the end")
    yield Padding(_spreads([(name, found, days_in_words) for name, found in ends]), (0, 2))


def _spreads(rows: Sequence[tuple[str, Spread, object]]) -> Table:
    table = _table("", "known", "a quarter within", "half within", "nine in ten within", "mean")
    for name, found, words in rows:
        assert callable(words)  # noqa: S101  # one of this module's own
        table.add_row(
            name,
            f"{found.known:,}",
            words(found.quarter),
            words(found.median),
            words(found.nine_tenths),
            words(found.mean),
        )
    return table


def _follow_up(found: FollowUp | None) -> Iterable[RenderableType]:
    if found is None:
        return
    yield _title("Follow-up")
    if found.touched:
        words = (
            f"{found.touched.count:,} of {found.touched.of:,} leads ({percent(found.touched)}) were touched by sales."
        )
        yield Padding(Text(words), (0, 2))
    if found.hours:
        yield Padding(_spreads([("first touch", found.hours, hours_in_words)]), (0, 2))
    if found.speeds:
        table = _table("first touched", "leads", "won", "won of leads", "95 %")
        for speed in found.speeds:
            table.add_row(
                speed.words,
                f"{speed.leads:,}",
                f"{speed.won.count:,}",
                percent(speed.won),
                between(speed.won.low * 100, speed.won.high * 100, 1),
            )
        yield Padding(table, (0, 2))
    if len(found.by_rep) > 1:
        yield Padding(_Fitting([_REP_HEADS, *map(_rep_cells, found.by_rep)]), (0, 2))
    for words, touches in (("won", found.touches_until_won), ("lost", found.touches_until_lost)):
        if touches:
            yield Padding(Text(f"A lead that was {words} was touched {touches.mean:.1f} times on average."), (0, 2))


_REP_HEADS: Final = {
    "value": "first touch by",
    "count": "leads",
    "median": "half within",
    "nine_tenths": "nine in ten",
    "share": "within an hour",
    "interval": "95 %",
}


def _rep_cells(found: RepSpeed) -> dict[str, str]:
    return {
        "value": found.rep,
        "count": f"{found.leads:,}",
        "median": hours_in_words(found.hours.median),
        "nine_tenths": hours_in_words(found.hours.nine_tenths),
        "share": percent(found.within_hour),
        "interval": between(found.within_hour.low * 100, found.within_hour.high * 100, 1),
    }


def _ended(audit: Audit) -> Iterable[RenderableType]:
    for title, rows in (
        ("Why deals were won", audit.reasons["won"]),
        ("Why deals were lost", audit.reasons["lost"]),
        ("Lost to", audit.competitors),
    ):
        if not rows:
            continue
        total = sum(row.leads for row in rows)
        table = _table("", "deals", "of all")
        for row in [row for row in rows if row.value][:ROWS]:
            table.add_row(Text(row.value), f"{row.leads:,}", part(row.leads, total))
        yield _title(title)
        yield Padding(table, (0, 2))


def _evidence(audit: Audit) -> Iterable[RenderableType]:
    yield _title("What goes with winning")
    if not audit.evidence:
        words = f"Nothing beyond chance, in {audit.weighed:,} values that were looked at."
        yield Padding(Text(words), (0, 2))
        return
    more, less = told_apart(audit.evidence)
    for words, lifts in (("won more often", more), ("won less often", less)):
        if not lifts:
            continue
        table = _table(words, "leads", "won", "share won", "as often", "95 %")
        for lift in lifts[:EVIDENCE]:
            often, range_ = times(lift), between(lift.low, lift.high, 2)
            name = Text.assemble(f"{lift.trait}: ", (lift.value or EMPTY, "bold" if lift.value else "dim"))
            table.add_row(name, f"{lift.leads:,}", f"{lift.won:,}", f"{lift.rate:.0%}", often, range_)
        yield Padding(table, (0, 2))
    than = "among leads that ended" if audit.basis == "won_or_lost" else "among all leads"
    note = (
        f"How many times as often leads with a value were won as the others, {than}. Of {audit.weighed:,} values looked"
        f" at, {len(audit.evidence):,} stand when chance is allowed at most one in twenty of them."
    )
    yield Padding(Text(note, style="dim"), (0, 2))


def _leaks(audit: Audit) -> Iterable[RenderableType]:
    if not audit.leaks:
        return
    yield _title("Left out, because they know the outcome")
    reasons: dict[str, list[str]] = {}
    for leak in audit.leaks:
        reasons.setdefault(leak.reason, []).append(leak.trait)
    for reason, traits in reasons.items():
        yield Padding(Text.assemble(("• ", "cyan"), (", ".join(traits), "bold"), f": {reason}."), (0, 2))


def _proposal(proposal: Proposal) -> Iterable[RenderableType]:
    yield _title("A definition that both sides can read")
    if not proposal.rules:
        yield Padding(Text(f"None is proposed. {proposal.missing}"), (0, 2))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("when", overflow="fold")
    table.add_column("won alone", justify="right", no_wrap=True)
    for rule in proposal.rules:
        alone = f"{rule.won / rule.leads:.0%} of {rule.leads:,}"
        table.add_row(f"{rule.points:+d}", escape(rule.rule), alone)
    yield Padding(table, (0, 2))
    yield Padding(Text(proposal_in_words(proposal)), (1, 2, 0, 2))


def _suggestions(audit: Audit) -> Iterable[RenderableType]:
    yield _title("Promises to begin with")
    for party in ("marketing", "sales"):
        for suggestion in (s for s in audit.suggestions if s.party == party):
            head = Text.assemble((f"{party.capitalize()}: ", "bold"), suggestion.words, ".")
            because = Text(suggestion.because[:1].upper() + suggestion.because[1:], style="dim")
            yield Padding(Group(head, Padding(because, (0, 0, 0, 2))), (0, 2))


def _agreement(audit: Audit) -> Iterable[RenderableType]:
    if audit.agreement is None:
        return
    yield _title(f"Under “{audit.agreement.name}”")
    for words in audit.agreement.in_words():
        yield Padding(Text(words), (0, 2))
    if not audit.agreement.promises:
        return
    told = [promise for promise in audit.agreement.promises if not promise.why_not]
    if told:
        table = _table("promise", "by", "promised", "was", "of", "kept")
        for promise in told:
            kept = NOTHING if promise.met is None else "yes" if promise.met else "no"
            table.add_row(promise.promise, promise.party, promise.target, promise.actual, f"{promise.of:,}", kept)
        yield Padding(table, (0, 2))
    for promise in (promise for promise in audit.agreement.promises if promise.why_not):
        words = f"{promise.promise} ({promise.party}) cannot be measured: {promise.why_not}."
        yield Padding(Text(words), (0, 2))


def _warnings(audit: Audit) -> Iterable[RenderableType]:
    if not audit.warnings:
        return
    yield _title("Look at these before you believe a number")
    for warning in audit.warnings:
        head = Text.assemble((f"{warning.count:>6,}  ", "yellow"), in_words(warning), ".")
        yield Padding(Group(head, Padding(Text(warning.example, style="dim"), (0, 0, 0, 8))), (0, 2))
