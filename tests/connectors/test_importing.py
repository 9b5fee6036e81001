"""An import is one unit: all or nothing, the same again changes nothing, and it can be taken back."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from entente.connectors import actions
from entente.connectors.actions import ImportProblem, import_files, undo
from entente.connectors.files import FileProblem, parse_mapping
from entente.events.models import Arrival, Conflict, Event, Import, Source
from entente.handoffs.models import Deal
from entente.people.models import Account, Person
from tests.connectors.files import NOW, workbook, write
from tests.members.factories import UserFactory

DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db

LEADS = """
Record ID,First Name,Last Name,Email,Company,Create Date,Lead Source,Owner,Lead Status,Amount,Close Date
1,Ann,Lee,ann@acme.example,Acme,2024-01-02 10:00,Web,Max,Won,1500.5,2024-03-01
2,Bob,Roe,bob@beta.example,Beta,2024-01-03 10:00,Fair,Mia,Lost,,2024-02-01
3,Cat,Mas,cat@beta.example,Beta,2024-01-04 10:00,Fair,,New,,
"""


@pytest.fixture
def leads(tmp_path) -> Path:
    return write(tmp_path, "leads.csv", LEADS)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path


def test_rows_become_events_persons_accounts_and_deals(leads):
    unit = import_files([leads], now=NOW)
    assert (unit.rows, unit.rejected, unit.known) == (3, 0, 0)
    assert unit.events == Event.objects.count() == Event.objects.filter(imported_by=unit).count()
    assert sorted(Person.objects.values_list("name", "email")) == [
        ("Ann Lee", "ann@acme.example"),
        ("Bob Roe", "bob@beta.example"),
        ("Cat Mas", "cat@beta.example"),
    ]
    assert sorted(Account.objects.values_list("key", flat=True)) == ["acme", "beta"]
    assert sorted(Deal.objects.exclude(closed_at=None).values_list("outcome", flat=True)) == ["lost", "won"]
    assert not Arrival.objects.exists()


def test_the_import_remembers_files_mapping_and_who_did_it(leads):
    user = UserFactory()
    unit = import_files([leads], source="Old CRM", by=user, now=NOW)
    assert unit.source.name == "Old CRM"
    assert unit.by == user
    assert unit.files[0]["name"] == "leads.csv"
    assert len(unit.files[0]["sha256"]) == 64
    assert "Record ID: lead" in unit.mapping["yaml"]


def test_the_same_file_again_changes_nothing_renamed_sorted_anew_or_packed(leads, tmp_path):
    import_files([leads], now=NOW)
    before = everything()
    header, *lines = LEADS.strip().splitlines()
    other = write(tmp_path, "copy (2).csv", "\n".join([header, *reversed(lines)]))
    packed = tmp_path / "leads.csv.gz"
    packed.write_bytes(gzip.compress(leads.read_bytes()))
    book = workbook(tmp_path, "book.xlsx", {"Sheet": [line.split(",") for line in [header, *lines]]})
    for path in (leads, other, packed, book):
        unit = import_files([path], now=NOW + timedelta(days=1))
        assert (unit.events, unit.known) == (0, before[0])
        assert everything() == before


def everything() -> tuple[int, list[tuple[object, ...]], list[tuple[object, ...]]]:
    persons = list(Person.objects.order_by("pk").values_list("pk", "email", "name", "traits", "account__key"))
    return Event.objects.count(), persons, list(Deal.objects.order_by("pk").values_list("key", "outcome", "amount"))


def test_an_updated_export_adds_only_what_changed(leads, tmp_path):
    import_files([leads], now=NOW)
    newer = write(
        tmp_path,
        "leads.csv",
        LEADS.replace("Cat,Mas", "Cat,Maas"),
    )
    unit = import_files([newer], now=NOW + timedelta(days=1))
    assert unit.events == 1
    assert Person.objects.get(email="cat@beta.example").name == "Cat Maas"


def test_a_deal_follows_its_exports_through_a_new_amount_its_end_and_its_reopening(tmp_path):
    def export(number: int, stage: str, amount: str, closed: str) -> Deal:
        text = f"Deal ID,Stage,Amount,Created,Close Date,Email\nD1,{stage},{amount},2024-01-02,{closed},a@x.example\n"
        import_files(
            [write(tmp_path, f"{number}.csv", text + "D2,Lead,1,2024-01-02,,b@x.example\n")], now=NOW + number * DAY
        )
        return Deal.objects.get(key="D1")

    first = export(0, "Proposal", "100", "")
    assert (first.outcome, first.amount, first.stage) == ("open", 100, "Proposal")
    raised = export(1, "Proposal", "150", "")
    assert (raised.outcome, raised.amount) == ("open", 150)
    lost = export(2, "Lost", "150", "2026-06-02")
    assert (lost.outcome, lost.closed_at) == ("lost", datetime(2026, 6, 2, tzinfo=UTC))
    again = export(3, "Negotiation", "170", "")
    assert (again.outcome, again.amount, again.stage, again.closed_at) == ("open", 170, "Negotiation", None)


def test_bad_rows_go_to_a_file_with_their_reasons_and_good_rows_go_in(tmp_path):
    text = (
        "Email,Created,Stage,Amount,Note\n"
        "a@x.example,2024-01-01,Won,10,ok\n"
        "b@x.example,2024-13-01,Won,10,=cmd()\n"
        "c@x.example,2024-01-02,Won,lots,+1\n"
        "d@x.example,2031-01-02,Won,5,late\n"
        "e@x.example,2024-01-02,Won,5,one,too many\n"
        "f@x.example,2024-01-03,Won,20,ok\n"
        + "".join(f"g{n}@x.example,2024-01-03,Won,20,ok\n" for n in range(40))
    )  # fmt: skip
    unit = import_files([write(tmp_path, "a.csv", text)], now=NOW)
    assert (unit.rejected, Person.objects.count()) == (4, 42)
    with Path(unit.rejects_file).open(encoding="utf-8-sig", newline="") as stream:
        left_out = list(csv.DictReader(stream))
    assert [(row["Left out: row"], row["Email"], row["Left out: why"]) for row in left_out] == [
        ("3", "b@x.example", "'2024-13-01' in 'Created' is no date"),
        ("4", "c@x.example", "'lots' in 'Amount' is no number"),
        ("5", "d@x.example", "created is in the future (2031-01-02)"),
        ("6", "e@x.example", "it has 6 cells where the header has 5"),
    ]
    assert [row["Note"] for row in left_out[:2]] == ["'=cmd()", "+1"]  # no formula, but a number
    mended = Path(unit.rejects_file).read_text("utf-8-sig").replace("2024-13-01", "2024-12-01").replace("lots", "10")
    again = import_files([write(tmp_path, "mended.csv", mended)], now=NOW)
    assert again.rejected == 1  # what lies in the future still does
    assert Person.objects.count() == 45
    assert not any("Left out" in name for name in Person.objects.get(email="b@x.example").traits)


def test_an_import_can_be_taken_back_once(leads):
    unit = import_files([leads], now=NOW)
    assert undo(unit.pk, None, now=NOW) == unit.events
    assert not Event.objects.exists()
    assert not Person.objects.exists()
    assert not Account.objects.exists()
    with pytest.raises(ImportProblem, match="undone already"):
        undo(unit.pk, None, now=NOW)
    with pytest.raises(ImportProblem, match="no import 999"):
        undo(999, None, now=NOW)


def test_only_its_own_events_are_taken_back(leads, tmp_path):
    first = import_files([leads], now=NOW)
    kept = everything()
    other = write(tmp_path, "other.csv", LEADS + "4,Dan,Poe,dan@x.example,,2024-02-01 10:00,Web,Max,New,,\n")
    second = import_files([other], now=NOW + timedelta(hours=1))
    assert second.known == first.events
    undo(second.pk, None, now=NOW)
    assert everything() == kept


def test_what_was_taken_back_can_be_imported_again(leads):
    undo(import_files([leads], now=NOW).pk, None, now=NOW)
    unit = import_files([leads], now=NOW)
    assert unit.known == 0
    assert Person.objects.count() == 3


@pytest.mark.parametrize("where", ["append", "write_rejects"])
def test_a_failed_import_leaves_nothing(tmp_path, monkeypatch, where):
    def fail(*args, **kwargs):
        raise RuntimeError("the disk is full")

    path = write(tmp_path, "a.csv", LEADS + "5,Eva,Sol,eva@x.example,,2031-01-01,Web,,New,,\n")
    if where == "append":
        monkeypatch.setattr(actions, "append", fail)
    else:
        monkeypatch.setattr(actions.Rejects, "write", fail)
    with pytest.raises(RuntimeError):
        import_files([path], now=NOW)
    assert not Event.objects.exists()
    assert not Import.objects.exists()
    assert not Source.objects.exists()
    assert not list(tmp_path.glob("imports/*"))


def test_a_wrong_file_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(FileProblem):
        import_files([write(tmp_path, "a.csv", "alpha,beta\n1,2\n")], now=NOW)
    assert not Import.objects.exists()


def test_sources_do_not_shadow_each_other(leads):
    import_files([leads], source="one", now=NOW)
    unit = import_files([leads], source="two", now=NOW)
    assert unit.known == 0
    assert Person.objects.count() == 3  # one e-mail address, one person


def test_deals_that_come_later_find_the_persons_of_their_leads(leads, tmp_path):
    import_files([leads], now=NOW)
    deals = write(
        tmp_path,
        "deals.csv",
        "Deal ID,Contact ID,Stage,Amount,Created\nD7,3,Proposal,70,2024-02-02\nD8,9,Lead,8,2024-02-03\n",
    )
    import_files([deals], now=NOW)
    assert Deal.objects.get(key="D7").person == Person.objects.get(email="cat@beta.example")
    assert Deal.objects.get(key="D8").person not in Person.objects.exclude(email="")


@pytest.mark.parametrize("before", ["cat@beta.example", ""])
def test_a_lead_that_gets_another_address_stays_one_person(tmp_path, before):
    import_files([write(tmp_path, "a.csv", LEADS.replace("cat@beta.example", before))], now=NOW)
    newer = write(tmp_path, "b.csv", LEADS.replace("cat@beta.example", "cat@gamma.example"))
    import_files([newer], now=NOW + DAY)
    persons = Person.objects.filter(joined_into=None)
    assert persons.count() == 3
    assert persons.get(email="cat@gamma.example").name == "Cat Mas"
    for number, name in enumerate("bab"):
        assert import_files([tmp_path / f"{name}.csv"], now=NOW + (2 + number) * DAY).events == 0
    assert not Conflict.objects.exists()


def test_a_mapping_is_obeyed_and_kept(tmp_path):
    path = write(tmp_path, "a.csv", "Wer,Wann\nann@x.example,03/04/2024\nbob@x.example,05/06/2024\n")
    mapping = parse_mapping(
        "timezone: Europe/Madrid\nfiles: [{file: a.csv, columns: {Wann: {meaning: created, dates: month first}}}]\n"
    )
    unit = import_files([path], mapping, now=NOW)
    assert Event.objects.filter(type="identify").earliest("occurred_at").occurred_at == datetime(
        2024, 3, 3, 23, tzinfo=UTC
    )
    assert "dates: month first" in unit.mapping["yaml"]


def test_progress_is_told_row_by_row_to_the_end(leads):
    seen: list[tuple[str, int, int]] = []
    unit = import_files([leads], now=NOW, progress=lambda *step: seen.append(step))
    assert seen[0] == ("reading", 0, 1)
    assert ("writing", 3, 3) in seen
    assert seen[-1] == ("persons", unit.events, unit.events)


def test_progress_tells_how_many_events_are_folded_while_more_wait(leads, monkeypatch):
    monkeypatch.setattr(actions, "FOLDED_AT_ONCE", 2)
    seen: list[tuple[str, int, int]] = []
    unit = import_files([leads], now=NOW, progress=lambda *step: seen.append(step))
    told = [(done, total) for what, done, total in seen if what == "persons"]
    assert told == [*((done, unit.events) for done in range(0, unit.events, 2)), (unit.events, unit.events)]


def test_a_hostile_row_is_only_text(tmp_path):
    name = "<script>alert(1)</script>'; DROP TABLE events_event; -- \u202e"
    path = write(
        tmp_path,
        "a.csv",
        f'Name,Email,Company\n"{name}",ann@x.example,"=cmd|\' /C calc\'!A0"\nBob,bob@x.example,Beta\n',
    )
    import_files([path], now=NOW)
    assert Person.objects.get(email="ann@x.example").name == name
    with connection.cursor() as sql:
        sql.execute("SELECT count(*) FROM events_event")
        assert sql.fetchone()[0] == Event.objects.count()
