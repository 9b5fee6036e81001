"""What the crowd does by itself: visits, forms, mails. Flat arrays, in order of time; sales has no part in it yet.

Pure. What is drawn here does not depend on when the demo is cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from entente.demo import cast
from entente.demo.crowd import HORIZON_DAYS, Crowd, Flags, Ints, choose

SECOND: Final = 1_000_000
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR
FOREVER: Final = 2**62

KINDS_OF_PAGE: Final = tuple(dict.fromkeys(page.kind for page in cast.PAGES))
FORMS: Final = (*cast.FORMS, "prize-draw")
FORM_PAGE: Final = {"newsletter": "blog", "prize-draw": "prize"}
"""The kind of page that carries a form, where it is not called like it."""
FORMS_SENT_AGAIN: Final = {"demo": 0.5, "contact": 0.45, "guide": 0.3}
"""Of those who are known already and look at such a page, the share that sends its form."""
MAILS_AT_DAYS: Final = (2, 9, 23, 37, 51, 65, 86, 107, 128, 156)
HOURS_OF_DAY: Final = (1, 0, 0, 0, 0, 1, 3, 10, 30, 60, 75, 75, 60, 40, 40, 60, 68, 58, 34, 20, 14, 12, 8, 3)
"""How often something happens at each hour of the visitor's day."""


class Act(IntEnum):
    """What happens; the ``detail`` of each is beside it."""

    PAGE = 0  # index into cast.PAGES
    FORM = 1  # index into FORMS
    IDENTIFY = 2  # 0 the first time, 1 in capitals, 2 with the company spelt otherwise, 3 on a new device
    GROUP = 3
    DEMO_REQUESTED = 4
    CALCULATOR_USED = 5
    WEBINAR_ATTENDED = 6
    UNSUBSCRIBED = 7
    MAIL_DELIVERED = 8  # number of the letter
    MAIL_OPENED = 9
    MAIL_CLICKED = 10
    MAIL_SCANNED = 11  # a machine followed the link


@dataclass(frozen=True, slots=True)
class Visits:
    """One entry an act, in order of time. ``at`` is in microseconds since the epoch; ``session`` numbers the visit
    (-1: none); ``arriving`` marks the first page of a visit, 2 when it came from a letter."""

    at: Ints
    person: Ints
    act: npt.NDArray[np.int8]
    detail: npt.NDArray[np.int16]
    session: Ints
    arriving: npt.NDArray[np.int8]
    known_at: Ints
    """One entry a person: when they leave their address; -1 for never."""
    device_at: Ints
    """One entry a person: from when on they use another device; `FOREVER` for never."""

    def __len__(self) -> int:
        return len(self.at)


def draw_visits(seed: int, start: datetime, crowd: Crowd) -> Visits:
    """All acts of the crowd within the horizon."""
    rng = np.random.default_rng([seed, 2])
    diary = _Diary(start)
    sessions = _Sessions.draw(rng, start, crowd)
    pages = _draw_pages(rng, crowd, sessions)
    known_at = _leave_addresses(rng, diary, crowd, sessions, pages)
    _add_pages(rng, diary, sessions, pages, known_at)
    device_at = _change_devices(diary, crowd, sessions, known_at)
    _send_mails(rng, diary, crowd, known_at)
    _do_rarer_things(rng, diary, crowd, known_at)
    return diary.in_order(known_at, device_at)


class _Diary:
    """Collects acts as blocks of arrays, and puts them in order at the end."""

    def __init__(self, start: datetime) -> None:
        self._end = int(start.timestamp() * 1e6) + HORIZON_DAYS * DAY
        self._blocks: list[tuple[npt.NDArray[np.int64], ...]] = []

    def note(
        self,
        act: Act,
        at: Ints,
        person: Ints,
        detail: Ints | int = 0,
        *,
        session: Ints | int = -1,
        arriving: Ints | int = 0,
    ) -> None:
        fields = [np.broadcast_to(np.asarray(field, np.int64), at.shape) for field in (detail, session, arriving)]
        self._blocks.append((at.astype(np.int64), person, np.full(at.shape, act, np.int64), *fields))

    def in_order(self, known_at: Ints, device_at: Ints) -> Visits:
        at, person, act, detail, session, arriving = (np.concatenate(part) for part in zip(*self._blocks, strict=True))
        order = np.argsort(at, kind="stable")
        order = order[at[order] < self._end]
        return Visits(
            at[order],
            person[order],
            act[order].astype(np.int8),
            detail[order].astype(np.int16),
            session[order],
            arriving[order].astype(np.int8),
            known_at,
            device_at,
        )


@dataclass(frozen=True, slots=True)
class _Sessions:
    """One entry a visit; ``number`` is its position among those of its person."""

    person: Ints
    number: Ints
    at: Ints
    intent: Ints

    @classmethod
    def draw(cls, rng: np.random.Generator, start: datetime, crowd: Crowd) -> _Sessions:
        wanted = np.where(crowd.leaves_address, 3.4 * crowd.interest, 0.75 * crowd.interest)
        count = 1 + rng.poisson(wanted) + np.where(crowd.leaves_address, crowd.known_at_visit, 0)
        person = np.repeat(np.arange(len(crowd)), count)
        first = np.repeat(np.cumsum(count) - count, count)
        number = np.arange(len(person)) - first
        gap = np.where(number == 0, 0.0, rng.exponential(9, len(person)))
        days = np.cumsum(gap)
        days -= days[first]
        at = _at_a_likely_hour(rng, start, crowd, person, crowd.arrives[person] + (days.astype(np.int64) * DAY))
        at = at[np.lexsort((at, person))]
        return cls(person, number, at, _intents(rng, crowd, person, number))


def _intents(rng: np.random.Generator, crowd: Crowd, person: Ints, number: Ints) -> Ints:
    """The warmer the person and the later the visit, the more it is about buying."""
    warmth = np.minimum(crowd.interest[person] * (0.5 + 0.25 * np.minimum(number, 4)), 3)
    shares = np.stack([np.full(len(person), 0.40), np.full(len(person), 0.34), 0.2 * warmth, 0.1 * warmth], axis=1)
    chosen = rng.random(len(person)) * shares.sum(axis=1)
    return (chosen[:, None] >= np.cumsum(shares, axis=1)).sum(axis=1).clip(0, 3)


@dataclass(frozen=True, slots=True)
class _Pages:
    """One entry a page view of a visit; ``last_at`` has one entry a visit."""

    session: Ints
    at: Ints
    page: Ints
    arriving: Flags
    last_at: Ints


def _draw_pages(rng: np.random.Generator, crowd: Crowd, sessions: _Sessions) -> _Pages:
    count = 1 + rng.poisson(2.3, len(sessions.at))
    session = np.repeat(np.arange(len(count)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    position = np.arange(len(session)) - first
    pause = np.where(position == 0, 0, rng.gamma(1.5, 35, len(session)) * SECOND + SECOND).astype(np.int64)
    since = np.cumsum(pause)
    at = sessions.at[session] + since - since[first]
    kind = np.empty(len(session), np.int64)
    for number, shares in enumerate(cast.INTENTS.values()):
        here = sessions.intent[session] == number
        kinds = np.array([KINDS_OF_PAGE.index(name) for name in shares])
        kind[here] = kinds[choose(rng, list(shares.values()), int(here.sum()))]
    landing = np.array([KINDS_OF_PAGE.index(one.landing) for one in cast.CAMPAIGNS])
    lands = (position == 0) & (sessions.number[session] == 0)
    kind[lands] = landing[crowd.campaign[sessions.person[session[lands]]]]
    return _Pages(session, at, _page_of_kind(rng, kind), position == 0, at[np.cumsum(count) - 1])


def _page_of_kind(rng: np.random.Generator, kind: Ints) -> Ints:
    """One of the pages of each kind."""
    firsts = np.array([[page.kind for page in cast.PAGES].index(name) for name in KINDS_OF_PAGE])
    sizes = np.array([sum(page.kind == name for page in cast.PAGES) for name in KINDS_OF_PAGE])
    return firsts[kind] + (rng.random(len(kind)) * sizes[kind]).astype(np.int64)


def _leave_addresses(rng: np.random.Generator, diary: _Diary, crowd: Crowd, sessions: _Sessions, pages: _Pages) -> Ints:
    """At the end of the visit meant for it: the page with the form, the form, who they are, their company."""
    visit = np.flatnonzero(
        crowd.leaves_address[sessions.person] & (sessions.number == crowd.known_at_visit[sessions.person])
    )
    person = sessions.person[visit]
    form = np.array([FORMS.index(name) for name in crowd.form])[person]
    kind = np.array([KINDS_OF_PAGE.index(FORM_PAGE.get(name, name)) for name in FORMS])
    at = pages.last_at[visit] + _seconds(rng, 5, 60, len(visit))
    diary.note(Act.PAGE, at, person, _page_of_kind(rng, kind[form]), session=visit)
    at = at + _seconds(rng, 15, 120, len(visit))
    _send_forms(diary, at, person, form, visit)
    diary.note(Act.IDENTIFY, at + SECOND, person)
    with_company = (crowd.company[person] >= 0) & (rng.random(len(person)) < 0.93)
    diary.note(Act.GROUP, at[with_company] + 2 * SECOND, person[with_company])
    known_at = np.full(len(crowd), -1, np.int64)
    known_at[person] = at + SECOND
    return known_at


def _send_forms(diary: _Diary, at: Ints, person: Ints, form: Ints, session: Ints) -> None:
    diary.note(Act.FORM, at, person, form, session=session)
    demo = form == FORMS.index("demo")
    diary.note(Act.DEMO_REQUESTED, at[demo] + SECOND // 2, person[demo], session=session[demo])


def _add_pages(rng: np.random.Generator, diary: _Diary, sessions: _Sessions, pages: _Pages, known_at: Ints) -> None:
    """The page views themselves, and what people do on some of them."""
    person = sessions.person[pages.session]
    diary.note(Act.PAGE, pages.at, person, pages.page, session=pages.session, arriving=pages.arriving.astype(np.int64))
    kind = np.array([KINDS_OF_PAGE.index(page.kind) for page in cast.PAGES])[pages.page]
    known = (known_at[person] >= 0) & (pages.at > known_at[person])
    chance = rng.random(len(person))
    later = pages.at + _seconds(rng, 4, 9, len(person)) // 10
    used = (kind == KINDS_OF_PAGE.index("calculator")) & (chance < 0.7)
    diary.note(Act.CALCULATOR_USED, later[used], person[used], session=pages.session[used])
    for name, share in FORMS_SENT_AGAIN.items():
        sent = known & (kind == KINDS_OF_PAGE.index(name)) & (chance < share)
        form = np.full(int(sent.sum()), FORMS.index(name))
        _send_forms(diary, later[sent], person[sent], form, pages.session[sent])


def _change_devices(diary: _Diary, crowd: Crowd, sessions: _Sessions, known_at: Ints) -> Ints:
    """Some come back on another device, by a link that says who they are."""
    known = known_at[sessions.person]
    there = crowd.changes_device[sessions.person] & (known >= 0) & (sessions.at > known + 10 * DAY)
    person, first = np.unique(sessions.person[there], return_index=True)
    at = sessions.at[there][first] - SECOND // 10
    diary.note(Act.IDENTIFY, at, person, 3)
    device_at = np.full(len(crowd), FOREVER)
    device_at[person] = at
    return device_at


def _send_mails(rng: np.random.Generator, diary: _Diary, crowd: Crowd, known_at: Ints) -> None:
    """A row of letters after somebody became known; some are opened, some links followed, by people or machines."""
    known = np.flatnonzero(known_at >= 0)
    scanned_company = np.append(crowd.companies.scans_mail, False)
    gets = np.minimum(rng.geometric(0.13, len(known)), len(MAILS_AT_DAYS))
    for number, days in enumerate(MAILS_AT_DAYS):
        person = known[gets > number]
        at = known_at[person] + days * DAY + _seconds(rng, 0, 6 * 3600, len(person))
        diary.note(Act.MAIL_DELIVERED, at, person, number)
        scanned = scanned_company[crowd.company[person]]
        diary.note(Act.MAIL_SCANNED, at[scanned] + _seconds(rng, 1, 4, int(scanned.sum())), person[scanned], number)
        opened = rng.random(len(person)) < 0.36
        read_at = at + (np.exp(rng.normal(1.2, 1.3, len(person))) * HOUR).astype(np.int64) + 20 * SECOND
        diary.note(Act.MAIL_OPENED, read_at[opened], person[opened], number)
        clicked = opened & (rng.random(len(person)) < 0.2 * np.minimum(crowd.interest[person], 2))
        click_at, who = read_at[clicked] + _seconds(rng, 5, 90, int(clicked.sum())), person[clicked]
        diary.note(Act.MAIL_CLICKED, click_at, who, number)
        page = _page_of_kind(rng, np.full(len(who), KINDS_OF_PAGE.index("blog" if number % 2 else "case")))
        diary.note(Act.PAGE, click_at + SECOND + number, who, page, arriving=2)


def _do_rarer_things(rng: np.random.Generator, diary: _Diary, crowd: Crowd, known_at: Ints) -> None:
    known = np.flatnonzero(known_at >= 0)
    for act, share, from_day, to_day in (
        (Act.WEBINAR_ATTENDED, 0.24, 1, 40),
        (Act.UNSUBSCRIBED, 0.04, 3, 90),
        (Act.IDENTIFY, 0.05, 20, 200),
    ):
        person = known[rng.random(len(known)) < share]
        at = known_at[person] + _seconds(rng, from_day * 86_400, to_day * 86_400, len(person))
        detail = rng.integers(1, 3, len(person)) if act is Act.IDENTIFY else 0
        diary.note(act, at, person, detail)


def _at_a_likely_hour(rng: np.random.Generator, start: datetime, crowd: Crowd, person: Ints, day: Ints) -> Ints:
    """Move times from midnight to an hour at which people of that place are at work, and most weekends to Monday."""
    weekday = (day // DAY + 3) % 7
    day = day + np.where((weekday >= 5) & (rng.random(len(day)) < 0.7), (7 - weekday) * DAY, 0)
    hour = choose(rng, list(HOURS_OF_DAY), len(day))
    local = day + hour * HOUR + (rng.random(len(day)) * HOUR).astype(np.int64)
    iberia = np.array([country in cast.IBERIA.countries for country in crowd.country])[person]
    return local - np.where(iberia, offsets(start, cast.IBERIA.zone, day), offsets(start, cast.AMERICAS.zone, day))


def offsets(start: datetime, zone: str, at: Ints) -> Ints:
    """Microseconds that the zone's clock is ahead of UTC at each instant, to the hour."""
    first = int(start.timestamp()) // 3600 - 48
    place = ZoneInfo(zone)
    began = datetime.fromtimestamp(first * 3600, UTC)
    table = [
        ((began + timedelta(hours=hour)).astimezone(place).utcoffset() or timedelta()) // timedelta(seconds=1)
        for hour in range((HORIZON_DAYS + 400) * 24)
    ]
    return np.array(table, np.int64)[(at // HOUR - first).clip(0, len(table) - 1)] * SECOND


def _seconds(rng: np.random.Generator, low: float, high: float, count: int) -> Ints:
    return (rng.uniform(low, high, count) * SECOND).astype(np.int64)
