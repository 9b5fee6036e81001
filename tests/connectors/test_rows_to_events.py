"""Rows become facts with ids of their own, so that order and name of a file, and a second reading, change nothing."""

# ruff: noqa: E501 (rows of exports are as long as they are)

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from entente.connectors.files import Mapping, read_records
from entente.connectors.files.known import Known
from entente.connectors.files.rows import Refusal
from entente.connectors.files.to_events import Translator
from entente.events.types import NewEvent
from tests.connectors.files import NOW, write

LEADS = """
Record ID,First Name,Last Name,Email,Phone,Company,Industry,Country,Create Date,Lead Source,Owner,Lead Status,First call,Last contacted
1,Ann,Lee,Ann@Acme.example,+34 600 100 200,Acme,Retail,ES,2024-01-02 10:00,Web,Max,Contacted,2024-01-02 11:30,2024-01-05 09:00
2,Bob,Roe,bob@beta.example,,Beta,Software,PT,2024-01-03 10:00,Fair,Mia,Unqualified,,
3,Cat,Mas,info@beta.example,,Beta,,PT,2024-01-04 10:00,Fair,,New,,
"""
DEALS = """
Deal ID,Contact ID,Stage,Amount,Created,Close Date,Deal owner,Lost reason
D1,1,Won,1500.5,2024-02-01,2024-03-01,Max,
D2,1,Lost,20,2024-02-02,2024-03-02,Max,Price
D3,2,Proposal,30,2024-02-03,2026-12-31,Mia,
"""


def told(
    *paths: Path, now: datetime = NOW, known: list[NewEvent] | None = None, refused: list[Refusal] | None = None
) -> list[NewEvent]:
    records = read_records(list(paths), Mapping())
    refuse = refused.append if refused is not None else lambda refusal: None
    return list(Translator(records, "crm", now, refuse, Known.of(known) if known is not None else None).events())


def of(events: list[NewEvent], kind: str) -> list[NewEvent]:
    return [event for event in events if event.type == kind]


def ids(events: list[NewEvent]) -> set[str]:
    return {event.message_id for event in events}


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # fewer parts than a datetime may have


def test_a_lead_is_identified_when_it_came_with_its_traits_under_header_and_common_name(tmp_path):
    event = of(told(write(tmp_path, "leads.csv", LEADS)), "identify")[0]
    assert (event.identity, event.email) == ("email:ann@acme.example", "ann@acme.example")
    assert event.anonymous_id is None  # the address alone finds the person
    assert event.group_id == "acme"
    assert event.occurred_at == at(2024, 1, 2, 10)
    assert event.properties == {
        "firstName": "Ann",
        "lastName": "Lee",
        "email": "Ann@Acme.example",
        "phone": "+34 600 100 200",
        "company": "Acme",
        "source": "Web",
        "Industry": "Retail",
        "Country": "ES",
        "country": "ES",
    }


def test_a_role_mailbox_identifies_nobody_but_the_leads_key_does(tmp_path):
    event = of(told(write(tmp_path, "leads.csv", LEADS)), "identify")[2]
    assert (event.identity, event.email) == ("anon:crm:3", "info@beta.example")


def test_what_sales_made_of_a_lead_is_no_trait_of_it(tmp_path):
    """Else a score at the first moment would know what came of it."""
    for event in of(told(write(tmp_path, "leads.csv", LEADS)), "identify"):
        assert not {"stage", "Lead Status", "touches", "owner"} & set(event.properties)


def test_a_company_is_told_once_with_what_all_its_rows_know(tmp_path):
    groups = of(told(write(tmp_path, "leads.csv", LEADS)), "group")
    assert [(event.group_id, event.properties) for event in groups] == [
        ("acme", {"name": "Acme", "industry": "Retail"}),
        ("beta", {"name": "Beta", "industry": "Software"}),
    ]


def test_owner_touches_stage_and_giving_up_are_facts_of_their_own(tmp_path):
    events = told(write(tmp_path, "leads.csv", LEADS))
    assert [event.properties["owner"] for event in of(events, "owner_assigned")] == ["Max", "Mia"]
    assert [(event.occurred_at, event.properties["by"]) for event in of(events, "call")] == [
        (at(2024, 1, 2, 11, 30), "Max"),
        (at(2024, 1, 5, 9), "Max"),
    ]
    stages = {event.properties["stage"]: event.occurred_at for event in of(events, "stage_changed")}
    assert stages["Contacted"] == at(2024, 1, 5, 9)  # the last that is known of the lead
    (given_up,) = of(events, "recycled")
    assert given_up.identity == "email:bob@beta.example"


def test_deals_are_told_of_the_person_of_their_lead(tmp_path):
    events = told(write(tmp_path, "leads.csv", LEADS), write(tmp_path, "deals.csv", DEALS))
    assert [(event.identity, event.properties["deal"]) for event in of(events, "deal_opened")] == [
        ("email:ann@acme.example", "D1"),
        ("email:ann@acme.example", "D2"),
        ("email:bob@beta.example", "D3"),
    ]
    (won,) = of(events, "deal_won")
    assert won.occurred_at == at(2024, 3, 1)
    assert won.properties == {"deal": "D1", "amount": 1500.5, "owner": "Max", "stage": "Won"}
    (lost,) = of(events, "deal_lost")
    assert lost.properties["reason"] == "Price"
    assert "reason" not in of(events, "deal_opened")[1].properties


def test_another_order_and_another_name_give_the_same_events(tmp_path):
    first = told(write(tmp_path, "leads.csv", LEADS))
    header, *lines = LEADS.strip().splitlines()
    again = told(write(tmp_path, "renamed.csv", "\n".join([header, *reversed(lines)])), now=at(2027, 1, 1))
    assert ids(again) == ids(first)
    columns = [line.split(",") for line in LEADS.strip().splitlines()]
    turned = "\n".join(";".join(reversed(cells)) for cells in columns)
    assert ids(told(write(tmp_path, "turned.csv", turned, "cp1252"))) == ids(first)


def test_ids_are_unique_and_begin_with_what_happens_first(tmp_path):
    events = told(write(tmp_path, "leads.csv", LEADS), write(tmp_path, "deals.csv", DEALS))
    assert len(ids(events)) == len(events)
    order = [event.type for event in sorted(events, key=lambda event: event.message_id)]
    assert (
        order.index("identify") < order.index("owner_assigned") < order.index("deal_opened") < order.index("deal_won")
    )


def test_a_newer_export_adds_only_what_it_says_anew_and_that_happens_when_it_is_noticed(tmp_path):
    first = told(write(tmp_path, "leads.csv", LEADS))
    later = at(2026, 7, 1)
    newer = (
        LEADS.replace("Contacted", "Meeting").replace("Fair,Mia", "Fair,Zoe")
        + "4,Dan,Poe,dan@x.example,,,,,2026-06-20 10:00,Web,Max,New,,\n"
    )
    added = [
        event
        for event in told(write(tmp_path, "b.csv", newer), now=later, known=first)
        if event.message_id not in ids(first)
    ]
    assert sorted((event.type, event.identity, event.occurred_at) for event in added) == [
        ("identify", "email:dan@x.example", at(2026, 6, 20, 10)),
        ("owner_assigned", "email:bob@beta.example", later),
        ("owner_assigned", "email:dan@x.example", at(2026, 6, 20, 10)),
        ("stage_changed", "email:ann@acme.example", later),
        ("stage_changed", "email:dan@x.example", at(2026, 6, 20, 10)),
    ]


def test_rows_without_anything_to_know_them_by_and_rows_from_the_future_are_refused(tmp_path):
    text = "Name,Email,Phone,Created,Source\nAnn,a@x.example,,2024-01-01,Web\n,not an address,,2024-01-01,Web\nBob,b@x.example,,2031-01-01,Web\n"
    refused: list[Refusal] = []
    events = told(write(tmp_path, "a.csv", text), refused=refused)
    assert [event.identity for event in of(events, "identify")] == ["email:a@x.example"]
    assert [(refusal.row, refusal.reason.split(":")[0]) for refusal in refused] == [
        (3, "nothing in it tells who the lead is"),
        (4, "created is in the future (2031-01-01)"),
    ]


def test_who_has_only_a_name_and_a_telephone_is_the_same_person_in_every_export(tmp_path):
    one = told(write(tmp_path, "a.csv", "Name,Phone,Source\nAnn Lee,600100200,Web\nBob Roe,600100201,Web\n"))
    other = told(write(tmp_path, "b.csv", "Phone,Name,Source\n600100201,Bob Roe,Fair\n600100200,ANN LEE,Web\n"))
    assert {event.identity for event in one} == {event.identity for event in other}


def test_a_file_of_deals_alone_tells_of_each_deal(tmp_path):
    events = told(write(tmp_path, "deals.csv", DEALS.replace("Contact ID", "Comment")))
    assert len(of(events, "deal_opened")) == 3
    assert len(of(events, "deal_won")) == len(of(events, "deal_lost")) == 1
    assert len({event.identity for event in events}) == 3


def test_what_has_no_date_happens_at_the_import(tmp_path):
    events = told(write(tmp_path, "a.csv", "Lead ID,Converted,Visits\n1,1,3\n2,0,4\n3,1,5\n"))
    assert {event.occurred_at for event in events} == {NOW}
    assert len(of(events, "deal_won")) == 2
