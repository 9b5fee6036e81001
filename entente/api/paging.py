"""Pages by cursor: each begins after the last row of the one before, by stable keys.

Rows that come or go meanwhile make no other row appear twice or be left out. A cursor is opaque to callers; it holds
the order and the keys of the last row seen, and one that was not made here is refused.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from django.db.models import Model, Q, QuerySet

from entente.api.fields import in_utc
from entente.api.problems import Problem

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Order:
    """By a moment and then by id, or by id alone where `moment` is empty."""

    moment: str = ""
    newest_first: bool = False

    @property
    def fields(self) -> list[str]:
        sign = "-" if self.newest_first else ""
        return [sign + name for name in (self.moment, "pk") if name]

    @property
    def name(self) -> str:
        return ",".join(self.fields)


def page_of(rows: QuerySet[Row], order: Order, cursor: str, limit: int) -> tuple[list[Row], str | None]:
    """The rows after the cursor, at most ``limit``, and the next cursor; None at the end."""
    chosen = rows.filter(_after(order, cursor)) if cursor else rows
    found = list(chosen.order_by(*order.fields)[: limit + 1])
    shown = found[:limit]
    return shown, cursor_after(order, shown[-1]) if len(found) > limit else None


def cursor_after(order: Order, row: Model) -> str:
    """The cursor of what comes after this row."""
    moment = getattr(row, order.moment).isoformat() if order.moment else ""
    text = msgspec.json.encode([order.name, moment, row.pk])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _after(order: Order, cursor: str) -> Q:
    moment, pk = _read(order, cursor)
    side = "lt" if order.newest_first else "gt"
    if moment is None:
        return Q(**{f"pk__{side}": pk})
    return Q(**{f"{order.moment}__{side}": moment}) | Q(**{order.moment: moment, f"pk__{side}": pk})


def _read(order: Order, cursor: str) -> tuple[datetime | None, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        name, moment, pk = msgspec.json.decode(text, type=tuple[str, str, int])
        at = in_utc(datetime.fromisoformat(moment)) if order.moment else None
    except ValueError as error:  # not base64, not JSON, not three values, no time
        raise _not_ours() from error
    if name != order.name or not 0 <= pk < 2**63:
        raise _not_ours()
    return at, pk


def _not_ours() -> Problem:
    wrong: dict[str, Any] = {"where": "query.cursor", "message": "not the `next` of a page in this order"}
    return Problem(422, "The cursor was not made here, or for another order.", errors=[wrong])
