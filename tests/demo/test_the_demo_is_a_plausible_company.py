"""The demo's log is of the size and shape that the design asks for, and nothing in it is impossible or real."""

import re
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from entente.demo import cast, names
from entente.demo.agreement import versions
from entente.demo.world import SEED, World, started
from entente.events.identifiers import identity_of
from entente.events.types import OWN_TYPES, SEGMENT_CALLS, TOUCHES
from entente.people.accounts import company_domain
from entente.sla.business_time import calendar_of
from tests.demo.conftest import END


def test_it_is_as_large_as_the_design_says(world, events):
    persons = {event.identity for event in events if event.identity.startswith("anon:")}
    opened = [event for event in events if event.type == "deal_opened"]
    assert 18_000 <= len(persons) <= 22_500
    assert 370_000 <= len(events) <= 430_000
    assert 3_000 <= len(world.stories) <= 5_000
    assert 540 <= len(opened) <= 660
    assert len(cast.REPS) == 12
    assert len({rep.desk.zone for rep in cast.REPS}) == 2


def test_it_lasts_eighteen_months(world, events):
    assert events[0].occurred_at - world.start < timedelta(days=3)
    assert END - events[-1].occurred_at < timedelta(hours=3)
    assert 540 <= (END - world.start).days <= 580


def test_no_event_is_from_the_future(events):
    assert all(event.occurred_at <= event.received_at <= END for event in events)


def test_events_come_in_order_and_each_has_its_own_id(events):
    assert all(one.occurred_at <= next_.occurred_at for one, next_ in pairwise(events))
    assert len({event.message_id for event in events}) == len(events)


def test_events_are_of_kinds_that_the_log_knows(events):
    assert {event.type for event in events} <= {*SEGMENT_CALLS, *OWN_TYPES}
    assert {event.type for event in events} >= {"page", "track", "identify", "group", "rejected", "recycled", "meeting"}


def test_events_are_found_by_the_identifier_that_the_log_would_use(events):
    for event in events[::97]:
        assert event.identity == identity_of(event.user_id, event.email, event.anonymous_id)


def test_one_seed_makes_one_world():
    start, end = started(END), started(END) + timedelta(days=75)
    one, same, other = (list(World(seed, start, end).events()) for seed in (SEED, SEED, SEED + 1))
    assert one == same
    assert one != other


def test_a_later_end_adds_to_the_past_and_leaves_it_as_it_was():
    start = started(END)
    shorter, longer = (list(World(SEED, start, start + timedelta(days=days)).events()) for days in (60, 80))
    settled = [event for event in shorter if event.received_at < start + timedelta(days=60)]
    assert longer[: len(settled)] == settled
    assert len(longer) > len(shorter)


def test_nobody_in_it_is_real(world, events):
    crowd = world.crowd
    assert all(names.is_invented_family_name(family) for family in crowd.family[::50])
    assert all(domain.endswith(".example") for domain in crowd.companies.domain)
    hosts = Counter(email.partition("@")[2] for email in crowd.email)
    assert {host for host in hosts if not host.endswith(".example")} == {names.FREE_MAIL}
    free = [email for email in crowd.email if email.endswith(f"@{names.FREE_MAIL}")]
    assert all("_" in email for email in free), "Gmail gives out no mailbox with an underscore"
    phones = [event.properties["phone"] for event in events if event.type == "identify" and "phone" in event.properties]
    assert all(re.fullmatch(r"\+\d+ 000 \d{6}", phone) for phone in phones)
    assert all(rep.email.endswith(".example") for rep in cast.REPS)


def test_free_mail_addresses_belong_to_no_account(world):
    crowd = world.crowd
    for person in range(0, len(crowd), 211):
        assert (company_domain(crowd.email[person]) is None) == bool(crowd.free_mail[person])


def test_people_leave_fields_empty_and_say_things_twice(events):
    said = [event.properties for event in events if event.type == "identify" and "name" in event.properties]
    for field in ("title", "company", "phone", "country"):
        missing = sum(field not in traits for traits in said) / len(said)
        assert 0.01 < missing < 0.2, field
    counts = Counter(event.user_id for event in events if event.type == "identify")
    assert sum(count > 1 for count in counts.values()) > 300
    assert any(event.properties.get("email", "").isupper() for event in events if event.type == "identify")


def test_machines_click_within_seconds_and_are_marked(events):
    delivered = {(e.user_id, e.properties["campaign"]): e.occurred_at for e in events if e.type == "email_delivered"}
    scans = [event for event in events if event.mark == "machine"]
    assert len(scans) > 1_000
    for event in scans:
        since = event.occurred_at - delivered[event.user_id, event.properties["campaign"]]
        assert timedelta() < since < timedelta(seconds=5)


def test_touches_are_made_by_reps_within_their_hours(events):
    reps = {rep.email: rep for rep in cast.REPS}
    touches = [event for event in events if event.type in TOUCHES]
    for event in touches:
        local = event.occurred_at.astimezone(ZoneInfo(reps[event.properties["by"]].desk.zone))
        assert local.weekday() < 5, event
        assert 9 <= local.hour < 18 or (local.hour, local.minute) == (18, 0), event


def test_nobody_works_on_their_holidays(events):
    new_year = [e for e in events if e.type in TOUCHES and (e.occurred_at.month, e.occurred_at.day) == (1, 1)]
    mexico_works = [e for e in events if e.type in TOUCHES and (e.occurred_at.month, e.occurred_at.day) == (1, 6)]
    assert not new_year
    americas = {rep.email for rep in cast.REPS if rep.desk is cast.AMERICAS}
    assert mexico_works, "the 6th of January is a holiday in Madrid only"
    assert {event.properties["by"] for event in mexico_works} <= americas


def test_who_is_touched_was_assigned_and_who_was_assigned_had_just_done_something(events):
    story = defaultdict(list)
    for event in events:
        if event.user_id:
            story[event.user_id].append(event)
    for told in story.values():
        kinds = [event.type for event in told]
        if any(event.type in TOUCHES for event in told):
            first = next(i for i, event in enumerate(told) if event.type in TOUCHES)
            assert "owner_assigned" in kinds[:first]


def test_hand_offs_of_the_day_are_assigned_within_minutes(world, events):
    waits = [(story.assigned_at - story.lead.qualified_at) / timedelta(minutes=1) for story in world.stories]
    assert min(waits) > 0
    assert sum(wait < 15 for wait in waits) > 0.5 * len(waits)


def test_its_agreement_is_amended_after_a_year(world):
    first, second = versions(world.start.date())
    assert first.in_force_from <= world.start
    assert world.start + timedelta(days=330) < second.in_force_from < END
    assert first.sha256() != second.sha256()
    assert {rep for team in first.routing.teams for rep in (share.rep for share in team.reps)} == {
        rep.email for rep in cast.REPS
    }
    assert {reason.name for reason in first.commitments.rejection_reasons} >= set(cast.REJECTIONS)
    calendar_of(first.business_time, first.timezone)


@pytest.mark.parametrize("member", cast.MEMBERS, ids=lambda member: member.role)
def test_its_members_can_be_told_apart(member):
    assert len({one.email for one in cast.MEMBERS}) == len({one.password for one in cast.MEMBERS}) == 4
    assert len(member.password) >= 12
