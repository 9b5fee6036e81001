"""The page is one file that needs nothing, draws its charts, and lets nothing from the files run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import polars as pl
import pytest

from entente.evidence.history import Warning, history
from entente.reports.audit import Audit, audit
from entente.reports.audit_html import audit_as_html
from tests.reports.histories import NOW, small, worked

HOSTILE = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "javascript:alert(1)",
    "\u202etxt.exe\u202c", "</svg><script>x</script>", "{{ 7 * 7 }}", "<!-- -->", "]]>", "&lt;b&gt;",
)  # fmt: skip


class Outline(HTMLParser):
    """The tags of a page, in order, and whether they are closed as they should be."""

    VOID = ("meta", "link", "img", "br", "hr", "input")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def company() -> Audit:
    return audit(worked(), now=NOW)


@pytest.fixture(scope="module")
def page(company: Audit) -> str:
    return audit_as_html(company)


@pytest.fixture(scope="module")
def hostile_page() -> str:
    leads = worked(1_000).leads.with_columns(
        source=pl.Series([HOSTILE[i % len(HOSTILE)] for i in range(1_000)]),
        owner=pl.Series([HOSTILE[i % 3] for i in range(1_000)]),
        segment=pl.Series([HOSTILE[i % 5] for i in range(1_000)]),
    )
    leads = leads.with_columns(
        reason=pl.when(pl.col("outcome") == "lost").then("source"),
        competitor=pl.when(pl.col("outcome") == "lost").then("owner"),
    ).rename({"trait:Form": "trait:<script>header</script>"})
    mapping = {"tables": [{"file": "<script>.csv", "columns": {"<i>Source": {"meaning": "source"}}}]}
    found = history(leads, [Warning("odd", 1, HOSTILE[0])], mapping=mapping)
    return audit_as_html(audit(found, now=NOW))


def test_the_page_needs_nothing_from_anywhere(page: str) -> None:
    tags = Outline(page).tags

    assert not [tag for tag, _ in tags if tag in ("script", "link", "img", "iframe", "object", "base", "form")]
    assert not [value for _, attrs in tags for name, value in attrs.items() if name in ("src", "href", "action")]
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)
    assert "default-src 'none'" in page


def test_every_tag_is_closed(page: str, hostile_page: str) -> None:
    assert Outline(page).open == []
    assert Outline(hostile_page).open == []


def test_charts_are_drawn_and_each_has_a_table(page: str) -> None:
    tags = [tag for tag, _ in Outline(page).tags]

    assert tags.count("svg") >= 8
    assert tags.count("table") >= 7
    assert all(attrs.get("aria-hidden") == "true" for tag, attrs in Outline(page).tags if tag == "svg")


def test_no_two_charts_share_a_name(page: str) -> None:
    ids = [attrs["id"] for _, attrs in Outline(page).tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_nothing_from_the_files_becomes_part_of_the_page(hostile_page: str) -> None:
    outline = Outline(hostile_page)

    assert not [tag for tag, _ in outline.tags if tag in ("script", "img", "i")]
    assert not [name for _, attrs in outline.tags for name in attrs if name.startswith("on")]
    assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", hostile_page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in hostile_page


def test_text_that_runs_the_other_way_is_fenced_in(hostile_page: str) -> None:
    outside = re.sub(r"<bdi>.*?</bdi>|<text.*?</text>|<svg.*?</svg>", "", hostile_page, flags=re.DOTALL)
    words = re.findall(r"<p>.*?</p>", outside, flags=re.DOTALL)
    assert "<bdi>\u202etxt.exe\u202c</bdi>" in hostile_page
    assert all(text.count("\u202e") == text.count("\u202c") for text in words)


def test_the_page_is_small(page: str) -> None:
    assert len(page.encode()) < 250_000


def test_a_page_is_made_of_nearly_nothing() -> None:
    Outline(audit_as_html(audit(small(), now=NOW)))
    empty = audit_as_html(audit(history(pl.DataFrame({"lead": []}, schema={"lead": pl.String})), now=NOW))
    assert "There are no leads in these files." in empty


def test_one_month_of_one_source_without_a_win_makes_a_page() -> None:
    leads = small().leads.with_columns(outcome=pl.lit("open"), won_at=None, lost_at=None)
    assert Outline(audit_as_html(audit(history(leads), now=NOW))).open == []
