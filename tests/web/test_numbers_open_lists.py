"""Every number of a page opens the list behind it, and the list has exactly that many rows."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from entente.reports.models import Journey
from tests.web import world

pytestmark = pytest.mark.usefixtures("company")

NUMBER = re.compile(r'<a[^>]*href="(/people/\?[^"]*)"[^>]*>\s*([\d,]+)(?: did not go on)?\s*</a>')


def rows(client: Client, address: str) -> int:
    context = client.get(unescape(address)).context
    return context["page"].paginator.count


@pytest.mark.parametrize("mode", ["cohort", "period"])
@pytest.mark.parametrize("more", ["", "&source=search", "&by=rep", "&source=-", "&segment=South&by=segment"])
@pytest.mark.parametrize("period", ["all", "this_month", "last_12_months"])
def test_each_number_of_the_funnel_is_the_length_of_its_list(ops: Client, mode: str, more: str, period: str):
    page = ops.get(f"/funnel/?mode={mode}&period={period}{more}").content.decode()
    numbers = NUMBER.findall(page)
    assert numbers or "Nobody entered" in page
    for address, shown in numbers:
        assert rows(ops, address) == int(shown.replace(",", "")), address


def test_the_funnel_follows_the_stages_of_the_agreement_whatever_they_are(ops: Client):
    steps = ops.get("/funnel/?period=all").context["steps"]
    assert [(step.name, step.count) for step in steps] == [
        ("Lead", 9), ("Read pricing", 4), ("Qualified", 3), ("Customer", 1),
    ]  # fmt: skip
    assert [round(step.of_first, 3) for step in steps[1:]] == [0.444, 0.333, 0.111]


def test_a_stage_with_a_condition_is_entered_at_its_first_moment():
    ana = Journey.objects.get(person=world.found("Ana"))
    moments = [(moment - world.BEGAN).total_seconds() / 86400 for moment in ana.entered]
    assert moments == pytest.approx([1, 2, 2, 12], abs=1e-6)


def test_whoever_skipped_a_stage_has_passed_it_all_the_same(ops: Client):
    dora = Journey.objects.get(person=world.found("Dora"))
    assert (dora.position, dora.entered[2], dora.reached[2]) == (1, None, None)
    ops.get("/funnel/")
    fair = Journey.objects.filter(source="fair").order_by("position").first()
    assert fair.position == 0


def test_the_time_in_a_stage_is_the_median_of_those_who_went_on(ops: Client):
    steps = ops.get("/funnel/?period=all").context["steps"]
    assert steps[0].time_in.total_seconds() / 86400 == pytest.approx(2.5)  # 1, 2, 3 and 25 days
    assert steps[-1].time_in is None


def test_who_did_not_go_on_are_the_others(ops: Client):
    step = ops.get("/funnel/?period=all").context["steps"][1]
    assert step.stayed == 1
    page = ops.get(f"/people/?{step.stayed_address}")
    assert [row["person"].name for row in page.context["rows"]] == ["Dora"]


def test_each_outcome_opens_its_deals(ops: Client):
    overview = ops.get("/?period=all")
    this = overview.context["this"]
    assert (this.won, this.lost, this.to_competitors, float(this.revenue)) == (1, 1, 1, 1200.0)
    assert (this.share_won, this.share_to_competitors) == (0.5, 0.5)
    for kind, count in (("won", this.won), ("lost", this.lost), ("competitor", 1), ("closed", 2)):
        assert ops.get(f"/deals/?period=all&kind={kind}").context["page"].paginator.count == count


def test_the_promises_are_measured_when_the_page_is_there_and_shown_with_it_afterwards(ops: Client):
    first = ops.get("/?period=last_12_months")
    assert 'hx-get="/promises/?period=last_12_months"' in first.content.decode()
    measured = ops.get("/promises/?period=last_12_months").context["promises"]
    assert [(party, [promise.promise for _place, promise, _words in rows]) for party, rows in measured] == [
        ("marketing", ["Volume", "Quality"]), ("sales", ["First touch"]),
    ]  # fmt: skip
    again = ops.get("/?period=last_12_months")
    assert again.context["promises"] == measured
    assert ops.get("/?period=this_year&measured=1").context["promises"], "without script it is one click away"


@pytest.mark.parametrize("which", ["", "kept", "missed"])
def test_each_promise_opens_the_hand_offs_that_it_counts(ops: Client, which: str):
    for party, places in (("marketing", 2), ("sales", 1)):
        for place in range(places):
            page = ops.get(f"/promises/{party}/{place}/?period=last_12_months&which={which}")
            promise = page.context["promise"]
            number = {"": promise.n, "kept": promise.k, "missed": promise.n - promise.k}[which]
            assert page.context["page"].paginator.count == number


def test_a_promise_that_is_not_there_is_not_found(ops: Client):
    for address in ("/promises/sales/9/", "/promises/law/0/"):
        assert ops.get(address).status_code == 404
