"""The history under an agreement: who would have qualified, and how the promises would have fared. Pure.

A file knows who a lead is and a few moments of its life; it knows no page views. So the definition is judged by its
rules of fit, for the traits that the file has, and what cannot be judged is named. Hand-offs and promises are those of
the rooms `handoffs` and `sla`, fed with the moments that the file has; they are measured as of the last of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from entente.agreements.conditions import AccountValue, All, Condition, EventType, Not, Page, Track, Trait
from entente.agreements.conditions import Any as AnyOf
from entente.agreements.definition import Rule
from entente.agreements.document import Agreement
from entente.evidence.history import TRAIT, History
from entente.evidence.leak_words import words_of
from entente.handoffs.history import Happening, Qualification, handoffs_of
from entente.handoffs.lifecycle import Handoff
from entente.handoffs.versions import Versions
from entente.people.accounts import company_domain
from entente.reports.audit_tables import Share, share
from entente.scoring.evaluator import NO_EVENT, holds
from entente.sla.commitments import Measured, measure

MEANINGS: Final = {
    "name": "person", "email": "email", "phone": "phone", "company": "company", "source": "source",
    "campaign": "campaign", "product": "product", "segment": "segment", "sdr": "sdr",
}  # fmt: skip
"""Traits of the log that are columns with a meaning."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule of fit or a disqualifier (no points): for how many leads it holds, and how many of them were won."""

    rule: str
    points: float | None
    leads: int
    won: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise as history kept it. `target` and `actual` are in words, `of` is what was counted.

    `met` is None where there is nothing to count, and `why_not` says why the files cannot tell.
    """

    promise: str
    party: str
    target: str
    actual: str
    of: int
    met: bool | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class UnderAgreement:
    """What the agreement would have made of the history. `not_judged` gives rules and why the files cannot tell."""

    name: str
    sha256: str
    threshold: float
    reachable: float
    judged: tuple[Judged, ...]
    not_judged: tuple[tuple[str, str], ...]
    disqualified: int
    qualified: Share | None
    won_of_qualified: Share | None
    wins_qualified: Share | None
    handoffs: int
    as_of: datetime | None
    promises: tuple[Promise, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "threshold": self.threshold,
            "reachable": self.reachable,
            "rules": [{"rule": j.rule, "points": j.points, "leads": j.leads, "won": j.won} for j in self.judged],
            "not_judged": [{"rule": rule, "reason": reason} for rule, reason in self.not_judged],
            "disqualified": self.disqualified,
            "qualified": self.qualified.count if self.qualified else None,
            "won_of_qualified": self.won_of_qualified.value if self.won_of_qualified else None,
            "wins_qualified": self.wins_qualified.value if self.wins_qualified else None,
            "handoffs": self.handoffs,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "promises": [
                {
                    "promise": p.promise,
                    "party": p.party,
                    "target": p.target,
                    "actual": p.actual,
                    "of": p.of,
                    "met": p.met,
                }
                for p in self.promises
            ],
        }

    def in_words(self) -> list[str]:
        """What to read before the table of promises."""
        said = []
        if self.reachable < self.threshold:
            said.append(
                f"The threshold is {self.threshold:g} points; by what these files tell of a lead, at most"
                f" {self.reachable:g} can be reached, so nobody qualifies: the rest is behaviour, or traits that the"
                " files do not have."
            )
        elif self.qualified and self.won_of_qualified and self.wins_qualified:
            said.append(
                f"{self.qualified.count:,} leads ({self.qualified.value:.0%}) would have qualified by who they are;"
                f" {self.won_of_qualified.value:.0%} of them were won, which is {self.wins_qualified.value:.0%} of all"
                " wins."
            )
        elif self.qualified:
            said.append("No lead would have qualified by who they are.")
        if self.disqualified:
            said.append(f"{self.disqualified:,} leads would have been disqualified.")
        if self.not_judged:
            rules = ", ".join(rule for rule, _ in self.not_judged)
            said.append(f"Not judged, because the files do not tell: {rules}.")
        return said


def under_agreement(agreement: Agreement, history: History, now: datetime) -> UnderAgreement:
    """Judge the definition and measure the promises over the history, as of its last moment (or `now`, if earlier)."""
    leads = history.leads.sort("lead")
    values = _Values(leads)
    fit, disqualify = agreement.definition.fit, agreement.definition.disqualify
    verdicts = {rule.name: values.judge(rule.when) for rule in (*fit, *disqualify)}
    points = np.zeros(leads.height)
    for rule in fit:
        points += np.where(_holds(verdicts[rule.name], leads.height), rule.points, 0)
    barred = np.zeros(leads.height, dtype=bool)
    for rule in disqualify:
        barred |= _holds(verdicts[rule.name], leads.height)
    qualified = (points >= agreement.definition.threshold) & ~barred
    won = (leads["outcome"] == "won").to_numpy()
    reachable = sum(max(rule.points, 0) for rule in fit if isinstance(verdicts[rule.name], np.ndarray))
    handoffs = _handoffs(agreement, leads, qualified)
    as_of = _as_of(leads, now)
    return UnderAgreement(
        name=agreement.name,
        sha256=agreement.sha256(),
        threshold=agreement.definition.threshold,
        reachable=reachable,
        judged=tuple(_judged((*fit, *disqualify), verdicts, won)),
        not_judged=tuple(_not_judged(agreement, verdicts)),
        disqualified=int(barred.sum()),
        qualified=share(qualified.sum(), leads.height),
        won_of_qualified=share((qualified & won).sum(), int(qualified.sum())),
        wins_qualified=share((qualified & won).sum(), int(won.sum())),
        handoffs=len(handoffs),
        as_of=as_of,
        promises=tuple(_promises(agreement, handoffs, values, as_of, reachable)),
    )


Verdict = NDArray[np.bool_] | str
"""For each lead whether a condition holds; or why the files cannot tell."""


class _Values:
    """What the files know of each lead, under the names that conditions use."""

    def __init__(self, leads: pl.DataFrame) -> None:
        self.leads = leads
        self.columns = {words_of(name.removeprefix(TRAIT)): name for name in leads.columns if name.startswith(TRAIT)}
        self.columns |= {name: column for name, column in MEANINGS.items() if not _is_empty(leads[column])}
        if "domain" not in self.columns and "email" in self.columns:
            self.leads = leads.with_columns(_domains(leads["email"]))
            self.columns["domain"] = "#domain"

    def judge(self, condition: Condition) -> Verdict:
        """Asked once for each distinct combination of the values that the condition looks at."""
        asked = _names(condition)
        if asked is None:
            return "it looks at behaviour"
        missing = sorted(name for name in asked if words_of(name) not in self.columns)
        if missing:
            return f"there is no column for {', '.join(missing)}"
        used = {name: self.columns[words_of(name)] for name in asked}
        combination = self.leads.select(pl.col(column).alias(name) for name, column in used.items())
        distinct = combination.unique(maintain_order=True)
        answers = [holds(condition, NO_EVENT, row, row) for row in distinct.iter_rows(named=True)]
        found = combination.join(
            distinct.with_columns(answer=pl.Series(answers, dtype=pl.Boolean)),
            on=list(used), how="left", nulls_equal=True, maintain_order="left",
        )  # fmt: skip
        return found["answer"].to_numpy()


def _domains(emails: pl.Series) -> pl.Series:
    known = emails.drop_nulls().unique().to_list()
    found = dict(zip(known, map(company_domain, known), strict=True))
    return emails.replace_strict(found, default=None, return_dtype=pl.String).alias("#domain")


def _is_empty(values: pl.Series) -> bool:
    return values.null_count() == len(values)


def _names(condition: Condition) -> set[str] | None:
    """The traits and account values that a condition looks at, or None where it looks at behaviour."""
    match condition:
        case Trait(name, _) | AccountValue(name, _):
            return {name}
        case Not(part):
            return _names(part)
        case All(parts) | AnyOf(parts):
            found = [_names(part) for part in parts]
            return None if None in found else set().union(*(names for names in found if names))
        case Page() | Track() | EventType():
            return None


def _holds(verdict: Verdict, size: int) -> NDArray[np.bool_]:
    return verdict if isinstance(verdict, np.ndarray) else np.zeros(size, dtype=bool)


def _judged(rules: Sequence[Rule], verdicts: Mapping[str, Verdict], won: NDArray[np.bool_]) -> Iterator[Judged]:
    for rule in rules:
        verdict = verdicts[rule.name]
        if isinstance(verdict, np.ndarray):
            yield Judged(rule.name, rule.points, int(verdict.sum()), int((verdict & won).sum()))


def _not_judged(agreement: Agreement, verdicts: Mapping[str, Verdict]) -> Iterator[tuple[str, str]]:
    yield from ((name, verdict) for name, verdict in verdicts.items() if isinstance(verdict, str))
    yield from ((rule.name, "it looks at behaviour") for rule in agreement.definition.engagement.rules)


def _handoffs(agreement: Agreement, leads: pl.DataFrame, qualified: NDArray[np.bool_]) -> list[Handoff]:
    versions = Versions.only(agreement)
    found: list[Handoff] = []
    for row, is_qualified in zip(leads.iter_rows(named=True), qualified.tolist(), strict=True):
        if row["created_at"] is None:
            continue
        moments = [Qualification(row["created_at"])] if is_qualified else []
        found += handoffs_of(_happenings(row), moments, versions)
    return found


def _happenings(row: Mapping[str, Any]) -> Iterator[Happening]:
    """The moments of a lead's life that a file knows."""
    owner, key = row["owner"] or "", row["lead"]
    traits = {name: row[column] for name, column in MEANINGS.items() if row[column]}
    yield Happening(row["created_at"], "identify", key, traits, row["email"], row["company"])
    if owner:
        yield Happening(row["created_at"], "owner_assigned", key, {"owner": owner})
    if row["first_touch_at"]:
        yield Happening(row["first_touch_at"], "call", key, {"by": owner or "sales"})
    if row["accepted_at"]:
        yield Happening(row["accepted_at"], "accepted", key, {"by": owner})
    ended = {"deal": key, "amount": row["amount"], "owner": owner, "reason": row["reason"]}
    if row["rejected_at"]:
        yield Happening(row["rejected_at"], "rejected", key, {"by": owner, "reason": row["reason"]})
    if row["outcome"] == "won" and (at := row["won_at"] or row["closed_at"]):
        yield Happening(at, "deal_won", key, ended)
    if row["outcome"] == "lost" and not row["rejected_at"] and (at := row["lost_at"] or row["closed_at"]):
        yield Happening(at, "deal_lost", key, ended)


def _as_of(leads: pl.DataFrame, now: datetime) -> datetime | None:
    moments = ("created_at", "first_touch_at", "accepted_at", "rejected_at", "won_at", "lost_at", "closed_at")
    last = [leads[name].max() for name in moments]
    known = [moment for moment in last if isinstance(moment, datetime)]
    return min(now, max(known)) if known else None


def _promises(
    agreement: Agreement, handoffs: Sequence[Handoff], values: _Values, as_of: datetime | None, reachable: float
) -> Iterator[Promise]:
    first = values.leads["created_at"].min()
    if as_of is None or not isinstance(first, datetime):
        return
    silent = _what_the_files_do_not_tell(agreement, values, reachable)
    for measured in measure(agreement, handoffs, as_of, first, as_of + timedelta(microseconds=1)):
        if why_not := silent.get(measured.of) or silent.get(measured.kind):
            target = f"{measured.target:g}" if measured.kind == "count" else f"{measured.target:.0%}"
            yield Promise(measured.promise, measured.party, target, "", 0, None, why_not)
        else:
            yield _count(measured) if measured.kind == "count" else _fraction(measured)


def _what_the_files_do_not_tell(agreement: Agreement, values: _Values, reachable: float) -> dict[str, str]:
    """By kind of promise, or by what it is of: why these files cannot tell whether it was kept."""
    silent = {"persistence": "the files do not say when each touch was"}
    if reachable < agreement.definition.threshold:
        silent["qualified"] = "the files do not tell enough of a lead for anyone to qualify"
    if _is_empty(values.leads["first_touch_at"]):
        silent["first_touch"] = "the files do not say when a lead was first touched"
    if _is_empty(values.leads["accepted_at"]):
        silent["feedback"] = silent["accepted"] = "the files do not say when sales accepted a lead"
    if missing := [name for name in agreement.definition.required if words_of(name) not in values.columns]:
        silent["complete_at_handoff"] = f"the files have no column for {', '.join(missing)}"
    return silent


def _count(measured: Measured) -> Promise:
    """A promised number over whole windows: the first began before the files do, the last is still running."""
    whole = [window for window in measured.windows[1:] if window.met is not None]
    target = f"{measured.target:g}"
    if not whole:
        return Promise(measured.promise, measured.party, target, "", 0, None)
    usual = median(window.actual for window in whole)
    kept = sum(bool(window.met) for window in whole)
    words = f"median {usual:g}, reached in {kept} of {len(whole)}"
    return Promise(measured.promise, measured.party, target, words, len(whole), usual >= measured.target)


def _fraction(measured: Measured) -> Promise:
    actual = "" if measured.actual is None else f"{measured.actual:.0%}"
    return Promise(
        measured.promise, measured.party, f"{measured.target:.0%}", actual, len(measured.counted), measured.met
    )
