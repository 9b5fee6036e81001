"""DESIGN sections 6 and 7 once more, as plainly as they are written: every score is summed up from the beginning.

It shares no code with the product but the document's classes, and takes its time.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from entente.agreements.conditions import (
    MISSING,
    AccountValue,
    All,
    Any,
    EventType,
    Not,
    Page,
    Track,
    Trait,
)

CLOSE = ("rejected", "recycled", "deal_won", "deal_lost")
MAIL = {"Email Delivered": "email_delivered", "Email Opened": "email_opened", "Email Link Clicked": "email_clicked"}
FREE = ("gmail.com", "hotmail.com")


@dataclass
class Outcome:
    score: float
    fit: float
    engagement: dict[str, float]
    disqualified: bool
    qualified: list[datetime] = field(default_factory=list)
    closed: list[datetime | None] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)


def instant(micros):
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def run(agreement, events, person, until):
    """The person's outcome as of ``until``, out of all events (LogEvent) of everybody before it."""
    return run_versions([(datetime.min.replace(tzinfo=UTC), agreement)], events, person, until)


def run_versions(versions, events, person, until):
    """The same where each of the versions [(begins, agreement)], in order of time, decides from its beginning on."""
    everything = sorted((e for e in events if instant(e.at) < until and not e.mark), key=order)
    own = [e for e in everything if e.person == person]
    outcome = Outcome(*standing(versions[-1][1], everything, person, own, until))
    open_since, closed_at = None, None
    for number, event in enumerate(own):
        at = instant(event.at)
        begun = [agreement for begins, agreement in versions if begins <= at]
        if not begun:
            continue
        if open_since is not None:
            if event.type in CLOSE:
                open_since, closed_at = None, at
                outcome.closed[-1] = at
            continue
        agreement = begun[-1]
        so_far = everything[: everything.index(event) + 1]
        score, _, _, disqualified = standing(agreement, so_far, person, own[: number + 1], at)
        if disqualified or (closed_at and at < closed_at + (agreement.definition.requalify_after or timedelta())):
            continue
        if score >= agreement.definition.threshold - 1e-9:
            open_since = at
            outcome.qualified.append(at)
            outcome.closed.append(None)
            outcome.scores.append(score)
    return outcome


def standing(agreement, everything, person, own, at):
    definition = agreement.definition
    traits, account = known(everything, person)
    fit = sum(rule.points for rule in definition.fit if meets(rule.when, None, traits, account))
    disqualified = any(meets(rule.when, None, traits, account) for rule in definition.disqualify)
    sums = {"ungrouped": 0.0} | dict.fromkeys(definition.engagement.groups, 0.0)
    for rule in definition.engagement.rules:
        hits_on = Counter()
        for event in own:
            then = known([e for e in everything if order(e) <= order(event)], person)
            if not meets(rule.when, event, *then):
                continue
            day = instant(event.at).astimezone(agreement.zone).date()
            hits_on[day] += 1
            if rule.limit is not None and hits_on[day] > rule.limit:
                continue
            age = (at - instant(event.at)) / definition.engagement.half_life
            sums[rule.group or "ungrouped"] += rule.points * 2**-age
    for name, group in definition.engagement.groups.items():
        sums[name] = min(group.at_most, sums[name])
    return fit + sum(sums.values()), fit, sums, disqualified


def order(event):
    return event.at, event.message_id, event.source


def properties(event):
    return json.loads(event.properties) if isinstance(event.properties, str) else event.properties


def known(everything, person):
    traits, group, email = {}, None, None
    for event in everything:
        if event.person == person:
            if event.type == "identify":
                traits.update(properties(event))
            group = event.group_id or group
            email = event.email or email
    domain = ".".join(email.split("@")[1].split(".")[-2:]) if email else None
    domain = None if domain in FREE else domain
    account = {}
    for event in everything:
        if event.type == "group" and event.group_id and event.group_id == (group or domain):
            account.update(properties(event))
    if not str(account.get("domain") or "").strip() and domain:
        account["domain"] = domain
    return without_nulls(traits), without_nulls(account)


def without_nulls(values):
    return {key: value for key, value in values.items() if value is not None}


def meets(when, event, traits, account):
    if isinstance(when, All):
        return all(meets(c, event, traits, account) for c in when.conditions)
    if isinstance(when, Any):
        return any(meets(c, event, traits, account) for c in when.conditions)
    if isinstance(when, Not):
        return not meets(when.condition, event, traits, account)
    if isinstance(when, Trait):
        return passes(when.test, get(traits, when.name))
    if isinstance(when, AccountValue):
        return passes(when.test, get(account, when.name))
    if event is None:
        return False
    if isinstance(when, Page):
        right = event.type == "page" and like(when.glob, event.path)
    elif isinstance(when, Track):
        right = event.name == when.name and event.type in ("track", MAIL.get(event.name))
    else:
        assert isinstance(when, EventType)
        right = event.type == when.type
    return right and all(passes(test, get(properties(event), name)) for name, test in when.where)


def like(glob, path):
    def bare(text):
        return text[:-1] if text.endswith("/") and len(text) > 1 else text

    pattern = bare(glob).replace("[", "[[]").replace("?", "[?]")
    return fnmatch.fnmatchcase(bare(path), pattern)


def get(values, name):
    if name in values:
        return values[name]
    for part in name.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values


def passes(test, value):
    if isinstance(value, list):
        values = [v for v in value if not blank(v)]
        return any(passes(test, v) for v in values) if values else test.exists is False
    if blank(value):
        return test.exists is False
    checks = [test.exists is not False]
    if test.is_ is not MISSING:
        checks.append(equal(value, test.is_))
    if test.in_ is not None:
        checks.append(any(equal(value, v) for v in test.in_))
    if test.not_in is not None:
        checks.append(not any(equal(value, v) for v in test.not_in))
    for bound, sign in ((test.from_, 1), (test.to, -1)):
        if bound is not None:
            difference = distance(value, bound)
            checks.append(difference is not None and difference * sign >= 0)
    if test.matches is not None:
        text = value if isinstance(value, str) else f"{value:g}" if not isinstance(value, bool) else None
        checks.append(text is not None and re.search(test.matches, text, re.IGNORECASE) is not None)
    return all(checks)


def blank(value):
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def equal(value, wanted):
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, str) and isinstance(wanted, str):
        return value.strip().lower() == wanted.strip().lower()
    return number(value) is not None and number(value) == number(wanted)


def number(value):
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"\s*[+-]?\d+(\.\d+)?\s*", value) else None
    return value if not isinstance(value, bool) and isinstance(value, (int, float)) else None


def distance(value, bound):
    if isinstance(bound, datetime):
        try:
            then = datetime.fromisoformat(value.strip())
        except (ValueError, AttributeError):
            return None
        return (then.replace(tzinfo=then.tzinfo or UTC) - bound).total_seconds()
    if isinstance(bound, date):
        try:
            return (date.fromisoformat(value.strip()[:10]) - bound).days
        except (ValueError, AttributeError):
            return None
    return None if number(value) is None else number(value) - bound
