"""A small company that works live: events come one by one, are folded into hand-offs, and their clocks are followed."""

from datetime import timedelta
from itertools import count

from entente.agreements.actions import adopt
from entente.agreements.document import parse
from entente.events.actions import append
from entente.events.types import NewEvent
from entente.handoffs.actions import derive
from entente.people.actions import resolve_new
from entente.people.models import Identifier
from entente.sla.actions import act_on_due, follow
from entente.sla.models import Clock
from tests.handoffs.world import AGREEMENT, START

MARIA, JO = "maria@client.example", "jo@client.example"
numbers = count()

LIVE = AGREEMENT.to_yaml().replace(
    "  escalation: {}",
    """  escalation:
    first_touch: {on_warning: rep, on_breach: [rep, sales_manager], reassign_after: 2 hours}
    feedback: {on_breach: marketing_manager}""",
)


def adopt_live(text=LIVE):
    return adopt(parse(text), None, START)


def told(when, type_, person=MARIA, *, received=None, **properties):
    """An event that reached Entente when it happened, or when `received` says."""
    return NewEvent(
        message_id=f"live{next(numbers)}",
        type=type_,
        occurred_at=when,
        received_at=received or when,
        identity=f"email:{person}",
        email=person,
        properties=properties,
    )


def happen(*events, now, imported_by=None):
    """Append the events and do what a worker does with them; returns the persons by e-mail address."""
    append(events, "crm", imported_by)
    resolved = resolve_new(now)
    persons = {
        value.removeprefix("email:"): person
        for value, person in Identifier.objects.filter(value__startswith="email:").values_list("value", "person_id")
    }
    concerned = resolved.touched | resolved.refold | resolved.gone
    derive(concerned)
    follow(concerned, now)
    return persons


def act_until_quiet(now, limit=1000):
    """All that there is to tell by now."""
    notices = []
    while some := act_on_due(now, limit):
        notices += some
    return notices


def clock(kind="first_touch", person=MARIA, **which):
    return Clock.objects.get(kind=kind, person__email=person, **which)


def said(notices):
    """The notices in short: what of which clock, and when it fell due, in minutes since the beginning."""
    return [(each.kind, each.clock, (each.fell_at - START) / timedelta(minutes=1)) for each in notices]
