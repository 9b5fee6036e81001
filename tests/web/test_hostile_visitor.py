"""One hostile visitor, driven through every page: nothing of theirs is ever markup, a script or a link that runs."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client

from entente.events.actions import append
from entente.handoffs.models import Deal
from entente.people.models import Account, Person
from entente.worker.fold import fold_new_events
from tests.events.factories import event
from tests.web import world

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)>\u202egnp.exe'`{{7*7}}{%debug%}"
ADDRESSES = [
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://ok.example/?<script>",
    "//evil",
]


class Watch(HTMLParser):
    """What a page would run: scripts that are not ours, handlers, and links that are neither ours nor http(s)."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            text = (value or "").strip().lower()
            if name.startswith("on") or name == "style":
                self.runs.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "hx-get") and not text.startswith(
                ("/", "#", "?", "http://", "https://")
            ):
                self.runs.append(f"{tag} {name}={value}")
            if name in ("href", "src") and text.startswith("//"):
                self.runs.append(f"{tag} {name}={value}")
        if tag in ("script", "img", "iframe", "object") and not dict(attrs).get("src", "").startswith("/static/"):
            self.runs.append(f"{tag} {attrs}")


@pytest.fixture
def visitor(company) -> Person:
    said = {
        "name": EVIL, "title": EVIL, "company": EVIL, "source": EVIL, "segment": EVIL, EVIL: EVIL,
        "email": "e@evil.example",
    }  # fmt: skip
    events = [
        event("identify", user="evil", email="e@evil.example", properties=said, **world.at(1)),
        event("group", user="evil", group_id="evil.example", properties={"name": EVIL, EVIL: EVIL}, **world.at(1)),
        event("page", user="evil", path="/pricing" + EVIL, properties={"title": EVIL, "referrer": EVIL}, **world.at(2)),
        *[
            event("page", user="evil", path="", properties={"url": address, "title": EVIL}, **world.at(2.1))
            for address in ADDRESSES
        ],
        event("track", user="evil", name=EVIL, properties={"product": EVIL}, **world.at(2.2)),
        event("form_submitted", user="evil", properties={"form": EVIL, "url": ADDRESSES[0]}, **world.at(2.3)),
        event("call", user="evil", properties={"by": EVIL, "note": EVIL}, **world.at(2.4)),
        event("owner_assigned", user="evil", properties={"owner": EVIL}, **world.at(2.5)),
        event("rejected", user="evil", properties={"by": EVIL, "reason": EVIL, "note": EVIL}, **world.at(2.6)),
        event("stage_changed", user="evil", properties={"stage": EVIL, "deal": EVIL}, **world.at(2.7)),
        event("deal_lost", user="evil", properties={
            "deal": EVIL, "reason": EVIL, "competitor": EVIL, "product": EVIL, "owner": EVIL,
        }, **world.at(3)),
    ]  # fmt: skip
    append(events, EVIL.replace("\0", ""))
    fold_new_events(world.NOW)
    return Person.objects.get(email="e@evil.example")


def test_nothing_that_a_visitor_says_ever_runs(ops: Client, visitor: Person):
    assert Deal.objects.filter(reason=EVIL).exists()
    assert Account.objects.filter(name=EVIL).exists()
    addresses = [
        f"/people/{visitor.pk}/", f"/people/{visitor.pk}/?at=2099-01-01", f"/people/{visitor.pk}/story/", "/people/",
        "/people/?visitors=1", "/funnel/?period=all", "/funnel/?by=rep&period=all", "/deals/?period=all", "/",
        "/promises/marketing/1/?period=last_12_months",
    ]  # fmt: skip
    for key in ("q", "source", "rep", "segment", "from", "period", "at", "before", "verb", "which", "kind", "by"):
        addresses += [f"{page}?{key}={_quoted(EVIL)}" for page in ("/people/", "/funnel/", "/deals/", "/audit-trail/")]
    for address in addresses:
        page = ops.get(address)
        assert page.status_code == 200, address
        watch = Watch()
        watch.feed(page.content.decode())
        assert not watch.runs, (address, watch.runs)
        assert "49" not in _around(page.content.decode()), "no template language of theirs is evaluated"


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)


def _around(page: str) -> str:
    """What stands where `{{7*7}}` would have been."""
    return "".join(page.split("gnp.exe")[1:2])[:12]


def test_what_is_said_is_shown_as_it_was_said(ops: Client, visitor: Person):
    page = ops.get(f"/people/{visitor.pk}/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="https://ok.example/?&lt;script&gt;"' in page
    assert "<bdi>" in page, "a right-to-left mark ends where the text ends"


def test_a_member_with_an_evil_name_harms_nobody(ops: Client):
    ops.post("/members/new/", {"email": "x@acme.example", "name": EVIL, "party": "sales", "role": "member"})
    for address in ("/members/", "/audit-trail/", "/settings/"):
        watch = Watch()
        watch.feed(ops.get(address).content.decode())
        assert not watch.runs
