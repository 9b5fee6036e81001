"""The audit as one HTML file that needs nothing else: no script, no network, charts drawn in.

All that comes from the company's files is escaped by the template engine, also where it stands in a chart; a policy in
the page forbids it to run or to load anything. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from entente.reports import audit_charts as charts
from entente.reports.audit_figures import EMPTY, NOTHING, between, day, days_in_words, hours_in_words, percent, times
from entente.reports.audit_findings import WHOSE, findings
from entente.reports.audit_tables import Row
from entente.reports.audit_warnings import in_words
from entente.reports.audit_words import headline, proposal_in_words, told_apart, understood_in_words

if TYPE_CHECKING:
    from entente.reports.audit import Audit

LIFTS_DRAWN: Final = 10


def audit_as_html(audit: Audit) -> str:
    """The whole page."""
    more, less = told_apart(audit.evidence)
    return _template("audit_page.jinja").render(
        audit=audit,
        css=Markup(_file("audit_page.css")),  # noqa: S704  # our own file
        headline=headline(audit),
        findings=findings(audit),
        whose=WHOSE,
        charts=_drawn(audit),
        more=more,
        less=less,
        leaks=_by_reason(audit),
        understood=understood_in_words(audit),
        proposal_words=proposal_in_words(audit.proposal),
        between=between,
        times=times,
    )


def _drawn(audit: Audit) -> dict[str, Markup]:
    return {name: _inline(charts.as_svg(spec), name) for name, spec in _specs(audit).items()}


def _specs(audit: Audit) -> dict[str, charts.Spec]:
    """The charts that the history has something for, by name."""
    overall = audit.outcomes.conversion.value if audit.outcomes.conversion else 0.0
    found = {
        name: charts.shares(audit.by[name], overall, EMPTY)
        for name in ("source", "campaign", "segment")
        if _many(audit, name)
    }
    if _many(audit, "month"):
        found["month"] = charts.months(audit.by["month"], audit.unit)
    if _many(audit, "rep"):
        named = [row for row in audit.by["rep"] if row.value]
        wins = sorted(((row.value, row.won) for row in named), key=lambda pair: (-pair[1], pair[0]))
        found["rep"] = (
            charts.counts(wins, "wins") if audit.reps_of_won_only else charts.shares(audit.by["rep"], overall, EMPTY)
        )
    if audit.days_to_won and audit.days_to_won.known >= 20:
        found["days"] = charts.days_to_win(audit.wins_by_day.to_list(), audit.days_to_won.nine_tenths * 1.2)
    if audit.proposal.threshold is not None:
        found["thresholds"] = charts.thresholds(audit.proposal.cuts, audit.proposal.threshold)
    more, less = told_apart(audit.evidence)
    found |= {name: charts.lifts(some[:LIFTS_DRAWN], EMPTY) for name, some in (("more", more), ("less", less)) if some}
    ended = {"won_reasons": audit.reasons["won"], "reasons": audit.reasons["lost"], "competitors": audit.competitors}
    return found | {name: charts.counts(_counted(rows), "deals") for name, rows in ended.items() if _counted(rows)}


def _many(audit: Audit, name: str) -> bool:
    return len(audit.by[name]) > 1


def _counted(rows: tuple[Row, ...]) -> list[tuple[str, int]]:
    return [(row.value, row.leads) for row in rows if row.value]


def _inline(svg: str, name: str) -> Markup:
    """A chart for the page: without names that two charts would share, and hidden from readers that have the table."""
    own = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    return Markup(own.replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S704  # text in it is escaped by Vega


def _by_reason(audit: Audit) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for leak in audit.leaks:
        found.setdefault(leak.reason, []).append(leak.trait)
    return list(found.items())


def _template(name: str) -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= _FILTERS
    return environment.from_string(_file(name))


def _file(name: str) -> str:
    return (files("entente.reports") / name).read_text(encoding="utf-8")


def _whole(number: float | None) -> str:
    return NOTHING if number is None else f"{number:,.0f}"


def _short(amount: float) -> str:
    """An amount for a tile: millions and billions as such."""
    for size, name in ((1e9, "bn"), (1e6, "m")):
        if abs(amount) >= size:
            return f"{amount / size:,.2f} {name}"
    return f"{amount:,.0f}"


_FILTERS: Final[Mapping[str, Any]] = {
    "whole": _whole,
    "short": _short,
    "percent": percent,
    "day": day,
    "days": days_in_words,
    "hours": hours_in_words,
    "warning": in_words,
}
