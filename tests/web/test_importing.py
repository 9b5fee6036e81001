"""The import page: upload, look, change, import, undo; drafts are their owner's, and nobody else's bytes are read."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from entente.connectors import drafts, running
from entente.events.models import Event, Import
from entente.members.models import Role, TrailEntry
from entente.people.models import Person
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db

LEADS = """Nombre;Correo;Origen;Fecha alta;Importe
Ana;ana@kunde.example;feria;03/02/2026;1.200,50
Bea;bea@kunde.example;web;28/02/2026;300,00
Carlos;carlos@kunde.example;web;15/03/2026;
"""


@pytest.fixture(autouse=True)
def _in_the_foreground(monkeypatch: pytest.MonkeyPatch, settings, tmp_path):
    """Imports run at once and not in a thread, whose connection would not see the test's transaction."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(running, "_in_a_thread", lambda work: work())


def upload(client: Client, text: str = LEADS, name: str = "leads.csv") -> str:
    file = SimpleUploadedFile(name, text.encode())
    response = client.post("/imports/drafts/", {"files": file, "timezone": "Europe/Madrid"})
    assert response.status_code == 302, response.content
    return response["Location"]


def the_import(client: Client, address: str, **choices: str):
    return client.post(f"{address}choices/", {"then": "import", **choices})


def test_files_are_shown_as_what_they_are_taken_for_before_anything_goes_in(ops: Client):
    page = ops.get(upload(ops))
    meanings = {column.header: column.meaning for column in page.context["preview"].tables[0].columns}
    assert meanings["Correo"] == "email"
    assert meanings["Fecha alta"] == "created"
    assert not Event.objects.exists()


def test_an_import_is_made_shown_and_undone(ops: Client):
    address = upload(ops)
    the_import(ops, address)
    assert Person.objects.filter(email="ana@kunde.example").exists()
    assert ops.get(address)["Location"] == "/imports/"
    unit = Import.objects.get()
    assert (unit.rows, unit.files[0]["name"], unit.by.name) == (3, "leads.csv", "Olga")
    assert b"leads.csv" in ops.get("/imports/").content
    ops.post(f"/imports/{unit.pk}/undo/")
    assert not Person.objects.exists()
    assert [entry.verb for entry in TrailEntry.objects.order_by("pk")] == ["import.made", "import.undone"]
    assert b"undone" in ops.get("/imports/").content
    assert "undone already" in ops.post(f"/imports/{unit.pk}/undo/", follow=True).content.decode()


def test_the_same_files_again_change_nothing(ops: Client):
    for _ in range(2):
        the_import(ops, upload(ops))
    first, second = Import.objects.order_by("pk")
    assert (second.events, second.known) == (0, first.events)


def test_a_changed_meaning_is_shown_before_it_is_imported(ops: Client):
    address = upload(ops)
    columns = [column.header for column in ops.get(address).context["preview"].tables[0].columns]
    changed = {f"meaning-0-{columns.index('Origen')}": "segment"}
    the_import(ops, address, **changed)
    assert not Import.objects.exists(), "look once more"
    preview = ops.get(address).context["preview"]
    assert {column.header: column.meaning for column in preview.tables[0].columns}["Origen"] == "segment"
    the_import(ops, address)
    assert Person.objects.get(name="Ana").traits["segment"] == "feria"


def test_two_columns_cannot_mean_the_same(ops: Client):
    address = upload(ops)
    page = ops.post(f"{address}choices/", {"then": "look", "meaning-0-0": "phone", "meaning-0-2": "phone"}, follow=True)
    assert "both mean" in page.content.decode()
    assert drafts.find(address.split("/")[3]).columns == []


def test_the_mapping_is_a_file_for_the_command_line(ops: Client):
    mapping = ops.get(f"{upload(ops)}mapping/")
    assert "Correo: email" in mapping.content.decode()


def test_rows_that_do_not_go_in_are_handed_back_with_their_reason(ops: Client):
    the_import(ops, upload(ops, LEADS + "=cmd();dora@kunde.example;web;99/99/2026;x\n"))
    unit = Import.objects.get()
    assert unit.rejected == 1
    rows = list(
        csv.reader(
            io.StringIO(b"".join(ops.get(f"/imports/{unit.pk}/left-out/").streaming_content).decode("utf-8-sig"))
        )
    )
    assert rows[1][0] == "'=cmd()"
    assert "99/99/2026" in rows[1][-1]
    unit.rejects_file = "/etc/passwd"
    unit.save()
    assert ops.get(f"/imports/{unit.pk}/left-out/").status_code == 404


@pytest.mark.parametrize(("name", "text"), [("a.csv", ""), ("a.pdf", "%PDF-1.4 nonsense"), ("a.csv", "\x00\x01\x02")])
def test_what_cannot_be_read_is_said_and_forgotten(ops: Client, name: str, text: str):
    address = upload(ops, text or " ", name)
    page = ops.get(address)
    assert page.status_code == 200
    assert "cannot be read" in page.content.decode()
    ops.post(f"{address}end/")
    assert ops.get(address).status_code == 404


def test_a_draft_is_its_owners_and_operations_see_it_too(client: Client, ops: Client):
    manager = UserFactory(role=Role.MANAGER, party="marketing")
    theirs = Client()
    theirs.force_login(manager)
    address = upload(theirs)
    assert theirs.get(address).status_code == 200
    assert ops.get(address).status_code == 200
    colleague = Client()
    colleague.force_login(UserFactory(role=Role.MANAGER, party="marketing"))
    for path in ("", "progress/", "mapping/"):
        assert colleague.get(address + path).status_code == 404
    for path in ("choices/", "end/"):
        assert colleague.post(address + path).status_code == 404
    assert colleague.get("/imports/drafts/../../secret_key/").status_code == 404


def test_whoever_may_not_import_uploads_nothing(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    for user in (None, UserFactory(role=Role.MEMBER)):
        client = Client()
        if user:
            client.force_login(user)
        response = client.post("/imports/drafts/", {"files": SimpleUploadedFile("a.csv", b"x" * 5_000_000)})
        assert response.status_code in (302, 403)
        assert not list(tmp_path.iterdir())


def test_a_file_that_is_too_large_is_not_kept(ops: Client, settings):
    settings.UPLOAD_MAX_BYTES = 1_000_000
    page = ops.post("/imports/drafts/", {"files": SimpleUploadedFile("a.csv", b"x,y\n" * 500_000)}, follow=True)
    assert "larger than 1 MB" in page.content.decode()
    assert drafts.of(page.context["user"].pk) == []


def test_a_name_is_kept_without_anything_to_trip_over(ops: Client):
    address = upload(ops, name="../../x\r\n<script>\u202e.csv")
    (name,) = drafts.find(address.split("/")[3]).files
    assert "/" not in name
    assert not set(name) & set("<>\r\n\u202e")
    assert ops.get(address).status_code == 200


def test_progress_is_told_until_it_is_done(ops: Client):
    address = upload(ops)
    draft = drafts.find(address.split("/")[3])
    draft.state, draft.process, draft.step, draft.done, draft.total = (
        drafts.RUNNING,
        __import__("os").getpid(),
        "writing",
        5,
        9,
    )
    draft.save()
    assert b"Writing into the log" in ops.get(f"{address}progress/").content
    assert b"Importing" in ops.get(address).content
    draft.state = drafts.DONE
    draft.save()
    assert ops.get(f"{address}progress/")["HX-Redirect"] == "/imports/"


def test_an_import_whose_process_died_can_be_started_again(ops: Client):
    address = upload(ops)
    draft = drafts.find(address.split("/")[3])
    draft.state, draft.process = drafts.RUNNING, 2**22 + 1
    draft.save()
    assert "interrupted" in ops.get(address).content.decode()
    the_import(ops, address)
    assert Import.objects.exists()


def test_a_fault_of_ours_leaves_nothing_and_says_so(ops: Client, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    address = upload(ops)
    monkeypatch.setattr("entente.connectors.actions.import_records", broken)
    the_import(ops, address)
    page = ops.get(address).content.decode()
    assert "a fault of ours" in page
    assert "secret detail" not in page


def test_drafts_are_forgotten_after_a_week(ops: Client):
    address = upload(ops)
    draft = drafts.find(address.split("/")[3])
    drafts.forget_old(timezone.now() + timedelta(days=6))
    assert json.loads((draft.folder / drafts.NOTE).read_text())
    drafts.forget_old(timezone.now() + timedelta(days=8))
    with pytest.raises(drafts.DraftMissing):
        drafts.find(draft.id)
