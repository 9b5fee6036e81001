"""Hand-offs are worked on through the API: by those whose they are, once for each key, as the log then says."""

from __future__ import annotations

import pytest
from django.utils import timezone

from entente.events.models import Event
from entente.events.types import OURS
from entente.handoffs.models import Handoff
from entente.members.keys import create_api_key
from tests.api.program import Program
from tests.members.factories import UserFactory
from tests.web import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def carlos(company, api, rep) -> int:
    """The number of Carlos' hand-off, which was given to Lola."""
    number = Handoff.objects.get(person__name="Carlos").pk
    assert api.post(f"handoffs/{number}/reassign", {"to": rep.email}).json()["rep"] == rep.email
    return number


def program_of(user) -> Program:
    return Program(create_api_key("own", ["handoffs:write", "handoffs:read"], user, by=None, now=timezone.now()).secret)


def test_a_rep_touches_pauses_resumes_and_accepts(rep, carlos):
    lola = program_of(rep)
    touched = lola.post(f"handoffs/{carlos}/touch", {"kind": "call", "note": "No answer"})
    assert touched.json()["touches"][0]["by"] == rep.email
    assert touched.json()["clocks"][-1]["state"] == "met"
    assert lola.post(f"handoffs/{carlos}/pause", {"reason": "On holiday"}).json()["paused"] is True
    assert lola.post(f"handoffs/{carlos}/resume").json()["paused"] is False
    assert lola.post(f"handoffs/{carlos}/accept").json()["state"] == "accepted"
    assert lola.get(f"handoffs/{carlos}").json()["acceptance"]["by"] == rep.email
    assert lola.post(f"handoffs/{carlos}/recycle", {"why": "Next year"}).json()["closure"]["outcome"] == "recycled"


def test_each_deed_is_an_event_of_ours_in_the_log(rep, carlos):
    before = Event.objects.filter(source__name=OURS).count()
    program_of(rep).post(f"handoffs/{carlos}/accept")
    told = Event.objects.filter(source__name=OURS).latest("pk")
    assert (told.type, told.properties["by"]) == ("accepted", rep.email)
    assert Event.objects.filter(source__name=OURS).count() == before + 1


def test_a_rejection_needs_a_reason_of_the_agreement(rep, carlos):
    lola = program_of(rep)
    refused = lola.post(f"handoffs/{carlos}/reject", {"reason": "Do not like them"})
    assert refused.status_code == 409
    assert lola.post(f"handoffs/{carlos}/reject", {"reason": ""}).status_code == 422
    assert lola.post(f"handoffs/{carlos}/reject", {}).status_code == 422
    done = lola.post(f"handoffs/{carlos}/reject", {"reason": "no need", "note": "Has one"})
    assert (done.json()["state"], done.json()["rejection"]["reason"]) == ("rejected", "No need")
    again = lola.post(f"handoffs/{carlos}/reject", {"reason": "No need"})
    assert again.status_code == 409
    assert "rejected" in again.json()["detail"]


def test_a_lead_that_was_released_belongs_to_nobody(api, carlos):
    assert api.post(f"handoffs/{carlos}/release", {"why": "Not their region"}).json()["rep"] == ""


def test_another_rep_can_neither_answer_nor_move_it(carlos):
    max_ = program_of(UserFactory(role="member", party="sales", email=world.OTHER_REP))
    for verb, body in (("accept", None), ("touch", {"kind": "call"}), ("reject", {"reason": "No need"})):
        refused = max_.post(f"handoffs/{carlos}/{verb}", body)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:entente:not-allowed")
    assert max_.post(f"handoffs/{carlos}/reassign", {"to": world.OTHER_REP}).status_code == 403
    assert Handoff.objects.get(pk=carlos).state == "assigned"


def test_their_manager_can(carlos):
    manager = program_of(UserFactory(role="manager", party="sales"))
    assert manager.post(f"handoffs/{carlos}/touch", {"kind": "call"}).status_code == 200


def test_a_lead_goes_only_to_somebody_who_can_see_it(api, carlos):
    UserFactory(email="gone@acme.example", is_active=False)
    for address in ("gone@acme.example", "nobody@acme.example", "x"):
        assert api.post(f"handoffs/{carlos}/reassign", {"to": address}).status_code == 422


def test_what_was_done_under_a_key_is_done_once_and_told_again(rep, carlos):
    lola = program_of(rep)
    body = {"kind": "call", "note": "Once"}
    first = lola.post(f"handoffs/{carlos}/touch", body, Idempotency_Key="call-1")
    again = lola.post(f"handoffs/{carlos}/touch", body, Idempotency_Key="call-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Event.objects.filter(type="call", properties__note="Once").count() == 1
    lola.post(f"handoffs/{carlos}/touch", body)
    assert Event.objects.filter(type="call", properties__note="Once").count() == 2, "without a key it is another call"


def test_a_key_means_one_request(rep, carlos):
    lola = program_of(rep)
    lola.post(f"handoffs/{carlos}/touch", {"kind": "call"}, Idempotency_Key="k")
    other = lola.post(f"handoffs/{carlos}/touch", {"kind": "meeting"}, Idempotency_Key="k")
    assert (other.status_code, other.json()["type"]) == (422, "urn:entente:key-used-otherwise")
    elsewhere = lola.post(f"handoffs/{carlos}/accept", Idempotency_Key="k")
    assert elsewhere.status_code == 422


def test_a_key_of_one_caller_is_nothing_to_another(api, rep, carlos):
    for program in (program_of(rep), api):
        assert program.post(f"handoffs/{carlos}/touch", {"kind": "call"}, Idempotency_Key="k").status_code == 200
    assert Event.objects.filter(type="call", source__name=OURS).count() == 2


def test_a_refusal_is_told_again_under_its_key_too(rep, carlos):
    lola = program_of(rep)
    first = lola.post(f"handoffs/{carlos}/resume", Idempotency_Key="r")
    lola.post(f"handoffs/{carlos}/pause", {"reason": "Holiday"})
    again = lola.post(f"handoffs/{carlos}/resume", Idempotency_Key="r")
    assert (first.status_code, again.status_code, again.content) == (409, 409, first.content)


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "ñ"])
def test_an_idempotency_key_that_is_none_is_refused(rep, carlos, key):
    refused = program_of(rep).post(f"handoffs/{carlos}/accept", Idempotency_Key=key)
    assert refused.status_code == 422
