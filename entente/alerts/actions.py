"""What changes alerts: members write rules and name addresses; the worker tells what happened."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from entente.alerts import rulebook
from entente.alerts.behaviour import drafts_of_behaviour
from entente.alerts.channels import CHANNELS, Refused
from entente.alerts.document import BROWSER, EMAIL, AlertDocument
from entente.alerts.happened import Happened
from entente.alerts.models import Address, AlertRule, Notification, Outbox
from entente.alerts.occurrences import drafts_of_occurrences
from entente.alerts.queries import addresses_of
from entente.alerts.sealing import seal, unseal
from entente.alerts.telling import Heard, call_out, tell, tell_test
from entente.members import trail
from entente.members.models import User

log = logging.getLogger(__name__)

MOST_RULES: Final = 100
MOST_ADDRESSES: Final = 30


class AlertsError(Exception):
    """What was asked cannot be done; the text says why, for the person who asked."""


def hear(happened: Happened, now: datetime) -> Heard:
    """Tell whoever wants to know of a batch, in its own transaction. Heard again, it tells nothing twice.

    An error of ours is logged and costs the alerts of this batch; it must not hold up what they tell of.
    """
    try:
        with transaction.atomic():
            book = rulebook.current()
            drafts = [*drafts_of_behaviour(book.matcher, happened, now), *drafts_of_occurrences(book, happened, now)]
            return tell(drafts, now) if drafts else Heard()
    except OperationalError:
        raise
    except Exception:
        log.exception("the alerts of events %d to %d are not told", happened.first_event, happened.last_event)
        return Heard()


@transaction.atomic
def save_rule(owner: User, document: AlertDocument, now: datetime, rule: AlertRule | None = None) -> AlertRule:
    """Keep a rule of the owner's, new or (``rule``) changed; raises AlertsError."""
    _hold(owner)
    _check_receivers(owner, document, now)
    others = AlertRule.objects.filter(owner=owner).exclude(pk=rule.pk if rule else 0)
    if others.filter(name__iexact=document.name).exists():
        raise AlertsError(_("You have a rule of the name “%(name)s” already.") % {"name": document.name})
    if rule is None:
        if others.count() >= MOST_RULES:
            raise AlertsError(_("More than %(n)d rules are not kept; delete one first.") % {"n": MOST_RULES})
        rule = AlertRule(owner=owner, created_at=now)
    rule.name, rule.document, rule.changed_at = document.name, document.as_data(), now
    rule.save()
    return rule


def _hold(owner: User) -> None:
    """Let the owner's other requests wait, so that two of them cannot give one name twice."""
    User.objects.select_for_update().get(pk=owner.pk)


def _check_receivers(owner: User, document: AlertDocument, now: datetime) -> None:
    """Every name in `tell` is the browser, the mailbox, or an address of the owner's."""
    known = {name.lower() for name in addresses_of(owner).values_list("name", flat=True)} | {BROWSER}
    for name in document.tell:
        if name.lower() == EMAIL and EMAIL not in known:
            _add_mailbox(owner, now)
        elif name.lower() not in known:
            raise AlertsError(_("You have no address of the name “%(name)s”.") % {"name": name})


def _add_mailbox(owner: User, now: datetime) -> None:
    channel = CHANNELS[EMAIL]
    if not channel.available():
        raise AlertsError(_("No mail server is set up here; ask who runs Entente."))
    target = channel.read(owner.email)
    Address.objects.create(
        owner=owner, channel=EMAIL, name=EMAIL, sealed=seal(target), shown=channel.shown(target), created_at=now
    )


def pause_rule(rule: AlertRule, now: datetime, *, paused: bool) -> None:
    AlertRule.objects.filter(pk=rule.pk).update(active=not paused, changed_at=now)


def delete_rule(rule: AlertRule) -> None:
    """What it told stays in the list of its owner."""
    rule.delete()


@transaction.atomic
def add_address(owner: User, channel: str, name: str, typed: str, now: datetime) -> Address:
    """Keep an address of the owner's, after a look at where it leads; raises AlertsError."""
    _hold(owner)
    way, name = CHANNELS[channel], " ".join(name.split())
    if not way.typed or not way.available():
        raise AlertsError(_("Such an address cannot be added."))
    if not name or name.lower() in (BROWSER, EMAIL) or len(name) > 60:
        raise AlertsError(_("Give the address another name, of 60 characters at most."))
    if addresses_of(owner).filter(name__iexact=name).exists():
        raise AlertsError(_("You have an address of the name “%(name)s” already.") % {"name": name})
    if addresses_of(owner).count() >= MOST_ADDRESSES:
        raise AlertsError(_("More than %(n)d addresses are not kept; remove one first.") % {"n": MOST_ADDRESSES})
    try:
        target = way.read(typed.strip())
    except Refused as error:
        raise AlertsError(str(error)) from error
    trail.record("alert.address_added", owner, name, now, channel=channel, shown=way.shown(target))
    return Address.objects.create(
        owner=owner, channel=channel, name=name, sealed=seal(target), shown=way.shown(target), created_at=now
    )


def webhook_secret(address: Address) -> str:
    """The secret that signs the calls of a webhook, to be shown once, to its owner."""
    return str(unseal(address.sealed).get("secret", ""))


@transaction.atomic
def remove_address(address: Address, now: datetime) -> None:
    """Take an address away, and with it what waits for it. Rules that name it tell elsewhere."""
    trail.record("alert.address_removed", address.owner, address.name, now, channel=address.channel)
    address.delete()


@transaction.atomic
def test_rule(rule: AlertRule, now: datetime) -> Heard:
    """Say at once, wherever the rule tells, that it works; whatever its quiet hours."""
    document = rulebook.read(rule)
    names = {name.lower() for name in document.tell} if document else set()
    addresses = [address for address in addresses_of(rule.owner) if address.name.lower() in names]
    return tell_test(rule.owner, rule.name, addresses, BROWSER in names, now)


@transaction.atomic
def test_address(address: Address, now: datetime) -> Heard:
    """Say to the address alone that it works."""
    return tell_test(address.owner, address.name, [address], False, now)


@transaction.atomic
def mark_read(receiver: User, now: datetime, notification: int | None = None) -> int:
    """Mark one of the receiver's notifications as read, or all; returns how many were not."""
    unread = Notification.objects.filter(receiver=receiver, read_at=None)
    if notification is not None:
        unread = unread.filter(pk=notification)
    marked = unread.update(read_at=now)
    if marked:
        call_out(f"{receiver.pk}:0:0")
    return marked


@transaction.atomic
def retry(message: Outbox, by: User, now: datetime) -> None:
    """Try a parked message anew, with all its tries before it."""
    parked = Outbox.objects.filter(pk=message.pk, parked_at__isnull=False)
    if parked.update(parked_at=None, attempts=0, next_at=now, claimed_until=None):
        Address.objects.filter(pk=message.address_id).update(rests_until=None)
        trail.record("alert.retried", by, message.key, now)
