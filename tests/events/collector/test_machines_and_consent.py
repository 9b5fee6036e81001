"""Machines are kept out of scores; without consent our script's events name nobody, whatever they carry."""

from __future__ import annotations

import pytest

from entente.events.collector.machines import is_machine
from entente.events.models import Event
from tests.events.collector.asking import Asking

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SITE = "https://www.acme.example"


@pytest.mark.parametrize("agent", [CRAWLER, BROWSER.replace("Chrome", "HeadlessChrome"), "curl/8.5.0", "GPTBot/1.2"])
def test_machines_are_known(agent: str):
    assert is_machine(agent)


@pytest.mark.parametrize("agent", [BROWSER, "", None, 7, {"a": 1}])
def test_people_s_browsers_and_nonsense_are_no_machines(agent):
    assert not is_machine(agent)


def test_a_visit_that_tells_a_machine_s_user_agent_is_marked(collector: Asking):
    for agent in (CRAWLER, BROWSER):
        collector.post("/v1/page", {"anonymousId": agent[-9:], "context": {"userAgent": agent}})
    assert dict(Event.objects.values_list("anonymous_id", "mark")) == {CRAWLER[-9:]: "machine", BROWSER[-9:]: ""}


def test_a_browser_is_told_by_its_request_where_the_event_says_nothing(collector: Asking):
    collector.post("/v1/page", {"anonymousId": "seen"}, origin=SITE, user_agent=CRAWLER)
    collector.post("/v1/page", {"anonymousId": "server"}, user_agent="python-requests/2.31")
    assert dict(Event.objects.values_list("anonymous_id", "mark")) == {"seen": "machine", "server": ""}


FORM = {
    "type": "form_submitted", "messageId": "m", "userId": "u", "anonymousId": "d", "email": "ana@acme.es",
    "properties": {"form": "Contact", "email": "ana@acme.es", "phone": "+34 600 000 000", "path": "/contact"},
}  # fmt: skip
SCRIPT = {
    "library": {"name": "entente.js"},
    "page": {"url": "https://acme.example/?mail=ana@acme.es"},
    "userAgent": "x",
}


@pytest.mark.parametrize("consent", [None, {}, {"choice": "refused"}, {"choice": "withdrawn"}, "granted", 7])
def test_without_consent_our_script_s_events_carry_nothing_that_identifies(collector: Asking, consent):
    call = {**FORM, "context": {**SCRIPT, "consent": consent}}
    assert collector.post("/v1/batch", {"batch": [call]}, origin=SITE, user_agent=BROWSER).status == 200
    event = Event.objects.get()
    assert (event.identity, event.user_id, event.anonymous_id, event.email) == (None, None, None, None)
    assert event.mark == "no_identity"
    assert event.properties == {"form": "Contact", "path": "/contact"}
    assert "ana@" not in str(event.context)


def test_with_consent_they_do_and_the_consent_is_kept(collector: Asking):
    consent = {"choice": "granted", "at": "2026-03-02T09:00:00Z", "version": "3", "purposes": ["measurement"]}
    collector.post("/v1/batch", {"batch": [{**FORM, "context": {**SCRIPT, "consent": consent}}]})
    event = Event.objects.get()
    assert (event.identity, event.email) == ("user:u", "ana@acme.es")
    assert event.context["consent"] == consent


def test_the_call_that_withdraws_consent_says_whose(collector: Asking):
    context = {**SCRIPT, "consent": {"choice": "withdrawn"}}
    collector.post("/v1/track", {"event": "Consent Withdrawn", "anonymousId": "d", "context": context})
    collector.post("/v1/track", {"event": "Anything", "anonymousId": "d", "context": context})
    assert dict(Event.objects.values_list("name", "anonymous_id")) == {"Consent Withdrawn": "d", "Anything": None}


def test_other_senders_are_taken_at_their_word(collector: Asking):
    collector.post("/v1/page", {"anonymousId": "d", "context": {"library": {"name": "analytics.js"}}})
    assert Event.objects.get().anonymous_id == "d"


def test_who_was_erased_does_not_come_back(collector: Asking):
    from django.utils import timezone

    from entente.events.actions import erase

    erase(["user:gone", "email:gone@acme.es"], timezone.now())
    batch = [
        {"type": "track", "event": "A", "userId": "gone"}, {"type": "track", "event": "A", "userId": "here"},
        {"type": "alias", "userId": "new", "previousId": "gone"},
        {"type": "identify", "userId": "other", "traits": {"email": "Gone@Acme.es"}},
    ]  # fmt: skip
    assert collector.post("/v1/batch", {"batch": batch}).said == {"success": True}
    assert Event.objects.get().user_id == "here"
    collector.write_down()
    from entente.events.models import Refusal

    assert Refusal.objects.get(kind="erased").count == 3
