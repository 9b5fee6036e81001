"""What the past says leads are worth, read from the stored hand-offs, and kept for a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from entente.routing.models import Learnt
from entente.routing.worth import Past, Worth, worth_of

GOOD_FOR: Final = timedelta(days=1)
LOOKS_BACK: Final = timedelta(days=730)
AT_MOST: Final = 20_000


def worth_at(now: datetime) -> Worth:
    """What was learnt within the last day, else learnt now and kept. Called by who holds the ledgers."""
    known = Learnt.objects.filter(at__gt=now - GOOD_FOR, at__lte=now).order_by("-at").first()
    if known:
        return Worth.from_data(known.worth)
    worth = worth_of(past_at(now))
    Learnt.objects.all().delete()
    Learnt.objects.create(at=now, worth=worth.as_data())
    return worth


def known_worth(now: datetime) -> Worth:
    """The same without keeping it."""
    known = Learnt.objects.filter(at__gt=now - GOOD_FOR, at__lte=now).order_by("-at").first()
    return Worth.from_data(known.worth) if known else worth_of(past_at(now))


def past_at(now: datetime) -> list[Past]:
    """The latest hand-offs that were over by then, with the scores at which they qualified."""
    with connection.cursor() as sql:
        sql.execute(PAST, {"now": now, "since": now - LOOKS_BACK, "at_most": AT_MOST})
        return [Past(score, won, None if amount is None else float(amount)) for score, won, amount in sql.fetchall()]


PAST = """
    SELECT q.score, c.outcome IS NOT DISTINCT FROM 'won', d.amount
    FROM handoffs_handoff h
         JOIN scoring_qualified q ON q.person_id = h.person_id AND q.at = h.qualified_at
         LEFT JOIN handoffs_closure c ON c.handoff_id = h.id
         LEFT JOIN handoffs_deal d ON d.key = c.deal AND c.outcome = 'won'
    WHERE h.closed_at > %(since)s AND h.closed_at <= %(now)s
    ORDER BY h.closed_at DESC LIMIT %(at_most)s
"""
