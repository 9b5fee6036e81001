"""Put the demo company into a database of its own: its log, its agreement, its members; add what came since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Max

from entente.agreements.actions import adopt
from entente.agreements.models import AgreementVersion
from entente.demo import cast
from entente.demo.crowd import HORIZON_DAYS
from entente.demo.speaking import GENERATION
from entente.demo.world import SEED, World, started
from entente.events.actions import append
from entente.events.models import Event, Source
from entente.members.actions import create_user
from entente.members.models import User
from entente.worker.turn import take_turn

FRESH_FOR: Final = timedelta(days=1)
"""A demo that is younger is shown as it is."""
EVENTS_EXPECTED: Final = 400_000

Tell = Callable[[str, int, int | None], object]
"""Told of progress: the step in words, how many are done, of how many (None: unknown)."""


class DemoError(Exception):
    """The demo cannot be set up or brought up to date here; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo that a database holds: from when to when it tells, and whether this version of Entente made it."""

    start: datetime
    end: datetime
    ours: bool


def current() -> Demo | None:
    """The demo in this database, None when there is none that is whole (its members come last)."""
    last = Event.objects.filter(source__name=cast.SOURCE).aggregate(last=Max("occurred_at"))["last"]
    first = AgreementVersion.objects.order_by("number").first()
    if last is None or first is None or not User.objects.filter(email=cast.MEMBERS[-1].email).exists():
        return None
    start = datetime.combine(first.agreement.effective, datetime.min.time(), last.tzinfo)
    ours = Event.objects.filter(source__name=cast.SOURCE, message_id__startswith=f"{GENERATION}-").exists()
    return Demo(start, last, ours)


def refuse_other_data() -> None:
    """Raise DemoError when the database holds anything that is not the demo's."""
    ours = {member.email for member in cast.MEMBERS} | {rep.email for rep in cast.REPS}
    strangers = User.objects.exclude(email__in=ours).count()
    sources = Source.objects.exclude(name=cast.SOURCE).count()
    if not Event.objects.filter(source__name=cast.SOURCE).exists() and (strangers or sources):
        raise DemoError(
            "this database holds data that is not the demo's, and the demo stays away from it: "
            "unset DATABASE_URL, or name an empty database in it"
        )


def clear() -> None:
    """Empty the demo's database, tables and all. Raises DemoError while somebody else uses it."""
    from django.db.utils import OperationalError

    try:
        with transaction.atomic(), connection.cursor() as sql:
            sql.execute("SET LOCAL lock_timeout = '5s'")
            sql.execute("DROP SCHEMA public CASCADE")
            sql.execute("CREATE SCHEMA public")
    except OperationalError as error:
        raise DemoError("the demo is in use by another process; stop that one first, then reset") from error


def set_up(now: datetime, tell: Tell, start: datetime | None = None) -> World:
    """Generate the company up to ``now`` (from ``start``, by default 18 months before) and store it.

    The database must hold no events of the demo.
    """
    world = World(SEED, start or started(now), now)
    with transaction.atomic():
        _append(world, None, tell)
        for version in world.agreements:
            adopt(version, None, max(version.in_force_from, world.start))
    _fold(now, tell)
    _add_members()
    return world


def bring_up_to_date(demo: Demo, now: datetime, tell: Tell) -> bool:
    """Let what would have happened since happen; False when the demo is fresh, another version's or too old for it."""
    if not demo.ours or now - demo.end < FRESH_FOR or now > demo.start + timedelta(days=HORIZON_DAYS):
        return False
    _append(World(SEED, demo.start, now), demo.end, tell)
    _fold(now, tell)
    return True


def _append(world: World, after: datetime | None, tell: Tell) -> None:
    done = 0
    step = "Writing 18 months into the log" if after is None else "Adding what has happened since"

    def count(events: int) -> None:
        nonlocal done
        done += events
        tell(step, done, EVENTS_EXPECTED if after is None else None)

    count(0)
    events = (event for event in world.events() if after is None or event.occurred_at > after)
    append(events, cast.SOURCE, progress=count)


def _fold(now: datetime, tell: Tell) -> None:
    step = "Finding people, scores and hand-offs"
    tell(step, 0, None)
    take_turn(now, lambda done, of: tell(step, done, of))
    tell(step, 1, 1)


@transaction.atomic
def _add_members() -> None:
    """The reps, of whom one can sign in, and those who work with them; ops comes last and marks the demo as whole."""
    signing_in = {member.email for member in cast.MEMBERS}
    for rep in cast.REPS:
        if rep.email not in signing_in:
            create_user(rep.email, rep.name, "sales", "member", by=None, timezone=rep.desk.zone)
    for member in cast.MEMBERS:
        create_user(
            member.email,
            member.name,
            member.party,
            member.role,
            by=None,
            password=member.password,
            timezone=member.timezone,
        )
