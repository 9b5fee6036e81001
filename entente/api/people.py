"""People through the API: found by e-mail or words, and one person with their score, its reasons and their story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query
from pydantic import Field

from entente.agreements.queries import version_in_force, versions
from entente.api.fields import Asked, Id, Moment, Paged, ShortText
from entente.api.handoff_bodies import HandoffBody
from entente.api.handoffs import deal_body, handoff_bodies
from entente.api.paging import Order, page_of
from entente.api.people_bodies import (
    ContributionBody,
    PeoplePage,
    PersonBody,
    PersonLine,
    ScoreBody,
    TimelineEntry,
    TimelinePage,
)
from entente.api.section import Need, Section
from entente.events.identifiers import clean_email
from entente.events.models import Event
from entente.handoffs import queries as handoffs
from entente.people.models import Person
from entente.reports.story import tell
from entente.scoring.explain import Explanation
from entente.scoring.queries import explain, scores_now

section = Section("people", Need("people.view", "people:read"))

BY_ID: Final = Order()
NEWEST_FIRST: Final = Order("occurred_at", newest_first=True)
WORDS: Final = 5
STORY: Final = 40


class PeopleAsked(Paged):
    """Whom to list; without anything, everybody who has a name or an e-mail, the longest known first."""

    email: ShortText = Field("", description="Exactly this address, whatever its case.", examples=["ana@kunde.example"])
    q: ShortText = Field(
        "", description="Words, each of which the name, e-mail or company contains.", examples=["kunde"]
    )
    visitors: bool = Field(False, description="Also visitors of whom neither name nor e-mail is known.")


class MomentAsked(Asked):
    at: Moment | None = Field(
        None,
        description="The past moment as of which the score is told and explained; now, if not given.",
        examples=["2026-03-01T09:00:00Z"],
    )


@section.get("people", PeoplePage)
def list_people(request: HttpRequest, asked: Query[PeopleAsked]) -> Any:
    """List people, or find one by e-mail. In the order in which they became known."""
    rows, following = page_of(_chosen(asked), BY_ID, asked.cursor, asked.limit)
    return PeoplePage(items=person_lines(rows, timezone.now()), next=following)


def _chosen(asked: PeopleAsked) -> QuerySet[Person]:
    people = Person.objects.filter(joined_into=None).select_related("account")
    if asked.email:
        # An address that is none finds nobody; in the log they are all normalised.
        people = people.filter(email=clean_email(asked.email) or "\n")
    elif not asked.visitors:
        people = people.exclude(name="", email="")
    for word in asked.q.split()[:WORDS]:
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(account__name__icontains=word))
    return people


def person_lines(people: Sequence[Person], now: datetime) -> list[PersonLine]:
    """Each of them with the score of now, in the order given."""
    scores = scores_now([person.pk for person in people], now)
    return [_line(person, scores.get(person.pk)) for person in people]


def _line(person: Person, score: float | None) -> PersonLine:
    return PersonLine(**_known(person), score=score)


def _known(person: Person) -> dict[str, Any]:
    account = person.account
    return {
        "id": person.pk,
        "name": person.name,
        "email": person.email,
        "account": {"key": account.key, "name": account.name, "domain": account.domain} if account else None,
        "first_seen": person.first_seen,
        "last_seen": person.last_seen,
    }


@section.get("people/{person_id}", PersonBody)
def get_person(request: HttpRequest, person_id: Id, asked: Query[MomentAsked]) -> Any:
    """One person: who they are, their score with every contribution, their hand-offs, deals and latest events.

    Whoever was found to be the same as an earlier person is told as that person, whose `id` the answer has.
    """
    now = timezone.now()
    person = found_person(person_id)
    story, following = _story(person, "", STORY)
    return PersonBody(
        **_known(person),
        traits=person.traits,
        identifiers=sorted(person.identifiers.values_list("value", flat=True)),
        score=_score(person, min(asked.at or now, now)),
        handoffs=_handoffs(person),
        deals=[deal_body(deal) for deal in handoffs.deals_of_person(person.pk)],
        timeline=story,
        timeline_next=following,
    )


@section.get("people/{person_id}/timeline", TimelinePage)
def get_timeline(request: HttpRequest, person_id: Id, asked: Query[Paged]) -> Any:
    """A person's events, the newest first."""
    story, following = _story(found_person(person_id), asked.cursor, asked.limit)
    return TimelinePage(items=story, next=following)


def found_person(number: int) -> Person:
    """The person, or the one they were joined into."""
    person = Person.objects.select_related("account", "joined_into__account").filter(pk=number).first()
    if person is None:
        raise Http404(f"There is no person {number}.")
    return person.joined_into or person


def _handoffs(person: Person) -> list[HandoffBody]:
    return handoff_bodies(handoffs.handoffs_of_person(person.pk), {person.pk: person})[::-1]


def _score(person: Person, at: datetime) -> ScoreBody | None:
    version = version_in_force(at) or versions().last()
    explanation = explain(person, at, version.agreement) if version else None
    if version is None or explanation is None:
        return None
    threshold = float(version.agreement.definition.threshold)
    return ScoreBody(
        at=at,
        version=version.number,
        score=explanation.score,
        fit=explanation.fit,
        engagement=_by_group(explanation),
        threshold=threshold,
        disqualified_by=list(explanation.disqualified_by),
        qualifies=explanation.score >= threshold and not explanation.disqualified_by,
        contributions=[ContributionBody(**line._asdict()) for line in explanation.contributions],
    )


def _by_group(explanation: Explanation) -> dict[str, float]:
    points: dict[str, float] = defaultdict(float)
    for line in explanation.contributions:
        if line.group:
            points[line.group] += line.now
    return dict(points)


def _story(person: Person, cursor: str, limit: int) -> tuple[list[TimelineEntry], str | None]:
    values = list(person.identifiers.values_list("value", flat=True))
    events = Event.objects.filter(identity__in=values).select_related("source")
    rows, following = page_of(events, NEWEST_FIRST, cursor, limit)
    return [_entry(event) for event in rows], following


def _entry(event: Event) -> TimelineEntry:
    return TimelineEntry(
        event=event.message_id,
        source=event.source.name,
        at=event.occurred_at,
        received_at=event.received_at,
        type=event.type,
        name=event.name,
        path=event.path,
        title=tell(event).title,
        properties=event.properties,
        mark=event.mark,
    )
