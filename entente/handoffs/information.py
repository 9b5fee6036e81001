"""The information that marketing promised with every hand-off: what of it is there, as a person's events tell it.

A name of the agreement's `required` is there when the person has a trait of that name (identify calls; later values
override, null unsets), or the company they were put into has one (group calls). The e-mail address by which the person
is known is their `email`, and the group they were put into is their `company`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entente.scoring.evaluator import is_missing, look_up


class Information:
    """What is known of one person so far."""

    def __init__(self) -> None:
        self._traits: dict[str, Any] = {}
        self._company: dict[str, Any] = {}

    def learn(self, type_: str, properties: Mapping[str, Any], email: str | None, group_id: str | None) -> None:
        """Take in what one event says."""
        if type_ == "identify":
            self._traits.update(properties)
        elif type_ == "group":
            self._company.update(properties)
        if email:
            self._traits["email"] = email
        if group_id:
            self._company["company"] = group_id

    def missing(self, required: tuple[str, ...]) -> tuple[str, ...]:
        """Which of the required names are not there, in their order."""
        return tuple(
            name
            for name in required
            if is_missing(look_up(self._traits, name)) and is_missing(look_up(self._company, name))
        )
