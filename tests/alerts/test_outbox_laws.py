"""Laws of the outbox: whatever is told stands in exactly one message to an address, and a digest's messages are few."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entente.alerts import delivery
from entente.alerts.document import from_data
from entente.alerts.drafts import Draft
from entente.alerts.happened import BEHAVIOUR
from entente.alerts.matching import Rule
from entente.alerts.models import Address, Notification, Outbox
from entente.alerts.telling import tell
from entente.alerts.words import Facts
from entente.people.models import Person
from tests.alerts import world
from tests.alerts.world import rep

RHYTHMS = st.sampled_from([{}, {"digest": "15 minutes"}, {"quiet": {"from": "10:00", "to": "10:30"}}])


class Laws(TestCase):
    @given(
        st.lists(st.tuples(st.integers(0, 90), st.integers(1, 3), st.booleans()), min_size=1, max_size=12).map(sorted),
        RHYTHMS,
    )
    @settings(max_examples=25)
    def test_everything_told_stands_in_one_message_and_messages_are_as_few_as_their_times(self, batches, rhythm):
        lola = rep()
        world.webhook_of(lola, "https://hooks.example/")
        rule = world.rule(lola, tell=["hook"], **rhythm)
        as_matched = Rule(rule.pk, lola.pk, lola.email, from_data(rule.document))
        person = Person.objects.create(first_seen=world.NOW, last_seen=world.NOW)
        for number, (minute, count, takes) in enumerate(batches):
            drafts = [
                Draft(lola.pk, as_matched, BEHAVIOUR, person.pk, f"event:{number}-{n}", Facts(BEHAVIOUR, "Ana"))
                for n in range(count)
            ]
            tell(drafts, world.at(minute))
            tell(drafts, world.at(minute))
            if takes:  # somebody delivers what is due
                due = Outbox.objects.filter(next_at__lte=world.at(minute), delivered_at=None)
                due.update(delivered_at=world.at(minute))
        told = Counter(pk for message in Outbox.objects.all() for pk in message.payload["notifications"])
        assert told == Counter(Notification.objects.values_list("pk", flat=True))
        assert sum(count for _, count, _ in batches) == sum(told.values())
        if "digest" in rhythm:
            assert Outbox.objects.count() == len(set(Outbox.objects.values_list("next_at", flat=True)))


@pytest.mark.django_db
def test_what_is_due_is_claimed_quickly_however_much_waits_for_a_dead_address():
    lola = rep()
    dead, alive = world.webhook_of(lola, "https://dead.example/"), world.webhook_of(lola, "https://ok.example/", "ok")
    Address.objects.filter(pk=dead.pk).update(failures=9, rests_until=world.at(99))
    Outbox.objects.bulk_create(
        Outbox(
            address=dead, payload={"rule": "x", "test": True}, key=f"dead-{n}", created_at=world.NOW, next_at=world.NOW
        )
        for n in range(20_000)
    )
    ok = Outbox.objects.create(
        address=alive, payload={"rule": "x", "test": True}, key="ok", created_at=world.NOW, next_at=world.NOW
    )
    with connection.cursor() as sql:
        sql.execute("ANALYZE alerts_outbox")
        given = {"now": world.at(1), "until": world.at(2), "room": 16, "doubtful": False}
        sql.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + delivery.CLAIM_DUE, given)
        plan = json.dumps(sql.fetchone()[0])
    most = max(int(rows) for rows in re.findall(r'"Actual Rows": (\d+)', plan))
    assert most < 10, "it steps over what waits, and does not read it"
    ok.refresh_from_db()
    assert ok.claimed_until == world.at(2)
