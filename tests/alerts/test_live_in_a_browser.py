"""Server-sent events in a real browser, from a real server: a toast at once, the bell's count, and nobody else's."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from entente.alerts import actions
from entente.members.models import User
from tests.alerts import world
from tests.alerts.world import hear, known, page, rep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(chromium: Browser, address: str):
    contexts = []

    def opened(user: User, **options) -> tuple[Page, list[str]]:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        shown, complaints = context.new_page(), []
        shown.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.goto(f"{address}/")
        return shown, complaints

    yield opened
    for context in contexts:
        context.close()


def test_a_toast_comes_at_once_and_the_bell_counts(open_page, address):
    lola, maks = rep("lola"), rep("max")
    world.rule(lola)
    hers, complaints = open_page(lola)
    his, _ = open_page(maks)
    hear(known(), page())
    toast = hers.locator(".toast")
    expect(toast).to_have_text("Ana (kunde.example) looked at /pricingClose")
    expect(hers.locator("[data-unread]")).to_have_text("1")
    hear(page("/pricing/two", minutes=6), minutes=7)
    expect(toast).to_have_count(2)
    expect(hers.locator("[data-unread]")).to_have_text("2")
    assert hers.locator("[data-toasts]").get_attribute("aria-live") == "polite"
    expect(his.locator(".toast")).to_have_count(0)
    expect(his.locator("[data-unread]")).to_be_hidden()
    hers.get_by_role("button", name="Close").first.click()
    expect(toast).to_have_count(1)
    toast.get_by_role("link").click()
    hers.wait_for_url(f"{address}/people/{world.person().pk}/")
    expect(toast).to_have_count(0)
    expect(hers.locator("[data-unread]")).to_have_text("1")  # who follows a notification has read it
    assert not complaints


def test_what_is_read_on_one_page_is_read_on_the_others(open_page):
    lola = rep()
    world.rule(lola)
    hear(known(), page())
    shown, _ = open_page(lola)
    expect(shown.locator("[data-unread]")).to_have_text("1")
    actions.mark_read(lola, world.at(9))
    expect(shown.locator("[data-unread]")).to_be_hidden()


def test_nothing_that_a_visitor_says_runs_in_a_toast(open_page):
    lola = rep()
    world.rule(lola)
    shown, complaints = open_page(lola)
    hear(known(), page("/pricing<img src=x onerror=alert(1)>"))
    expect(shown.locator(".toast a")).to_have_text("Ana (kunde.example) looked at /pricing<img src=x onerror=alert(1)>")
    expect(shown.locator(".toast img")).to_have_count(0)
    assert not complaints


def test_a_digest_or_quiet_rule_counts_and_does_not_interrupt(open_page):
    lola = rep()
    world.rule(lola, digest="1 hour")
    shown, _ = open_page(lola)
    hear(known(), page())
    expect(shown.locator("[data-unread]")).to_have_text("1")
    expect(shown.locator(".toast")).to_have_count(0)


def test_the_bell_leads_to_the_list_without_a_script(open_page, chromium, address):
    lola = rep()
    world.rule(lola)
    hear(known(), page())
    shown, _ = open_page(lola, java_script_enabled=False)
    expect(shown.locator("[data-unread]")).to_have_text("1")
    shown.get_by_role("link", name="Notifications").click()
    expect(shown.get_by_role("link", name="Ana (kunde.example) looked at /pricing")).to_be_visible()
    shown.get_by_role("button", name="Mark all as read").click()
    expect(shown.locator("[data-unread]")).to_be_hidden()
