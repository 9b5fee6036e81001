"""Headers of columns, by what they mean: the words of HubSpot, Salesforce, Pipedrive, Zoho, Odoo and of people.

English and Spanish, with some Portuguese, as its exports mix with Spanish ones. In lower case, without accents.
"""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "lead": """
        lead id; id lead; lead; lead no; record id; contact id; person id; id; mql id; prospect id; prospect;
        customer id; user id; uuid; external id; id externo; lead key; contacto id; id contacto; id de contacto;
        id del contacto; id de cliente; id cliente; codigo cliente; codigo; id prospecto; id de prospecto; id de
        registro; identificador; numero de lead; record id contact; id persona; client id; lead identifier;
        contact record id; id oportunidad lead; nro; folio; associated contact ids; associated contact id; contact
        ids; associated lead ids; id contacto asociado; id del registro; lead uid; respondent id; visitor id
    """,
    "deal": """
        deal id; id deal; opportunity id; id opportunity; opp id; oportunidad id; id oportunidad; id de
        oportunidad; id de la oportunidad; negocio id; id negocio; id del negocio; id de negocio; trato id; id de
        trato; id trato; id operacion; quote id; order id; record id deal; converted opportunity id; associated
        deal ids; associated deal id; deal record id; opportunity number; id venta; numero de oportunidad; codigo
        oportunidad; opportunity 18 digit id
    """,
    "person": """
        name; full name; person name; contact name; lead name; contact; person; customer name; nombre completo;
        nombre y apellidos; nombre y apellido; persona de contacto; contacto; nombre de contacto; nombre del
        contacto; nombre contacto; nombre del cliente; nombre cliente; nombre del prospecto; nombre del posible
        cliente; nombre del lead; contact person; primary contact; person contact; nome; nome completo; nombre
        prospecto; interesado; nombre persona; person name contact; full name contact; display name
    """,
    "first_name": """
        first name; firstname; given name; forename; nombre; nombre de pila; primer nombre; nombres; first; nombre
        contacto pila
    """,
    "last_name": """
        last name; lastname; surname; family name; apellido; apellidos; primer apellido; sobrenome; last
    """,
    "email": """
        email; e mail; mail; email address; e mail address; mail address; work email; business email; email work;
        person email; contact email; correo; correo electronico; direccion de correo; direccion de correo
        electronico; email personal; email de contacto; email contacto; person email work; email del contacto;
        correo contacto; correo de contacto; mail de contacto; email trabajo; lead email; customer email; primary
        email; email 1; correo 1; secondary email; correo electronico del contacto; email from; email normalized
    """,
    "phone": """
        phone; phone number; telephone; tel; mobile; mobile phone; mobile phone number; mobile number; cell; cell
        phone; work phone; business phone; telefono; telefono movil; movil; celular; numero de telefono; telefono
        de contacto; telefono contacto; telefono fijo; telefono trabajo; person phone; contact phone; phone work;
        person phone work; phone mobile; whatsapp; telefone; tfno; tlf; tlfno; numero celular
    """,
    "company": """
        company; company name; account; account name; organization; organisation; organization name; organisation
        name; organizacion; nombre de la organizacion; empresa; nombre de la empresa; nombre empresa; compania;
        nombre de la compania; cuenta; nombre de la cuenta; nombre de cuenta; razon social; nombre comercial;
        associated company; primary company; associated company name; business name; customer; cliente; client;
        client name; employer; firm; negocio nombre empresa; company account; nombre de compania; empresa
        asociada; empresa cliente; person organization; company legal name
    """,
    "account_id": """
        account id; company id; organization id; organisation id; org id; id empresa; id de empresa; id de la
        empresa; id cuenta; id de cuenta; id de la cuenta; associated company id; associated company ids; cif;
        nif; vat; vat number; nif cif; rfc; tax id; ruc; cuit; id organizacion; company domain name; company
        domain; dominio de la empresa; primary associated company id; dominio; domain
    """,
    "source": """
        source; lead source; original source; origin; origen; fuente; canal; channel; traffic source; origen del
        lead; origen lead; fuente del lead; fuente de lead; fuente lead; origen de prospecto; fuente de posible
        cliente; fuente original; marketing channel; acquisition channel; canal de adquisicion; canal de
        captacion; original traffic source; latest source; utm source; source channel; contact source; deal
        source; opportunity source; medio; procedencia; como nos conocio; como nos conociste; how did you hear
        about us; origen del contacto; origen del cliente; fuente de origen; origem; fonte; lead origin channel;
        fuente de trafico original; origen de la oportunidad; fuente posible cliente; fuente de posibles clientes;
        first source; source type
    """,
    "campaign": """
        campaign; campaign name; utm campaign; campana; nombre de campana; nombre de la campana; primary campaign
        source; campaign source; last campaign; first campaign; original source drill down 1; campana de origen;
        campanha
    """,
    "created": """
        created; created at; created on; created date; create date; creation date; date created; created time;
        date added; added on; added; added time; lead created; deal created; lead creation date; date of creation;
        signup date; sign up date; registration date; registered at; registered on; date; lead date; inquiry date;
        enquiry date; entry date; opened date; open date; date opened; opened; received at; received; submitted
        at; submission date; timestamp; creado; creado el; creada; creado en; fecha de creacion; fecha creacion;
        fecha de alta; fecha alta; alta; fecha; fecha de registro; fecha registro; fecha de entrada; fecha
        entrada; hora de creacion; fecha de creacion del lead; fecha lead; fecha de ingreso; fecha ingreso; fecha
        de captacion; fecha de solicitud; fecha de recepcion; fecha de apertura; fecha apertura; deal created on;
        data de criacao; create date contact; lead created date; opportunity created date; date de creation; fecha
        de incorporacion; marca temporal; became a lead date; fecha del contacto; fecha contacto; contact created;
        deal creation date
    """,
    "first_contact": """
        first contact; first contact date; first contacted; date of first contact; first contact at; fecha primer
        contacto; fecha de primer contacto; primer contacto; fecha del primer contacto
    """,
    "engaged": """
        engage date; engaged date; engaged at; engagement date; engaged on; start date; deal start date;
        opportunity start date; fecha inicio; fecha de inicio; inicio; fecha de inicio de la oportunidad
    """,
    "first_touch": """
        first touch; first touch date; first call; first call date; first called; first response; first response
        date; first outreach; first outreach date; first reply date; date of first engagement; fecha primera
        llamada; primera llamada; fecha de primera llamada; primera respuesta; fecha primera respuesta; first
        sales activity date; first contact attempt; fecha primera gestion; primer intento; first touched at; first
        contacted at; first call at; fecha de primera respuesta
    """,
    "last_touch": """
        last touch; last contacted; last contact; last contact date; last call; last call date; last touch date;
        ultima llamada; ultimo contacto; fecha ultimo contacto; fecha de ultimo contacto; fecha ultima llamada;
        last contacted date; last engagement date; last sales activity date
    """,
    "touches": """
        touches; number of touches; touch count; attempts; contact attempts; call attempts; number of attempts;
        number of times contacted; times contacted; number of calls; calls; call count; number of sales
        activities; activities; total activities; done activities; activity count; actividades; llamadas;
        intentos; numero de llamadas; numero de intentos; intentos de contacto; numero de contactos; contactos
        realizados; numero de veces contactado; veces contactado; toques; actividades realizadas; actividades
        completadas; follow ups; number of follow ups; seguimientos; number of times contacted by sales
    """,
    "accepted": """
        accepted; accepted at; accepted date; accepted on; date accepted; sal date; sales accepted date; sales
        accepted at; fecha de aceptacion; fecha aceptacion; aceptado el; fecha aceptado; became a sql date; became
        a sales qualified lead date; sales accepted lead date; fecha sal; fecha sql; sql date
    """,
    "rejected": """
        rejected; rejected at; rejected date; rejected on; date rejected; fecha de rechazo; fecha rechazo;
        rechazado el; disqualified date; disqualified at; disqualification date; fecha de descarte; fecha
        descarte; unqualified date; fecha de descalificacion
    """,
    "won_date": """
        won date; date won; won at; won on; won time; deal won date; closed won date; won; hora ganado; fecha
        ganado; fecha ganada; fecha de ganado; fecha ganada oportunidad; ganado el; fecha de venta; fecha venta;
        sale date; sold date; conversion date; converted date; converted at; converted date time; converted time;
        fecha de conversion del lead; conversion time; date converted; fecha de conversion; fecha conversion;
        became a customer date; fecha de cierre ganado; contract date; signed date; signed at; purchase date;
        order date; fecha de firma; fecha firma; fecha de contrato; fecha de compra; fecha pedido; deal won on;
        fecha de convertido; date d achat; fecha ganado oportunidad
    """,
    "lost_date": """
        lost date; date lost; lost at; lost on; lost time; deal lost date; closed lost date; fecha perdido; fecha
        perdida; fecha de perdida; fecha de perdido; perdido el; hora perdido; hora de perdida; deal lost on;
        fecha de cierre perdido
    """,
    "closed_date": """
        close date; closed date; date closed; closed at; closed on; closing date; close time; closed time; deal
        close date; deal closed on; opportunity close date; fecha de cierre; fecha cierre; cerrado el; cierre;
        fecha de cierre real; actual close date; hora de cierre; fecha de cierre de la oportunidad; fecha cierre
        real; deal closed date; fecha cerrado; data de fechamento; resolved date; completed date; end date; fecha
        fin; fecha de fin; fecha del cierre
    """,
    "expected_close": """
        expected close date; expected closing; expected closing date; forecast close date; estimated close date;
        fecha prevista de cierre; fecha de cierre prevista; fecha de cierre esperada; cierre previsto; cierre
        esperado; fecha de cierre estimada; fecha estimada de cierre; fecha esperada de cierre; prevision de
        cierre
    """,
    "owner": """
        owner; lead owner; contact owner; deal owner; opportunity owner; account owner; record owner; sales rep;
        sales representative; rep; representative; salesperson; sales person; seller; sales agent; agent; account
        executive; ae; assigned to; assigned user; assignee; responsible; account manager; owner name; owner full
        name; sr id; sales rep id; owner id; rep name; user responsible; propietario; propietaria; propietario del
        contacto; propietario del lead; propietario de la oportunidad; propietario del negocio; propietario de
        posible cliente; propietario del trato; propietario de oportunidad; propietario del registro; comercial;
        vendedor; vendedora; representante; representante de ventas; asesor; asesor comercial; agente; agente de
        ventas; ejecutivo; ejecutivo de ventas; ejecutivo de cuenta; responsable; asignado a; asignado; gestor;
        gestor comercial; comercial asignado; propietario de la cuenta; hubspot owner; sales owner; user; usuario;
        usuario asignado; closer; bdm; nombre del propietario; propietario de contacto
    """,
    "sdr": """
        sdr; sdr id; bdr; sales development representative; sdr name; qualified by; sdr owner; inside sales;
        cualificado por; calificado por; teleoperador; prospector; setter; appointment setter; bdr id; sdr
        asignado
    """,
    "stage": """
        stage; deal stage; opportunity stage; lead stage; pipeline stage; status; lead status; deal status;
        opportunity status; contact status; sales stage; lifecycle stage; stage name; fase; etapa; estado;
        estatus; etapa del negocio; etapa de la oportunidad; fase de la oportunidad; fase del trato; etapa de
        venta; state of deal; estado del lead; estado lead; estado de lead; estado de posible cliente; estado del
        posible cliente; estado de la oportunidad; etapa del ciclo de vida; estado del negocio; fase de venta;
        situacion; etapa del trato; current stage; estado del trato; estado oportunidad; estado del contacto; fase
        del negocio; estado actual; pipeline status; etapa de ventas; etapa de oportunidad; current status;
        situacao; disposition; lead disposition
    """,
    "outcome": """
        outcome; result; converted; is converted; is won; closed won; deal outcome; final status; is closed won;
        resultado; convertido; ganado; ganada; es ganado; ha convertido; venta; vendido; conversion; cliente si
        no; won lost; ganado perdido; is customer; became customer; purchased; bought; sale; compro; contratado;
        deal result; target; won or lost; es cliente
    """,
    "amount": """
        amount; value; deal value; deal amount; deal size; opportunity amount; opportunity value; close value;
        closed amount; revenue; total; total amount; price; expected revenue; contract value; acv; tcv; arr; mrr;
        sales; sale amount; order value; amount in company currency; deal value eur; importe; importe total;
        valor; valor del negocio; valor del trato; valor de la oportunidad; cantidad; monto; monto total;
        ingresos; ingreso esperado; ingresos esperados; ingreso estimado; precio; presupuesto; importe de la
        oportunidad; importe eur; importe de venta; total venta; ventas; facturacion; annual contract value;
        weighted amount; amount converted; monto del negocio; cantidad del negocio; importe del trato; total
        pedido; valor total; ingresos previstos; cuantia
    """,
    "reason": """
        reason; lost reason; loss reason; closed lost reason; closed won reason; close reason; win reason; won
        reason; reason lost; reason for loss; rejection reason; reject reason; disqualification reason;
        unqualified reason; reason for closing; lead lost reason; motivo; motivo de perdida; motivo perdida;
        motivo de cierre; razon; razon de perdida; motivo de rechazo; motivo rechazo; razon de cierre; motivo de
        descarte; motivo descarte; causa de perdida; motivo de no compra; motivo de cierre perdido; razon de
        perdida del trato; disqualified reason; motivo de la perdida; motivo de oportunidad perdida; reason for
        lost; win loss reason
    """,
    "competitor": """
        competitor; competitors; main competitor; competitor name; lost to; lost to competitor; competidor;
        competencia; competidores; competidor principal; main competitors; competidores principales; perdido ante
    """,
    "product": """
        product; product name; products; product of interest; product interest; service; item; line item; sku;
        plan; producto; productos; nombre del producto; producto de interes; servicio; linea de producto; product
        line; producto interesado; product family; curso; course; programa
    """,
    "segment": """
        team; sales team; regional office; region; sales region; territory; office; business unit; equipo; equipo
        de ventas; equipo comercial; zona; zona comercial; oficina; delegacion; oficina regional; territorio;
        sucursal; unidad de negocio; owner team; hubspot team; sales office; team name; region comercial
    """,
    "ignore": """
        left out file; left out row; left out why
    """,
    "deal_name": """
        deal name; opportunity name; deal; opportunity; opportunity title; deal title; title deal; nombre del
        negocio; negocio; nombre de la oportunidad; oportunidad; nombre del trato; trato; titulo del trato; nombre
        de oportunidad; lead title; titulo
    """,
    "currency": """
        currency; amount currency; deal currency; currency of value; value currency; moneda; divisa; opportunity
        currency; importe divisa; currency code; moneda de la cantidad
    """,
    "probability": """
        probability; deal probability; probabilidad; win probability; likelihood; probability %; probabilidad %
    """,
}
"""Meaning to headers. `deal_name`, `currency`, `probability` and `expected_close` are known to be nothing else."""
