"""The audit as plain data: the names that other programs read. A name here is a promise. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from entente.evidence.lift import Lift
from entente.evidence.scorecard import Proposal
from entente.reports.audit_tables import Share
from entente.reports.audit_times import FollowUp, Spread

if TYPE_CHECKING:
    from entente.reports.audit import Audit


def audit_as_json(audit: Audit) -> dict[str, Any]:
    """Everything, with null where there is nothing to say."""
    outcomes = audit.outcomes
    return {
        "made_at": audit.made_at.isoformat(),
        "files": list(audit.files),
        "understood": [
            {"file": each.file, "header": each.header, "meaning": each.meaning, "certainty": each.certainty}
            for each in audit.understood
        ],
        "leads": {
            "count": audit.leads.count,
            "first": audit.leads.first.isoformat() if audit.leads.first else None,
            "last": audit.leads.last.isoformat() if audit.leads.last else None,
        },
        "outcomes": {
            "won": outcomes.won,
            "lost": outcomes.lost,
            "open": outcomes.open,
            "conversion": outcomes.conversion.value if outcomes.conversion else None,
            "conversion_interval": _interval(outcomes.conversion),
            "win_rate": outcomes.win_rate.value if outcomes.win_rate else None,
            "win_rate_interval": _interval(outcomes.win_rate),
            "won_value": outcomes.won_value,
        },
        "days_to_won": _spread(audit.days_to_won),
        "days_to_lost": _spread(audit.days_to_lost),
        "follow_up": _follow_up(audit.follow_up),
        "by": {name: [row.as_json() for row in rows] for name, rows in audit.by.items()},
        "reasons": {name: [row.as_json() for row in rows] for name, rows in audit.reasons.items()},
        "competitors": [row.as_json() for row in audit.competitors],
        "evidence_basis": audit.basis,
        "evidence": [_lift(lift) for lift in audit.evidence],
        "leaks": [leak.trait for leak in audit.leaks],
        "leak_reasons": {leak.trait: leak.reason for leak in audit.leaks},
        "proposal": _proposal(audit.proposal),
        "commitments": [suggestion.as_json() for suggestion in audit.suggestions],
        "agreement": audit.agreement.as_json() if audit.agreement else None,
        "warnings": [{"code": w.code, "count": w.count, "example": w.example} for w in audit.warnings],
    }


def _interval(found: Share | None) -> list[float] | None:
    return [found.low, found.high] if found else None


def _spread(found: Spread | None) -> dict[str, float | int | None]:
    if found is None:
        return {"known": 0, "median": None, "mean": None, "quarter": None, "three_quarters": None, "nine_tenths": None}
    return {
        "known": found.known,
        "median": found.median,
        "mean": found.mean,
        "quarter": found.quarter,
        "three_quarters": found.three_quarters,
        "nine_tenths": found.nine_tenths,
        "longest": found.longest,
    }


def _share(found: Share | None) -> dict[str, float | int] | None:
    if found is None:
        return None
    return {"count": found.count, "of": found.of, "value": found.value, "low": found.low, "high": found.high}


def _follow_up(found: FollowUp | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "hours_to_first_touch": _spread(found.hours),
        "within_hour": _share(found.within_hour),
        "within_day": _share(found.within_day),
        "touched": _share(found.touched),
        "by_speed": [{"value": speed.words, "leads": speed.leads, "won": _share(speed.won)} for speed in found.speeds],
        "by_rep": [
            {
                "value": each.rep,
                "leads": each.leads,
                "hours": _spread(each.hours),
                "within_hour": _share(each.within_hour),
            }
            for each in found.by_rep
        ],
        "touches": _spread(found.touches),
        "touches_until_won": _spread(found.touches_until_won),
        "touches_until_lost": _spread(found.touches_until_lost),
    }


def _lift(lift: Lift) -> dict[str, Any]:
    return {
        "trait": lift.trait,
        "value": lift.value,
        "leads": lift.leads,
        "won": lift.won,
        "rate": lift.rate,
        "rate_without": lift.rate_without,
        "lift": _finite(lift.lift),
        "low": _finite(lift.low),
        "high": _finite(lift.high),
        "p": lift.p,
        "q": lift.q,
        "condition": lift.condition,
    }


def _finite(number: float) -> float | None:
    """JSON knows no infinity: null where no lead without the value was won."""
    return number if math.isfinite(number) else None


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "rules": [
            {"rule": rule.rule, "points": rule.points, "when": rule.condition, "leads": rule.leads, "won": rule.won}
            for rule in proposal.rules
        ],
        "threshold": proposal.threshold,
        "auc": proposal.auc,
        "auc_low": proposal.auc_low,
        "auc_high": proposal.auc_high,
        "thresholds": [
            {
                "threshold": cut.threshold,
                "leads": cut.leads,
                "won": cut.won,
                "win_rate": cut.win_rate,
                "share_of_leads": cut.share_of_leads,
                "share_of_wins": cut.share_of_wins,
            }
            for cut in proposal.cuts
        ],
        "missing": proposal.missing,
        "caveats": list(proposal.caveats),
    }
