"""No page asks the database more than 25 questions, whatever it shows; empty pages say what to do next."""

from __future__ import annotations

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web import world

PAGES = [
    "/", "/funnel/", "/funnel/?by=rep&mode=period", "/people/", "/people/?sort=score&stage=1", "/deals/",
    "/promises/", "/promises/marketing/0/", "/clocks/", "/follow-up/", "/waiting/", "/teams/",
    "/agreement/", "/imports/", "/members/", "/audit-trail/", "/settings/",
    "/design/", "/ingestion/", "/ingestion/keys/",
]  # fmt: skip


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("address", [*PAGES, "person"])
def test_a_page_asks_at_most_25_questions(ops: Client, address: str):
    address = f"/people/{world.found('Ana').pk}/" if address == "person" else address
    ops.get(address)
    caches["charts"].clear()
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert ops.get(address).status_code == 200
    assert len(asked) <= 25, [query["sql"][:100] for query in asked]


@pytest.mark.parametrize("address", PAGES[:15])
def test_an_empty_company_is_told_what_to_do_next(ops: Client, address: str):
    if "promises/m" in address:
        assert ops.get(address).status_code == 404
        return
    page = ops.get(address)
    assert page.status_code == 200
    assert b'class="empty"' in page.content or address in ("/members/",)


@pytest.mark.usefixtures("company")
def test_the_first_page_is_small(ops: Client):
    import gzip

    page = ops.get("/").content
    assert len(gzip.compress(page)) < 30_000
