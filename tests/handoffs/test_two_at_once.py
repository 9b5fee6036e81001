"""Two who act on one hand-off at the same moment: one after the other, and only what then still fits is done."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from entente.events.models import Event
from entente.handoffs import models, verbs
from entente.handoffs.actions import Derived, derive
from entente.handoffs.lifecycle import NotAllowed
from tests.handoffs.test_verbs import given_to
from tests.handoffs.world import ANA, LUIS, at

pytestmark = pytest.mark.django_db(transaction=True)

RIVALS = {
    "to accept and to reject": (
        lambda id_: verbs.accept(id_, ANA, at(5)),
        lambda id_: verbs.reject(id_, ANA, "No budget", at(5)),
    ),
    "to accept twice": (lambda id_: verbs.accept(id_, ANA, at(5)), lambda id_: verbs.accept(id_, ANA, at(5))),
    "to end it in two ways": (
        lambda id_: verbs.recycle(id_, ANA, at(5)),
        lambda id_: verbs.reject(id_, ANA, "No budget", at(5)),
    ),
    "to pause twice": (lambda id_: verbs.pause(id_, ANA, "x", at(5)), lambda id_: verbs.pause(id_, ANA, "x", at(5))),
    "to give it to the same rep": (
        lambda id_: verbs.reassign(id_, LUIS, ANA, at(5)),
        lambda id_: verbs.reassign(id_, LUIS, ANA, at(5)),
    ),
}


def at_once(*deeds):
    """What becomes of deeds that begin in several threads together: True, or why not."""
    ready, found = Barrier(len(deeds)), []

    def run(deed):
        ready.wait()
        try:
            deed()
            found.append(True)
        except NotAllowed as no:
            found.append(str(no))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("rivals", RIVALS.values(), ids=RIVALS)
def test_of_two_who_try(rivals):
    id_ = given_to(ANA)
    events = Event.objects.count()
    found = at_once(*(lambda deed=deed: deed(id_) for deed in rivals))
    assert found.count(True) == 1, found
    assert Event.objects.count() == events + 1
    assert derive() == Derived()


def test_many_touches_at_once_are_all_kept():
    id_ = given_to(ANA)
    found = at_once(*(lambda: verbs.touch(id_, ANA, "call", at(5)) for _ in range(6)))
    assert found == [True] * 6
    assert models.Touch.objects.count() == 6


def test_one_key_asked_for_by_many_at_once_is_done_once():
    id_ = given_to(ANA)
    found = at_once(*(lambda: verbs.touch(id_, ANA, "call", at(5), key="k") for _ in range(4)))
    assert found == [True] * 4
    assert models.Touch.objects.count() == 1
