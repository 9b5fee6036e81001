"""Where the two sides lose each other, found by rule and said in sentences. Pure.

A sentence is said only where the interval allows it: a source is called good or bad when its whole interval lies to
one side of the share of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from entente.reports.audit_figures import EMPTY, hours_in_words, interval, month, part, percent
from entente.reports.audit_tables import Row, Share, share, whole_months
from entente.reports.audit_words import lift_in_words, told_apart

if TYPE_CHECKING:
    from entente.reports.audit import Audit

Side = Literal["marketing", "sales", "both"]

WORTH_SAYING: Final = 5
"""A source is named when, at the share of all, it would have brought this many wins more or fewer."""

MONTHS_COMPARED: Final = 3


WHOSE: Final = {"marketing": "for marketing", "sales": "for sales", "both": "for both"}
"""Whose a finding is to look at, in words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the two sides lose each other: whose it is to look at, in a few words, and in a sentence."""

    side: Side
    title: str
    words: str


def findings(audit: Audit) -> list[Finding]:
    """Where the two sides lose each other, the weightiest first as far as a rule can tell."""
    return [
        *_came_from(audit, "source"),
        *_came_from(audit, "campaign"),
        *_silence(audit),
        *_follow_up(audit),
        *_slow_reps(audit),
        *_reps(audit),
        *_course(audit),
        *_reasons(audit),
        *_unknown_origin(audit),
        *_traits(audit),
    ]


def _came_from(audit: Audit, name: str) -> Iterator[Finding]:
    """The source that falls farthest short, and the best one; or such a campaign that is not a source by itself."""
    overall = audit.outcomes.conversion
    if overall is None:
        return
    known = {(row.leads, row.won) for row in audit.by["source"]} if name == "campaign" else set()
    named = [row for row in audit.by[name] if not _is_vague(row.value) and (row.leads, row.won) not in known]
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
        yield Finding("marketing", f"A {name} that fills the list, not the till", words)
    if rich:
        row = max(rich, key=lambda row: row.conversion.low)
        words = (
            f"“{row.value}” leads are won in {percent(row.conversion)} of cases (between {interval(row.conversion)}),"
            f" against {percent(overall)} of all: {row.won:,} wins from {row.leads:,} leads."
        )
        yield Finding("marketing", f"A {name} that deserves more", words)


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


def _slow_reps(audit: Audit) -> Iterator[Finding]:
    """The slowest rep, where they touch fewer leads within the hour than the others beyond chance."""
    reps = audit.follow_up.by_rep if audit.follow_up else ()
    if len(reps) < 2:
        return
    slowest = reps[-1]
    others = share(sum(each.within_hour.count for each in reps[:-1]), sum(each.within_hour.of for each in reps[:-1]))
    if others is None or slowest.within_hour.high >= others.low or slowest.hours.median < 2 * reps[0].hours.median:
        return
    words = (
        f"Half of the leads of {slowest.rep} waited {hours_in_words(slowest.hours.median)} or more for the first touch;"
        f" {percent(slowest.within_hour)} were touched within an hour, of the others' leads {percent(others)}."
    )
    yield Finding("sales", "A rep who calls late", words)


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


def _quoted(value: str) -> str:
    return f"“{value}”" if value else EMPTY
