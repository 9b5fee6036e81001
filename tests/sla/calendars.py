"""Calendars and moments for tests: local times in, instants out."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from entente.sla.business_time import Calendar


def weekdays(*intervals):
    return dict.fromkeys(range(5), intervals)


MADRID = ZoneInfo("Europe/Madrid")
OFFICE = weekdays((time(9), time(18)))
ACME = OFFICE | {4: ((time(9), time(15)),)}
ALWAYS = dict.fromkeys(range(7), ((time(0), time(0)),))


def office(zone=MADRID, holidays=None, closed=()):
    return Calendar(OFFICE, zone, holidays, closed)


def acme(zone=MADRID):
    """As in the agreement's example: Fridays end at three."""
    return Calendar(ACME, zone, "ES-MD")


def madrid(text, fold=0):
    """`2026-07-03 16:30` on the clocks of Madrid."""
    return local(text, MADRID, fold)


def local(text, zone, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def instants(first, last):
    """A strategy of moments in UTC between two days."""
    return st.datetimes(datetime.fromisoformat(first), datetime.fromisoformat(last), timezones=st.just(UTC))
