"""Each channel hands over what was told; nothing that a stranger wrote becomes markup, mention, link or header."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import UTC, datetime

import apprise
import pytest

from entente.alerts.channels import CHANNELS, Failed, Letter, Line, Refused
from entente.alerts.channels import apprise as services
from entente.alerts.channels.webhook import payload
from entente.alerts.plain import for_chat, one_line
from tests.alerts import servers

NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)
EVIL = (
    "=cmd|'/c calc'!A1 <script>alert(1)</script> <!channel> @everyone <@U123> [x](javascript:alert(1)) "
    "https://evil.example www.evil.example **bold** `code` &lt;!here&gt;\r\nBcc: victim@acme.example\u202e\u2028\x00"
)
SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
TEAMS = (
    "https://prod-12.westeurope.logic.azure.com:443/workflows/abc123/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcDEF_-1"
)
DISCORD = "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"


def letter(*texts: str, rule: str = "Pricing") -> Letter:
    lines = tuple(Line(text, "https://entente.acme.example/people/1/", NOW, "behaviour") for text in texts)
    return Letter.written("entente-1-n1", rule, lines)


@pytest.fixture
def mail(settings):
    with servers.smtp() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "Entente <alerts@acme.example>"
        yield server


def sent(mail) -> email.message.EmailMessage:
    return email.message_from_bytes(mail.mails[-1], policy=email.policy.default)


def test_a_mail_says_what_was_told_and_where_it_is_seen(mail):
    CHANNELS["email"].send({"to": "lola@acme.example"}, letter("Ana looked at /pricing"), NOW)
    message = sent(mail)
    assert (message["To"], message["Subject"]) == ("lola@acme.example", "Ana looked at /pricing")
    assert message["Message-ID"] == "<entente-1-n1@acme.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content()
    assert "- Ana looked at /pricing" in text
    assert "https://entente.acme.example/people/1/" in text
    assert "You asked for this in Entente: Pricing" in text


def test_a_digest_is_one_mail_with_many_lines(mail):
    CHANNELS["email"].send({"to": "lola@acme.example"}, letter("One", "Two"), NOW)
    assert sent(mail)["Subject"] == "2 alerts: Pricing"
    assert len(mail.mails) == 1


def test_people_are_shown_the_first_lines_of_many_and_programs_get_all(mail):
    many = letter(*[f"Thing {n}" for n in range(100)])
    CHANNELS["email"].send({"to": "lola@acme.example"}, many, NOW)
    text = sent(mail).get_content()
    assert "Thing 29" in text
    assert "Thing 30" not in text
    assert "And 70 more" in text
    assert len(payload(many)["data"]["alerts"]) == 100


def test_a_hostile_visitor_adds_no_header_and_no_markup_to_a_mail(mail):
    CHANNELS["email"].send({"to": "lola@acme.example"}, letter(EVIL, rule=EVIL), NOW)
    message = sent(mail)
    assert message["Bcc"] is None
    assert message.get_content_type() == "text/plain"
    assert not message.is_multipart()
    assert "\u202e" not in message["Subject"]
    assert message.get_content().count("\n") < 10, "what they say stands in one line"


def test_a_mailbox_that_does_not_exist_is_final_and_one_that_is_full_is_not(mail):
    mail.rcpt = "550 no such user"
    with pytest.raises(Refused):
        CHANNELS["email"].send({"to": "gone@acme.example"}, letter("x"), NOW)
    mail.rcpt = "452 full"
    with pytest.raises(Failed):
        CHANNELS["email"].send({"to": "lola@acme.example"}, letter("x"), NOW)


def test_a_mail_server_that_is_away_is_tried_again(mail, settings):
    settings.EMAIL_PORT = 1
    with pytest.raises(Failed):
        CHANNELS["email"].send({"to": "lola@acme.example"}, letter("x"), NOW)


def test_without_a_mail_server_there_is_no_mail(settings):
    settings.EMAIL_HOST = ""
    assert not CHANNELS["email"].available()


@pytest.fixture
def chat(monkeypatch):
    """A server in the place of Slack, Teams and Discord: what Apprise makes of an address goes to it."""
    import requests

    with servers.http() as server:
        server.answers_with, server.says = 200, "ok"
        real = requests.sessions.Session.request

        def elsewhere(self, method, url, **given):
            server.called_as.append(url)
            return real(self, method, server.url("/"), **{**given, "verify": False})

        monkeypatch.setattr(requests.sessions.Session, "request", elsewhere)
        yield server


@pytest.mark.parametrize(
    ("channel", "address", "host"),
    [
        ("slack", SLACK, "https://hooks.slack.com/services/"),
        ("teams", TEAMS, "https://prod-12.westeurope.logic.azure.com"),
        ("apprise", DISCORD, "https://discord.com/api/webhooks/"),
    ],
)
def test_a_chat_is_told_and_a_hostile_visitor_is_only_a_text(chat, channel, address, host):
    way = CHANNELS[channel]
    way.send(way.read(address), letter(EVIL), NOW)
    assert chat.called_as[0].startswith(host)
    body = chat.calls[0].body.decode()
    json.loads(body)
    said = json.dumps(json.loads(body), ensure_ascii=False)
    for bad in ("<script", "<!", "<@", "@everyone", "[x](", "**", "https://evil", "www.evil", "\u202e", "github"):
        assert bad not in said, bad
    assert "alert(1)" in said, "but it is told"
    assert "https://entente.acme.example/people/1/" in said
    assert address.rsplit("/", 1)[1] not in way.shown(way.read(address))


def test_a_chat_that_refuses_is_tried_again_and_its_answer_is_kept_nowhere(chat, caplog):
    chat.answers_with, chat.says = 500, "THEIR SECRET"
    with pytest.raises(Failed) as failed:
        CHANNELS["slack"].send({"url": SLACK}, letter("x"), NOW)
    assert "THEIR SECRET" not in str(failed.value) + caplog.text
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in str(failed.value) + caplog.text


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("slack", "https://hooks.slack.com.evil.example/services/T1/B1/x"),
        ("slack", "http://hooks.slack.com/services/T1/B1/x"),
        ("slack", f"{SLACK}?template=file:///etc/passwd"),
        ("teams", "https://evil.example/.logic.azure.com/workflows/a/triggers/manual/paths/invoke?sig=x"),
        ("teams", "https://user@x.logic.azure.com/workflows/a/triggers/manual/paths/invoke?sig=x"),
        ("teams", TEAMS + "&template=file:///etc/passwd"),
        ("apprise", "file:///etc/passwd"), ("apprise", "json://10.0.0.1/"), ("apprise", "mailto://a:b@localhost"),
        ("apprise", "syslog://"), ("apprise", "dbus://"), ("apprise", "gnome://"), ("apprise", "windows://"),
        ("apprise", "apprise://localhost/key"), ("apprise", "mqtt://localhost/topic"), ("apprise", "rsyslog://10.0.0.1"),
        ("apprise", f"{DISCORD}?avatar_url=http://10.0.0.1/"), ("apprise", f"{DISCORD}?template=/etc/passwd"),
        ("apprise", f"{DISCORD}?verify=no"), ("apprise", "gotify://10.0.0.1/token"), ("apprise", "discord://"),
        ("apprise", "not an address"), ("webhook", "http://169.254.169.254/latest"), ("webhook", "file:///etc/passwd"),
    ],
)  # fmt: skip
def test_an_address_that_leads_elsewhere_is_refused_on_save(channel, address):
    with pytest.raises(Refused):
        CHANNELS[channel].read(address)


def test_a_service_on_a_host_of_ones_own_is_reached_where_the_operator_allows_it(settings):
    settings.ALERT_HOSTS = ["chat.acme.example"]
    assert CHANNELS["apprise"].read("mmosts://chat.acme.example/a1b2c3d4e5f6g7h8i9j0k1l2m3")
    with pytest.raises(Refused):
        CHANNELS["apprise"].read("mmosts://other.acme.example/a1b2c3d4e5f6g7h8i9j0k1l2m3")
    with pytest.raises(Refused):
        CHANNELS["apprise"].read("mmosts://chat.acme.example@other.example/a1b2c3d4e5f6g7h8i9j0k1l2m3")


def test_the_hosts_of_the_services_on_the_list_are_fixed_as_apprise_itself_says():
    known = apprise.Apprise().details(show_requirements=False, show_disabled=False)["schemas"]
    named = {}
    for service in known:
        for schema in (*(service["secure_protocols"] or ()), *(service["protocols"] or ())):
            named[schema] = [*service["details"]["templates"]]
    chosen = ("{host", "{fqdn", "{domain", "{url")
    for schema in services.FIXED:
        assert not any(part in template for template in named[schema] for part in chosen), schema
    assert named.keys() >= services.OWN_HOST


def test_a_webhook_is_told_exactly_what_was_said():
    told = payload(letter(EVIL))
    assert told["data"]["alerts"][0]["text"] == EVIL
    assert json.loads(json.dumps(told)) == told


def test_one_line_is_one_line():
    assert one_line(EVIL).isprintable()
    assert one_line("a\r\nb\tc\x00d") == "a b c d"
    assert len(one_line("x" * 999)) == 300
    assert "ana@\u2060kunde.example" in for_chat("ana@kunde.example")
