"""A small company whose every number can be reckoned by hand, and one with follow-up, reasons and promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from entente.evidence.history import History, Warning, history

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


def small() -> History:
    """Six leads: three won, one lost, two open; one without a source, one with the source "unknown"."""
    fields = ("lead", "source", "owner", "created_at", "won_at", "lost_at", "amount", "outcome", "reason")
    rows = [
        ("1", "fair", "Ana", _day(0), _day(2), None, 100.0, "won", None),
        ("2", "fair", "Ana", _day(0), None, _day(10), 50.0, "lost", "price"),
        ("3", "fair", "Luis", _day(31), None, None, None, "open", None),
        ("4", None, "Luis", _day(31), _day(36.5), None, 200.0, "won", None),
        ("5", "unknown", None, _day(31), None, None, None, "open", None),
        ("6", "unknown", "Ana", _day(62), _day(61), None, 1.5, "won", None),
    ]
    frame = pl.DataFrame([dict(zip(fields, row, strict=True)) for row in rows], schema_overrides=TYPES)
    return history(frame, [Warning("dates_backwards", 1, "'6': won before created")])


def _day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


TYPES = {
    name: pl.Datetime("us", "UTC") for name in ("created_at", "won_at", "lost_at", "first_touch_at", "accepted_at")
}


def worked(size: int = 1_200, seed: int = 3) -> History:
    """Demo requests win, leads touched within the hour win, Luis never calls, rivals and reasons are written down."""
    chance = np.random.default_rng(seed)
    form = chance.choice(["Demo", "Newsletter"], size, p=[0.3, 0.7])
    owner = chance.choice(["Ana", "Luis", "Maria"], size)
    hours = np.round(chance.exponential(np.where(owner == "Luis", 60, 3)), 3)
    touched = (owner != "Luis") | (chance.random(size) < 0.3)
    odds = -1.6 + 1.8 * (form == "Demo") + 1.0 * (touched & (hours <= 1)) - 1.0 * ~touched
    created = [MONDAY + timedelta(hours=float(h)) for h in np.sort(chance.uniform(0, 24 * 140, size))]
    ended = [at + timedelta(days=float(days)) for at, days in zip(created, chance.integers(2, 40, size), strict=True)]
    over = np.array([at < NOW for at in ended])
    won = over & (chance.random(size) < 1 / (1 + np.exp(-odds)))
    lost = over & ~won & (chance.random(size) < 0.8)
    rows = [
        {
            "lead": f"{i:05d}",
            "email": f"p{i}@acme.example" if i % 5 else None,
            "company": "ACME" if i % 4 else None,
            "source": str(form[i]),
            "owner": str(owner[i]),
            "created_at": created[i],
            "first_touch_at": created[i] + timedelta(hours=float(hours[i])) if touched[i] else None,
            "accepted_at": created[i] + timedelta(hours=float(hours[i]) + 1) if touched[i] and i % 3 else None,
            "touches": int(chance.integers(1, 7)) if touched[i] else 0,
            "won_at": ended[i] if won[i] else None,
            "lost_at": ended[i] if lost[i] else None,
            "outcome": "won" if won[i] else "lost" if lost[i] else "open",
            "amount": 1000.0 if won[i] else None,
            "reason": str(chance.choice(["price", "no need"])) if lost[i] else "service" if won[i] else None,
            "competitor": "Rival" if lost[i] and i % 3 == 0 else None,
            "trait:Form": str(form[i]),
            "trait:Employees": float(chance.integers(1, 500)),
        }
        for i in range(size)
    ]
    return history(pl.DataFrame(rows, schema_overrides={**TYPES, "amount": pl.Float64(), "touches": pl.Int64()}))
