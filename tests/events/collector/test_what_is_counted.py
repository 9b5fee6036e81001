"""Nothing is refused in silence: every kind is counted by source, with the last example, and names nobody."""

from __future__ import annotations

from entente.events.models import Refusal
from tests.events.collector.asking import Asking


def test_refusals_and_remarks_are_counted_by_kind_and_source(collector: Asking):
    collector.post("/v1/track", {})
    collector.post("/v1/track", {"userId": "u"})
    collector.post("/v1/track", {"event": "A"})
    collector.post("/v1/page", {"userId": "u", "context": {"userAgent": "Googlebot/2.1"}})
    collector.post("/v1/page", {"userId": "undefined", "anonymousId": "d"})
    collector.post("/v1/track", {"event": "A"}, key="wk_nobody")
    collector.post("/v1/batch", b"nonsense")
    for _ in range(3):
        collector.post("/v1/track", {"userId": "u", "event": "A", "messageId": "m"})
    collector.write_down()
    found = {(row.kind, row.source.name if row.source else None): row.count for row in Refusal.objects.all()}
    assert found == {
        ("no_name", "web"): 2, ("no_identity", "web"): 1, ("machine", "web"): 1, ("ignored_id", "web"): 1,
        ("unknown_key", None): 1, ("not_json", "web"): 1, ("repeated", None): 2,
    }  # fmt: skip


def test_counts_add_up_over_time_and_the_last_example_is_kept(collector: Asking):
    for name in ("first", "second"):
        collector.post("/v1/batch", {"batch": [{"type": name, "messageId": f"id of {name}"}]})
        collector.write_down()
    row = Refusal.objects.get()
    assert (row.count, row.example["type"], row.example["messageId"]) == (2, "second", "id of second")
    assert "not known" in row.example["reason"]


def test_an_example_does_not_tell_of_whom_it_was(collector: Asking):
    personal = {"userId": "u-17", "anonymousId": "d-18", "email": "ana@acme.es", "traits": {"name": "Ana"}}
    nasty = {"type": "nothing\x00", "messageId": "\ud800", "context": {"userAgent": "x" * 5_000}}
    reply = collector.post("/v1/batch", {"batch": [personal | nasty]})
    assert reply.status == 400
    collector.write_down()
    example = str(Refusal.objects.get().example)
    assert not any(value in example for value in ("u-17", "d-18", "ana@", "Ana"))
    assert len(example) < 1_000
