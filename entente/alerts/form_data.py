"""A rule's document as what its form would hold, where the form can say it."""

from __future__ import annotations

from datetime import time
from typing import Any

from entente.alerts.document import AlertDocument
from entente.alerts.forms import ON_HAND_OFFS, PAUSES, RHYTHMS, TESTS
from entente.alerts.timing import Daily

EVENTS = ("page", "track", "event")


def form_data(document: AlertDocument, timezone: str) -> dict[str, Any] | None:
    """The initial values of the form; None where the document says more than the form can."""
    data = document.as_data()
    asked = {"deed": ON_HAND_OFFS, "on": data["on"]} if document.on else _asked(data.get("when"))
    often = _timing(data, timezone)
    if asked is None or often is None:
        return None
    keys = ("name", "account", "score_at_least", "mine", "tell")
    return {key: data[key] for key in keys if key in data} | asked | often


def zone_of(document: AlertDocument, otherwise: str) -> str:
    """The time zone in which the rule's times are written; where it has none, that of its owner."""
    timing = document.timing
    if timing.quiet:
        return timing.quiet.timezone
    return timing.digest.timezone if isinstance(timing.digest, Daily) else otherwise


def _asked(when: dict[str, Any] | None) -> dict[str, Any] | None:
    match when:
        case None:
            return {"deed": "anything"}
        case {"all": [behaviour, value]} if len(when) == 1:
            deed, tested = _asked(behaviour), _tested(value)
            return deed | tested if deed and tested and "property" not in deed else None
    kinds = [key for key in EVENTS if key in when]
    if len(kinds) != 1:
        return None
    asked = {"deed": kinds[0], "what": when[kinds[0]]}
    where = when.get("where")
    if where is None:
        return asked
    tests = [_test("where", name, test) for name, test in where.items()]
    return asked | tests[0] if len(tests) == 1 and tests[0] else None


def _tested(value: dict[str, Any]) -> dict[str, Any] | None:
    for subject in ("trait", "account"):
        if subject in value:
            return _test(subject, value[subject], {key: part for key, part in value.items() if key != subject})
    return None


def _test(subject: str, name: str, test: dict[str, Any]) -> dict[str, Any] | None:
    known = dict(TESTS)
    if len(test) != 1 or (kind := next(iter(test))) not in known or test.get("exists") is False:
        return None
    value = test[kind]
    written = ", ".join(map(str, value)) if isinstance(value, list) else "" if kind == "exists" else str(value)
    return {"subject": subject, "property": name, "test": kind, "value": written}


def _timing(data: dict[str, Any], timezone: str) -> dict[str, Any] | None:
    pause, digest, quiet = data.get("at_most_one_per", ""), data.get("digest", ""), data.get("quiet")
    filled: dict[str, Any] = {"at_most_one_per": pause, "digest": digest}
    if digest.startswith("daily"):
        _daily, _at, written, zone = digest.split()
        filled |= {"digest": "daily", "daily_at": time.fromisoformat(written)}
        if zone != timezone:
            return None
    if quiet:
        filled |= {"quiet_from": time.fromisoformat(quiet["from"]), "quiet_to": time.fromisoformat(quiet["to"])}
        if quiet["timezone"] != timezone:
            return None
    known = pause in dict(PAUSES) and filled["digest"] in dict(RHYTHMS)
    return filled if known else None
