"""Routing's pages with everything on them, in a real Chromium: on a desk, and on a phone in the dark."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from entente.events.actions import source_named
from entente.events.models import Import
from entente.members.models import Role, User
from entente.routing import actions
from entente.routing.absences import enter_absence
from entente.routing.models import Capacity
from tests.members.factories import UserFactory
from tests.routing.world import ANA, EVA, LUIS, MARIA, asks, begin, come, handoff_of, told
from tests.web.test_in_a_browser import DESK, SMALL, WCAG, Watched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = datetime.now(UTC)


def build() -> None:
    """Leads of all kinds: dealt, covered, taken away, waiting, from before; somebody away, somebody gone."""
    begin()
    UserFactory(email=ANA, name="Ana Long-Name of the House"), UserFactory(email=LUIS, name="Luis")
    come(["carla", "dora"], NOW, domain="kunde.example")
    actions.deal_waiting(NOW)
    enter_absence(EVA, date(2020, 1, 1), date(2099, 1, 1), 3, "A long journey", by=None, now=NOW)
    actions.reassign(handoff_of("carla").pk, NOW, "breach")
    Capacity.objects.create(rep=MARIA, at_most=0, set_at=NOW)
    come(["waits"], NOW, country="MX")
    unit = Import.objects.create(source=source_named("site"), files=[], started_at=NOW)
    told(NOW, *asks("old", NOW), imported_by=unit)
    actions.deal_waiting(NOW)
    User.objects.create(email=MARIA, name="Maria", is_active=False)


@pytest.mark.parametrize(("screen", "scheme"), [(DESK, "light"), (SMALL, "dark")], ids=["desk", "phone"])
def test_every_page_of_routing_is_sound(chromium: Browser, live_server, screen, scheme):
    build()
    context = chromium.new_context(viewport=screen, color_scheme=scheme)
    watched = Watched(context, live_server.url)
    watched.sign_in(UserFactory(role=Role.OPS, party="", timezone="Europe/Madrid"))
    person = reverse("person", args=[handoff_of("carla").person_id])
    trial = reverse("what_if") + "?person=waits@waits.example&set=country=ES"
    pages = [
        trial,
        reverse("waiting"),
        reverse("team"),
        reverse("rep", args=[EVA]),
        reverse("leaving", args=[ANA]),
        person,
    ]
    for path in pages:
        watched.open(path)
        for link in watched.page.get_by_text("Why this rep?").all():
            if path == person:
                link.click()
                expect(watched.page.get_by_text("Dealt: it leaves the team the most even.").first).to_be_visible()
        watched.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        watched.check(path, WCAG)
    context.close()
