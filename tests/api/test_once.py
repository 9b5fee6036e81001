"""A deed and its answer stand or fall together; answers are forgotten after a day."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from entente.api.models import Answer
from entente.api.once import once
from entente.members.models import Allowance


def request_with(key: str):
    return RequestFactory().post("/api/v1/x", b"{}", "application/json", headers={"Idempotency-Key": key})


def deed(status: int):
    """Leaves a mark in the database, so that one can see whether it was done."""
    Allowance.objects.create(holder=f"mark {Allowance.objects.count()}", until=timezone.now())
    return HttpResponse(b"done", status=status)


@pytest.mark.django_db(transaction=True)
def test_after_a_failure_of_ours_nothing_was_done_and_the_key_is_free():
    assert once(request_with("k"), "key:1", timezone.now(), lambda: deed(500)).status_code == 500
    assert (Allowance.objects.count(), Answer.objects.count()) == (0, 0)
    assert once(request_with("k"), "key:1", timezone.now(), lambda: deed(200)).status_code == 200
    assert (Allowance.objects.count(), Answer.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_an_exception_leaves_nothing():
    def broken():
        deed(200)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        once(request_with("k"), "key:1", timezone.now(), broken)
    assert (Allowance.objects.count(), Answer.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_does_it_and_both_are_told_the_same():
    together, told = Barrier(2), []

    def ask():
        try:
            together.wait()
            told.append(once(request_with("k"), "key:1", timezone.now(), lambda: deed(201)))
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(each.status_code, each.content) for each in told] == [(201, b"done")] * 2
    assert Allowance.objects.count() == 1


@pytest.mark.django_db
def test_an_answer_is_kept_for_a_day():
    now = timezone.now()
    once(request_with("k"), "key:1", now, lambda: deed(200))
    once(request_with("k"), "key:1", now + timedelta(hours=23), lambda: deed(200))
    assert Allowance.objects.count() == 1
    once(request_with("k"), "key:1", now + timedelta(hours=25), lambda: deed(200))
    assert Allowance.objects.count() == 2
