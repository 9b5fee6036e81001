"""The audit: where marketing and sales lose each other, read out of a company's own history. Pure.

One value holds all that is found; text, HTML and JSON are only ways to say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Literal
from zoneinfo import ZoneInfo

import polars as pl

from entente.evidence.history import History, Warning
from entente.evidence.leaks import Leak, leaks
from entente.evidence.lift import Lift, discoveries, lifts
from entente.evidence.sample import sample_of
from entente.evidence.scorecard import Proposal, propose
from entente.reports.audit_json import audit_as_json
from entente.reports.audit_suggestions import Suggestion, suggestions
from entente.reports.audit_tables import Row, Share, by, by_month, share
from entente.reports.audit_times import FollowUp, Spread, days, follow_up, spread
from entente.reports.audit_warnings import reps_known_for_won_only, warnings_of

if TYPE_CHECKING:
    from entente.agreements.document import Agreement
    from entente.reports.audit_agreement import UnderAgreement

CUTS: Final = {"source": "source", "campaign": "campaign", "rep": "owner", "segment": "segment"}
"""By what leads are cut, beside the month: the name of the cut and the column."""


@dataclass(frozen=True)
class Leads:
    """How many leads there are, and the days (in the files' time zone) on which the first and the last came."""

    count: int
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Outcomes:
    """What became of the leads. `conversion` is won / leads, `win_rate` won / (won + lost), None without losses;
    `won_value` the sum of amounts won, None where the files have no amounts."""

    won: int
    lost: int
    open: int
    conversion: Share | None
    win_rate: Share | None
    won_value: float | None


@dataclass(frozen=True)
class Understood:
    """What a column of a file was taken for, and how sure that is (0 to 1)."""

    file: str
    header: str
    meaning: str
    certainty: float


@dataclass(frozen=True)
class Audit:
    """All that history says.

    `understood` is what each column was taken for; `unit` what a row of the files is: a lead, or a deal where they
    have no leads. `by` holds rows by `source`, `campaign`, `month`, `rep` and `segment`, none where the files have no
    such column; `headers` what the files call these. `wins_by_day` are the days that each win took. `reasons` and
    `competitors` count ended leads, `won` and `lost` apart. `evidence` is what stands after false discoveries are
    controlled, the surest first; `weighed` how many values were looked at for that; `basis` whether wins were held
    against losses or against all others.
    """

    made_at: datetime
    files: tuple[str, ...]
    understood: tuple[Understood, ...]
    unit: Literal["leads", "deals"]
    currency: str | None
    leads: Leads
    outcomes: Outcomes
    days_to_won: Spread | None
    days_to_lost: Spread | None
    wins_by_day: pl.Series
    follow_up: FollowUp | None
    by: Mapping[str, tuple[Row, ...]]
    headers: Mapping[str, str]
    reps_of_won_only: bool
    reasons: Mapping[str, tuple[Row, ...]]
    competitors: tuple[Row, ...]
    basis: str
    evidence: tuple[Lift, ...]
    weighed: int
    leaks: tuple[Leak, ...]
    proposal: Proposal
    suggestions: tuple[Suggestion, ...]
    agreement: UnderAgreement | None
    warnings: tuple[Warning, ...]

    def as_json(self) -> dict[str, Any]:
        """The audit as plain data, stable in its names."""
        return audit_as_json(self)


def audit(history: History, agreement: Agreement | None = None, *, now: datetime) -> Audit:
    """Everything that the history says, and with an agreement, how its promises would have fared. `now` is aware."""
    leads = history.leads.sort("lead")  # so that no sum depends on the order of rows in a file
    timezone = str(history.mapping.get("timezone") or "UTC")
    sample = sample_of(history)
    leaking = leaks(sample)
    honest = sample.without({leak.column for leak in leaking})
    found, proposal = lifts(honest), propose(honest)
    to_won, to_lost = days(leads, "won"), days(leads, "lost")
    months, touched = by_month(leads, timezone), follow_up(leads)
    return Audit(
        made_at=now,
        files=_files(history),
        understood=tuple(_understood(history)),
        unit=_unit(history),
        currency=agreement.currency if agreement else None,
        leads=_leads(leads, ZoneInfo(timezone)),
        outcomes=_outcomes(leads),
        days_to_won=spread(to_won),
        days_to_lost=spread(to_lost),
        wins_by_day=to_won,
        follow_up=touched,
        by={"month": months, **{name: by(leads, column) for name, column in CUTS.items()}},
        headers={name: history.header(column) for name, column in CUTS.items()},
        reps_of_won_only=reps_known_for_won_only(leads),
        reasons={outcome: by(leads.filter(pl.col("outcome") == outcome), "reason") for outcome in ("won", "lost")},
        competitors=by(leads.filter(pl.col("outcome") == "lost"), "competitor"),
        basis=sample.basis,
        evidence=tuple(discoveries(found)),
        weighed=len(found),
        leaks=tuple(leaking),
        proposal=proposal,
        suggestions=suggestions(leads, months, touched, proposal),
        agreement=_under(agreement, history, now) if agreement else None,
        warnings=tuple(warnings_of(history, spread(to_won), now)),
    )


def _leads(leads: pl.DataFrame, zone: ZoneInfo) -> Leads:
    first, last = leads["created_at"].min(), leads["created_at"].max()
    return Leads(leads.height, _day(first, zone), _day(last, zone))


def _day(moment: Any, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else None


def _outcomes(leads: pl.DataFrame) -> Outcomes:
    counts = dict(leads["outcome"].value_counts().iter_rows())
    won, lost, still_open = (int(counts.get(outcome, 0)) for outcome in ("won", "lost", "open"))
    amounts = leads.filter(pl.col("outcome") == "won")["amount"]
    has_amounts = leads["amount"].null_count() < leads.height
    return Outcomes(
        won=won,
        lost=lost,
        open=still_open,
        conversion=share(won, leads.height),
        win_rate=share(won, won + lost) if lost else None,
        won_value=float(amounts.sum()) if has_amounts else None,
    )


def _files(history: History) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(table["file"]) for table in history.mapping.get("tables", ())))


def _understood(history: History) -> Iterator[Understood]:
    for table in history.mapping.get("tables", ()):
        for header, guess in table["columns"].items():
            yield Understood(str(table["file"]), str(header), str(guess["meaning"]), float(guess.get("certainty", 1.0)))


def _unit(history: History) -> Literal["leads", "deals"]:
    meanings = {guess["meaning"] for table in history.mapping.get("tables", ()) for guess in table["columns"].values()}
    return "deals" if "deal" in meanings and "lead" not in meanings else "leads"


def _under(agreement: Agreement, history: History, now: datetime) -> UnderAgreement:
    from entente.reports.audit_agreement import under_agreement

    return under_agreement(agreement, history, now)
