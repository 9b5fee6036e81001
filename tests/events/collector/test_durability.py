"""Success is told after the commit and never else; what cannot be written now may come again."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connection, transaction

from entente.events.collector.calls import Sender, judge, read_body
from entente.events.collector.serving import connect
from entente.events.collector.writer import Unstorable
from entente.events.models import Arrival, Event, Refusal
from tests.events.collector.asking import Asking, Reply, asking

CALL = {"event": "A", "userId": "u"}


def in_flight(collector: Asking, **call: Any) -> Future[Reply]:
    """A request that is under way."""
    return asyncio.run_coroutine_threadsafe(collector.posting("/v1/track", {**CALL, **call}), collector.loop)


def until(holds) -> None:
    for _ in range(2_000):
        if holds():
            return
        time.sleep(0.005)
    raise AssertionError("it never holds")


def waits_for_the_lock(sql: Any) -> bool:
    sql.execute("SELECT EXISTS(SELECT FROM pg_locks WHERE NOT granted AND relation = 'events_event'::regclass)")
    return bool(sql.fetchone()[0])


class TestWhileTheDatabaseIsAway:
    def test_nothing_is_acknowledged_and_the_retry_succeeds(self, log):
        is_away = [False]

        def sometimes() -> psycopg.Connection[Any]:
            if is_away[0]:
                raise psycopg.OperationalError("connection refused")
            return connect()

        with asking(connect=sometimes) as one:
            one.make_key()
            assert one.post("/v1/track", CALL).status == 200
            is_away[0] = True
            one.writer._disconnect()
            reply = one.post("/v1/track", {**CALL, "messageId": "m"})
            assert (reply.status, reply.said["success"], reply.said["code"]) == (503, False, "database_away")
            assert int(reply.headers["retry-after"]) > 0
            is_away[0] = False
            assert one.post("/v1/track", {**CALL, "messageId": "m"}).status == 200
            one.write_down()
        assert Event.objects.filter(message_id="m").count() == 1
        assert Refusal.objects.get(kind="database_away").count == 1, "counted while it was away, written after"

    def test_a_key_that_cannot_be_looked_up_is_not_called_unknown(self, log):
        def never() -> psycopg.Connection[Any]:
            raise psycopg.OperationalError("connection refused")

        with asking(connect=never) as one:
            assert one.post("/v1/track", CALL, key="wk_some").status == 503

    def test_a_connection_that_was_cut_is_opened_again(self, collector: Asking):
        collector.post("/v1/track", CALL)
        with connection.cursor() as sql:
            sql.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'entente collector' AND datname = current_database()"
            )
        assert collector.post("/v1/track", {**CALL, "messageId": "m"}).status == 200, "nobody need come again for that"
        assert Event.objects.filter(message_id="m").count() == 1


DISK_FULL_AT_COMMIT = """
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON events_event DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION full_disk();
"""


def test_a_refused_commit_is_never_acknowledged(collector: Asking):
    with connection.cursor() as sql:
        sql.execute(DISK_FULL_AT_COMMIT)
    try:
        reply = collector.post("/v1/track", {**CALL, "messageId": "m"})
    finally:
        with connection.cursor() as sql:
            sql.execute("DROP TRIGGER full_disk ON events_event; DROP FUNCTION full_disk()")
    assert (reply.status, reply.said["success"]) == (503, False)
    assert not Event.objects.exists()
    assert collector.post("/v1/track", {**CALL, "messageId": "m"}).status == 200
    assert Event.objects.count() == 1


def test_requests_that_wait_for_the_disk_share_its_next_commit(collector: Asking):
    collector.post("/v1/track", CALL)
    Arrival.objects.all().delete()
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute("LOCK TABLE events_event IN EXCLUSIVE MODE")
        first = in_flight(collector)
        until(lambda: waits_for_the_lock(sql))
        others = [in_flight(collector, messageId=f"m{n}") for n in range(20)]
        until(lambda: collector.writer._rows_waiting == 20)
        assert not any(asked.done() for asked in [first, *others]), "nothing is acknowledged before it is written"
    assert {asked.result(30).status for asked in [first, *others]} == {200}
    assert list(Arrival.objects.order_by("pk").values_list("events", flat=True)) == [1, 20]


def test_more_than_can_wait_is_told_to_come_again(log):
    with asking(most_waiting=2) as one:
        one.make_key()
        assert one.post("/v1/track", CALL).status == 200
        with transaction.atomic(), connection.cursor() as sql:
            sql.execute("LOCK TABLE events_event IN EXCLUSIVE MODE")
            asked = [in_flight(one)]
            until(lambda: waits_for_the_lock(sql))
            asked += [in_flight(one, messageId=f"m{n}") for n in range(2)]
            until(lambda: one.writer._rows_waiting == 2)
            refused = one.post("/v1/track", {**CALL, "messageId": "late"})
            assert (refused.status, refused.said["code"], refused.headers["retry-after"]) == (503, "busy", "1")
        assert {one.result(30).status for one in asked} == {200}
    assert not Event.objects.filter(message_id="late").exists()


def test_what_the_database_refuses_stops_nobody_else(collector: Asking):
    now = datetime.now(UTC)
    sender = Sender(collector.wait(collector.collector.keyring.find(collector.key)).source)
    good, bad = (judge(read_body(b'{"event":"A","userId":"u"}', "track"), "track", sender, now).rows for _ in "12")
    bad[0] = ("poison", "track", "NUL \x00", *bad[0][3:])

    async def both() -> list[Any]:
        write = collector.writer.write
        return await asyncio.gather(write(good), write(bad), return_exceptions=True)

    stored, refused = collector.wait(both())
    assert stored.new == 1
    assert isinstance(refused, Unstorable)
    assert Event.objects.count() == 1


def test_two_collectors_that_are_sent_the_same_at_once_count_it_once(collector: Asking):
    batch = {"batch": [{"type": "track", "event": "A", "userId": "u", "messageId": f"m{n}"} for n in range(200)]}
    with asking() as other:
        other.key = collector.key
        for turn in range(5):
            batch["batch"].reverse()
            said = [
                asyncio.run_coroutine_threadsafe(one.posting("/v1/batch", batch), one.loop)
                for one in (collector, other) * 3
            ]
            assert {asked.result(30).status for asked in said} == {200}, turn
    assert Event.objects.count() == 200


def test_the_log_s_growth_is_told_to_who_listens(collector: Asking):
    with connect() as listening:
        listening.execute("LISTEN entente_log")
        collector.post("/v1/track", CALL)
        assert next(listening.notifies(timeout=10, stop_after=1)).channel == "entente_log"
