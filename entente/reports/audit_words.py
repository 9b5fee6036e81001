"""The audit in sentences: the same for the terminal and the page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from entente.evidence.lift import Lift
from entente.evidence.scorecard import Proposal
from entente.reports.audit_figures import EMPTY, day, days_in_words, money, percent

if TYPE_CHECKING:
    from entente.reports.audit import Audit

SURE: Final = 0.8
"""A guess at a column below this is pointed out."""


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


def understood_in_words(audit: Audit) -> str:
    """What the columns were taken for, the doubtful ones named, and how to say better."""
    told = [each for each in audit.understood if each.meaning not in ("trait", "ignore")]
    if not told:
        return ""
    read = ", ".join(dict.fromkeys(f"{each.header} as {each.meaning.replace('_', ' ')}" for each in told))
    rest = sum(each.meaning == "trait" for each in audit.understood)
    unsure = dict.fromkeys(each.header for each in told if each.certainty < SURE)
    doubt = f" Look at {', '.join(unsure)} twice." if unsure else ""
    others = f"; {rest:,} other columns as traits" if rest else ""
    return f"Read: {read}{others}.{doubt} Where that is wrong, say so in a mapping file (--mapping)."


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
