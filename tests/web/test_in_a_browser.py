"""A real Chromium walks every page: in light and dark, on a desk and on a phone, in English and Spanish.

No page may have a violation that axe finds, an error in the console, a breach of the Content-Security-Policy, or
anything that sticks out of the screen.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from entente.members.models import Role, User
from entente.sla.actions import follow_all
from tests.members.factories import PASSWORD, UserFactory
from tests.web import world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS_ONLY = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]}}
"""The rules that can turn out otherwise in another look of the same page."""
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
DESK, PHONE, SMALL = {"width": 1280, "height": 900}, {"width": 390, "height": 844}, {"width": 360, "height": 740}


class Watched:
    """A page whose console and errors are kept, signed in as somebody."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type != "log" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, user: User) -> None:
        self.open("/accounts/login/")
        self.page.get_by_role("textbox").first.fill(user.email)
        self.page.locator("#id_password").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.address}/")

    def open(self, path: str) -> None:
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None
        assert answer.status < 500, path
        # what a page fetches when it is there is part of it
        # (not wait_for_function: it polls with eval, which our Content-Security-Policy rightly refuses)
        expect(self.page.locator('[hx-trigger="load"]')).to_have_count(0)

    def check(self, path: str, rules: dict[str, object] | None = WCAG) -> None:
        """Nothing is wrong with the page as it stands; axe takes a second or two for all of its rules."""
        if rules:
            found = Axe().run(self.page, options=rules)
            assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert not self.complaints, (path, self.complaints)
        screen = self.page.viewport_size
        assert screen is not None
        assert self.page.evaluate("document.documentElement.scrollWidth") <= screen["width"], f"{path} sticks out"


def pages() -> list[str]:
    ana = world.found("Ana")
    return [
        "/", "/?period=all", "/funnel/?period=all", "/people/", "/people/?q=nobody+like+that", f"/people/{ana.pk}/",
        "/deals/?period=all", "/promises/marketing/0/", "/promises/sales/0/?period=all",
        "/clocks/", "/clocks/?standing=waiting", "/follow-up/?period=all", "/follow-up/list/?period=all",
        "/agreement/", "/imports/", "/members/", "/members/new/",
        "/api-keys/", "/api-keys/new/",
        f"/members/{User.objects.get().pk}/", "/settings/", "/audit-trail/", "/design/", "/accounts/password/",
        "/ingestion/", "/ingestion/keys/", "/ingestion/keys/new/",
    ]  # fmt: skip


LOOKS = {
    "desk, light, English": (DESK, "light", "en"),
    "small phone, dark, Spanish": (SMALL, "dark", "es"),
    "desk, dark, Spanish": (DESK, "dark", "es"),
    "phone, light, English": (PHONE, "light", "en"),
}


@pytest.mark.parametrize(
    ("look", "rules"), list(zip(LOOKS, [WCAG, LOOKS_ONLY, None, None], strict=True)), ids=list(LOOKS)
)
def test_every_page_is_sound(chromium: Browser, live_server, look: str, rules: dict[str, object] | None):
    walk(chromium, live_server.url, look, rules)


@pytest.mark.long
@pytest.mark.parametrize("look", list(LOOKS)[1:])
def test_every_page_is_accessible_in_every_look(chromium: Browser, live_server, look: str):
    walk(chromium, live_server.url, look, WCAG)


def walk(chromium: Browser, address: str, look: str, rules: dict[str, object] | None) -> None:
    screen, scheme, language = LOOKS[look]
    world.build()
    follow_all(world.NOW)
    user = UserFactory(role=Role.OPS, language=language, timezone="Europe/Madrid")
    context = chromium.new_context(viewport=screen, color_scheme=scheme, locale=language)
    watched = Watched(context, address)
    watched.open("/accounts/login/")
    watched.check("/accounts/login/", rules)
    watched.sign_in(user)
    for path in pages():
        watched.open(path)
        watched.check(path, rules)
    watched.open("/nothing/")
    watched.complaints.clear()  # the browser itself says that the page was not found
    watched.check("/nothing/", rules)
    context.close()


def test_an_empty_company_is_sound_too(chromium: Browser, live_server):
    context = chromium.new_context(viewport=DESK)
    watched = Watched(context, live_server.url)
    watched.sign_in(UserFactory(role=Role.OPS))
    for path in ("/", "/funnel/", "/people/", "/agreement/", "/imports/", "/audit-trail/"):
        watched.open(path)
        watched.check(path)
    context.close()


def test_a_choice_of_appearance_stands_before_the_device(chromium: Browser, live_server):
    context = chromium.new_context(viewport=DESK, color_scheme="light")
    watched = Watched(context, live_server.url)
    watched.sign_in(UserFactory(role=Role.OPS))
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = watched.page.evaluate(paper)
    watched.page.get_by_role("button", name="Dark appearance").click()
    expect(watched.page.locator("html")).to_have_attribute("data-theme", "dark")
    assert watched.page.evaluate(paper) != light
    watched.check("/")
    context.close()


def test_the_keyboard_alone_leads_from_the_log_in_to_a_person(chromium: Browser, live_server):
    world.build()
    user = UserFactory(role=Role.OPS)
    context = chromium.new_context(viewport=DESK)
    watched = Watched(context, live_server.url)
    keys, page = watched.page.keyboard, watched.page
    watched.open("/accounts/login/")
    page.locator("#id_login").focus()
    keys.type(user.email)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Tab")
    keys.press("Enter")
    page.wait_for_url(f"{live_server.url}/")

    keys.press("Tab")
    expect(page.get_by_text("Skip to the page")).to_be_focused()
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0, "the skip link is seen"
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"

    page.get_by_role("link", name="People", exact=True).focus()
    keys.press("Enter")
    page.wait_for_url("**/people/")
    page.get_by_label("Name, e-mail or company").focus()
    keys.type("ana")
    keys.press("Enter")
    page.wait_for_url("**q=ana**")
    page.get_by_role("link", name="Ana", exact=True).focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "focus is seen"
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana")
    watched.check("the person")
    context.close()


def test_a_filter_takes_effect_when_it_is_chosen_and_stays_in_the_address(chromium: Browser, live_server):
    world.build()
    context = chromium.new_context(viewport=DESK)
    watched = Watched(context, live_server.url)
    watched.sign_in(UserFactory(role=Role.OPS))
    watched.open("/funnel/?period=all")
    watched.page.get_by_label("Source").select_option("search")
    watched.page.wait_for_url("**source=search**")
    number = watched.page.locator(".funnel-count a").first
    count = number.inner_text()
    number.click()
    expect(watched.page.locator("tbody tr")).to_have_count(int(count))
    context.close()


def test_files_are_imported_in_the_browser(chromium: Browser, live_server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    leads = tmp_path / "leads.csv"
    leads.write_text(
        "Name,Email,Source,Created\nAna,ana@kunde.example,fair,2026-02-03\nBea,bea@kunde.example,web,2026-03-04\n"
    )
    context = chromium.new_context(viewport=DESK)
    watched = Watched(context, live_server.url)
    watched.sign_in(UserFactory(role=Role.OPS))
    watched.open("/imports/")
    watched.page.get_by_label("CSV, TSV, Excel or OpenDocument").set_input_files(leads)
    watched.page.get_by_role("button", name="Look at them").click()
    expect(watched.page.get_by_label("Meaning of Email")).to_have_value("email")
    watched.check("the draft")
    watched.page.get_by_role("button", name="Import", exact=True).click()
    watched.page.wait_for_url(f"{live_server.url}/imports/")
    expect(watched.page.locator("tbody tr")).to_have_count(1)
    watched.check("/imports/")
    watched.page.locator("summary").get_by_text("Undo").click()
    watched.page.get_by_role("button", name="Undo it").click()
    expect(watched.page.get_by_text("The import is undone")).to_be_visible()
    watched.check("/imports/")
    context.close()
