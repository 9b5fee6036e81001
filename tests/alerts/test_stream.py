"""The stream itself, spoken to over HTTP: what was missed, whose it is, and what many open ones cost."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from entente.members.models import User
from tests.alerts import world
from tests.alerts.world import hear, known, page, rep

pytestmark = pytest.mark.django_db(transaction=True)


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Stream:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.response = response

    def next(self) -> dict[str, str]:
        """The next event's fields; comments are passed over."""
        fields: dict[str, str] = {}
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if not line and "data" in fields:
                return fields
            key, _, value = line.partition(": ")
            if key:
                fields[key] = value


@contextmanager
def opened(address: str, cookie: str, since: str = "", **headers: str) -> Iterator[Stream]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        given = {"Cookie": cookie, "Accept-Encoding": "gzip", **headers}
        connection.request("GET", f"/notifications/stream{since}", headers=given)
        response = connection.getresponse()
        assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream")
        yield Stream(response)
    finally:
        connection.close()


def test_who_comes_back_is_told_what_they_missed_and_nothing_of_others(address):
    lola, maks = rep("lola"), rep("max")
    world.rule(lola)
    world.rule(maks, at_most_one_per="1 day")
    hear(known(), page("/pricing/1"))
    first = lola.notifications.get()
    hear(page("/pricing/2", minutes=6), minutes=7)
    with opened(address, cookie_of(lola), **{"Last-Event-ID": str(first.pk)}) as stream:
        assert stream.next()["data"] == '{"unread": 2}'
        told = stream.next()
        assert "/pricing/2" in told["data"]
        assert int(told["id"]) > first.pk
        hear(page("/pricing/3", minutes=8), minutes=9)
        assert "/pricing/3" in stream.next()["data"], "and nothing of the others in between"


@pytest.mark.parametrize(("timing", "aloud"), [({}, True), ({"digest": "1 hour"}, False)])
def test_what_was_missed_of_a_digest_is_counted_and_not_shown(address, timing, aloud):
    lola = rep()
    world.rule(lola, **timing)
    hear(known(), page())
    with opened(address, cookie_of(lola), **{"Last-Event-ID": "0"}) as stream:
        assert stream.next()["data"] == '{"unread": 1}'
        assert json.loads(stream.next()["data"])["aloud"] is aloud


def test_a_first_visit_is_told_how_many_are_unread_and_no_old_story(address):
    lola = rep()
    world.rule(lola)
    hear(known(), page())
    with opened(address, cookie_of(lola)) as stream:
        assert stream.next()["data"] == '{"unread": 1}'
        hear(page(minutes=6), minutes=7)
        assert '"unread": 2' in stream.next()["data"]


def test_many_open_streams_hold_no_connection_of_the_pool(address):
    lola = rep()
    world.rule(lola)
    cookie = cookie_of(lola)
    with ExitStack() as stack:
        streams = [stack.enter_context(opened(address, cookie)) for _ in range(30)]
        for stream in streams:
            stream.next()
        client = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        client.request("GET", "/notifications/", headers={"Cookie": cookie})
        assert client.getresponse().status == 200
        hear(known(), page())
        assert all("/pricing" in stream.next()["data"] for stream in streams)


def test_a_stranger_is_sent_to_the_log_in(address):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.request("GET", "/notifications/stream")
    assert connection.getresponse().status == 302


def test_a_server_that_is_told_to_stop_is_not_held_up_by_open_streams(own_server):
    address, server = own_server
    lola = rep()
    with opened(address, cookie_of(lola)) as stream:
        stream.next()
        began = time.monotonic()
        server.terminate()
        server.wait(20)
        assert time.monotonic() - began < 15
