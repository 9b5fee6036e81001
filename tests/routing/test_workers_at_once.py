"""Two workers that deal at once never give one hand-off twice, and nobody waits in a circle."""

from contextlib import suppress

import pytest

from entente.handoffs import verbs
from entente.handoffs.models import Assignment, Handoff
from entente.people.models import Person
from entente.routing import actions
from entente.routing.models import Balance, Decision
from entente.worker.fold import fold_new_events
from tests.people.test_workers_at_once import at_once
from tests.routing.world import ANA, MONDAY, at, begin, come, handoff_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_who_deal_at_once_give_each_hand_off_once():
    begin()
    come([f"p{n}" for n in range(12)], MONDAY)
    at_once(*[lambda: actions.deal_waiting(at(1)) for _ in range(4)])
    assert len(actions.deal_waiting(at(2))) + Decision.objects.filter(at__lt=at(2)).count() == 12
    fold_new_events(at(3))
    assert Assignment.objects.count() == Decision.objects.count() == 12
    assert sum(Balance.objects.values_list("got_count", flat=True)) == 12
    assert all(abs(count) <= 1e-6 for count in Balance.objects.values_list("count", flat=True))


def test_dealing_moving_on_following_and_giving_by_hand_at_once_leave_one_truth():
    begin()
    come([f"p{n}" for n in range(8)], MONDAY)
    actions.deal_waiting(at(1))
    come([f"q{n}" for n in range(8)], at(2))
    given, fresh = handoff_of("p0").pk, handoff_of("q0").pk
    everybody = list(Person.objects.values_list("pk", flat=True))

    def by_hand():
        with suppress(verbs.NotAllowed):  # she was dealt it at this moment
            verbs.reassign(fresh, ANA, "boss@acme.example", at(4))

    at_once(
        lambda: actions.deal_waiting(at(3)),
        lambda: actions.reassign(given, at(3), "breach"),
        lambda: actions.follow(everybody, at(3)),
        by_hand,
        lambda: fold_new_events(at(3)),
    )
    fold_new_events(at(5))
    actions.follow(everybody, at(5))
    actions.deal_waiting(at(6))
    actions.follow(everybody, at(7))
    assert not Handoff.objects.filter(state="waiting").exists()
    assert Decision.objects.filter(taken_back="").count() == Handoff.objects.count() == 16
    assert sum(Balance.objects.values_list("got_count", flat=True)) == 16
