"""What is stored after any arrivals is what the reference makes of the log: late events, joins, changes of accounts,
new versions and all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entente.agreements.actions import adopt
from entente.events.actions import append
from entente.events.identifiers import identity_of
from entente.events.types import NewEvent
from entente.people.actions import resolve_new
from entente.people.queries import read_log
from entente.scoring.actions import fold_new_events, refold_all
from entente.scoring.days import as_datetime
from entente.scoring.models import AccountKnowledge, PersonScore, Qualified
from entente.scoring.queries import explain, qualifications, scores_now
from entente.scoring.reading import as_events
from tests.agreements.strategies import definitions
from tests.scoring import reference
from tests.scoring.logs import logs, moment

NOW = datetime(2030, 1, 1, tzinfo=UTC)
calm = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def as_new(event, anonymous):
    """The event as a sender gives it: of a user, or of a device that an identify call links to a user."""
    user = None if anonymous and event.type != "identify" else f"u{event.person}"
    device = f"device-{event.person}" if anonymous else None
    return NewEvent(
        message_id=event.message_id,
        type=event.type,
        occurred_at=as_datetime(event.at),
        received_at=NOW,
        name=event.name,
        path=event.path,
        identity=identity_of(user, None, device),
        user_id=user,
        anonymous_id=device,
        group_id=event.group_id,
        email=event.email if event.type == "identify" else None,
        properties=json.loads(event.properties),
        mark=event.mark,
    )


def arrive(batch):
    for source in ("web", "crm"):
        append([as_new(event, anonymous) for event, anonymous in batch if event.source == source], source)
    fold_new_events(resolve_new(NOW), NOW)


def stored():
    scores = scores_now(PersonScore.objects.values_list("pk", flat=True), NOW)
    return {
        one.pk: (scores[one.pk], one.fit, one.disqualified)
        for one in PersonScore.objects.filter(person__joined_into=None)
    }


def assert_stored_is_what_the_reference_says(versions):
    log = list(as_events(read_log()))
    found, moments = stored(), qualifications()
    assert found.keys() == {event.person for event in log}
    for person, (score, fit, disqualified) in found.items():
        outcome = reference.run_versions(versions, log, person, NOW)
        assert (score, fit, disqualified) == (pytest.approx(outcome.score, abs=1e-9), outcome.fit, outcome.disqualified)
        assert [at for at, _ in moments.get(person, [])] == outcome.qualified
        closed = Qualified.objects.filter(person=person).order_by("at", "pk").values_list("closed_at", flat=True)
        assert list(closed) == outcome.closed
        explanation = explain(person, NOW)
        assert explanation is not None
        assert explanation.score == pytest.approx(score, abs=1e-6)


class Arrivals(TestCase):
    @calm
    @given(definitions(), logs(16), st.data())
    def test_whatever_the_order_of_arrival(self, agreement, log, data):
        adopt(agreement, None, NOW)
        anonymous = data.draw(st.lists(st.booleans(), min_size=len(log), max_size=len(log)))
        cuts = sorted(data.draw(st.sets(st.integers(0, len(log)), max_size=3)))
        events = list(zip(log, anonymous, strict=True))
        for start, end in zip([0, *cuts], [*cuts, len(log)], strict=True):
            arrive(events[start:end])
        assert_stored_is_what_the_reference_says([(agreement.in_force_from, agreement)])
        before = everything_stored()
        refold_all(NOW)
        assert everything_stored() == before

    @calm
    @given(definitions(), definitions(), logs(16), st.data())
    def test_each_event_is_decided_under_the_version_in_force_at_its_time(self, first, second, log, data):
        second = replace(second, effective=date(2026, 3, 29), name="Amended")
        first = replace(first, effective=data.draw(st.sampled_from((date(2020, 1, 1), date(2026, 2, 1)))))
        adopt(first, None, NOW)
        middle = data.draw(st.integers(0, len(log)))
        arrive([(event, False) for event in log[:middle]])
        adopt(second, None, NOW)
        arrive([(event, False) for event in log[middle:]])
        assert_stored_is_what_the_reference_says([(v.in_force_from, v) for v in (first, second)])


def everything_stored():
    """All rows, sums to what a float's rounding in another order can differ by."""
    fields = [field.attname for field in PersonScore._meta.fields if field.name not in ("sums", "account_keys")]
    scores = {
        row["person_id"]: row | {"sums": [round(points, 6) for points in one.sums]}
        for one in PersonScore.objects.all()
        for row in [{name: getattr(one, name) for name in fields}]
    }
    accounts = sorted(AccountKnowledge.objects.values_list("key", "last_at", "last_message", "last_source"))
    moments = sorted(Qualified.objects.values_list("person", "at", "version", "message_id", "closed_at", "closed_by"))
    return scores, accounts, moments


def small(**definition):
    from entente.agreements.document import from_data

    return from_data(
        {"format": 1, "name": "Small", "effective": "2026-01-01", "timezone": "UTC", "definition": definition}
    )


def event(number, type_, at, **fields):
    given = {"properties": {}, "received_at": NOW, "identity": f"user:u{number}", "user_id": f"u{number}"} | fields
    return NewEvent(message_id=f"{type_}-{number}-{at}", type=type_, occurred_at=moment(at), **given)


@pytest.mark.django_db
def test_before_the_first_agreement_nothing_is_scored():
    append([event(1, "page", "2026-02-01", path="/")], "web")
    assert not fold_new_events(resolve_new(NOW), NOW).persons
    assert not PersonScore.objects.exists()


@pytest.mark.django_db
def test_a_version_that_takes_effect_while_nothing_arrives_refolds_everybody():
    append([event(1, "page", "2026-02-01", path="/")], "web")
    rules = {"rules": [{"rule": "Any", "points": 5, "when": {"page": "*"}}]}
    adopt(small(threshold=50, engagement=rules), None, NOW)
    fold_new_events(resolve_new(NOW), moment("2026-02-01"))
    later = replace(small(threshold=5, engagement=rules), effective=date(2026, 5, 1))
    version = adopt(later, None, NOW)
    assert not fold_new_events(resolve_new(NOW), moment("2026-04-30T23:59:59")).persons
    assert len(fold_new_events(resolve_new(NOW), moment("2026-05-01")).refolded) == 1
    assert PersonScore.objects.get().version == version.number
    # The page view was of the first version's time, in which five points were not enough.
    assert not Qualified.objects.exists()


@pytest.mark.django_db
def test_another_person_s_group_call_moves_the_score_at_once_and_decides_nothing():
    fit = [{"rule": "Large", "points": 60, "when": {"account": "employees", "from": 50}}]
    adopt(small(threshold=50, fit=fit), None, NOW)
    append(
        [
            event(1, "group", "2026-02-01", group_id="acme", properties={"employees": 10}),
            event(2, "group", "2026-02-01", group_id="acme"),
        ],
        "web",
    )
    fold_new_events(resolve_new(NOW), NOW)
    append([event(1, "group", "2026-02-02", group_id="acme", properties={"employees": 80})], "web")
    fold_new_events(resolve_new(NOW), NOW)
    one, two = PersonScore.objects.order_by("person__identifiers__value")
    assert (one.fit, two.fit) == (60, 60)
    assert list(Qualified.objects.values_list("person", flat=True)) == [one.pk]
    append([event(2, "page", "2026-02-03", path="/")], "web")
    fold_new_events(resolve_new(NOW), NOW)
    assert Qualified.objects.get(person=two.pk).at == moment("2026-02-03")


@pytest.mark.django_db
def test_people_are_sorted_by_their_score_as_it_is_now():
    from entente.people.models import Person
    from entente.scoring.queries import with_score

    rules = [
        {"rule": "Demo", "points": 40, "when": {"track": "Demo"}},
        {"rule": "Page", "points": 9, "when": {"page": "*"}, "group": "Pages"},
    ]
    fit = [{"rule": "Chief", "points": 15, "when": {"trait": "title", "is": "chief"}}]
    engagement = {"half_life": "1 day", "groups": {"Pages": {"at_most": 10}}, "rules": rules}
    adopt(small(threshold=500, fit=fit, engagement=engagement), None, NOW)
    append(
        [
            event(1, "track", "2026-02-01", name="Demo"),
            event(2, "identify", "2026-02-01", properties={"title": "Chief"}),
            event(3, "page", "2026-02-01", path="/"),
            event(3, "page", "2026-02-01T00:00:01", path="/"),
        ],
        "web",
    )
    fold_new_events(resolve_new(NOW), NOW)
    start = moment("2026-02-01T00:00:01")

    def ranking(at):
        rows = with_score(Person.objects.all(), at).order_by("-score").values_list("identifiers__value", "score")
        return [(value[-1], round(score, 3)) for value, score in rows]

    assert ranking(start) == [("1", 40), ("2", 15), ("3", 10)]
    assert ranking(start + timedelta(days=2)) == [("2", 15), ("1", 10), ("3", 4.5)]
