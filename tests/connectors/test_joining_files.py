"""Several files are one history: deals find their leads, lists their names, and no row is multiplied."""

from __future__ import annotations

from tests.connectors.files import codes, history, rows, workbook, write

CONTACTS = """
Record ID,First Name,Last Name,Email,Create Date,Original Source,Lifecycle Stage,Associated Company ID
101,Ana,García,ana@acme.example,2024-04-30 09:00,Organic Search,Lead,55
102,Bob,Lee,bob@beta.example,2024-04-28 12:00,Paid Search,Lead,56
103,Eva,Ruiz,eva@x.example,2024-04-27 09:00,Paid Search,Lead,
104,Zoe,Mas,zoe@x.example,2024-04-26 09:00,Referral,Lead,57
"""
DEALS = """
Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Create Date,Associated Contact IDs
9001,Acme,Closed won,2024-06-01,Ann,1000,2024-05-01,101
9002,Acme 2,Closed won,2024-07-01,Ann,500,2024-06-01,101;104
9003,Beta,Closed lost,2024-06-03,Lee,300,2024-05-03,102
9004,Nobody,Closed won,2024-06-03,Lee,70,2024-05-03,999
"""
COMPANIES = """
Record ID,Company name,Industry,Number of Employees
55,Acme SL,Retail,120
56,Beta Inc,Software,40
57,Gamma,Retail,7
"""


def test_contacts_deals_and_companies_of_hubspot(tmp_path):
    files = [
        write(tmp_path, f"{name}.csv", text)
        for name, text in (("contacts", CONTACTS), ("deals", DEALS), ("companies", COMPANIES))
    ]
    told = history(*files)
    assert rows(told, "lead", "outcome", "amount", "owner", "company", "trait:Industry") == [
        ("101", "won", 1500.0, "Ann", "Acme SL", "Retail"),
        ("102", "lost", 300.0, "Lee", "Beta Inc", "Software"),
        ("103", "open", None, None, None, None),
        ("104", "open", None, None, "Gamma", "Retail"),
        ("9004", "won", 70.0, "Lee", None, None),
    ]
    assert codes(told)["deals_without_lead"] == 1
    assert len(told.mapping["joins"]) == 2


def test_the_order_of_the_files_does_not_matter(tmp_path):
    contacts, deals = write(tmp_path, "contacts.csv", CONTACTS), write(tmp_path, "deals.csv", DEALS)
    assert history(contacts, deals).leads.equals(history(deals, contacts).leads)


def test_several_deals_of_one_lead_never_make_it_two(tmp_path):
    told = history(write(tmp_path, "contacts.csv", CONTACTS), write(tmp_path, "deals.csv", DEALS))
    assert told.leads["lead"].n_unique() == told.leads.height == 5
    assert str(told.leads["won_at"][0].date()) == "2024-06-01"  # the first of the two


def test_leads_that_name_the_opportunity_they_became(tmp_path):
    leads = write(
        tmp_path,
        "leads.csv",
        """
        Lead ID,First Name,Last Name,Company,Email,Status,Lead Source,Created Date,Converted Opportunity ID
        L1,A,B,Acme,a@x.example,Converted,Web,1/2/2024,O1
        L2,C,D,Beta,c@x.example,Open,Web,1/15/2024,
        L3,C,E,Beta,e@x.example,Unqualified,Fair,1/16/2024,
        """,
    )
    opportunities = write(
        tmp_path,
        "opportunities.csv",
        """
        Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Created Date,Owner
        O1,Acme,Acme,Closed Won,5000,2/20/2024,1/20/2024,Jane
        O2,Zeta,Zeta,Closed Lost,100,2/21/2024,1/21/2024,Jane
        """,
    )
    assert rows(history(leads, opportunities), "lead", "outcome", "amount", "source") == [
        ("L1", "won", 5000.0, "Web"),
        ("L2", "open", None, "Web"),
        ("L3", "lost", None, "Fair"),
        ("O2", "lost", 100.0, None),
    ]


def test_months_with_the_same_columns_are_one_table_and_repeated_rows_are_one(tmp_path):
    january = write(
        tmp_path, "jan.csv", "Email,Created,Source,Won\na@x.example,2024-01-01,Web,1\nb@x.example,2024-01-02,Fair,0\n"
    )
    february = write(
        tmp_path, "feb.csv", "Email,Created,Source,Won\nc@x.example,2024-02-01,Web,1\nb@x.example,2024-01-02,Fair,0\n"
    )
    told = history(january, february)
    assert rows(told, "email", "outcome") == [("a@x.example", "won"), ("b@x.example", "open"), ("c@x.example", "won")]
    assert codes(told)["repeated_rows"] == 1


def test_a_list_is_found_by_its_name_where_its_key_is_only_called_id(tmp_path):
    leads = write(
        tmp_path, "leads.csv", "Email,Stage,campaign_id\na@x.example,Won,7\nb@x.example,Lost,8\nc@x.example,New,7\n"
    )
    campaigns = write(tmp_path, "campaigns.csv", "id,Budget kind\n7,Big\n8,Small\n9,None at all\n")
    assert history(leads, campaigns).leads["trait:Budget kind"].to_list() == ["Big", "Small", "Big"]


def test_sheets_of_a_workbook_join_like_files(tmp_path):
    sheets = {
        "Deals": [
            ["Deal ID", "Account", "Stage", "Amount"],
            ["1", "Acme", "Won", 5],
            ["2", "BETA ", "Lost", 6],
            ["3", "Acme", "Open", 7],
        ],
        "Accounts": [["Account", "Sector"], ["Acme", "Retail"], ["Beta", "Software"]],
    }
    told = history(workbook(tmp_path, "a.xlsx", sheets))
    assert rows(told, "lead", "company", "trait:Sector") == [
        ("1", "Acme", "Retail"),
        ("2", "Beta", "Software"),
        ("3", "Acme", "Retail"),
    ]


def test_what_a_list_tells_is_a_trait_and_not_the_amount_of_a_deal(tmp_path):
    deals = write(tmp_path, "deals.csv", "Deal ID,Account,Stage\n1,Acme,Won\n2,Beta,Lost\n")
    accounts = write(tmp_path, "accounts.csv", "Account,Revenue,Owner\nAcme,1000,Ann\nBeta,2000,Bob\n")
    told = history(deals, accounts)
    assert told.leads["amount"].to_list() == [None, None]
    assert told.leads["trait:Revenue"].to_list() == [1000.0, 2000.0]
