"""A small world for hand-off tests: one agreement, one person, minutes counted from one Wednesday morning in Madrid."""

from datetime import UTC, datetime, timedelta

from entente.agreements.document import parse
from entente.handoffs.facts import Accepted, Assigned, Closed, Opened, Outcome, Rejected, Touched
from entente.handoffs.history import Happening, Qualification, handoffs_of
from entente.handoffs.versions import Versions

ANA, LUIS = "ana@acme.example", "luis@acme.example"

AGREEMENT = parse("""
format: 1
name: ACME
effective: 2026-01-01
timezone: Europe/Madrid
business_time:
  hours: {mon-thu: "09:00-18:00", fri: "09:00-15:00"}
  holidays: ES-MD
definition:
  threshold: 50
  required: [email, company, phone]
  requalify_after: 30 days
commitments:
  marketing:
    - {promise: Volume, count: qualified, at_least: 4, per: month}
    - {promise: Completeness, share: complete_at_handoff, at_least: 95%}
    - {promise: Quality, share: accepted, at_least: 70%}
  sales:
    - {promise: First touch, clock: first_touch, within: 1 hour, at_least: 90%, warn_at: 50%}
    - {promise: Feedback, clock: feedback, within: 2 days, at_least: 95%}
    - {promise: Persistence, touches: 5, within: 10 days, at_least: 80%}
  rejection_reasons: [No budget, {reason: Unreachable, after_touches: 2}]
  pause_at_most: 1 day
""")

START = datetime(2026, 7, 1, 8, tzinfo=UTC)  # Wednesday, ten o'clock in Madrid


def at(minutes=0, *, hours=0, days=0):
    return START + timedelta(days=days, hours=hours, minutes=minutes)


def happening(when, type_, **properties):
    return Happening(when, type_, f"{type_}-{when:%d%H%M%S%f}", properties)


def told(*happenings, qualified=(), versions=None, given=()):
    """The hand-offs of a person with these events, who qualified at these moments."""
    moments = [Qualification(when, 1, "cause") for when in qualified]
    return handoffs_of(happenings, moments, versions or Versions.only(AGREEMENT), given)


def opened(when=START, **fields):
    return Opened(when, **fields)


def assigned(when=START, rep=ANA, **fields):
    return Assigned(when, rep, **fields)


def touched(when, by=ANA, kind="call"):
    return Touched(when, by, kind)


def accepted(when, by=ANA):
    return Accepted(when, by)


def rejected(when, reason="No budget", by=ANA):
    return Rejected(when, by, reason)


def closed(when, outcome=Outcome.WON):
    return Closed(when, outcome)
