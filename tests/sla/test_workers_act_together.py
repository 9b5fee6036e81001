"""Several workers act on what fell due at the same moment: everything is told once, whoever tells it."""

from collections import Counter
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from entente.events.models import Event
from entente.handoffs.models import Handoff
from entente.handoffs.verbs import touch
from entente.sla.actions import act_on_due, follow, follow_all
from entente.sla.models import Clock
from entente.worker.turn import take_turn
from tests.handoffs.world import ANA, LUIS, START, at
from tests.sla.live import LIVE, adopt_live, clock, happen, told

pytestmark = pytest.mark.django_db(transaction=True)

LEADS = [f"lead{n}@client.example" for n in range(12)]
WORKERS = 4


def all_together(work):
    """What each of several threads, beginning together, brings back; an error in one of them is raised here."""
    ready, found, errors = Barrier(WORKERS), [], []

    def run():
        ready.wait()
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is to say so
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return found


def act_in_small_bites(now):
    notices = []
    while some := act_on_due(now, 3):
        notices += some
    return notices


def leads_given_to_ana():
    return happen(*(told(START, "owner_assigned", lead, owner=ANA) for lead in LEADS), now=at(1))


def test_each_warning_and_breach_is_told_by_one_of_them():
    adopt_live(LIVE.replace(", reassign_after: 2 hours", ""))
    leads_given_to_ana()
    found = all_together(lambda: act_in_small_bites(at(70)))
    rest = act_in_small_bites(at(70))  # what two of them had left to each other
    told_of = Counter((each.handoff_id, each.kind) for each in [*rest, *(each for some in found for each in some)])
    assert len(told_of) == 2 * len(LEADS)
    assert set(told_of.values()) == {1}
    assert Clock.objects.filter(kind="first_touch", breached_at=None).count() == 0


def test_each_lead_is_passed_on_once():
    head, _, _ = LIVE.partition("routing:")
    adopt_live(head + f"routing: {{teams: [{{team: All, reps: [{ANA}, {LUIS}]}}], keep_account_with_its_rep: false}}\n")
    leads_given_to_ana()
    found = all_together(lambda: act_in_small_bites(at(200)))
    rest = act_in_small_bites(at(200))
    moved = Counter(each.handoff_id for some in [rest, *found] for each in some if each.kind == "escalation")
    assert (len(moved), set(moved.values())) == (len(LEADS), {1})
    assert Event.objects.filter(type="owner_assigned", properties__owner=LUIS).count() == len(LEADS)


def test_following_while_others_act_neither_loses_nor_repeats():
    adopt_live(LIVE.replace(", reassign_after: 2 hours", ""))
    persons = leads_given_to_ana()
    turns = iter(range(WORKERS))

    def follow_or_act():
        if next(turns) % 2:
            return [notice for _ in range(5) for notice in act_on_due(at(70), 7)]
        for _ in range(5):
            follow(persons.values(), at(70))
        return []

    found = [each for some in all_together(follow_or_act) for each in some] + act_in_small_bites(at(70))
    assert sorted(Counter((each.handoff_id, each.kind) for each in found).values()) == [1] * (2 * len(LEADS))


def test_what_was_not_committed_is_told_by_the_next():
    adopt_live()
    leads_given_to_ana()

    class Killed(Exception):
        pass

    @transaction.atomic
    def act_and_die():
        assert act_on_due(at(70))
        raise Killed

    with pytest.raises(Killed):
        act_and_die()
    assert clock(person=LEADS[0]).warned_at is None
    assert len(act_in_small_bites(at(70))) == 2 * len(LEADS)


def test_reps_who_call_workers_who_fold_and_workers_who_act_do_not_wait_in_a_circle():
    head, _, _ = LIVE.partition("routing:")
    adopt_live(head + f"routing: {{teams: [{{team: All, reps: [{ANA}, {LUIS}]}}], keep_account_with_its_rep: false}}\n")
    leads_given_to_ana()
    roles = iter(["call", "fold", "act", "act"])

    def play():
        role = next(roles)
        if role == "call":
            return [touch(row.pk, ANA, "call", at(200)) for row in Handoff.objects.order_by("-pk")] and []
        if role == "fold":
            return [take_turn(at(200)) for _ in range(20)] and []
        return act_in_small_bites(at(200))

    notices = [each for some in all_together(play) for each in some]
    take_turn(at(201))
    notices += act_in_small_bites(at(201))
    told_of = Counter((each.handoff_id, each.kind, each.clock) for each in notices)
    assert set(told_of.values()) == {1}
    assert sum(kind == "breach" for _, kind, _ in told_of) == len(LEADS)
    assert follow_all(at(201)) == 0, "the rows are what the facts say"
    # Each lead was called in time to stay, or had moved on before: never both missed, never moved twice.
    for row in Handoff.objects.all():
        assert row.assignments.count() <= 2
        assert row.assignments.count() == 2 or row.touches.exists()
