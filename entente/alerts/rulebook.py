"""All rules as they stand, compiled once and kept in memory until one of them changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from threading import Lock
from typing import Final

from django.db import connection

from entente.agreements.problems import AgreementError
from entente.alerts.document import AlertDocument, from_data
from entente.alerts.happened import Kind
from entente.alerts.matching import Matcher, Rule
from entente.alerts.models import AlertRule


@dataclass(frozen=True, slots=True)
class RuleBook:
    """``matcher`` has the active rules on what people do, ``of_kind`` those on hand-offs and promises. ``answered``
    says for each member the kinds that a rule of theirs names, active or paused: of these they are told nothing that
    they did not ask for."""

    matcher: Matcher
    of_kind: dict[Kind, tuple[Rule, ...]]
    answered: dict[int, frozenset[Kind]]


_Version = tuple[object, ...]
_lock: Final = Lock()
_kept: dict[str, tuple[_Version, RuleBook]] = {}


def current() -> RuleBook:
    """The rules now: one small query, unless they have changed since the last time."""
    version = _version()
    with _lock:
        kept = _kept.get("book")
    if kept and kept[0] == version:
        return kept[1]
    book = _compile()
    with _lock:
        _kept["book"] = (version, book)
    return book


def _version() -> _Version:
    """What is another when any rule is, or when an owner is disabled or comes back."""
    with connection.cursor() as sql:
        sql.execute(VERSION)
        row: _Version = sql.fetchone()
    return (connection.settings_dict["NAME"], *row)


def _compile() -> RuleBook:
    behaviour: list[Rule] = []
    of_kind: dict[Kind, list[Rule]] = defaultdict(list)
    answered: dict[int, set[Kind]] = defaultdict(set)
    stored = AlertRule.objects.filter(owner__is_active=True).select_related("owner").order_by("pk")
    for row in stored:
        document = read(row)
        if document is None:
            continue
        answered[row.owner_id].update(document.on)
        rule = Rule(row.pk, row.owner_id, row.owner.email, document)
        if not row.active:
            continue
        if document.watches_people:
            behaviour.append(rule)
        for kind in document.on:
            of_kind[kind].append(rule)
    return RuleBook(
        Matcher(tuple(behaviour)),
        {kind: tuple(rules) for kind, rules in of_kind.items()},
        {owner: frozenset(kinds) for owner, kinds in answered.items()},
    )


def read(row: AlertRule) -> AlertDocument | None:
    """The rule's document; None when it was stored by a version that wrote what we refuse."""
    try:
        return from_data(row.document, row.owner.timezone)
    except AgreementError:
        return None


VERSION = """
    SELECT count(*), max(r.id), max(r.changed_at), coalesce(sum(r.id) FILTER (WHERE u.is_active), 0)
    FROM alerts_alertrule r JOIN members_user u ON u.id = r.owner_id
"""
