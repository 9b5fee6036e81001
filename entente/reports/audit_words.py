"""The audit in sentences: the same for the terminal and the page. Pure.

A sentence is said only where the interval allows it: a source is called good or bad when its whole interval lies to
one side of the share of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

from entente.evidence.lift import Lift
from entente.evidence.scorecard import Proposal
from entente.reports.audit_tables import Row, Share, whole_months

if TYPE_CHECKING:
    from entente.reports.audit import Audit

Side = Literal["marketing", "sales", "both"]

EMPTY: Final = "(empty)"
NOTHING: Final = "\u2013"
"""Stands where there is no number; also between the two ends of an interval."""

WORTH_SAYING: Final = 5
"""A source is named when, at the share of all, it would have brought this many wins more or fewer."""

MONTHS_COMPARED: Final = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the two sides lose each other: whose it is to look at, in a few words, and in a sentence."""

    side: Side
    title: str
    words: str


def headline(audit: Audit) -> list[str]:
    """What a sales director wants to know first, in two or three sentences."""
    outcomes, leads = audit.outcomes, audit.leads
    if leads.count == 0:
        return ["There are no leads in these files."]
    when = f" between {day(leads.first)} and {day(leads.last)}" if leads.first and leads.last else ""
    counted = f"{leads.count:,} {audit.unit if leads.count != 1 else audit.unit[:-1]}{when}"
    brought = f"Sales opened {counted} and won" if audit.unit == "deals" else f"Marketing brought {counted}; sales won"
    said = [f"{brought} {outcomes.won:,} of them ({percent(outcomes.conversion)})."]
    if outcomes.win_rate:
        said.append(
            f"Of the {outcomes.won + outcomes.lost:,} that ended, {percent(outcomes.win_rate)} were won and"
            f" {outcomes.lost:,} were lost; {outcomes.open:,} are still open."
        )
    elif outcomes.open:
        said.append(
            f"The other {outcomes.open:,} have no end on record: nobody wrote down that they were lost, or why."
        )
    if outcomes.won_value:
        said.append(f"What was won is worth {money(outcomes.won_value, audit.currency)}.")
    if audit.days_to_won:
        took = f"Half of the wins came within {days_in_words(audit.days_to_won.median)}"
        said.append(f"{took}; nine in ten within {days_in_words(audit.days_to_won.nine_tenths)}.")
    return said


def findings(audit: Audit) -> list[Finding]:
    """Where the two sides lose each other, the weightiest first as far as a rule can tell."""
    return [
        *_sources(audit),
        *_silence(audit),
        *_follow_up(audit),
        *_reps(audit),
        *_course(audit),
        *_reasons(audit),
        *_unknown_origin(audit),
        *_traits(audit),
    ]


def _sources(audit: Audit) -> Iterator[Finding]:
    overall = audit.outcomes.conversion
    if overall is None:
        return
    named = [row for row in audit.by["source"] if not _is_vague(row.value)]
    gap = {row.value: row.won - row.leads * overall.value for row in named}
    poor = [row for row in named if row.conversion.high < overall.value and gap[row.value] <= -WORTH_SAYING]
    rich = [row for row in named if row.conversion.low > overall.value and gap[row.value] >= WORTH_SAYING]
    if poor:
        row = min(poor, key=lambda row: gap[row.value])
        words = (
            f"“{row.value}” brought {row.leads:,} leads, {part(row.leads, audit.leads.count)} of all, but only"
            f" {row.won:,} wins ({percent(row.conversion)}); at the share of all leads it would have been"
            f" {row.leads * overall.value:,.0f}."
        )
        yield Finding("marketing", "A source that fills the list, not the till", words)
    if rich:
        row = max(rich, key=lambda row: row.conversion.low)
        words = (
            f"“{row.value}” leads are won in {percent(row.conversion)} of cases (between {interval(row.conversion)}),"
            f" against {percent(overall)} of all: {row.won:,} wins from {row.leads:,} leads."
        )
        yield Finding("marketing", "A source that deserves more", words)


def _silence(audit: Audit) -> Iterator[Finding]:
    outcomes = audit.outcomes
    if outcomes.won and not outcomes.lost and outcomes.open:
        yield Finding(
            "sales",
            "Losses that nobody wrote down",
            f"{outcomes.open:,} leads ({part(outcomes.open, audit.leads.count)}) end in silence. Without losses and"
            " their reasons marketing cannot learn which leads were bad, and sales cannot show that they were.",
        )
    elif outcomes.lost and not audit.reasons["lost"]:
        yield Finding(
            "sales",
            "Losses without a reason",
            f"{outcomes.lost:,} deals were lost, and the files do not say why. A reason for each is the cheapest thing"
            " that sales can give marketing.",
        )


def _follow_up(audit: Audit) -> Iterator[Finding]:
    found = audit.follow_up
    if found is None:
        return
    if found.touched and found.touched.value < 0.95:
        missed = found.touched.of - found.touched.count
        words = (
            f"{missed:,} leads ({part(missed, found.touched.of)}) were never called or written to, as far as the files"
            " say."
        )
        yield Finding("sales", "Leads that nobody touched", words)
    if found.hours and found.within_hour and found.within_hour.value < 0.5:
        words = (
            f"Half of the touched leads waited {hours_in_words(found.hours.median)} or more for the first touch;"
            f" {percent(found.within_hour)} of all leads heard from sales within an hour."
        )
        yield Finding("sales", "The first call comes late", words)


def _reps(audit: Audit) -> Iterator[Finding]:
    rows = [row for row in audit.by["rep"] if row.value and row.won + row.lost >= 30 and row.win_rate]
    if audit.reps_of_won_only or not _differ(rows):
        return
    best, worst = max(rows, key=_rate), min(rows, key=_rate)
    if best.win_rate is None or worst.win_rate is None or best.win_rate.low <= worst.win_rate.high:
        return
    words = (
        f"{best.value} wins {percent(best.win_rate)} of what ends ({best.won:,} of {best.won + best.lost:,}),"
        f" {worst.value} {percent(worst.win_rate)} ({worst.won:,} of {worst.won + worst.lost:,}). Before judging, look"
        " at which leads each was given."
    )
    yield Finding("sales", "Reps who win unlike shares", words)


def _differ(rows: Sequence[Row]) -> bool:
    """Whether the win rates differ beyond chance, all taken together: else the best of many is only lucky."""
    from scipy.stats import chi2_contingency

    table = [[row.won for row in rows], [row.lost for row in rows]]
    if len(rows) < 2 or not all(map(any, table)):
        return False
    return bool(chi2_contingency(table).pvalue < 0.01)


def _rate(row: Row) -> float:
    return row.win_rate.value if row.win_rate else 0.0


def _course(audit: Audit) -> Iterator[Finding]:
    months = _ripe_months(audit)
    if len(months) < 2 * MONTHS_COMPARED:
        return
    before, after = _together(months[:MONTHS_COMPARED]), _together(months[-MONTHS_COMPARED:])
    if before is None or after is None or (before.low <= after.high and after.low <= before.high):
        return
    rose = after.value > before.value
    early = f"{month(months[0].value)} to {month(months[MONTHS_COMPARED - 1].value)}"
    late = f"{month(months[-MONTHS_COMPARED].value)} to {month(months[-1].value)}"
    words = f"Of the {audit.unit} of {early} {percent(before)} were won, of those of {late} {percent(after)}."
    yield Finding("both", f"{audit.unit.capitalize()} are won {'more' if rose else 'less'} often now", words)


def _ripe_months(audit: Audit) -> list[Row]:
    """Whole months so long ago that nine in ten of their wins have come: later ones would look worse than they are."""
    months = whole_months(audit.by["month"])
    if not audit.leads.last or not audit.days_to_won:
        return months
    ripe_until = audit.leads.last - timedelta(days=audit.days_to_won.nine_tenths)
    return [row for row in months if row.value < f"{ripe_until:%Y-%m}"]


def _together(rows: Sequence[Row]) -> Share | None:
    from entente.reports.audit_tables import share

    return share(sum(row.won for row in rows), sum(row.leads for row in rows))


def _reasons(audit: Audit) -> Iterator[Finding]:
    rows = [row for row in audit.reasons["lost"] if row.value]
    given = sum(row.leads for row in rows)
    if rows:
        top = rows[0]
        words = (
            f"“{top.value}” is the reason for {top.leads:,} of the {given:,} losses that have one"
            f" ({part(top.leads, given)})."
        )
        yield Finding("both", "Why deals are lost", words)
    rivals = [row for row in audit.competitors if row.value]
    if rivals:
        total = sum(row.leads for row in rivals)
        words = (
            f"{total:,} losses went to a competitor ({part(total, audit.outcomes.lost)}), most often {rivals[0].value}."
        )
        yield Finding("both", "Lost to competitors", words)


def _unknown_origin(audit: Audit) -> Iterator[Finding]:
    rows = audit.by["source"]
    vague = [
        row for row in rows if row.value.strip().lower() in ("", "unknown", "other", "n/a", "desconocido", "otros")
    ]
    count, won = sum(row.leads for row in vague), sum(row.won for row in vague)
    if audit.leads.count and count / audit.leads.count >= 0.05:
        words = (
            f"{count:,} leads ({part(count, audit.leads.count)}) and {won:,} wins have no source that means anything"
            f" ({', '.join(_quoted(row.value) for row in vague)}): nobody can say what earned them."
        )
        yield Finding("marketing", "Wins that nobody can trace", words)


def _is_vague(source: str) -> bool:
    return source.strip().lower() in ("", "unknown", "other", "n/a", "desconocido", "otro", "otros")


def _traits(audit: Audit) -> Iterator[Finding]:
    more, _ = told_apart(audit.evidence)
    if more:
        yield Finding("both", "What goes with winning", lift_in_words(more[0]))


def told_apart(evidence: Sequence[Lift]) -> tuple[list[Lift], list[Lift]]:
    """What goes with winning and what goes without, each the strongest first: by the end of the interval nearest to 1.

    Of a trait whose values are two sides of one coin ("yes" and "no") only the rarer side is shown.
    """
    shown = [lift for lift in evidence if not any(_is_other_side(lift, other) for other in evidence)]
    more = sorted((lift for lift in shown if lift.lift > 1), key=lambda lift: -lift.low)
    less = sorted((lift for lift in shown if lift.lift <= 1), key=lambda lift: lift.high)
    return more, less


def _is_other_side(lift: Lift, other: Lift) -> bool:
    """Whether the other value is the rarer of two that nearly all leads share between them."""
    if lift.column != other.column or lift.value == other.value or lift.leads <= other.leads:
        return False
    others = lift.leads_without
    return other.leads >= 0.98 * others


def lift_in_words(lift: Lift) -> str:
    """A lift as one side would say it to the other."""
    value = lift.value or EMPTY
    against = f"{lift.rate:.0%} against {lift.rate_without:.0%} of the others"
    low = f"{lift.low:.1f}" if lift.low >= 0.1 else f"{lift.low:.2f}"
    if lift.lift == float("inf"):
        return f"Only leads whose {lift.trait} is {value} were won at all ({lift.won:,} of {lift.leads:,})."
    times = f"{lift.lift:.1f} times" if lift.lift >= 0.1 else f"{lift.lift:.2f} times"
    high = f"{lift.high:.1f}" if lift.high != float("inf") else "any number"
    return (
        f"Leads whose {lift.trait} is {value} were won {times} as often as the others"
        f" ({low} to {high}): {against}, n = {lift.leads:,}."
    )


def _quoted(value: str) -> str:
    return f"“{value}”" if value else EMPTY


def percent(found: Share | None) -> str:
    """A share for people: 10.5 %, with a digit more below one."""
    return NOTHING if found is None else f"{found.value * 100:.{2 if 0 < found.value < 0.01 else 1}f} %"


def interval(found: Share | None) -> str:
    """The interval of a share for people."""
    return NOTHING if found is None else f"{found.low * 100:.1f} and {found.high * 100:.1f} %"


def part(count: int, of: int) -> str:
    """A part of a whole as whole percents."""
    return f"{count / of:.0%}" if of else NOTHING


def money(amount: float | None, currency: str | None) -> str:
    """An amount without cents, with the currency where it is known."""
    return NOTHING if amount is None else f"{amount:,.0f} {currency}" if currency else f"{amount:,.0f}"


def day(found: date | None) -> str:
    """14 June 2017."""
    return NOTHING if found is None else f"{found.day} {found:%B %Y}"


def month(value: str) -> str:
    """`2017-06` as June 2017."""
    year, number = value.split("-")
    return f"{date(int(year), int(number), 1):%B} {year}"


def days_in_words(days: float) -> str:
    """A number of days: hours below two, whole days from ten."""
    if days < 2:
        return hours_in_words(days * 24)
    return f"{days:.1f} days" if days < 10 else f"{days:,.0f} days"


def hours_in_words(hours: float) -> str:
    """A number of hours: minutes below two, days from forty-eight."""
    if hours >= 48:
        return days_in_words(hours / 24)
    if hours < 2:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.1f} hours"


def between(low: float, high: float, digits: int) -> str:
    """The two ends of an interval for a table; an end that is not finite is a sign for it."""
    end = f"{high:.{digits}f}" if high != float("inf") else "\u221e"
    return f"{low:.{digits}f}{NOTHING}{end}"


def times(lift: Lift) -> str:
    """How many times as often, for a table."""
    return f"{lift.lift:.2f}\u00d7" if lift.lift != float("inf") else "\u221e"


def proposal_in_words(proposal: Proposal) -> str:
    """What the threshold means and what the points are worth."""
    said = []
    if cut := proposal.chosen:
        said.append(
            f"Qualified from {cut.threshold} points: {cut.leads:,} leads ({cut.share_of_leads:.0%}), of which"
            f" {cut.win_rate:.0%} were won; they hold {cut.share_of_wins:.0%} of all wins. There most wins are kept for"
            " the fewest others; a higher threshold gives fewer and better leads."
        )
    if proposal.auc is not None:
        said.append(
            f"Of two leads that the rules have never seen, one won and one not, the won one has more points in"
            f" {proposal.auc:.1%} of cases (AUC {proposal.auc:.3f}; from {proposal.auc_low:.3f} to"
            f" {proposal.auc_high:.3f} in five trials)."
        )
    return " ".join([*said, *proposal.caveats])
