"""The log takes each event once, all of an append or nothing, and refuses every change."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.django import TestCase

from entente.events import actions
from entente.events.actions import Appended, append, erase, source_named, undo_import
from entente.events.models import Arrival, Conflict, Event, Import
from entente.events.segment import parse
from entente.events.types import NewEvent
from tests.events.factories import NOW, START, alias, identify, page
from tests.events.test_segment import CALLS

pytestmark = pytest.mark.django_db


def test_an_event_is_counted_once():
    sent = [page(user="u", id="m1"), page(user="u", id="m2")]
    assert append(sent, "web") == Appended(stored=2)
    assert append(sent, "web") == Appended(known=2)
    assert Event.objects.count() == 2


def test_a_source_cannot_shadow_another_s_ids():
    assert append([page(user="u", id="m1")], "web") == append([page(user="u", id="m1")], "crm") == Appended(stored=1)


@pytest.mark.parametrize("many", [2, actions.WORTH_TRYING + 2])
def test_the_same_id_twice_in_one_append_keeps_the_first(many):
    sent = [page(f"/{n}", user="u", id=f"m{n}") for n in range(many - 1)]
    sent.append(page("/other", user="u", id="m0"))
    assert append(sent, "web") == Appended(stored=many - 1, known=1, conflicts=1)
    assert Event.objects.get(message_id="m0").path == "/0"


def test_another_body_under_a_known_id_is_counted_and_shown():
    append([page("/a", user="u", id="m1")], "web")
    assert append([page("/b", user="u", id="m1"), page("/c", user="u", id="m1")], "web").conflicts == 2
    conflict = Conflict.objects.get()
    assert (conflict.message_id, conflict.count, conflict.example["path"]) == ("m1", 2, "/c")
    append([page("/d", user="u", id="m1")], "web")
    conflict.refresh_from_db()
    assert (conflict.count, conflict.example["path"]) == (3, "/d")


def test_a_retry_with_other_times_is_no_conflict():
    append([page(user="u", id="m1", minute=1)], "web")
    assert append([page(user="u", id="m1", minute=2)], "web") == Appended(known=1)


def test_an_append_is_all_or_nothing():
    def failing():
        yield page(user="u")
        raise RuntimeError("the file ends here")

    with pytest.raises(RuntimeError):
        append(failing(), "web")
    assert not Event.objects.exists()
    assert not Arrival.objects.exists()


def test_chunks_are_told_to_the_progress_bar(monkeypatch):
    monkeypatch.setattr(actions, "CHUNK", 2)
    told: list[int] = []
    assert append((page(user="u") for _ in range(5)), "web", progress=told.append).stored == 5
    assert told == [2, 2, 1]


def test_every_append_leaves_an_arrival_to_be_folded():
    append([page(user="u") for _ in range(3)], "web")
    arrival = Arrival.objects.get()
    assert arrival.events == 3
    within = Event.objects.filter(arrival=arrival.pk, pk__gte=arrival.first, pk__lte=arrival.last)
    assert within.count() == 3
    append([], "web")
    assert Arrival.objects.count() == 1


def test_an_id_too_long_for_the_index_is_kept_as_its_hash():
    long = page(user="u", id="m" * 5000)
    assert append([long], "web") == Appended(stored=1)
    assert append([long], "web") == Appended(known=1)


def test_an_event_is_never_later_than_its_receipt():
    append([page(user="u", occurred_at=START + timedelta(hours=1), received_at=START)], "web")
    assert Event.objects.get().occurred_at == START


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events_event SET path = '/x'",
        "DELETE FROM events_event",
        "TRUNCATE events_event CASCADE",
        "DELETE FROM events_source",
        "DELETE FROM events_import",
    ],
)
def test_the_database_refuses_to_change_the_log(change):
    append([page(user="u")], "web")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as sql:
        sql.execute(change)
    assert Event.objects.count() == 1


def test_leave_to_erase_ends_with_the_erasure():
    append([page(user="u")], "web")
    erase(["user:u"], NOW)
    append([page(user="v")], "web")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.all().delete()


def imported(*events: NewEvent) -> Import:
    unit = Import.objects.create(source=source_named("crm"), files=[], started_at=NOW)
    append(events, "crm", unit)
    return unit


def test_an_import_is_undone_whole_and_once():
    append([page(user="u")], "web")
    unit = imported(page(user="u"), page(user="v"))
    assert undo_import(unit, NOW) == 2
    assert Event.objects.count() == 1
    assert undo_import(unit, NOW + timedelta(days=1)) == 0
    unit.refresh_from_db()
    assert unit.undone_at == NOW


def test_an_undone_import_can_be_imported_again():
    sent = page(user="u", id="m1")
    undo_import(imported(sent), NOW)
    assert append([sent], "crm") == Appended(stored=1)


def test_who_was_erased_does_not_come_back():
    append([identify("u", email="ana@acme.es", anonymous="d"), page(user="v")], "web")
    assert erase(["user:u", "email:ana@acme.es", "anon:d"], NOW) == 1
    late = [
        page(user="u"), page(email="ana@acme.es"), page(anonymous="d"), identify("w", email="ana@acme.es"),
        alias("w", "u"), page(user="v"),
    ]  # fmt: skip
    assert append(late, "web") == Appended(stored=1, erased=5)


def test_a_hash_of_the_erased_tells_nothing_without_its_key(settings, tmp_path):
    from hashlib import sha256

    from entente.events.erasure import ErasureError
    from entente.events.models import Erased

    erase(["email:ana@acme.es"], NOW)
    assert bytes(Erased.objects.get().hash) != sha256(b"email:ana@acme.es").digest()
    settings.DATA = tmp_path
    with pytest.raises(ErasureError, match="ENTENTE_ERASURE_KEY"):
        append([page(user="u")], "web")


class Storable(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(CALLS)
    def test_what_parse_lets_through_postgresql_takes(self, call):
        found = parse(call, NOW)
        if isinstance(found, NewEvent):
            appended = append([found], "web")
            assert appended.stored + appended.known == 1
