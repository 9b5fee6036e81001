"""Versions are stored once, in order, and never change."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from entente.agreements.actions import adopt
from entente.agreements.models import AgreementVersion
from entente.agreements.queries import in_force, reigns, version, version_in_force, version_of, versions
from entente.members.models import TrailEntry, User
from tests.agreements.documents import small

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_versions_are_numbered_in_the_order_of_adoption():
    numbers = [adopt(small(name=name), None, NOW).number for name in ("First", "Second", "Third")]
    assert numbers == [1, 2, 3]
    assert [v.number for v in versions()] == [3, 2, 1]


@pytest.mark.django_db
def test_adopting_the_same_document_again_changes_nothing():
    first = adopt(small(), None, NOW)
    again = adopt(small(), None, NOW + timedelta(days=1))
    assert again == first
    assert again.created_at == NOW
    assert versions().count() == 1


@pytest.mark.django_db
def test_an_adoption_leaves_one_trace_of_who_did_it_and_of_what():
    ops = User.objects.create_user("ops@acme.example", name="Olga", role="ops")
    version = adopt(small(), ops, NOW)
    adopt(small(), ops, NOW)
    [entry] = TrailEntry.objects.filter(verb="agreement.adopted")
    assert (entry.by, entry.at, entry.object) == (ops, NOW, "ACME, version 1")
    assert entry.details == {"number": 1, "sha256": version.sha256}


@pytest.mark.django_db
def test_a_stored_version_is_the_document_that_was_adopted():
    stored = adopt(small(), None, NOW)
    assert version(stored.number).agreement == small()
    assert version_of(small()) == stored
    assert version(99) is None


@pytest.mark.django_db
def test_a_version_is_in_force_from_midnight_in_its_own_time_zone():
    adopt(small(effective="2026-07-01", timezone="America/New_York"), None, NOW)
    midnight = datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert in_force(midnight - timedelta(microseconds=1)) is None
    assert in_force(midnight) == small(effective="2026-07-01", timezone="America/New_York")


@pytest.mark.django_db
def test_the_version_with_the_latest_day_that_has_come_is_in_force_and_of_one_day_the_newest():
    july = adopt(small(effective="2026-07-01", name="July"), None, NOW)
    june = adopt(small(effective="2026-06-01", name="June, adopted later"), None, NOW)
    corrected = adopt(small(effective="2026-07-01", name="July, corrected"), None, NOW)
    assert version_in_force(datetime(2026, 6, 15, tzinfo=UTC)) == june
    assert version_in_force(datetime(2026, 7, 15, tzinfo=UTC)) == corrected
    assert [(r.version, r.begins, r.ends) for r in reigns()] == [
        (june, june.effective_at, july.effective_at),
        (corrected, july.effective_at, None),
    ]


@pytest.mark.django_db
def test_reigns_and_version_in_force_agree_at_every_instant():
    for name, day in (("A", "2026-03-01"), ("B", "2026-01-01"), ("C", "2026-03-01"), ("D", "2026-02-01")):
        adopt(small(name=name, effective=day), None, NOW)
    for day in range(120):
        at = datetime(2025, 12, 20, 23, tzinfo=UTC) + timedelta(days=day)
        reigning = [r.version for r in reigns() if r.begins <= at and (r.ends is None or at < r.ends)]
        assert reigning == ([version_in_force(at)] if version_in_force(at) else [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agreements_agreementversion SET name = 'other'",
        "UPDATE agreements_agreementversion SET effective_at = now()",
        "DELETE FROM agreements_agreementversion",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_version(statement):
    adopt(small(), None, NOW)
    with pytest.raises(IntegrityError, match="version 1 of the agreement is immutable"), transaction.atomic():
        connection.cursor().execute(statement)
    assert version(1).agreement == small()


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_empty_the_versions_away():
    adopt(small(), None, NOW)
    with pytest.raises(IntegrityError, match="versions of the agreement are immutable"), transaction.atomic():
        connection.cursor().execute("TRUNCATE agreements_agreementversion CASCADE")
    assert version(1).agreement == small()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [{"sha256": "0" * 64}, {"document": "{}"}, {"number": 0}, {"number": 1}],
    ids=["a hash of nothing", "another document", "number zero", "a number that is taken"],
)
def test_the_database_refuses_a_version_that_is_not_what_it_says(changes):
    adopt(small(name="First"), None, NOW)
    second = small(name="Second")
    fields = {
        "number": 2,
        "name": second.name,
        "document": second.canonical().decode(),
        "sha256": second.sha256(),
        "effective_at": second.in_force_from,
        "created_at": NOW,
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        AgreementVersion.objects.create(**{**fields, **changes})


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_get_consecutive_numbers():
    start = threading.Barrier(4)
    numbers = []

    def write(name: str) -> None:
        try:
            start.wait()
            numbers.append(adopt(small(name=name), None, NOW).number)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(f"Writer {n % 3}",)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(set(numbers)) == [1, 2, 3]  # two of the four wrote the same document
    assert len(numbers) == 4
