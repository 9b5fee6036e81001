"""A real Chromium on a website of another origin: our script and Segment's SDK for browsers, sending to us."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from entente.events.collector.documents import script
from tests.events.collector.npm import installed
from tests.events.collector.served import Served

pytestmark = pytest.mark.browser

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
GRANT = "entente.consent({ version: '3', purposes: ['measurement'] })"
STORED = "() => [document.cookie, localStorage.length, sessionStorage.length]"
PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>{head}
<form data-entente-form="Contact" action="/thanks.html">
  <input name="full_name" value="Ana García"><input type="email" name="mail" value="ana@acme.es">
  <input name="position" data-entente-trait="title" value="Head of sales">
  <input type="password" name="p" value="secret">
  <input type="hidden" name="token" value="hidden"><input name="card" autocomplete="cc-number" value="4111">
  <textarea name="message">Call me</textarea><input type="checkbox" name="news" value="no"><button>Send</button>
</form>"""


class Site:
    """A website: pages in a folder, served at an origin of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        handler = partial(Quiet, directory=str(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def write(self, name: str, head: str) -> str:
        (self.folder / name).write_text(PAGE.format(title=name.partition(".")[0], head=head))
        return f"{self.origin}/{name}"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """What is asked for is of no interest here."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    one = Site(tmp_path)
    yield one
    one.server.shutdown()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address as a visitor of whom nothing is known, before whose pages a script may run."""
    contexts: list[BrowserContext] = []

    def visit(address: str, before: str = "", agent: str = AGENT) -> Page:
        contexts.append(chromium.new_context(user_agent=agent, locale="es-ES"))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        if before:
            page.add_init_script(before)
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()


def tagged(served: Served, site: Site, source: str, before: str = "") -> str:
    key = served.make_key(source, (site.origin,))
    return f'{before}<script src="{served.address}/entente.js" data-key="{key}" defer></script>'


def test_the_script_is_small():
    assert len(script().zipped) < 2_048
    assert gzip.decompress(script().zipped) == script().plain


def test_before_consent_a_visit_names_nobody_and_leaves_nothing(served: Served, site: Site, visit):
    address = site.write("home.html", tagged(served, site, "before"))
    page = visit(f"{address}?utm_source=news&utm_campaign=spring&mail=ana@acme.es")
    page.evaluate("entente.track('Video Played', { mail: 'ana@acme.es' }); entente.identify('u1', { a: 1 })")
    page.get_by_role("button").click()
    page.wait_for_url("**/thanks.html**")
    stored = served.wait_for("before", 3)
    assert sorted(event["type"] for event in stored) == ["form_submitted", "page", "track"]
    for event in stored:
        assert (event["identity"], event["email"], event["mark"]) == (None, None, "no_identity")
        assert "ana" not in str(event["properties"]) + str(event["context"])
    view = next(event for event in stored if event["type"] == "page")
    assert view["path"] == "/home.html"
    assert view["context"]["campaign"] == {"source": "news", "name": "spring"}
    page.go_back()
    assert page.evaluate(STORED) == ["", 0, 0]


def test_nothing_is_even_read_from_the_device_before_consent(served: Served, site: Site, visit):
    watch = """
      window.touched = [];
      for (const name of ['getItem', 'setItem', 'removeItem']) {
        const was = Storage.prototype[name];
        Storage.prototype[name] = function (...a) { touched.push(name); return was.apply(this, a) };
      }
      const real = window.localStorage;
      Object.defineProperty(window, 'localStorage', { get() { touched.push('localStorage'); return real } });
      const cookie = { get() { touched.push('cookie'); return '' }, set() { touched.push('cookie') } };
      Object.defineProperty(document, 'cookie', cookie);
    """
    page = visit(site.write("home.html", tagged(served, site, "touch")), watch)
    served.wait_for("touch", 1)
    page.evaluate("entente.track('A'); entente.consent(false); entente.track('B')")
    served.wait_for("touch", 3)
    assert page.evaluate("touched") == []


def test_after_consent_the_visitor_is_known_by_128_random_bits(served: Served, site: Site, visit):
    page = visit(site.write("home.html", tagged(served, site, "after")))
    page.evaluate(GRANT)
    page.evaluate("entente.track('Demo Requested', { seats: 12 })")
    page.goto(
        site.write(
            "other.html", tagged(served, site, "after", "<script>(window.entente=[]).push(['consent',{}])</script>")
        )
    )
    known = [event for event in served.wait_for("after", 4) if event["anonymous_id"]]
    assert [event["type"] for event in known].count("page") == 2, "the page on which consent was given, and the next"
    assert len({event["anonymous_id"] for event in known}) == 1
    assert len(known[0]["anonymous_id"]) == 32
    assert len({event["message_id"] for event in known}) == len(known)
    track = next(event for event in known if event["name"] == "Demo Requested")
    assert track["properties"] == {"seats": 12}
    consent = track["context"]["consent"]
    assert (consent["choice"], consent["version"], consent["purposes"]) == ("granted", "3", ["measurement"])


def test_withdrawn_consent_ends_all_of_it(served: Served, site: Site, visit):
    page = visit(site.write("home.html", tagged(served, site, "withdrawn")))
    page.evaluate(GRANT)
    served.wait_for("withdrawn", 2)
    page.evaluate("entente.consent(false); entente.track('After')")
    stored = served.wait_for("withdrawn", 4)
    ids = {event["name"]: event["anonymous_id"] for event in stored if event["type"] == "track"}
    assert ids["After"] is None
    assert len(ids["Consent Withdrawn"]) == 32
    assert page.evaluate(STORED) == ["", 0, 0]


def test_a_marked_form_tells_who_sent_it_but_no_secret(served: Served, site: Site, visit):
    page = visit(site.write("contact.html", tagged(served, site, "form")))
    page.evaluate(GRANT)
    page.get_by_role("button").click()
    page.wait_for_url("**/thanks.html**")
    stored = {event["type"]: event for event in served.wait_for("form", 4)}
    form = stored["form_submitted"]
    told = {"form": "Contact", "path": "/contact.html", "message": "Call me"}
    traits = {"full_name": "Ana García", "email": "ana@acme.es", "title": "Head of sales"}
    assert form["properties"] == told | traits
    assert form["identity"] == stored["identify"]["identity"] == "email:ana@acme.es"
    assert stored["identify"]["properties"] == traits
    assert len(stored["identify"]["anonymous_id"]) == 32


def test_pages_of_a_single_page_website_are_views(served: Served, site: Site, visit):
    page = visit(site.write("app.html", tagged(served, site, "spa")))
    served.wait_for("spa", 1)
    for step in (
        "pushState({}, '', '/pricing?a=1')",
        "pushState({}, '', '/pricing?a=1')",
        "replaceState({}, '', '/blog')",
    ):
        page.evaluate(f"history.{step}")
        page.wait_for_timeout(50)
    page.evaluate("history.back()")
    stored = served.wait_for("spa", 4)
    assert [event["path"] for event in stored] == ["/app.html", "/pricing", "/blog", "/pricing"]


@pytest.mark.parametrize(("signal", "value"), [("doNotTrack", "'1'"), ("globalPrivacyControl", "true")])
def test_who_asks_not_to_be_tracked_is_not(served: Served, site: Site, visit, signal: str, value: str):
    asked = f"Object.defineProperty(navigator, '{signal}', {{ value: {value} }})"
    page = visit(site.write("home.html", tagged(served, site, signal)), asked)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.evaluate(f"{GRANT}; entente.track('A'); entente.page()")
    page.get_by_role("button").click()
    page.wait_for_url("**/thanks.html**")
    assert not [url for url in sent if "/v1/" in url]
    assert not served.events(signal)
    page.go_back()
    assert page.evaluate(STORED) == ["", 0, 0]


def test_a_crawler_s_visit_is_marked(served: Served, site: Site, visit):
    agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    page = visit(site.write("home.html", tagged(served, site, "bot")), agent=agent)
    page.evaluate(GRANT)
    assert {event["mark"] for event in served.wait_for("bot", 2)} == {"machine"}


def test_a_page_of_another_website_cannot_use_the_key(served: Served, site: Site, visit):
    key = served.make_key("elsewhere", ("https://www.acme.example",))
    tag = f'<script src="{served.address}/entente.js" data-key="{key}" defer></script>'
    page = visit("about:blank")
    with page.expect_event("requestfailed"):
        page.goto(site.write("home.html", tag))
    served.wait_until("SELECT count FROM events_refusal WHERE kind = 'origin'")
    assert not served.events("elsewhere")


SEGMENT = """
<script src="/sdk/index.js"></script><script>
  window.analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: KEY, cdnURL: HOST }, OPTIONS);
  analytics.page(); analytics.identify("u1", { email: "ana@acme.es" });
  analytics.track("Demo Requested", { seats: 12 });
  analytics.group("Acme", { employees: 50 }); analytics.alias("u2", "u1");
</script>"""


@pytest.mark.parametrize("strategy", ["one by one", "batching"])
def test_segment_s_sdk_for_browsers(served: Served, site: Site, visit, strategy: str):
    (site.folder / "sdk").symlink_to(
        installed("@segment/analytics-next") / "node_modules/@segment/analytics-next/dist/umd"
    )
    source = f"next {strategy}"
    key = served.make_key(source, (site.origin,))
    batching = (
        '{ integrations: { "Segment.io": { deliveryStrategy: { strategy: "batching", config: { timeout: 300 } } } } }'
    )
    head = SEGMENT.replace("KEY", f'"{key}"').replace("HOST", f'"{served.address}"')
    head = head.replace("OPTIONS", batching if strategy == "batching" else "{}")
    foreign: list[str] = []
    page = visit("about:blank")
    page.on("request", lambda request: foreign.append(request.url) if "127.0.0.1" not in request.url else None)
    page.goto(site.write("home.html", head))
    stored = served.wait_for(source, 5)
    assert sorted(event["type"] for event in stored) == ["alias", "group", "identify", "page", "track"]
    by_type = {event["type"]: event for event in stored}
    assert by_type["page"]["path"] == "/home.html"
    assert by_type["identify"]["email"] == "ana@acme.es"
    assert by_type["track"]["properties"] == {"seats": 12}
    assert by_type["group"]["group_id"] == "acme"
    assert {event["mark"] for event in stored} == {""}
    assert {event["context"]["userAgent"] for event in stored} == {AGENT}
    assert not foreign, "it sends to us, and to nobody else"
