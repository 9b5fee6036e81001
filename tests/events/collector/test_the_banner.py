"""The banner of the how-to works as it stands: nothing before a choice, refusing as easy as accepting, withdrawing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from entente.events.labels import KEPT, REFUSED
from tests.events.collector.served import Served
from tests.events.collector.test_in_the_browser import Site, site, visit

__all__ = ["site", "visit"]

DOCS = Path(__file__).parents[3] / "docs"
BANNER = re.compile(r"<!-- the banner .*? -->\n```html\n(.*?)```", re.DOTALL)


def test_the_reference_names_every_code_and_the_limits():
    reference = (DOCS / "reference" / "collector.md").read_text()
    assert [code for code in [*REFUSED, *KEPT] if f"`{code}`" not in reference] == []


@pytest.mark.browser
def test_the_banner_of_the_how_to(served: Served, site: Site, visit):
    def known() -> list[str]:
        return [event["type"] for event in served.events("banner") if event["anonymous_id"]]

    page: Page = visit(site.write("home.html", banner(served, site)))
    yes, no = page.get_by_role("button", name="Yes"), page.get_by_role("button", name="No", exact=True)
    expect(yes).to_be_visible()
    assert yes.bounding_box()["height"] == no.bounding_box()["height"]
    no.click()
    expect(no).to_be_hidden()
    page.reload()
    expect(no).to_be_hidden()
    served.wait_for("banner", 2)
    assert not known()
    assert page.evaluate("localStorage.length") == 1, "the choice, and nothing else"

    page.get_by_role("button", name="Privacy").click()
    yes.click()
    served.wait_for("banner", 3)
    page.reload()
    served.wait_for("banner", 4)
    assert known() == ["page", "page"]

    page.get_by_role("button", name="Privacy").click()
    no.click()
    served.wait_for("banner", 5)
    page.reload()
    served.wait_for("banner", 6)
    assert known() == ["page", "page", "track"], "the last says that consent ended"
    assert page.evaluate("localStorage.length") == 1


def banner(served: Served, site: Site) -> str:
    text = BANNER.search((DOCS / "how-to" / "track-a-website.md").read_text())[1]
    key = served.make_key("banner", (site.origin,))
    return text.replace("https://entente.company.example", served.address).replace("wk_...", key)
