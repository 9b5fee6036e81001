"""Which stored person each block of identifiers is, when a partition is laid over what is stored.

A block keeps the person whose oldest identifier it holds; of several, the oldest survives and the others are absorbed.
A block that keeps none is a new person, or one that an earlier join had absorbed and that comes back. Pure: no Django.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from entente.people.identity import Link

Age = tuple[datetime, str]
"""How old an identifier is: when it was first seen. Its text breaks ties, so that the order of arrival never does."""


@dataclass(frozen=True, slots=True)
class Absorption:
    """A person that was found to be another one: the identifiers that moved, and the message id of the call."""

    survivor: int
    absorbed: int
    identifiers: list[str]
    event: str


@dataclass(slots=True)
class Assignment:
    """Who each identifier belongs to from now on, and what that changed.

    ``absorbed`` joined into others; ``returned`` are no longer joined into another; ``changed`` gained or lost
    identifiers that they had events by.
    """

    person_of: dict[str, int] = field(default_factory=dict)
    absorbed: list[Absorption] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)


def assign(
    *,
    blocks: Sequence[frozenset[str]],
    before: Mapping[str, int],
    first_seen: Mapping[str, datetime],
    joining: Iterable[Link],
    absorbed_before: Mapping[str, int],
    new_person: Callable[[], int],
) -> Assignment:
    """Give each block its person.

    ``before`` tells whose an identifier was; ``absorbed_before`` whose it was before the join that may end now.
    ``new_person`` makes the number of a new person.
    """
    result = Assignment()
    kept = _keep(blocks, before, first_seen)
    for number, block in enumerate(blocks):
        if number not in kept:
            kept[number] = _returning(block, absorbed_before, set(kept.values()), result) or new_person()
        for identifier in block:
            result.person_of[identifier] = kept[number]
    _find_changes(before, result)
    _find_absorbed(before, first_seen, set(kept.values()), list(joining), result)
    return result


def _keep(
    blocks: Sequence[frozenset[str]], before: Mapping[str, int], first_seen: Mapping[str, datetime]
) -> dict[int, int]:
    """The stored person that each block keeps; the oldest claim goes first."""
    claims: dict[tuple[int, int], Age] = {}
    for number, block in enumerate(blocks):
        for identifier in block:
            if (person := before.get(identifier)) is not None:
                age = (first_seen[identifier], identifier)
                claims[number, person] = min(age, claims.get((number, person), age))
    kept: dict[int, int] = {}
    taken: set[int] = set()
    for number, person in sorted(claims, key=lambda claim: claims[claim]):
        if number not in kept and person not in taken:
            kept[number] = person
            taken.add(person)
    return kept


def _returning(
    block: frozenset[str], absorbed_before: Mapping[str, int], taken: set[int], result: Assignment
) -> int | None:
    for identifier in sorted(block):
        person = absorbed_before.get(identifier)
        if person is not None and person not in taken:
            result.returned.append(person)
            return person
    return None


def _find_changes(before: Mapping[str, int], result: Assignment) -> None:
    for identifier, person in result.person_of.items():
        previous = before.get(identifier)
        if previous is not None and previous != person:
            result.changed |= {previous, person}


def _find_absorbed(
    before: Mapping[str, int],
    first_seen: Mapping[str, datetime],
    kept: set[int],
    joining: list[Link],
    result: Assignment,
) -> None:
    moved: dict[int, list[str]] = defaultdict(list)
    for identifier, person in before.items():
        if person not in kept and identifier in result.person_of:
            moved[person].append(identifier)
    for person, identifiers in sorted(moved.items()):
        oldest = min(identifiers, key=lambda identifier: (first_seen[identifier], identifier))
        call = _call_that_joined(set(identifiers), joining)
        result.absorbed.append(Absorption(result.person_of[oldest], person, sorted(identifiers), call))


def _call_that_joined(identifiers: set[str], joining: list[Link]) -> str:
    across = [link for link in joining if (link.a in identifiers) != (link.b in identifiers)]
    return min(across, key=lambda link: link.order).message_id if across else ""
