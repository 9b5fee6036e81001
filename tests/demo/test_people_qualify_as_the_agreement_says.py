"""Whom the demo's own fold hands to sales, replay finds in the log too, at the same microsecond, and nobody else."""

import json

import pyarrow as pa

from entente.people.queries import LOG_SCHEMA
from entente.scoring.replay import replay


def test_the_demo_and_a_replay_of_its_log_hand_off_the_same_people(world, events):
    first, second = world.agreements
    amended_at = second.in_force_from
    found = replay(log_of(events), first, None, amended_at)
    told = {(story.lead.person, story.lead.qualified_at) for story in world.stories}
    assert {(handoff.person, handoff.opened_at) for handoff in found.handoffs()} == {
        (person, at) for person, at in told if at < amended_at
    }


def log_of(events):
    """The log as replay reads it; who is who is known here from the ids, which carry the person's number."""
    columns = {name: [] for name in LOG_SCHEMA.names}
    for event in events:
        columns["person"].append(int(event.user_id[2:] if event.user_id else event.anonymous_id[2:7]))
        columns["source"].append("demo")
        columns["properties"].append(json.dumps(event.properties))
        for name in columns.keys() - {"person", "source", "properties"}:
            columns[name].append(getattr(event, name))
    order = [(name, "ascending") for name in ("person", "occurred_at", "message_id", "source")]
    return pa.table(columns, schema=LOG_SCHEMA).sort_by(order)
