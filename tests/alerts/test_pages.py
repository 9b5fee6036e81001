"""The pages of alerts: rules by form and by YAML, addresses, notifications and deliveries; nobody reaches another's."""

from __future__ import annotations

import pytest
from django.test import Client
from standardwebhooks import Webhook

from entente.alerts import actions
from entente.alerts.document import from_data
from entente.alerts.form_data import form_data
from entente.alerts.models import Address, AlertRule, Notification, Outbox
from entente.members.models import Role, TrailEntry
from tests.alerts import servers, world
from tests.alerts.world import hear, known, page, rep
from tests.members.factories import UserFactory
from tests.web.test_hostile_visitor import EVIL, Watch

pytestmark = pytest.mark.django_db

FILLED = {
    "name": "Pricing", "deed": "page", "what": "/pricing*", "subject": "where", "test": "is", "tell": ["browser"],
    "at_most_one_per": "1 hour", "digest": "",
}  # fmt: skip


@pytest.fixture
def lola():
    return rep(timezone="Europe/Madrid")


@pytest.fixture
def hers(lola):
    client = Client()
    client.force_login(lola)
    return client


def test_a_rule_is_added_by_the_form_and_shown_in_words(hers, lola):
    assert hers.get("/alerts/").status_code == hers.get("/alerts/new/").status_code == 200
    answer = hers.post("/alerts/new/", {**FILLED, "account": "ACME.example", "mine": "on", "score_at_least": "40"})
    assert answer["Location"] == "/alerts/"
    assert AlertRule.objects.get(owner=lola).document == {
        "name": "Pricing", "when": {"page": "/pricing*"}, "account": "acme.example", "mine": True,
        "score_at_least": 40, "at_most_one_per": "1 hour", "tell": ["browser"],
    }  # fmt: skip
    shown = hers.get("/alerts/").content.decode()
    assert "The person looks at a page that begins with /pricing; only people whose open hand-off is mine" in shown
    assert "of a person once in 1 hour at most" in shown


@pytest.mark.parametrize(
    ("filled", "document"),
    [
        ({"deed": "anything", "account": "acme.example"}, {"account": "acme.example"}),
        ({"deed": "track", "what": "Demo"}, {"when": {"track": "Demo"}}),
        (
            {"subject": "where", "property": "amount", "test": "from", "value": "1000"},
            {"when": {"page": "/pricing*", "where": {"amount": {"from": 1000}}}},
        ),
        (
            {"subject": "trait", "property": "country", "test": "in", "value": "ES, PT"},
            {"when": {"all": [{"page": "/pricing*"}, {"trait": "country", "in": ["ES", "PT"]}]}},
        ),
        (
            {"subject": "account", "property": "size", "test": "exists", "value": ""},
            {"when": {"all": [{"page": "/pricing*"}, {"account": "size", "exists": True}]}},
        ),
        ({"deed": "on", "on": ["breach", "assigned"]}, {"on": ["breach", "assigned"]}),
        (
            {"quiet_from": "20:00", "quiet_to": "08:00", "digest": "daily", "daily_at": "08:30"},
            {
                "quiet": {"from": "20:00", "to": "08:00", "timezone": "Europe/Madrid"},
                "digest": "daily at 08:30 Europe/Madrid",
            },
        ),
        ({"digest": "15 minutes"}, {"digest": "15 minutes"}),
    ],
)
def test_what_the_form_says_is_the_document_and_the_document_fills_the_form(hers, lola, filled, document):
    assert hers.post("/alerts/new/", FILLED | filled).status_code == 302
    rule = AlertRule.objects.get(owner=lola)
    plain = {"name": "Pricing", "at_most_one_per": "1 hour", "tell": ["browser"]}
    given = {"when": {"page": "/pricing*"}} if not {"when", "on", "account"} & document.keys() else {}
    assert rule.document == {**plain, **given, **document}
    again = form_data(from_data(rule.document), lola.timezone)
    posted = {**FILLED, "at_most_one_per": "", **{key: value for key, value in again.items() if value is not None}}
    hers.post(f"/alerts/{rule.pk}/", posted)
    rule.refresh_from_db()
    assert rule.document == {**plain, **given, **document}


@pytest.mark.parametrize(
    ("filled", "says"),
    [
        ({"what": "https://acme.example/x"}, "is a whole address"),
        ({"what": ""}, "is empty"),
        ({"deed": "on"}, "no kind"),
        ({"deed": "anything"}, "everything that anybody does"),
        ({"quiet_from": "20:00"}, "quiet.to"),
        ({"subject": "trait", "property": "x", "test": "matches", "value": "("}, "cannot be read"),
        ({"deed": "event", "what": "Not A Type"}, "is not a type of event"),
        ({"on": ["breach"]}, "or untick these"),
        ({"value": "10"}, "Name the property"),
        ({"tell": []}, "required"),
        ({"tell": ["email"]}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_on_the_form(hers, filled, says):
    answer = hers.post("/alerts/new/", FILLED | filled)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not AlertRule.objects.exists()


def test_a_rule_that_the_form_cannot_say_is_written_as_yaml(hers, lola):
    written = "name: Odd\nwhen: {any: [{page: /a}, {not: {page: /b}}]}\n"
    assert hers.post("/alerts/new/?as=yaml", {"document": written}).status_code == 302
    rule = AlertRule.objects.get(owner=lola)
    shown = hers.get(f"/alerts/{rule.pk}/").content.decode()
    assert "page: /a" in shown
    assert "says more than the form can ask" in shown
    refused = hers.post(f"/alerts/{rule.pk}/", {"document": "name: Odd\nwhen: {pgae: /a}\n"})
    assert "did you mean" in refused.content.decode()


def test_a_rule_keeps_its_time_zone_when_its_owner_moves(hers, lola):
    filled = {"quiet_from": "20:00", "quiet_to": "08:00", "digest": "daily", "daily_at": "08:30"}
    hers.post("/alerts/new/", FILLED | filled)
    type(lola).objects.update(timezone="America/Lima")
    rule = AlertRule.objects.get()
    before = rule.document
    assert "Europe/Madrid" in hers.get(f"/alerts/{rule.pk}/").content.decode()
    hers.post(f"/alerts/{rule.pk}/", FILLED | filled)
    rule.refresh_from_db()
    assert rule.document == before


def test_two_rules_of_one_name_are_refused(hers):
    hers.post("/alerts/new/", FILLED)
    assert "already" in hers.post("/alerts/new/", {**FILLED, "name": "PRICING"}).content.decode()


def test_a_rule_is_paused_tested_and_deleted(hers, lola):
    rule = world.rule(lola)
    hers.post(f"/alerts/{rule.pk}/pause/", {"paused": "1"})
    assert "paused" in hers.get("/alerts/").content.decode()
    hers.post(f"/alerts/{rule.pk}/pause/", {"paused": "0"})
    assert AlertRule.objects.get().active
    hers.post(f"/alerts/{rule.pk}/test/")
    assert "A test of “Pricing”" in hers.get("/notifications/").content.decode()
    hers.post(f"/alerts/{rule.pk}/delete/")
    assert not AlertRule.objects.exists()
    assert Notification.objects.exists(), "what it told stays"


def test_mail_is_offered_where_a_mail_server_is_set_up_and_goes_to_the_members_own_address(hers, lola, settings):
    settings.EMAIL_HOST = "mail.acme.example"
    assert hers.post("/alerts/new/", {**FILLED, "tell": ["email"]}).status_code == 302
    address = Address.objects.get(owner=lola)
    assert (address.channel, address.shown) == ("email", lola.email)


def test_a_webhook_is_looked_at_and_its_secret_is_shown_once(hers, lola, settings):
    refused = hers.post("/alerts/addresses/", {"channel": "webhook", "name": "CRM", "address": "http://127.0.0.1/"})
    assert "inside a network" in refused.content.decode()
    with servers.http() as server:
        servers.allow(settings, server.port)
        added = hers.post("/alerts/addresses/", {"channel": "webhook", "name": "CRM", "address": server.url("/in")})
    address = Address.objects.get(owner=lola)
    secret = actions.webhook_secret(address)
    assert secret in added.content.decode()
    assert Webhook(secret)
    listed = hers.get("/alerts/addresses/").content.decode()
    assert secret not in listed
    assert "/in" not in listed
    assert TrailEntry.objects.filter(verb="alert.address_added").exists()
    hers.post(f"/alerts/addresses/{address.pk}/test/")
    assert Outbox.objects.get().address == address
    hers.post(f"/alerts/addresses/{address.pk}/remove/")
    assert not Address.objects.exists()


@pytest.mark.parametrize("name", ["", "browser", "Email", "x" * 61])
def test_an_address_has_a_name_of_its_own(hers, name):
    hers.post("/alerts/addresses/", {"channel": "webhook", "name": name, "address": "https://8.8.8.8/"})
    assert not Address.objects.exists()


@pytest.mark.parametrize("channel", ["email", "browser", "nonsense", ""])
def test_no_address_is_typed_for_a_channel_that_asks_for_none(hers, channel):
    hers.post("/alerts/addresses/", {"channel": channel, "name": "x", "address": "victim@acme.example"})
    assert not Address.objects.exists()


def test_who_removes_an_address_is_told_which_rules_named_it(hers, lola):
    address = world.webhook_of(lola, "https://hooks.example/")
    world.rule(lola, tell=["browser", "Hook"])
    assert (
        "These rules named it: Pricing"
        in hers.post(f"/alerts/addresses/{address.pk}/remove/", follow=True).content.decode()
    )


def test_notifications_are_listed_and_marked_as_read(hers, lola):
    world.rule(lola)
    hear(known(), page("/pricing/1"), page("/pricing/2"))
    assert "2 are unread" in hers.get("/notifications/").content.decode()
    first = lola.notifications.order_by("pk").first()
    assert hers.post(f"/notifications/{first.pk}/read/")["Location"] == "/notifications/"
    assert hers.get("/notifications/").context["unread"] == 1
    hers.post("/notifications/read/")
    assert hers.get("/notifications/").context["unread"] == 0
    assert "data-unread hidden" in hers.get("/alerts/").content.decode()


def test_an_open_page_that_nobody_uses_keeps_no_session_alive(hers):
    hers.get("/alerts/")
    session = hers.session
    session["used"] -= 1000
    session.save()
    before = hers.session["used"]
    assert hers.get("/notifications/stream", headers={"accept": "text/event-stream"}).status_code == 204
    assert hers.session["used"] == before
    hers.get("/alerts/")
    assert hers.session["used"] > before


def test_nothing_of_anothers_is_found(hers):
    maks = rep("max")
    rule, address = world.rule(maks, "His"), world.webhook_of(maks, "https://hooks.example/")
    hear(known(), page())
    told = maks.notifications.get()
    posts = [
        f"/alerts/{rule.pk}/", f"/alerts/{rule.pk}/pause/", f"/alerts/{rule.pk}/delete/", f"/alerts/{rule.pk}/test/",
        f"/alerts/addresses/{address.pk}/test/", f"/alerts/addresses/{address.pk}/remove/",
        f"/notifications/{told.pk}/read/",
    ]  # fmt: skip
    for client in (hers, _ops()):
        assert client.get(f"/alerts/{rule.pk}/").status_code == 404
        assert [client.post(path, FILLED).status_code for path in posts] == [404] * len(posts)
        for path in ("/alerts/", "/alerts/addresses/", "/notifications/"):
            assert "His" not in client.get(path).content.decode()
    rule.refresh_from_db()
    told.refresh_from_db()
    assert (rule.active, rule.name, told.read_at, Outbox.objects.count()) == (True, "His", None, 0)


def test_a_rule_cannot_tell_at_an_address_of_anothers(hers):
    world.webhook_of(rep("max"), "https://hooks.example/", "his hook")
    written = "{name: x, mine: true, tell: [his hook]}"
    assert "no address of the name" in hers.post("/alerts/new/?as=yaml", {"document": written}).content.decode()


def _ops() -> Client:
    client = Client()
    client.force_login(UserFactory(role=Role.OPS, party="", name="Olga"))
    return client


def test_operations_see_what_is_parked_and_try_it_anew(hers, lola):
    world.webhook_of(lola, "https://hooks.example/secret-path")
    world.rule(lola, tell=["hook"])
    hear(known(), page())
    Outbox.objects.update(parked_at=world.NOW, error="The other side answered 500.")
    assert hers.get("/deliveries/").status_code == 403
    assert hers.post(f"/deliveries/{Outbox.objects.get().pk}/retry/").status_code == 403
    ops = _ops()
    shown = ops.get("/deliveries/").content.decode()
    assert "The other side answered 500." in shown
    assert "Ana" not in shown, "what was told is its receiver's"
    assert "secret-path" not in shown
    ops.post(f"/deliveries/{Outbox.objects.get().pk}/retry/")
    assert Outbox.objects.get().parked_at is None
    assert TrailEntry.objects.filter(verb="alert.retried").exists()
    for which in ("waiting", "delivered", "nonsense"):
        assert ops.get(f"/deliveries/?which={which}").status_code == 200


def test_nothing_that_a_visitor_says_runs_on_a_page_of_alerts(hers, lola):
    world.rule(lola, EVIL.replace("\u202e", "")[:200])
    evil = known(name=EVIL, company=EVIL, title=EVIL)
    hear(evil, page(f"/pricing{EVIL}"))
    for path in ("/alerts/", "/notifications/", f"/alerts/{AlertRule.objects.get().pk}/?as=yaml"):
        watch = Watch()
        answer = hers.get(path)
        watch.feed(answer.content.decode())
        assert answer.status_code == 200
        assert not watch.runs, (path, watch.runs)
    assert "&lt;script&gt;" in hers.get("/notifications/").content.decode()
