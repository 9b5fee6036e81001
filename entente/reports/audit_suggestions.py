"""Promises that both sides could make, at the level that history shows they can keep. Pure.

A promise at the median is one that was kept in every other period without anyone trying: an honest start. Where the
files say nothing, the promise is offered at the level that good teams agree on, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import polars as pl

from entente.evidence.scorecard import Proposal
from entente.reports.audit_figures import hours_in_words
from entente.reports.audit_tables import Row, Share, share, whole_months
from entente.reports.audit_times import FollowUp

INFORMATION: Final = {"person": "a name", "email": "an e-mail address", "phone": "a telephone", "company": "a company"}

LIMITS: Final = (
    (1.0, "1 hour"),
    (2.0, "2 hours"),
    (4.0, "4 hours"),
    (8.0, "8 hours"),
    (24.0, "1 day"),
    (48.0, "2 days"),
)
"""How soon a first touch may be promised: hours of the clock, and the words of the agreement."""

SLOWEST: Final = "5 days"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One promise: whose, in words, the line of the agreement document, and what in history it rests on.

    `is_measured` is False where the files say nothing and the level is common practice.
    """

    party: str
    promise: str
    words: str
    because: str
    document: dict[str, Any]
    is_measured: bool

    def as_json(self) -> dict[str, Any]:
        """The suggestion as data."""
        return {
            "party": self.party,
            "promise": self.promise,
            "words": self.words,
            "because": self.because,
            "document": self.document,
            "measured": self.is_measured,
        }


def suggestions(
    leads: pl.DataFrame, months: Sequence[Row], follow_up: FollowUp | None, proposal: Proposal
) -> tuple[Suggestion, ...]:
    """All promises worth talking about, marketing's first."""
    found = [
        *_volume(months, proposal),
        *_completeness(leads),
        *_quality(leads),
        _first_touch(follow_up),
        _feedback(leads),
        _persistence(follow_up),
    ]
    return tuple(found)


def _volume(months: Sequence[Row], proposal: Proposal) -> Iterator[Suggestion]:
    whole = whole_months(months)
    if len(whole) < 3:
        return
    usual = median(row.leads for row in whole)
    kept = proposal.chosen.share_of_leads if proposal.chosen else 1.0
    count = max(1, _round_down(usual * kept))
    what = "qualified leads" if proposal.chosen else "leads"
    because = f"the median of {len(whole)} whole months is {usual:,.0f} leads"
    if proposal.chosen:
        because += f", and {kept:.0%} of all leads reach the proposed threshold"
    line = {"promise": "Volume", "count": "qualified", "at_least": count, "per": "month"}
    yield Suggestion("marketing", "Volume", f"at least {count:,} {what} a month", f"{because}.", line, True)


def _completeness(leads: pl.DataFrame) -> Iterator[Suggestion]:
    asked = [name for name in INFORMATION if leads[name].null_count() < leads.height]
    if not asked:
        return
    complete = share(leads.select(pl.all_horizontal(pl.col(asked).is_not_null()).sum()).item(), leads.height)
    if complete is None:
        return
    level = _percent_down(complete)
    needed = _listed([INFORMATION[name] for name in asked])
    line = {"promise": "Completeness", "share": "complete_at_handoff", "at_least": level}
    because = f"{complete.value:.0%} of the leads in the files have {needed}."
    yield Suggestion("marketing", "Completeness", f"{level} of hand-offs have {needed}", because, line, True)


def _quality(leads: pl.DataFrame) -> Iterator[Suggestion]:
    if leads["accepted_at"].null_count() == leads.height:
        return
    accepted = share(leads["accepted_at"].is_not_null().sum(), leads.height)
    if accepted is None:
        return
    level = _percent_down(accepted)
    line = {"promise": "Quality", "share": "accepted", "at_least": level}
    because = f"sales accepted {accepted.count:,} of {accepted.of:,} leads."
    yield Suggestion("marketing", "Quality", f"{level} of hand-offs are accepted by sales", because, line, True)


def _first_touch(found: FollowUp | None) -> Suggestion:
    within, level = "1 hour", "90%"
    because = "the files do not say when a lead was first touched; this is what teams that win on speed promise."
    if found and found.hours:
        within = next((words for limit, words in LIMITS if found.hours.three_quarters <= limit), SLOWEST)
        level = "75%"
        because = (
            f"three quarters of the first touches came within {hours_in_words(found.hours.three_quarters)} of the clock"
            f" (half within {hours_in_words(found.hours.median)})."
        )
    line = {"promise": "First touch", "clock": "first_touch", "within": within, "at_least": level, "warn_at": "50%"}
    words = f"{level} of hand-offs are touched within {within} of business time"
    return Suggestion("sales", "First touch", words, because, line, bool(found and found.hours))


def _feedback(leads: pl.DataFrame) -> Suggestion:
    ended = leads.filter(pl.col("outcome") == "lost")
    reasons = share(ended["reason"].is_not_null().sum(), ended.height)
    line = {"promise": "Feedback", "clock": "feedback", "within": "2 days", "at_least": "95%"}
    because = "the files do not say when sales answered; two working days is common practice."
    if reasons and reasons.count:
        because = f"{reasons.value:.0%} of the losses in the files have a reason; {because}"
    words = "95% of hand-offs are accepted, or rejected with a reason, within 2 working days"
    return Suggestion("sales", "Feedback", words, because, line, False)


def _persistence(found: FollowUp | None) -> Suggestion:
    touches, because = 5, "the files do not count touches; five in ten days is common practice."
    if found and (until := found.touches_until_won or found.touches):
        touches = max(2, round(until.three_quarters))
        because = f"three quarters of the leads that were won took up to {touches} touches."
    line = {"promise": "Persistence", "touches": touches, "within": "10 days", "at_least": "80%"}
    words = f"80% of leads that do not answer are tried {touches} times within 10 working days"
    return Suggestion("sales", "Persistence", words, because, line, bool(found and found.touches))


def _percent_down(found: Share) -> str:
    """A share as a promise: down to the next five in a hundred."""
    return f"{max(5, int(found.value * 20 + 1e-9) * 5)}%"


def _round_down(number: float) -> int:
    """To two digits: 447 becomes 440."""
    whole = int(number)
    unit = 10 ** max(0, len(str(whole)) - 2)
    return whole // unit * unit


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
