"""The outbox is delivered at least once, tried again with growing pauses, parked at last; nobody waits for others."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from standardwebhooks import Webhook

from entente.alerts import actions, delivery
from entente.alerts.models import Address, Notification, Outbox
from entente.alerts.sealing import unseal
from entente.members.models import Role
from tests.alerts import servers, world
from tests.alerts.world import hear, known, page, rep
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server():
    with servers.http() as running:
        yield running


@pytest.fixture(autouse=True)
def _allowed(settings, server):
    """The operator allows this machine, for the servers of these tests."""
    servers.allow(settings, server.port)


def told(server, *, owner=None, path="/", name="hook", **document):
    """Lola's webhook at the server, and a message that waits for it."""
    owner = owner or rep()
    address = world.webhook_of(owner, server.url(path), name)
    world.rule(owner, f"Pricing {name}", tell=[name], **document)
    return address


def test_a_call_is_signed_so_that_the_receiver_can_check_it(server, settings):
    settings.PUBLIC_ADDRESS = "https://entente.acme.example"
    address = told(server, path="/hook?x=1")
    hear(known(), page())
    now = delivery.timezone.now()
    assert delivery.deliver_due(now).delivered == 1
    call = server.calls[0]
    secret = unseal(address.sealed)["secret"]
    body = Webhook(secret).verify(call.body, call.headers)
    assert call.path == "/hook?x=1"
    assert body["data"]["rule"] == "Pricing hook"
    alert = body["data"]["alerts"][0]
    assert alert["text"] == "Ana (kunde.example) looked at /pricing"
    assert alert["link"] == f"https://entente.acme.example/people/{world.person().pk}/"
    assert (alert["person"]["email"], alert["event"]["path"]) == ("ana@kunde.example", "/pricing")
    assert call.headers["webhook-id"] == call.headers["Idempotency-Key"] == Outbox.objects.get().key
    message = Outbox.objects.get()
    assert (message.delivered_at, message.attempts, message.claimed_until) == (now, 1, None)


def test_it_is_tried_again_with_growing_pauses_and_the_same_key_and_parked_after_the_last_try(server):
    told(server)
    hear(known(), page())
    server.answers_with = 500
    now, pauses = world.at(5), []
    while delivery.deliver_due(now).failed:
        message = Outbox.objects.get()
        pauses.append(message.next_at - now)
        now = max(message.next_at, Address.objects.get().rests_until)
    assert Outbox.objects.get().parked_at == now
    assert len(server.calls) == len(delivery.PAUSES) + 1
    for pause, meant in zip(pauses, delivery.PAUSES, strict=True):
        assert abs(pause / meant - 1) <= delivery.JITTER + 1e-6
    assert len({call.headers["webhook-id"] for call in server.calls}) == 1
    assert len({call.body for call in server.calls}) == 1
    assert "500" in Outbox.objects.get().error
    assert delivery.deliver_due(now + timedelta(days=9)).delivered == 0


def test_a_parked_message_can_be_tried_anew(server):
    told(server)
    hear(known(), page())
    server.answers_with = 410
    assert delivery.deliver_due(world.at(5)).parked == 1
    server.answers_with = 204
    actions.retry(Outbox.objects.get(), UserFactory(role=Role.OPS, party=""), world.at(9))
    assert delivery.deliver_due(world.at(9)).delivered == 1


def test_what_the_other_side_answers_is_kept_nowhere(server, caplog):
    server.answers_with, server.says = 500, "THEIR SECRET"
    told(server)
    hear(known(), page())
    delivery.deliver_due(world.at(5))
    assert server.calls
    assert "THEIR SECRET" not in json.dumps(list(Outbox.objects.values("error", "payload"))) + caplog.text


def test_a_redirect_is_not_followed(server):
    server.answers_with = 302
    told(server)
    hear(known(), page())
    assert delivery.deliver_due(world.at(5)).failed == 1
    assert len(server.calls) == 1


def test_a_wait_that_is_asked_for_is_kept(server):
    server.answers_with, server.retry_after = 429, "3600"
    told(server)
    hear(known(), page())
    delivery.deliver_due(world.at(5))
    assert Outbox.objects.get().next_at == world.at(65)


def test_an_address_that_the_guard_refuses_by_now_is_never_called(server, settings):
    told(server)
    hear(known(), page())
    settings.ALERT_NETWORKS = []
    assert delivery.deliver_due(world.at(5)).parked == 1
    assert server.calls == []


def test_an_address_that_does_not_answer_delays_nobody(server, settings):
    with servers.silent() as silent:
        settings.ALERT_PORTS = [server.port, silent.port]
        for number in range(6):
            told(silent, owner=rep(f"silent{number}"), name=f"hook{number}")
        told(server, owner=rep("lola"), name="quick")
        hear(known(), page())
        stop = threading.Event()
        running = threading.Thread(target=delivery.run, args=(stop,))
        began = time.monotonic()
        running.start()
        try:
            assert server.called.wait(5), "the quick one is called while the others hang"
            assert time.monotonic() - began < 5
        finally:
            silent.end()
            stop.set()
            running.join(30)
    assert Outbox.objects.filter(delivered_at__isnull=False).count() == 1
    assert Outbox.objects.filter(attempts=1, delivered_at=None).count() == 6


def test_an_address_that_failed_rests_and_is_tried_by_one_message_only(server):
    lola = rep()
    told(server, owner=lola)
    world.rule(lola, "Other", tell=["hook"])
    hear(known(), page())
    server.answers_with = 500
    now = world.at(8)
    assert delivery.deliver_due(now).failed == 1
    assert delivery.deliver_due(now + timedelta(seconds=1)).failed == 0, "the address rests"
    assert sorted(Outbox.objects.values_list("attempts", flat=True)) == [0, 1]
    server.answers_with = 200
    assert delivery.deliver_due(now + timedelta(minutes=1)).delivered == 2
    address = Address.objects.get()
    assert (address.failures, address.rests_until) == (0, None)


def test_what_a_dead_deliverer_had_claimed_is_delivered_by_another(server):
    told(server)
    hear(known(), page())
    claimed, _sendings = delivery._claimed(world.at(5), 10, doubtful=False)
    assert claimed == 1
    assert delivery.deliver_due(world.at(6)).delivered == 0
    assert delivery.deliver_due(world.at(5) + delivery.CLAIM).delivered == 1


def test_two_deliverers_at_once_send_nothing_twice(server):
    for number in range(8):
        told(server, owner=rep(f"rep{number}"), name=f"hook{number}")
    hear(known(), page())
    done = []

    def deliver():
        done.append(delivery.deliver_due(world.at(5)).delivered)
        connection.close()

    both = [threading.Thread(target=deliver) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(done) == len(server.calls) == 8


def test_what_was_erased_meanwhile_is_not_sent(server):
    told(server)
    hear(known(), page())
    Notification.objects.all().delete()
    delivery.deliver_due(world.at(5))
    assert server.calls == []
    assert not Outbox.objects.exists()


def test_who_is_disabled_is_sent_nothing(server):
    lola = rep()
    told(server, owner=lola)
    hear(known(), page())
    type(lola).objects.filter(pk=lola.pk).update(is_active=False)
    delivery.deliver_due(world.at(5))
    assert server.calls == []


def test_a_message_that_cannot_be_written_is_parked_and_the_others_go_on(server):
    lola = rep()
    address = told(server, owner=lola)
    hear(known(), page())
    Outbox.objects.create(
        address=address, payload={"odd": 1}, key="odd", created_at=world.NOW, next_at=world.NOW - timedelta(1)
    )
    assert delivery.deliver_due(world.at(5)).delivered == 1
    assert Outbox.objects.get(key="odd").parked_at == world.at(5)


def test_a_test_says_at_once_that_it_works(server):
    lola = rep()
    told(server, owner=lola)
    actions.test_rule(lola.alert_rules.get(), world.NOW)
    assert delivery.deliver_due(world.NOW).delivered == 1
    assert b"A test of" in server.calls[0].body


def test_an_address_sealed_under_another_key_is_parked_with_words(server, settings):
    told(server)
    hear(known(), page())
    settings.SECRET_KEY = "another"
    assert delivery.deliver_due(world.at(5)).parked == 1
    assert "secret key" in Outbox.objects.get().error


def test_what_is_old_is_cleared_out(server):
    told(server)
    hear(known(), page())
    delivery.deliver_due(world.at(5))
    delivery.clear_out(world.at(5) + timedelta(days=29))
    assert Outbox.objects.exists()
    delivery.clear_out(world.at(5) + timedelta(days=31))
    assert not Outbox.objects.exists()
    assert Notification.objects.exists()
    delivery.clear_out(world.at(5) + timedelta(days=366))
    assert not Notification.objects.exists()


def test_the_delivery_survives_its_own_errors(server, monkeypatch, caplog):
    told(server)
    hear(known(), page())
    claim, broken = delivery._claimed, []

    def once_broken(*given, **named):
        if not broken:
            broken.append(1)
            raise ValueError("odd")
        return claim(*given, **named)

    monkeypatch.setattr(delivery, "_claimed", once_broken)
    stop = threading.Event()
    running = threading.Thread(target=delivery.run, args=(stop,))
    running.start()
    try:
        assert server.called.wait(10)
    finally:
        stop.set()
        running.join(30)
    assert broken


def test_a_copy_of_the_database_tells_no_secret(server):
    address = told(server, path="/very-secret-path")
    stored = json.dumps(list(Address.objects.values("sealed", "shown", "name")))
    assert "very-secret-path" not in stored
    assert unseal(address.sealed)["secret"] not in stored
