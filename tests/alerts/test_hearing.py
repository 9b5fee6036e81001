"""Who is told of what: by their rules, and unasked of what concerns them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entente.alerts import actions, flood
from entente.alerts.happened import Happened
from entente.alerts.models import Notification, Outbox
from entente.alerts.queries import unread_count
from entente.events.actions import source_named
from entente.events.models import Import
from entente.members.models import Role
from tests.alerts import world
from tests.alerts.world import Told, doing, hear, known, page, rep, texts
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_a_rep_hears_that_somebody_looked_at_pricing():
    lola = rep()
    world.rule(lola)
    hear(known(), page("/pricing/plans"), page("/blog"))
    assert texts(lola) == ["Ana (kunde.example) looked at /pricing/plans"]


def test_a_replayed_batch_tells_nothing_twice():
    lola = rep()
    world.rule(lola)
    happened = world.happen(known(), page())
    assert actions.hear(happened, world.at(5)).notifications == 1
    assert actions.hear(happened, world.at(6)).notifications == 0
    assert len(texts(lola)) == 1


def test_a_rule_of_an_account_hears_of_anything_that_its_people_do_and_of_nobody_else():
    lola = rep()
    world.rule(lola, "ACME", account="Kunde.example")
    hear(known(), known("bea", domain="other.example"), page("/blog"), page("/blog", "bea"))
    assert texts(lola) == ["Ana (kunde.example) looked at /blog"]


def test_a_rule_looks_at_traits_and_account_values_beside_the_deed():
    lola = rep()
    world.rule(lola, when={"all": [{"page": "/pricing*"}, {"trait": "title", "matches": "chief"}]})
    hear(known(title="Chief of all"), known("bea", title="Assistant"), page(), page(who="bea"))
    assert texts(lola) == ["Ana (kunde.example) looked at /pricing"]


def test_a_rule_looks_at_properties_of_the_event():
    lola = rep()
    world.rule(lola, when={"track": "Quote Viewed", "where": {"amount": {"from": 1000}}})
    quotes = [doing("track", name="Quote Viewed", properties={"amount": amount}) for amount in (999, 1000)]
    hear(known(), *quotes)
    assert texts(lola) == ["Ana (kunde.example) did “Quote Viewed”"]


def test_mine_is_about_people_whose_open_hand_off_is_mine():
    world.adopt_agreement()
    lola, maks = rep("lola"), rep("max")
    for owner in (lola, maks):
        world.rule(owner, when={"page": "/blog*"}, mine=True)
    hear(
        known(title="chief"),
        page("/pricing", minutes=-30),
        doing("owner_assigned", minutes=-20, properties={"owner": lola.email, "by": "x"}),
    )
    hear(page("/blog/one", minutes=1))
    assert "Ana (kunde.example) looked at /blog/one" in texts(lola)
    assert "Ana (kunde.example) looked at /blog/one" not in texts(maks)


def test_a_score_is_asked_for_as_it_is_after_the_event():
    world.adopt_agreement()
    lola = rep()
    world.rule(lola, when={"page": "*"}, score_at_least=19)
    hear(known(title="chief"), page("/blog"))
    assert texts(lola) == []
    hear(page("/pricing", minutes=2))
    assert texts(lola) == ["Ana (kunde.example) looked at /pricing"]


def test_of_one_person_one_alert_within_the_chosen_time():
    lola = rep()
    world.rule(lola, at_most_one_per="1 hour")
    hear(known(), known("bea"), page(), page("/pricing/b"), page(who="bea"))
    assert len(texts(lola)) == 2, "one of each"
    hear(page(minutes=20), minutes=64)
    assert len(texts(lola)) == 2
    hear(page(minutes=30), minutes=65)
    assert len(texts(lola)) == 3


def test_what_an_import_brings_is_no_news():
    lola = rep()
    world.rule(lola)
    unit = Import.objects.create(source=source_named("site"), files=[], started_at=world.NOW)
    hear(known(), page(), imported_by=unit)
    assert texts(lola) == []


def test_what_happened_long_ago_is_no_news():
    lola = rep()
    world.rule(lola)
    hear(known(minutes=-5000), page(minutes=-2000))
    assert texts(lola) == []


def test_a_machine_is_nobody():
    lola = rep()
    world.rule(lola)
    hear(known(), doing("page", path="/pricing", mark="machine"))
    assert texts(lola) == []


def test_a_paused_rule_says_nothing_and_a_changed_one_says_what_it_says_now():
    lola = rep()
    rule = world.rule(lola)
    hear(known(), page())
    actions.pause_rule(rule, world.at(6), paused=True)
    hear(page(minutes=7), minutes=8)
    assert len(texts(lola)) == 1
    actions.pause_rule(rule, world.at(9), paused=False)
    hear(page(minutes=10), minutes=11)
    assert len(texts(lola)) == 2


def test_who_was_disabled_hears_nothing_any_more():
    lola = rep()
    world.rule(lola)
    type(lola).objects.filter(pk=lola.pk).update(is_active=False)
    hear(known(), page())
    assert texts(lola) == []


def assigned(*, to: str = "lola@acme.example", by: str = "entente", minutes: float = 2):
    return doing("owner_assigned", minutes=minutes, properties={"owner": to, "by": by})


def test_a_rep_hears_of_a_hand_off_that_was_given_to_them_without_asking():
    world.adopt_agreement()
    lola, maks = rep("lola"), rep("max")
    hear(known(title="chief"), page(), assigned())
    assert texts(lola) == ["Ana (kunde.example) is yours: the hand-off was given to you"]
    assert texts(maks) == []


def test_a_hand_off_that_is_dealt_and_in_the_log_is_told_once():
    world.adopt_agreement()
    lola = rep()
    happened = world.happen(known(title="chief"), page(), assigned())

    class Dealt:
        handoff_id = world.handoff().pk

    actions.hear(Happened(happened.first_event, happened.last_event, dealt=[Dealt()]), world.at(5))
    actions.hear(Happened(dealt=[Dealt()]), world.at(5))
    assert len(texts(lola)) == 1


def test_who_takes_a_hand_off_for_themselves_need_not_be_told():
    world.adopt_agreement()
    lola = rep()
    hear(known(title="chief"), page(), assigned(by=lola.email))
    assert texts(lola) == []


def test_a_rule_of_their_own_stands_in_for_what_is_told_unasked():
    world.adopt_agreement()
    lola = rep()
    rule = world.rule(lola, "Mine", on=["assigned"], mine=True, tell=["browser"])
    hear(known(title="chief"), page(), assigned())
    assert [one.rule for one in Notification.objects.filter(receiver=lola)] == [rule]
    actions.pause_rule(rule, world.at(5), paused=True)
    hear(assigned(to="max@acme.example", minutes=6), assigned(minutes=7), minutes=8)
    assert len(texts(lola)) == 1, "a paused rule is an answer too"


@pytest.mark.parametrize(
    ("kind", "receivers", "told"),
    [
        ("warning", (), {"lola"}),
        ("breach", (), {"lola"}),
        ("breach", ("rep", "sales_manager"), {"lola", "maria"}),
        ("escalation", (), {"maria"}),
        ("escalation", ("marketing_manager",), {"maria", "marta"}),
        ("waiting_too_long", (), {"olga"}),
        ("waiting_too_long", ("ops", "max@acme.example"), {"olga", "max"}),
    ],
)
def test_promises_are_told_to_whom_they_concern_and_whom_the_agreement_names(kind, receivers, told):
    hear(known())
    members = {
        "lola": rep(), "max": rep("max"), "maria": world.manager(), "marta": world.manager("marketing", "marta"),
        "olga": UserFactory(role=Role.OPS, party=""),
    }  # fmt: skip
    notice = Told(kind, world.person().pk, receivers=receivers)
    actions.hear(Happened(notices=[notice]), world.NOW)
    actions.hear(Happened(notices=[notice]), world.at(1))
    assert {name for name, member in members.items() if texts(member)} == told
    assert Notification.objects.count() == len(told), "once each"


def test_a_warning_that_is_told_too_late_is_not_told():
    hear(known())
    lola = rep()
    actions.hear(Happened(notices=[Told("warning", world.person().pk, state="met")]), world.NOW)
    assert texts(lola) == []


def test_a_notice_tells_the_time_in_the_receivers_place_and_language():
    hear(known())
    lola = rep(timezone="Europe/Madrid")
    actions.hear(Happened(notices=[Told("breach", world.person().pk)]), world.NOW)
    assert texts(lola)[0].startswith("First touch: Ana (kunde.example) was due by")
    assert "12:00" in texts(lola)[0]


def test_everybody_who_asked_hears_who_qualified():
    world.adopt_agreement()
    maria = world.manager()
    world.rule(maria, "Qualified", on=["qualified"])
    happened = world.happen(known(title="chief"), page())
    actions.hear(Happened(qualified=[(world.person().pk, world.NOW)], persons=happened.persons), world.at(5))
    assert texts(maria) == ["Ana (kunde.example) qualified"]


def test_messages_to_addresses_stand_in_the_outbox_and_join_into_one_for_a_batch():
    lola = rep()
    address = world.webhook_of(lola, "https://hooks.example/1")
    world.rule(lola, tell=["browser", "hook"])
    hear(known(), known("bea"), page(), page(who="bea"))
    message = Outbox.objects.get()
    assert message.address == address
    assert message.payload["notifications"] == list(Notification.objects.order_by("pk").values_list("pk", flat=True))
    assert message.next_at == world.at(5)


def test_what_gathers_while_an_address_is_slow_goes_in_one_message():
    lola = rep()
    world.webhook_of(lola, "https://hooks.example/1")
    world.rule(lola, tell=["hook"])
    world.rule(lola, "Other", tell=["hook"])
    hear(known(), page())
    hear(page(minutes=6), minutes=7)
    hear(page(minutes=8), minutes=9)
    assert sorted(len(one.payload["notifications"]) for one in Outbox.objects.all()) == [3, 3], "one of each rule"
    Outbox.objects.update(claimed_until=world.at(99), attempts=1)
    hear(page(minutes=10), minutes=11)
    assert sorted(len(one.payload["notifications"]) for one in Outbox.objects.all()) == [1, 1, 3, 3]


def test_without_the_browser_among_the_addresses_the_bell_stays_silent():
    lola = rep()
    world.webhook_of(lola, "https://hooks.example/1")
    world.rule(lola, tell=["hook"])
    hear(known(), page())
    assert unread_count(lola.pk) == 0
    assert Outbox.objects.count() == 1


def test_quiet_hours_collect_until_they_are_over():
    lola = rep(timezone="Europe/Madrid")
    world.webhook_of(lola, "https://hooks.example/1")
    world.rule(lola, quiet={"from": "11:00", "to": "14:00"}, tell=["hook"])
    hear(known(), page())
    hear(page(minutes=20), minutes=25)
    message = Outbox.objects.get()
    assert message.next_at == world.at(120)
    assert len(message.payload["notifications"]) == 2


def test_a_digest_that_is_under_way_is_not_added_to():
    lola = rep()
    world.webhook_of(lola, "https://hooks.example/1")
    world.rule(lola, digest="15 minutes", tell=["hook"])
    hear(known(), page())
    Outbox.objects.update(claimed_until=world.at(99))
    hear(page(minutes=6), minutes=7)
    first, second = Outbox.objects.order_by("next_at")
    assert (first.next_at, second.next_at) == (world.at(15), world.at(30))
    assert len(first.payload["notifications"]) == len(second.payload["notifications"]) == 1


def test_a_rule_that_floods_is_paused_and_its_owner_is_told(monkeypatch):
    lola, maks = rep("lola"), rep("max")
    rule = world.rule(lola, when={"page": "*"})
    other = world.rule(maks, when={"page": "*"}, at_most_one_per="1 hour")
    monkeypatch.setattr(flood, "MOST_AN_HOUR", 3)
    hear(known(), *[page(f"/{n}") for n in range(3)])
    rule.refresh_from_db()
    assert rule.active
    hear(page("/4", minutes=6), page("/5", minutes=6), minutes=7)
    rule.refresh_from_db()
    other.refresh_from_db()
    assert (rule.active, other.active) == (False, True)
    assert "is paused; make it narrower" in texts(lola)[-1]
    assert len(texts(lola)) == 3 + 2 + 1
    actions.pause_rule(rule, world.at(8), paused=False)
    hear(page("/6", minutes=9), minutes=10)
    assert "looked at /6" in texts(lola)[-1]


def test_an_error_of_ours_holds_nothing_up(monkeypatch, caplog):
    lola = rep()
    world.rule(lola)
    monkeypatch.setattr(actions, "tell", lambda *_: 1 / 0)
    happened = world.happen(known(), page())
    assert actions.hear(happened, world.at(5)).notifications == 0
    assert "are not told" in caplog.text
    monkeypatch.undo()
    assert actions.hear(happened, world.at(5)).notifications == 1, "and can be told when it is mended"


def test_a_batch_that_concerns_nobody_costs_three_queries(django_assert_num_queries):
    lola = rep()
    world.rule(lola)
    happened = world.happen(known(), page("/blog"))
    actions.hear(happened, world.at(5))
    with django_assert_num_queries(5):  # and the savepoint's two
        actions.hear(
            Happened(first_event=happened.last_event + 1, last_event=happened.last_event + 2),
            world.at(5) + timedelta(1),
        )
