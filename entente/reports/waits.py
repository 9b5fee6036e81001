"""How long leads waited: for us until they were given to a rep, for the rep until the first touch. By rep."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from django.core.cache import cache

from entente.reports.periods import Period
from entente.reports.queries import Ground
from entente.sla.queries import Waited, follow_up_between

KEPT_SECONDS: Final = 300


def waited(ground: Ground, period: Period, now: datetime) -> dict[str, Waited]:
    """By the rep who had the lead first, all together under the empty name; kept for some minutes."""
    if ground.version is None:
        return {}
    key = _key(ground, period, now)
    known = cache.get(key)
    if isinstance(known, dict):
        return known
    found = follow_up_between(period.begins, period.ends, now)
    cache.set(key, found, KEPT_SECONDS)
    return found


def _key(ground: Ground, period: Period, now: datetime) -> str:
    """What it depends on: the last fold, the period, and while it runs the time of day."""
    running = period.begins <= now < period.ends
    told = (ground.at, period.begins, period.ends, int(now.timestamp()) // KEPT_SECONDS if running else 0)
    return "waits:" + hashlib.sha256(repr(told).encode()).hexdigest()
