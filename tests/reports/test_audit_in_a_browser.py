"""A real Chromium opens the audit's page: light and dark, on a desk, on a phone and on paper, with hostile names."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from entente.evidence.history import history
from entente.reports.audit import audit
from entente.reports.audit_html import audit_as_html
from tests.reports.histories import NOW, worked

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>" + "verylongname" * 8


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    leads = worked().leads.with_columns(owner=pl.col("owner").replace("Luis", HOSTILE))
    path = tmp_path_factory.mktemp("page") / "audit.html"
    path.write_text(audit_as_html(audit(history(leads), now=NOW)), encoding="utf-8")
    return path


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_the_page_is_clean_reachable_and_as_wide_as_the_screen(
    chromium: Browser, page_file: Path, scheme: str, width: int
) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)  # type: ignore[arg-type]  # light or dark
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert complaints == []
    context.close()


def test_charts_are_painted_for_the_dark(chromium: Browser, page_file: Path) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(page_file.as_uri())
    colour = page.evaluate("getComputedStyle(document.querySelector('svg text')).fill")

    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    assert min(red, green, blue) > 140
    context.close()
