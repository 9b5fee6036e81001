"""Two workers at once, and appends that commit while a fold runs: nobody is two persons, no event is passed over."""

import threading

import pytest
from django.db import close_old_connections, connection, transaction

from entente.events.actions import append, source_named
from entente.events.models import Arrival
from entente.people.actions import resolve_new
from entente.people.models import Identifier, Join, Person
from tests.events.factories import NOW, identify, page

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Run the works in threads that begin together; raises what one of them raised."""
    begin, failures = threading.Barrier(len(works)), []

    def run(work):
        try:
            begin.wait()
            work()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told below)
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_two_workers_that_join_one_pair_from_both_sides_end_in_one_person():
    append([page(user="a", minute=1), page(user="b", minute=2)], "web")
    resolve_new(NOW)

    def join(user):
        append([identify(user, email="x@acme.es", minute=3)], f"source-{user}")
        resolve_new(NOW)

    at_once(lambda: join("a"), lambda: join("b"))
    resolve_new(NOW)
    assert Person.objects.filter(joined_into=None).count() == 1
    assert Join.objects.count() == 1


def test_an_append_that_commits_late_is_folded_by_the_next_fold():
    """Its events have lower ids than some that are folded already: a cursor over ids would pass them over."""
    written, folded = threading.Event(), threading.Event()
    source_named("web")

    def slow():
        with transaction.atomic():
            append([page(user="slow")], "web")
            written.set()
            assert folded.wait(20)

    def fast():
        assert written.wait(20)
        append([page(user="fast")], "web")
        resolve_new(NOW)
        assert list(Identifier.objects.values_list("value", flat=True)) == ["user:fast"]
        folded.set()

    at_once(slow, fast)
    resolve_new(NOW)
    assert sorted(Identifier.objects.values_list("value", flat=True)) == ["user:fast", "user:slow"]
    assert not Arrival.objects.exists()


def test_the_same_events_sent_twice_at_once_are_stored_once():
    sent = [page(user="u", id=f"m{n}") for n in range(3000)]
    done = []
    at_once(*[lambda: done.append(append(sent, "web"))] * 3)
    assert sum(one.stored for one in done) == 3000
    assert sum(one.known for one in done) == 6000
    close_old_connections()
