"""A log, persons and an agreement in the database, made by the rooms' own actions."""

from itertools import count

from entente.agreements.actions import adopt
from entente.events.actions import append
from entente.events.types import NewEvent
from entente.people.actions import resolve_new
from entente.people.models import Identifier
from tests.handoffs.world import AGREEMENT, at

NOW = at(days=400)
MARIA = "maria@client.example"
numbers = count()


def event(when, type_, person=MARIA, **properties):
    """An event of the person with that e-mail address; None for an event about nobody."""
    return NewEvent(
        message_id=f"m{next(numbers)}",
        type=type_,
        occurred_at=when,
        received_at=NOW,
        identity=f"email:{person}" if person else None,
        email=person,
        properties=properties,
        mark="" if person else "no_identity",
    )


def log(*events, imported_by=None):
    """Append, and tell the persons apart; returns their ids by e-mail address."""
    append(events, "crm", imported_by)
    resolve_new(NOW)
    return {
        value.removeprefix("email:"): person
        for value, person in Identifier.objects.values_list("value", "person_id")
        if value.startswith("email:")
    }


def adopt_agreement():
    return adopt(AGREEMENT, None, NOW)
