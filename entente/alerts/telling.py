"""From drafts to rows: each is told once, seldom enough, at once or collected, and in the transaction of its cause."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import translation
from django.utils.translation import gettext as _

from entente.alerts.document import BROWSER
from entente.alerts.drafts import Draft
from entente.alerts.flood import MOST_AN_HOUR, Flood
from entente.alerts.matching import Rule
from entente.alerts.models import Address, AlertRule, Notification, Outbox
from entente.alerts.plain import one_line
from entente.alerts.timing import AT_ONCE, may_tell, when_to_send
from entente.alerts.words import told
from entente.members.models import User

NOTIFICATIONS: Final = "entente_notifications"
"""The channel on which web processes hear of new notifications: `receiver:notification:aloud`, with commas between."""
OUTBOX: Final = "entente_outbox"
"""The channel on which deliverers hear that something is due now."""
MOST_JOINED: Final = 100
"""A message that goes at once is not added to beyond so many alerts."""
FLOOD: Final = Flood()
ROOM: Final = 7_900
"""Bytes that PostgreSQL lets a call carry."""


@dataclass(slots=True)
class Heard:
    """What came of a batch: notifications that are new, and messages to addresses."""

    notifications: int = 0
    messages: int = 0


def tell(drafts: Sequence[Draft], now: datetime) -> Heard:
    """Write what is new of the drafts, and what of it must leave the system; in the transaction of its cause."""
    members = {
        member.pk: member for member in User.objects.filter(pk__in={one.receiver for one in drafts}, is_active=True)
    }
    fresh = _seldom_enough(_not_told_yet([one for one in drafts if one.receiver in members]), now)
    if not fresh:
        return Heard()
    with connection.cursor() as sql:
        ids = _write(sql, fresh, members, now)
        new = [(ids[one.key], one) for one in fresh if one.key in ids]
        heard = Heard(len(new), _write_outbox(sql, new, now))
        _call(sql, new, now)
    _pause_what_floods([one.rule.id for _id, one in new if one.rule], now)
    return heard


def _pause_what_floods(rules: list[int], now: datetime) -> None:
    """Pause the rules that tell too much, and say so to their owners."""
    for rule in AlertRule.objects.filter(pk__in=FLOOD.add(rules, now)).select_related("owner"):
        AlertRule.objects.filter(pk=rule.pk).update(active=False, changed_at=now)
        with translation.override(rule.owner.language):
            words = {"name": rule.name, "n": MOST_AN_HOUR}
            text = _("“%(name)s” told more than %(n)d times in an hour and is paused; make it narrower") % words
        _say(rule.owner, "paused", text, f"{rule.owner_id}:{rule.pk}:paused:{now.isoformat()}", now)


def _say(owner: User, kind: str, text: str, key: str, now: datetime) -> None:
    """Tell the owner something of their rules themselves, in the browser."""
    made = Notification.objects.create(
        receiver=owner, kind=kind, text=one_line(text), data={"path": "/alerts/"}, at=now, key=key
    )
    call_out(f"{owner.pk}:{made.pk}:1")


def _not_told_yet(drafts: Sequence[Draft]) -> list[Draft]:
    unique = {one.key: one for one in reversed(drafts)}
    known = set(Notification.objects.filter(key__in=list(unique)).values_list("key", flat=True))
    return [one for one in reversed(unique.values()) if one.key not in known]


def _seldom_enough(drafts: list[Draft], now: datetime) -> list[Draft]:
    """Those that their rules let through; of one person one only, where a rule says so."""
    limited = {one.rule.id for one in drafts if one.rule and one.rule.document.timing.at_most_one_per}
    last = _last_told(limited, {one.person for one in drafts}) if limited else {}
    kept = []
    for one in drafts:
        if one.rule:
            pair = (one.rule.id, one.person)
            if not may_tell(one.rule.document.timing, last.get(pair), now):
                continue
            last[pair] = now
        kept.append(one)
    return kept


def _last_told(rules: Iterable[int], persons: Iterable[int]) -> dict[tuple[int, int], datetime]:
    with connection.cursor() as sql:
        sql.execute(LAST_TOLD, [list(rules), list(persons)])
        return {(rule, person): at for rule, person, at in sql.fetchall()}


def _write(sql: CursorWrapper, drafts: list[Draft], members: dict[int, User], now: datetime) -> dict[str, int]:
    """Store the notifications; returns the ids of those that nobody else has stored meanwhile, by key."""
    rows = [
        {
            "receiver": one.receiver, "rule": one.rule.id if one.rule else None, "kind": one.kind, "person": one.person,
            "text": _text(one, members[one.receiver]), "data": one.data, "at": now.isoformat(), "key": one.key,
            "in_browser": not one.rule or BROWSER in one.rule.document.tell,
        }
        for one in drafts
    ]  # fmt: skip
    sql.execute(INSERT, [json.dumps(rows)])
    return {key: id_ for id_, key in sql.fetchall()}


def _text(one: Draft, member: User) -> str:
    return told(one.facts, member.email, member.language, member.timezone)


@dataclass(slots=True)
class _Message:
    """One message to be: to one address, of one rule, due at one time."""

    address: int
    rule: Rule
    due: datetime | None
    notifications: list[int] = field(default_factory=list)


def _write_outbox(sql: CursorWrapper, new: list[tuple[int, Draft]], now: datetime) -> int:
    """One message for each address of a rule; what a rule has to tell of one batch stands in one."""
    messages: dict[tuple[int, int], _Message] = {}
    addresses = _addresses({one.receiver for _id, one in new if one.rule})
    for id_, one in new:
        if one.rule is None:
            continue
        due = when_to_send(one.rule.document.timing, now)
        for name in one.rule.document.tell:
            address = addresses.get((one.receiver, name.lower()))
            if address is not None:
                message = messages.setdefault((address, one.rule.id), _Message(address, one.rule, due))
                message.notifications.append(id_)
    for message in messages.values():
        _put(sql, message, now)
    return len(messages)


def _addresses(owners: Iterable[int]) -> dict[tuple[int, str], int]:
    rows = Address.objects.filter(owner__in=list(owners)).values_list("owner_id", "name", "pk")
    return {(owner, name.lower()): pk for owner, name, pk in rows}


def _put(sql: CursorWrapper, message: _Message, now: datetime) -> None:
    """Store the message. It joins what waits for the same time already, or, where it goes at once, what the same rule
    has waiting because the address is slow: nobody is sent a hundred messages where one will do."""
    due = message.due
    if due is None:
        sql.execute(JOIN, [json.dumps(message.notifications), message.address, str(message.rule.id), MOST_JOINED])
        if sql.fetchone():
            return
    while True:
        slot = f"-{int(due.timestamp())}" if due else f"-n{message.notifications[0]}"
        payload = {"rule": message.rule.document.name, "by": message.rule.id, "notifications": message.notifications}
        key = f"entente-{message.address}-{message.rule.id}{slot}"
        sql.execute(PUT, [message.address, json.dumps(payload), key, now, due or now])
        if sql.fetchone() or due is None:
            return
        due = when_to_send(message.rule.document.timing, due) or due


def _call(sql: CursorWrapper, new: list[tuple[int, Draft]], now: datetime) -> None:
    """Wake web processes and deliverers; they hear of it when the transaction is committed."""
    words: dict[int, list[str]] = defaultdict(list)
    part = 0
    for id_, one in new:
        timing = one.rule.document.timing if one.rule else AT_ONCE
        if one.rule and BROWSER not in one.rule.document.tell:
            continue
        word = f"{one.receiver}:{id_}:{int(when_to_send(timing, now) is None)}"
        part += sum(map(len, words[part])) + len(words[part]) + len(word) > ROOM
        words[part].append(word)
    for said in words.values():
        call_out(",".join(said))
    sql.execute("SELECT pg_notify(%s, '')", [OUTBOX])


def call_out(said: str) -> None:
    """Say it to all web processes, when the transaction is committed; `receiver:0:0` has the unread counted anew."""
    with connection.cursor() as sql:
        sql.execute("SELECT pg_notify(%s, %s)", [NOTIFICATIONS, said])


def tell_test(owner: User, name: str, addresses: list[Address], in_browser: bool, now: datetime) -> Heard:
    """Tell the owner that the rule or address of that name works: in the browser, and at these addresses."""
    mark = secrets.token_hex(8)
    Outbox.objects.bulk_create(
        Outbox(
            address=address, payload={"rule": name, "test": True}, key=f"entente-test-{mark}-{address.pk}",
            created_at=now, next_at=now,
        )
        for address in addresses
    )  # fmt: skip
    with connection.cursor() as sql:
        if in_browser:
            with translation.override(owner.language):
                text = _("A test of “%(name)s”: alerts reach you here.") % {"name": name}
            _say(owner, "test", text, f"{owner.pk}:test:{mark}", now)
        sql.execute("SELECT pg_notify(%s, '')", [OUTBOX])
    return Heard(int(in_browser), len(addresses))


LAST_TOLD: Final = """
    SELECT rule_id, person_id, max(at) FROM alerts_notification
    WHERE rule_id = ANY(%s) AND person_id = ANY(%s) GROUP BY rule_id, person_id
"""
INSERT: Final = """
    INSERT INTO alerts_notification (receiver_id, rule_id, kind, person_id, text, data, at, in_browser, key)
    SELECT receiver, rule, kind, person, text, data, at, in_browser, key
    FROM jsonb_to_recordset(%s::jsonb) AS new
        (receiver bigint, rule bigint, kind text, person bigint, text text, data jsonb, at timestamptz,
         in_browser boolean, key text)
    ON CONFLICT (key) DO NOTHING RETURNING id, key
"""
JOIN: Final = """
    UPDATE alerts_outbox SET payload =
        jsonb_set(payload, '{notifications}', (payload->'notifications') || %s::jsonb)
    WHERE attempts = 0 AND claimed_until IS NULL AND id = (
        SELECT id FROM alerts_outbox
        WHERE address_id = %s AND delivered_at IS NULL AND parked_at IS NULL AND attempts = 0 AND claimed_until IS NULL
          AND next_at = created_at AND payload->>'by' = %s AND jsonb_array_length(payload->'notifications') < %s
        ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""
PUT: Final = """
    INSERT INTO alerts_outbox AS o (address_id, payload, key, created_at, next_at, attempts, error)
    VALUES (%s, %s, %s, %s, %s, 0, '')
    ON CONFLICT (key) DO UPDATE SET payload =
        jsonb_set(o.payload, '{notifications}', (o.payload->'notifications') || (excluded.payload->'notifications'))
    WHERE o.attempts = 0 AND o.claimed_until IS NULL AND o.delivered_at IS NULL AND o.parked_at IS NULL
    RETURNING id
"""
