"""The page of clocks and that of waits: what runs, what is overdue, and every number is as long as its list."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from entente.handoffs.models import Handoff
from entente.sla.actions import follow_all
from entente.sla.models import Clock
from entente.sla.words import in_words
from tests.web import world

pytestmark = pytest.mark.usefixtures("company")

STANDINGS = ("running", "overdue", "waiting", "before")


@pytest.fixture
def clocks(company):
    """Carlos waits for a rep; Bea's and Ana's are over; three more clocks stand in the ways that there are."""
    follow_all(world.NOW)
    now, handoff = timezone.now(), Handoff.objects.first()
    common = {
        "handoff": handoff, "person": handoff.person, "version": 1, "kind": "first_touch", "promise": "First touch",
        "state": "running", "paused": timedelta(0), "started_at": now - timedelta(days=9),
    }  # fmt: skip
    Clock.objects.create(**common, rep=world.REP, due_at=now + timedelta(days=4))
    Clock.objects.create(**common, rep=world.OTHER_REP, due_at=now - timedelta(days=4))
    Clock.objects.create(**common, rep="Somebody else", due_at=now - timedelta(days=5), quiet=True)


@pytest.mark.usefixtures("clocks")
@pytest.mark.parametrize("which", STANDINGS)
@pytest.mark.parametrize("more", ["", "&rep=lola@acme.example", "&promise=First touch", "&rep=mine", "&promise=none"])
def test_each_number_is_the_length_of_its_list(ops: Client, which: str, more: str):
    page = ops.get(f"/clocks/?standing={which}{more}")
    numbers = {name: count for name, _label, count in page.context["standings"]}
    assert page.context["page"].paginator.count == numbers[which]
    assert len(re.findall(r'id="clock-\d+"', page.content.decode())) == numbers[which]


@pytest.mark.usefixtures("clocks")
def test_they_stand_apart(ops: Client):
    numbers = {name: count for name, _label, count in ops.get("/clocks/").context["standings"]}
    assert numbers == {"running": 1, "overdue": 1, "waiting": 1, "before": 1}


@pytest.mark.usefixtures("clocks")
def test_the_countdown_is_in_open_time_and_stops_at_nothing(ops: Client):
    (row,) = ops.get("/clocks/").context["rows"]
    assert not row.is_late
    assert timedelta(hours=9) <= row.left <= timedelta(hours=36), "four days hold one to four working days"
    (late,) = ops.get("/clocks/?standing=overdue").context["rows"]
    assert (late.is_late, late.used) == (True, 1.0)
    assert f"{in_words(late.left)} late" in ops.get("/clocks/?standing=overdue").content.decode()


@pytest.mark.usefixtures("clocks")
def test_mine_are_those_of_the_reader(client: Client):
    from entente.members.models import Role
    from tests.members.factories import UserFactory

    client.force_login(UserFactory(role=Role.MEMBER, party="sales", email=world.REP))
    (row,) = client.get("/clocks/?rep=mine").context["rows"]
    assert row.clock.rep == world.REP


def test_the_promises_are_explained_by_a_date(ops: Client):
    (example,) = ops.get("/clocks/").context["examples"]
    name, words, due = example
    assert (name, words) == (
        "First touch",
        "The first call, mail, meeting or message within 1 open hour of the assignment, for at least 90% of the "
        "hand-offs.",
    )
    assert timedelta(hours=1) <= due - timezone.now() + timedelta(seconds=9) < timedelta(days=5)


@pytest.mark.usefixtures("clocks")
def test_the_overview_says_what_runs_and_what_is_overdue(ops: Client):
    page = ops.get("/promises/?period=all").content.decode()
    assert "1 clock runs now" in page
    assert "1 is overdue" in page
    assert '<a href="/clocks/?standing=overdue">1 promise is overdue at this moment</a>' in page


def test_the_pace_of_the_running_month_comes_with_its_range(ops: Client):
    page = ops.get("/promises/?period=this_month").context["promises"]
    volume = page[0][1][0][1]
    text = ops.get("/promises/?period=this_month").content.decode()
    if volume.pace.projection:
        assert f"In nine of ten cases it ends between {volume.pace.low} and {volume.pace.high}." in text


def test_waits_are_told_apart_and_each_number_is_the_length_of_its_list(ops: Client):
    page = ops.get("/follow-up/?period=all")
    rows = [page.context["everybody"], *page.context["rows"]]
    assert {row.rep for row in rows} >= {"", world.REP}
    for row in rows:
        for which, ids in (("", row.waited.given), ("untouched", row.waited.untouched)):
            found = ops.get("/follow-up/list/", {"period": "all", "rep": row.rep, "which": which})
            assert found.context["page"].paginator.count == len(ids)
    mine = next(row for row in rows if row.rep == world.REP)
    assert mine.waited.ours is not None
    assert mine.waited.theirs is not None


def test_a_persons_page_says_how_their_clocks_stand(ops: Client):
    text = " ".join(ops.get(f"/people/{world.found('Ana').pk}/").content.decode().split())
    assert re.search(r"<dt>First touch</dt> <dd><span class=\"badge badge-(good|bad)\">(kept|broken)</span>", text)


def test_a_promise_says_under_which_versions_it_is_judged(ops: Client):
    text = ops.get("/promises/sales/0/?period=all").content.decode()
    assert "under which it was opened, here: 1." in text


def test_the_list_behind_a_timed_promise_says_how_long_each_took(ops: Client):
    follow_all(world.NOW)
    kept = ops.get("/promises/sales/0/?period=all&which=kept")
    missed = ops.get("/promises/sales/0/?period=all&which=missed")
    for page, word in ((kept, "kept"), (missed, "broken")):
        text = " ".join(page.content.decode().split())
        said = re.findall(rf">{word}</span>(?: after [\d\s\u202f hminNs]+)?", text)
        assert len(said) == page.context["page"].paginator.count
    assert ops.get("/promises/marketing/1/?period=all").context["clocks"] is None


@pytest.mark.parametrize(
    "wrong", ["rep=%00", "promise=%00&rep=%FF", "standing=%00", "page=-1", "page=%F0%9F%92%A9", "which=x"]
)
def test_nonsense_in_the_address_breaks_nothing(ops: Client, wrong: str):
    for page in ("/clocks/", "/follow-up/", "/follow-up/list/"):
        assert ops.get(f"{page}?{wrong}").status_code in (200, 400)
