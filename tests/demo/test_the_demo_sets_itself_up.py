"""The demo in a database: its log folded through all rooms, its members, and what is added when it is opened later.

Five months of it, so that the test stays quick; 18 are the same code.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from entente.agreements.models import AgreementVersion
from entente.demo import actions, cast
from entente.demo.speaking import contact
from entente.events.models import Event
from entente.handoffs.models import Deal, Handoff
from entente.members.models import User
from entente.people.models import Identifier, Person

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 5, 26, 16, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def silent(step, done, of):
    pass


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Set the demo up once for this file, in a transaction that is rolled back after it."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield actions.set_up(END, silent, START)
        transaction.set_rollback(True)


def test_everybody_who_came_is_a_person(world):
    known = sum(0 <= at <= END.timestamp() * 1e6 for at in world.visits.known_at.tolist())
    assert Person.objects.filter(joined_into=None).exclude(email="").count() == pytest.approx(known, rel=0.03)
    assert Event.objects.filter(source__name=cast.SOURCE).count() > 50_000


def test_the_hand_offs_are_those_that_its_sales_team_worked(world):
    persons = dict(Identifier.objects.filter(value__startswith="user:").values_list("value", "person_id"))
    told = {(persons[f"user:{contact(story.lead.person)}"], story.lead.qualified_at) for story in world.stories}
    assert set(Handoff.objects.values_list("person_id", "opened_at")) == told


def test_deals_are_there_with_their_outcome(world):
    won = [story for story in world.stories if story.outcome == "won" and story.closed_at <= END]
    assert Deal.objects.filter(outcome="won").count() == len(won)
    assert sum(Deal.objects.filter(outcome="won").values_list("amount", flat=True)) == sum(s.amount for s in won)


def test_its_members_sign_in(world):
    assert User.objects.count() == 15
    for member in cast.MEMBERS:
        client = Client()
        assert client.login(username=member.email, email=member.email, password=member.password), member.email
    assert not User.objects.get(email=cast.REPS[1].email).has_usable_password()


def test_both_versions_of_the_agreement_are_there(world):
    assert AgreementVersion.objects.count() == 2


def test_it_knows_itself_and_is_left_alone_while_it_is_fresh(world):
    there = actions.current()
    assert there.start == START
    assert END - there.end < timedelta(hours=3)
    assert there.ours
    assert not actions.bring_up_to_date(there, END + timedelta(hours=5), silent)


def test_opened_later_it_has_lived_on(world):
    events, handoffs = Event.objects.count(), Handoff.objects.count()
    assert actions.bring_up_to_date(actions.current(), END + timedelta(days=14), silent)
    assert Event.objects.count() > events + 2_000
    assert Handoff.objects.count() > handoffs
    assert actions.current().end > END + timedelta(days=13)


def test_one_of_another_version_is_not_mixed_with_ours(world):
    there = actions.current()
    other = actions.Demo(there.start, there.end, ours=False)
    assert not actions.bring_up_to_date(other, END + timedelta(days=60), silent)
