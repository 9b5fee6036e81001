"""One person's page: who they are, their score and why, its course, their hand-offs, deals and story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from entente.events.models import Event
from entente.handoffs import queries as handoffs
from entente.members.models import User
from entente.people.models import Person
from entente.reports.charts import Chart, course
from entente.reports.handoff_cards import cards_of
from entente.reports.queries import Ground
from entente.reports.scores import Explained, course_of, explained, scores_of
from entente.reports.story import Told, tell

LINES: Final = 40
"""Events on the timeline at once."""

COLLEAGUES: Final = 6
JUMPS: Final = 80
LONGEST_COURSE: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PersonPage:
    """All of one page as of ``now``; the score is explained as of ``moment``. ``before`` is where the story goes on."""

    person: Person
    ground: Ground
    now: datetime
    moment: datetime
    before: str = ""
    reader: User | None = None

    def context(self) -> dict[str, Any]:
        journey = getattr(self.person, "journey", None)
        given = handoffs.handoffs_of_person(self.person.pk)
        explanation = self._explanation()
        return {
            "person": self.person,
            "journey": journey,
            "stages": self._stages(journey),
            "agreement": self.ground.agreement,
            "moment": self.moment,
            "is_past": self.moment < self.now,
            "explanation": explanation,
            "chart": self._chart(given, explanation),
            "handoffs": [each.handoff for each in reversed(given)],
            "cards": cards_of(list(reversed(given)), self.reader, self.now) if self.reader else [],
            "deals": list(handoffs.deals_of_person(self.person.pk)),
            "colleagues": self._colleagues(),
            "identifiers": list(self.person.identifiers.order_by("first_seen").values_list("value", flat=True)[:12]),
            "traits": sorted(self.person.traits.items()),
            **earlier(self.person, self.before),
        }

    def _explanation(self) -> Explained | None:
        agreement = self.ground.agreement
        return explained(self.person.pk, self.moment, float(agreement.definition.threshold)) if agreement else None

    def _stages(self, journey: Any) -> list[tuple[str, datetime | None]]:
        if journey is None:
            return []
        moments = journey.entered + [None] * len(self.ground.stages)
        return [(stage.name, moments[place]) for place, stage in enumerate(self.ground.stages)]

    def _chart(self, given: list[Any], explanation: Explained | None) -> Chart | None:
        agreement = self.ground.agreement
        if agreement is None or explanation is None:
            return None
        since = max(self.person.first_seen, self.now - LONGEST_COURSE)
        values = course_of(self.person.pk, since, self._drawn_until(), explanation.jumps[-JUMPS:])
        if len(values) < 2:
            return None
        qualified = [each.handoff.qualified_at for each in given if each.handoff.qualified_at]
        return course(
            values,
            name=_("Score"),
            title=_("Score through time"),
            threshold=float(agreement.definition.threshold),
            marks=[(at, _("Qualified")) for at in qualified if at >= since],
        )

    def _drawn_until(self) -> datetime:
        """Nearly now: the same for some minutes, so that a drawing that was made is found again."""
        minutes = timedelta(minutes=self.now.minute % 5, seconds=self.now.second, microseconds=self.now.microsecond)
        return max(self.person.last_seen, self.now - minutes)

    def _colleagues(self) -> list[tuple[Person, float | None]]:
        """Others of the same account, the latest seen first, with their scores."""
        if self.person.account_id is None:
            return []
        others = Person.objects.filter(account=self.person.account_id, joined_into=None).exclude(pk=self.person.pk)
        found = list(others.order_by("-last_seen")[:COLLEAGUES])
        scores = scores_of([each.pk for each in found], self.now)
        return [(each, scores.get(each.pk)) for each in found]


def earlier(person: Person, before: str) -> dict[str, Any]:
    """A part of the story, newest first, by days; `more` is where the next part begins, empty at the end."""
    values = list(person.identifiers.values_list("value", flat=True))
    events = Event.objects.filter(identity__in=values).order_by("-occurred_at", "-pk")
    if place := _place(before):
        at, pk = place
        events = events.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, pk__lt=pk))
    found = list(events[: LINES + 1])
    more = _name(found[LINES - 1]) if len(found) > LINES else ""
    told = [tell(event) for event in found[:LINES]]
    days = [(day, list(lines)) for day, lines in groupby(told, key=_day)]
    return {"days": days, "more": more}


def _day(told: Told) -> Any:
    return timezone.localtime(told.at).date()


def _name(event: Event) -> str:
    return f"{event.occurred_at.isoformat()}_{event.pk}"


def _place(text: str) -> tuple[datetime, int] | None:
    """Where a part begins, as an address says it; anything else is the beginning."""
    moment, _sep, number = text.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, int(number)) if timezone.is_aware(at) else None
    except (ValueError, OverflowError):
        return None
