"""The demo company's agreement: the shipped file for the first year, and what was amended after it. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from entente.agreements.conditions import Track
from entente.agreements.document import Agreement, Count, Rule, load

FILE: Final = Path(__file__).with_name("agreement.yaml")
AMENDED_AFTER: Final = timedelta(days=370)


def versions(start: date) -> tuple[Agreement, Agreement]:
    """The version in force from the start of the demo, and the amended one, in force a good year later."""
    first = replace(_shipped(), effective=start)
    return first, _amended(first, (start + AMENDED_AFTER).replace(day=1))


@lru_cache
def _shipped() -> Agreement:
    return load(FILE)


def _amended(agreement: Agreement, effective: date) -> Agreement:
    """Both sides found that the calculator tells, that pricing tells more than they thought, and asked for more."""
    definition = agreement.definition
    rules = [
        replace(rule, points=11) if rule.name == "Looked at pricing" else rule for rule in definition.engagement.rules
    ]
    rules.append(Rule("Used the calculator", 12, Track("Calculator Used"), limit=1))
    promises = agreement.commitments.marketing
    more = [replace(promise, at_least=220) if isinstance(promise, Count) else promise for promise in promises]
    return replace(
        agreement,
        effective=effective,
        commitments=replace(agreement.commitments, marketing=tuple(more)),
        definition=replace(
            definition,
            threshold=50,
            engagement=replace(definition.engagement, rules=tuple(rules)),
        ),
    )
