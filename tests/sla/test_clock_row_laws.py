"""Laws of stored clocks, over random histories: rows are what the facts say, and no sleep changes what is told."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from entente.handoffs.queries import handoffs_of_person
from entente.handoffs.reading import versions_in_force
from entente.sla.actions import follow
from entente.sla.clocks import clocks_of
from entente.sla.due import _pending
from entente.sla.models import Clock
from tests.handoffs.world import ANA, LUIS, START, at
from tests.sla.live import JO, LIVE, MARIA, act_until_quiet, adopt_live, happen, told

pytestmark = pytest.mark.django_db

STEPS = {
    "touch": ("call", {"by": ANA}),
    "to Ana": ("owner_assigned", {"owner": ANA}),
    "to Luis": ("owner_assigned", {"owner": LUIS}),
    "let go": ("released", {"by": ANA}),
    "accept": ("accepted", {"by": ANA}),
    "reject": ("rejected", {"by": ANA, "reason": "No budget"}),
    "reject without a reason": ("rejected", {"by": ANA}),
    "pause": ("paused", {"by": ANA, "reason": "away"}),
    "resume": ("resumed", {"by": ANA}),
    "give back": ("recycled", {"by": ANA}),
}
# Most waits are short, so that touches and pauses fall before and after the due time of an hour.
waits = st.one_of(st.integers(1, 40), st.integers(20, 600))
histories = st.lists(st.tuples(waits, st.sampled_from(sorted(STEPS)), st.sampled_from([MARIA, JO])), max_size=12)
moments = st.lists(st.integers(1, 7_000), max_size=6)
WITHOUT_MOVES = LIVE.replace(", reassign_after: 2 hours", "")


def events_of(history):
    """An event for each step, so many minutes after the one before; both persons are given to Ana at the beginning."""
    now, events = START, [told(START, "owner_assigned", person, owner=ANA) for person in (MARIA, JO)]
    for minutes, step, person in history:
        now += timedelta(minutes=minutes)
        type_, properties = STEPS[step]
        events.append(told(now, type_, person, **properties))
    return events


@contextmanager
def a_world_of_its_own(text):
    with transaction.atomic():
        adopt_live(text)
        yield
        transaction.set_rollback(True)


def lived(events, wakes):
    """What is told in a life in which the worker wakes at these moments only."""
    notices, left = [], sorted(events, key=lambda event: event.occurred_at)
    for now in wakes:
        come = [event for event in left if event.occurred_at <= now]
        left = left[len(come) :]
        if come:
            happen(*come, now=now)
        notices += act_until_quiet(now)
    names = {clock.handoff_id: (clock.person.email, clock.handoff.opened_at) for clock in Clock.objects.all()}
    return [(each.kind, each.clock, each.rep, each.fell_at, *names[each.handoff_id]) for each in notices]


@settings(max_examples=8)
@given(histories, moments)
def test_rows_are_what_the_facts_say_and_following_again_changes_nothing(history, moments):
    with a_world_of_its_own(LIVE):
        events, persons = events_of(history), {}
        for now in sorted({START, *map(at, moments)}):
            come = [event for event in events if event.occurred_at <= now]
            events = events[len(come) :]
            persons = happen(*come, now=now) if come else persons
            follow(persons.values(), now)
            assert follow(persons.values(), now) == 0
            assert stored() == expected(persons.values(), now)
            for clock in Clock.objects.all():
                assert clock.next_at == min((deed.fell_at for deed in _pending(clock)), default=None)


def stored():
    return {
        (c.handoff_id, c.kind, c.promise, c.rep, c.started_at, c.due_at, c.warn_at, c.stopped_at, c.over_at, c.state,
         c.elapsed, c.paused, c.reassign_at)
        for c in Clock.objects.exclude(kind="waiting")
    }  # fmt: skip


def expected(persons, now):
    versions = versions_in_force()
    return {
        (each.id, c.kind, c.promise, c.rep, c.started_at, c.due_at, c.warn_at, c.stopped_at, c.over_at, c.state.value,
         c.elapsed if c.over_at else None, c.paused, c.reassign_at)
        for person in persons
        for each in handoffs_of_person(person)
        for c in clocks_of(each.handoff, versions.of(each.handoff.opened.version).agreement, now)
    }  # fmt: skip


@settings(max_examples=8)
@given(histories, moments)
def test_whenever_the_worker_wakes_it_tells_the_same_in_the_same_order(history, moments):
    events = events_of(history)
    end = max(event.occurred_at for event in events) + timedelta(days=1)
    sleepless = [at(n) for n in range(0, (end - START) // timedelta(minutes=1), 120)]
    sleepless = sorted({*sleepless, *(event.occurred_at for event in events), end})
    with a_world_of_its_own(WITHOUT_MOVES):
        undisturbed = lived(events, sleepless)
    with a_world_of_its_own(WITHOUT_MOVES):
        asleep = lived(events, [*sorted({each for each in map(at, moments) if each < end}), end])
    waits = {each for each in asleep + undisturbed if each[0] == "waiting_too_long"}
    # A wait that is over is told to nobody: it is the one thing that a sleeping worker need not make up for.
    assert sorted_by_time(asleep, waits) == sorted_by_time(undisturbed, waits)
    assert len(set(asleep)) == len(asleep)


def sorted_by_time(notices, but):
    left = [each for each in notices if each not in but]
    assert [each[3] for each in left] == sorted(each[3] for each in left), "told in the order in which it fell due"
    return sorted(left)
