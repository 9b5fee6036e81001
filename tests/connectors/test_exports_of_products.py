"""Headers as HubSpot, Salesforce, Pipedrive, Zoho and Odoo write them, in English and Spanish."""

# ruff: noqa: E501 (rows of exports are as long as they are)

from __future__ import annotations

from tests.connectors.files import history, meanings, rows, write


def test_hubspot_contacts(tmp_path):
    path = write(
        tmp_path,
        "contacts.csv",
        """
        Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Last contacted,Lead Status,Create Date,Original Source,Lifecycle Stage,Associated Company,Became a Customer Date,Number of times contacted
        101,Ana,García,ana@acme.example,+34 600 100 200,Luis Pérez,2024-05-02 10:11,New,2024-04-30 09:00,Organic Search,Lead,Acme SL,,3
        102,Bob,Lee,bob@beta.example,+34 600 100 201,Luis Pérez,,Open,2024-04-28 12:00,Paid Search,Customer,Beta Inc,2024-06-01 10:00,5
        103,Eva,Ruiz,eva@x.example,,,2024-05-02 12:00,,2024-04-27 09:00,(none),Marketing Qualified Lead,,,
        """,
    )
    assert meanings(path) == {
        "Record ID": "lead",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Email": "email",
        "Phone Number": "phone",
        "Contact owner": "owner",
        "Last contacted": "last_touch",
        "Create Date": "created",
        "Original Source": "source",
        "Lifecycle Stage": "stage",
        "Associated Company": "company",
        "Became a Customer Date": "won_date",
        "Number of times contacted": "touches",
    }
    told = history(path)
    assert rows(told, "lead", "person", "source", "outcome", "touches") == [
        ("101", "Ana García", "Organic Search", "open", 3),
        ("102", "Bob Lee", "Paid Search", "won", 5),
        ("103", "Eva Ruiz", None, "open", None),
    ]


def test_hubspot_deals_in_spanish(tmp_path):
    path = write(
        tmp_path,
        "negocios.csv",
        """
        ID de registro;Nombre del negocio;Etapa del negocio;Fecha de cierre;Propietario del negocio;Importe;Fecha de creación;Motivo de cierre perdido
        9001;Acme - renovación;Cierre ganado;15/03/2024;Ana Gil;1.250,50 €;02/01/2024;
        9002;Beta - nuevo;Cierre perdido;31/01/2024;Luis Sanz;3.000,00 €;10/12/2023;Precio
        9003;Gamma;Propuesta enviada;30/12/2026;Luis Sanz;12.345,00 €;13/02/2024;
        """,
        "cp1252",
    )
    told = history(path)
    assert rows(told, "lead", "owner", "amount", "outcome", "reason") == [
        ("9001", "Ana Gil", 1250.5, "won", None),
        ("9002", "Luis Sanz", 3000.0, "lost", "Precio"),
        ("9003", "Luis Sanz", 12345.0, "open", None),
    ]
    assert [str(row[0].date()) for row in rows(told, "created_at")] == ["2024-01-02", "2023-12-10", "2024-02-13"]
    assert told.leads["closed_at"][2] is None  # the expected close of an open deal is none


def test_salesforce_opportunity_report_with_its_footer(tmp_path):
    path = write(
        tmp_path,
        "report.csv",
        """
        "Opportunity Owner","Account Name","Opportunity Name","Stage","Amount","Expected Revenue","Probability (%)","Close Date","Created Date","Lead Source"
        "Jane Roe","Acme","Acme - 2024","Closed Won","USD 12,500.00","12500.00","100","3/15/2024","2/9/2024","Web"
        "Jane Roe","Beta","Beta - 2024","Closed Lost","USD 7,000.00","0","0","3/1/2024","2/10/2024","Partner"
        "John Doe","Gamma","Gamma - 2024","Negotiation/Review","USD 9,000.00","4500","50","6/30/2026","3/20/2024","Web"

        "Total","","","","USD 28,500.00","","","","",""
        "Confidential Information - Do Not Distribute"
        "Copyright (c) 2000-2024 salesforce.com, inc. All rights reserved."
        """,
    )
    told = history(path)
    assert rows(told, "company", "owner", "amount", "outcome") == [
        ("Acme", "Jane Roe", 12500.0, "won"),
        ("Beta", "Jane Roe", 7000.0, "lost"),
        ("Gamma", "John Doe", 9000.0, "open"),
    ]
    assert str(told.leads["won_at"][0].date()) == "2024-03-15"


def test_pipedrive_tells_stage_and_outcome_apart(tmp_path):
    path = write(
        tmp_path,
        "deals.csv",
        """
        "Deal - ID","Deal - Title","Deal - Value","Deal - Currency of Value","Deal - Organization","Deal - Contact person","Deal - Stage","Deal - Status","Deal - Owner","Deal - Deal created","Deal - Won time","Deal - Lost time","Deal - Lost reason","Deal - Expected close date","Deal - Done activities"
        "1","Acme deal","1200","EUR","Acme","Ann","Contact made","Won","Max","2024-01-05 10:00:00","2024-02-01 09:30:00","","","2024-02-10","5"
        "2","Beta deal","800","EUR","Beta","Bob","Proposal","Lost","Max","2024-01-06 10:00:00","","2024-03-01 09:30:00","Too expensive","","3"
        "3","Gamma deal","600","EUR","Gamma","Cat","Proposal","Open","Mia","2024-01-07 10:00:00","","","","2024-12-10","1"
        """,
    )
    found = meanings(path)
    assert found["Deal - Stage"] == "stage"
    assert found["Deal - Status"] == "outcome"
    assert "Deal - Expected close date" not in found
    assert rows(history(path), "stage", "outcome", "touches", "reason") == [
        ("Contact made", "won", 5, None),
        ("Proposal", "lost", 3, "Too expensive"),
        ("Proposal", "open", 1, None),
    ]


def test_zoho_leads_that_were_given_up_are_lost_and_converted_ones_won(tmp_path):
    path = write(
        tmp_path,
        "leads.csv",
        """
        Record Id,Lead Owner.id,Lead Owner,Company,First Name,Last Name,Email,Lead Source,Lead Status,No. of Employees,Created Time,Is Converted,Converted Date Time
        z_1,z_9,Mia,Acme,Ann,Lee,ann@acme.example,Web Download,Contacted,50,2024-03-01 10:00:00,true,2024-04-01 10:00:00
        z_2,z_9,Mia,Beta,Bob,Roe,bob@beta.example,Trade Show,Junk Lead,5,2024-03-02 10:00:00,false,
        z_3,z_9,Mia,Beta,Cat,Roe,cat@beta.example,Trade Show,Contacted,7,2024-03-03 10:00:00,false,
        """,
    )
    told = history(path)
    assert rows(told, "lead", "owner", "outcome", "trait:No. of Employees") == [
        ("z_1", "Mia", "won", 50.0),
        ("z_2", "Mia", "lost", 5.0),
        ("z_3", "Mia", "open", 7.0),
    ]
    assert str(told.leads["won_at"][0]) == "2024-04-01 10:00:00+00:00"


def test_odoo_in_spanish(tmp_path):
    path = write(
        tmp_path,
        "crm.lead.csv",
        """
        Oportunidad,Nombre de contacto,Cliente,Correo electrónico,Teléfono,Vendedor,Equipo de ventas,Ingreso esperado,Etapa,Creado el,Cierre esperado,Motivo de pérdida,Origen,Fecha de cierre
        Web Acme,Ana,Acme,ana@acme.example,600100200,Marc Demo,Ventas España,1500.0,Ganado,2024-01-03 10:11:12,2024-02-01,,Website,2024-01-20 11:00:00
        Feria,Luis,Beta,luis@beta.example,,Marc Demo,Ventas España,300.0,Nuevo,2024-01-04 10:11:12,,,Feria,
        """,
    )
    found = meanings(path)
    assert found["Nombre de contacto"] == "person"
    assert found["Cliente"] == "company"
    assert found["Vendedor"] == "owner"
    assert found["Equipo de ventas"] == "segment"
    assert found["Ingreso esperado"] == "amount"
    assert found["Motivo de pérdida"] == "reason"  # the header is known, although nothing was lost yet
    assert rows(history(path), "person", "outcome", "amount") == [("Ana", "won", 1500.0), ("Luis", "open", 300.0)]


def test_a_sheet_that_a_sales_team_keeps_by_hand(tmp_path):
    path = write(
        tmp_path,
        "seguimiento.csv",
        """
        Nombre y apellidos;Empresa;Correo;Tfno;Fecha de alta;Comercial;Estado;Importe;Canal;Nº de llamadas;Motivo de descarte
        Ana Ruiz;Acme;ana@acme.example;600 10 02 00;1-ene-24;Pepe;Ganado;1.200,00;Feria;3;
        Luis Gil;Beta;luis@beta.example;600 10 02 01;15-feb-24;Pepe;Descartado;;Web;5;Sin presupuesto
        Eva Mas;Gamma;eva@gamma.example;600 10 02 02;3-mar-24;Sin asignar;En curso;900,00;Web;0;
        """,
    )
    told = history(path)
    assert rows(told, "person", "owner", "outcome", "amount", "source", "touches", "reason") == [
        ("Ana Ruiz", "Pepe", "won", 1200.0, "Feria", 3, None),
        ("Luis Gil", "Pepe", "lost", None, "Web", 5, "Sin presupuesto"),
        ("Eva Mas", None, "open", 900.0, "Web", 0, None),
    ]


def test_headers_are_read_past_case_accents_underscores_and_slips(tmp_path):
    path = write(
        tmp_path,
        "odd.csv",
        """
        E-MAIL ADDRESS,companyName,LEAD_SOURCE,createdAt,salesRep,dealStage,Opportunty Amount
        ann@x.example,Acme,Web,2024-01-02T03:04:05Z,Max,Closed Won,10.5
        bob@x.example,Beta,Fair,2024-01-03T03:04:05Z,Mia,Proposal,20.5
        """,
    )
    assert meanings(path) == {
        "E-MAIL ADDRESS": "email",
        "companyName": "company",
        "LEAD_SOURCE": "source",
        "createdAt": "created",
        "salesRep": "owner",
        "dealStage": "stage",
        "Opportunty Amount": "amount",
    }


def test_a_header_is_not_believed_against_its_cells(tmp_path):
    path = write(
        tmp_path,
        "liar.csv",
        """
        Email,Created,Amount,Company,has_company
        ann@x.example,yesterday,much,Acme,True
        bob@x.example,last week,little,Beta,False
        """,
    )
    assert meanings(path) == {"Email": "email", "Company": "company"}


def test_cells_speak_where_no_header_does(tmp_path):
    path = write(
        tmp_path,
        "silent.csv",
        """
        alpha,beta,gamma
        ann@x.example,Closed Won,2024-01-05
        bob@x.example,Closed Lost,2024-01-06
        cat@x.example,Demo,2024-02-06
        """,
    )
    assert meanings(path) == {"alpha": "email", "beta": "stage", "gamma": "created"}
