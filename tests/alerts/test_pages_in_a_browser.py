"""The pages of alerts in a real Chromium: accessible, in both looks and languages, nothing sticks out, no complaint."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from entente.alerts.models import Outbox
from entente.members.models import Role
from tests.alerts import world
from tests.alerts.world import hear, known, page
from tests.members.factories import UserFactory
from tests.web.test_in_a_browser import LOOKS, WCAG, Watched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("look", ["desk, light, English", "small phone, dark, Spanish"])
def test_every_page_is_sound(chromium: Browser, live_server, look: str):
    screen, scheme, language = LOOKS[look]
    olga = UserFactory(role=Role.OPS, party="", name="Olga", language=language)
    world.webhook_of(olga, "https://hooks.example/")
    rule = world.rule(olga, tell=["browser", "hook"], quiet={"from": "01:00", "to": "02:00"})
    hear(known(), page("/pricing/a-very-long-path-that-never-ends" * 3))
    Outbox.objects.update(parked_at=world.NOW, error="The other side answered 500.")
    context = chromium.new_context(viewport=screen, color_scheme=scheme, locale=language)
    watched = Watched(context, live_server.url)
    watched.sign_in(olga)
    for path in (
        "/alerts/", "/alerts/new/", "/alerts/new/?as=yaml", f"/alerts/{rule.pk}/", "/alerts/addresses/",
        "/notifications/", "/deliveries/", "/deliveries/?which=delivered",
    ):  # fmt: skip
        watched.open(path)
        watched.check(path, WCAG)
    context.close()


def test_a_rule_is_made_with_the_keyboard(chromium: Browser, live_server):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    watched = Watched(context, live_server.url)
    watched.sign_in(UserFactory(role=Role.OPS))
    watched.open("/alerts/new/")
    shown = watched.page
    shown.get_by_label("Name", exact=True).focus()
    shown.keyboard.type("Pricing")
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("link", name="Pricing")).to_be_visible()
    expect(shown.get_by_text("Saved.")).to_be_visible()
    context.close()
