"""The pages of ingestion, full of what senders may send, are sound on a desk and on a small phone."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from entente.events.actions import append
from entente.events.keys import create_key
from entente.events.labels import KEPT, REFUSED
from entente.events.models import Refusal
from entente.members.models import Role
from tests.events.factories import page
from tests.members.factories import UserFactory
from tests.web.test_in_a_browser import DESK, SMALL, Watched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Mozilla/5.0(<script>alert(1)</script>)" * 5


@pytest.mark.parametrize(("screen", "scheme"), [(DESK, "light"), (SMALL, "dark")])
def test_the_pages_of_ingestion_are_sound(chromium: Browser, live_server, screen, scheme):
    key, _ = create_key("Website with a rather long name", "web", None, timezone.now(), origins=["https://a.example"])
    for kind in [*REFUSED, *KEPT]:
        told = {"reason": f"because of {kind}", "userAgent": LONG, "messageId": "m" * 200}
        Refusal.objects.create(kind=kind, source=key.source, count=1_234_567, example=told, last_at=timezone.now())
    append([page("/a", user="u", id="m" * 200)], "web")
    append([page("/b" * 100, user="u", id="m" * 200)], "web")
    context = chromium.new_context(viewport=screen, color_scheme=scheme)
    watched = Watched(context, live_server.url)
    watched.sign_in(UserFactory(role=Role.OPS))
    for path in ("/ingestion/", "/ingestion/keys/", "/ingestion/keys/new/"):
        watched.open(path)
        watched.check(path)
    watched.page.get_by_label("Name").fill("Shop")
    watched.page.get_by_label("Websites").fill("https://shop.example")
    watched.page.get_by_role("button", name="Make it").click()
    expect(watched.page.get_by_label("Write key", exact=True)).to_have_value(re.compile("^wk_.{32}$"))
    watched.check("the made key")
    watched.page.get_by_role("link", name="Done").click()
    watched.page.locator("summary").first.click()
    watched.page.get_by_role("button", name="Revoke it").first.click()
    expect(watched.page.get_by_text("The key is revoked")).to_be_visible()
    watched.check("/ingestion/keys/")
    context.close()
