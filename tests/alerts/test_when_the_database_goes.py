"""The database hangs up on everybody: deliveries go on, streams end and come back, and nothing is lost."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from entente.alerts import delivery
from entente.alerts.models import Outbox
from tests.alerts import servers, world
from tests.alerts.test_stream import cookie_of, opened
from tests.alerts.world import hear, known, page, rep

pytestmark = pytest.mark.django_db(transaction=True)


def hang_up_on_the_others() -> int:
    with connection.cursor() as sql:
        sql.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return sql.fetchone()[0]


def test_deliveries_go_on(settings):
    lola = rep()
    with servers.http() as server:
        servers.allow(settings, server.port)
        world.webhook_of(lola, server.url())
        world.rule(lola, tell=["hook"])
        stop = threading.Event()
        running = threading.Thread(target=delivery.run, args=(stop,))
        running.start()
        try:
            hear(known(), page())
            assert server.called.wait(10)
            server.called.clear()
            assert hang_up_on_the_others() >= 2, "its own connection and the one that listens"
            hear(page(minutes=6), minutes=7)
            assert server.called.wait(20)
        finally:
            stop.set()
            running.join(30)
    assert not Outbox.objects.filter(parked_at__isnull=False).exists()


def test_a_stream_ends_and_who_comes_back_is_told_what_they_missed(address):
    lola = rep()
    world.rule(lola)
    cookie = cookie_of(lola)
    with opened(address, cookie) as stream:
        stream.next()
        hear(known(), page("/pricing/1"))
        last = stream.next()["id"]
        hang_up_on_the_others()
        hear(page("/pricing/2", minutes=6), minutes=7)
        assert stream.response.read() is not None, "it ends, or what came last is read to its end"
    with opened(address, cookie, **{"Last-Event-ID": last}) as stream:
        stream.next()
        assert "/pricing/2" in stream.next()["data"]
        hear(page("/pricing/3", minutes=8), minutes=9)
        assert "/pricing/3" in stream.next()["data"], "and is told at once again"
