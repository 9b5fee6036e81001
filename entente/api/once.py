"""A write that carries an Idempotency-Key is done once, however often it is sent.

The deed and its answer are committed together, so that no crash can leave one without the other; who repeats the
request while it is under way waits for its end. After a failure of ours (5xx) nothing has happened and nothing is kept.
See draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from entente.api.models import Answer
from entente.api.problems import Problem

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 255
PATTERN: Final = f"^[!-~]{{1,{LONGEST}}}$"
ALLOWED: Final = re.compile(PATTERN)
KEPT: Final = timedelta(days=1)
SWEPT_AT_ONCE: Final = 50
NOT_KEPT: Final = (401, 403, 429)
"""Answers that say who asks, not what became of it."""


def once(request: HttpRequest, holder: str, now: datetime, respond: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``respond``, or the one that was given when this request came before."""
    key = request.headers.get(HEADER)
    if key is None or request.method in ("GET", "HEAD", "OPTIONS"):
        return respond()
    if not ALLOWED.fullmatch(key):
        wrong = {"where": f"header.{HEADER}", "message": f"1 to {LONGEST} printable ASCII characters, no blanks"}
        raise Problem(422, "The idempotency key is none.", errors=[wrong])
    with transaction.atomic():
        kept = _kept(holder, key, _fingerprint(request), now)
        if kept.status is not None:
            return _replay(kept)
        response = respond()
        if _is_worth_keeping(response):
            _keep(kept, response)
        else:
            transaction.set_rollback(True)
    return response


def _fingerprint(request: HttpRequest) -> str:
    target = f"{request.method} {request.get_full_path()}\n".encode("utf-8", "replace")
    return sha256(target + request.body).hexdigest()


def _kept(holder: str, key: str, fingerprint: str, now: datetime) -> Answer:
    """The row of this key, new or from before; a second request waits here until the first is done."""
    _sweep(now)
    made = Answer(caller=holder, key=key, request=fingerprint, at=now)
    Answer.objects.bulk_create([made], ignore_conflicts=True)
    kept = Answer.objects.select_for_update().get(caller=holder, key=key)
    if kept.request != fingerprint:
        raise Problem(422, "This idempotency key came before, with another request.", "key-used-otherwise")
    return kept


def _is_worth_keeping(response: HttpResponse) -> bool:
    return response.status_code < 500 and response.status_code not in NOT_KEPT


def _keep(kept: Answer, response: HttpResponse) -> None:
    kept.status, kept.content = response.status_code, response.content
    kept.content_type = response.headers.get("Content-Type", "")
    kept.save()


def _replay(kept: Answer) -> HttpResponse:
    response = HttpResponse(bytes(kept.content), kept.content_type or None, kept.status)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _sweep(now: datetime) -> None:
    """Forget some answers whose day is over: more than are written, so that they never pile up."""
    with connection.cursor() as sql:
        sql.execute(SWEEP, [now - KEPT, SWEPT_AT_ONCE])


SWEEP = """
    DELETE FROM api_answer WHERE id IN (
        SELECT id FROM api_answer WHERE at < %s ORDER BY at LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""
