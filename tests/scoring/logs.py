"""Logs for the laws of scoring: few persons, times where folds go wrong, values that the drawn agreements ask for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import strategies as st

from entente.people.queries import LOG_SCHEMA
from entente.scoring.days import as_micros
from entente.scoring.weave import LogEvent
from tests.agreements import strategies as pools

DOMAINS = ("acme.example", "rival.example", "gmail.com")
ANCHORS = tuple(
    as_micros(datetime.fromisoformat(text).replace(tzinfo=UTC))
    for text in (
        "2026-01-01T00:00:00",
        "2026-03-28T22:59:59.999999",  # Madrid's short day begins a microsecond later
        "2026-03-29T22:00:00",
        "2026-10-24T22:00:00",  # and its long one
        "2026-10-25T23:00:00",
        "2026-11-01T04:00:00",  # New York's long day
        "2026-04-04T13:00:00",  # Lord Howe's, longer by half an hour
    )
)
STEPS = (0, 0, 1, 1_000_000, 1_800_000_000, 3_600_000_000, 43_200_000_000, 86_400_000_000, 30 * 86_400_000_000)

times = st.builds(
    lambda anchor, step, many: anchor + step * many,
    st.sampled_from(ANCHORS),
    st.sampled_from(STEPS),
    st.integers(-2, 3),
)
drawn_values = st.one_of(
    st.sampled_from(pools.VALUES),
    st.none(),
    st.sampled_from(("2026-03-01T23:30:00+02:00", "2026-06-01", "rival.example")),
    st.lists(st.sampled_from(pools.VALUES), max_size=2),
)


def _properties(keys: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.dictionaries(st.sampled_from(keys), drawn_values, max_size=3).map(json.dumps)


persons = st.integers(1, 3)
marks = st.sampled_from(("",) * 9 + ("machine",))
sources = st.sampled_from(("web", "crm"))
groups = st.sampled_from((None, None, "acme.example", "g1", "g2"))
emails = st.builds(lambda person, domain: f"p{person}@{domain}", persons, st.sampled_from(DOMAINS))


def _event(type_: st.SearchStrategy[str], **fields: st.SearchStrategy[object]) -> st.SearchStrategy[LogEvent]:
    drawn = st.fixed_dictionaries(
        {"person": persons, "at": times, "source": sources, "type": type_, "mark": marks, **fields}
    )
    return drawn.map(lambda given: LogEvent(message_id="", **given))


properties = _properties(pools.PROPERTIES)
events = st.one_of(
    _event(st.just("page"), path=st.sampled_from(pools.PATHS), properties=properties),
    _event(st.just("track"), name=st.sampled_from(pools.TRACKS), properties=properties, group_id=groups),
    _event(st.sampled_from(pools.TYPES), properties=properties),
    _event(st.sampled_from(("rejected", "recycled", "deal_won", "deal_lost"))),
    _event(st.just("identify"), properties=_properties(pools.TRAITS), email=st.one_of(st.none(), emails)),
    _event(st.just("group"), properties=_properties(pools.ACCOUNT_VALUES), group_id=groups),
)


def logs(most: int = 25) -> st.SearchStrategy[list[LogEvent]]:
    """Events in the order of arrival, which is any; message ids do not follow it."""
    drawn = st.lists(events, min_size=1, max_size=most)
    return st.builds(_numbered, drawn, st.randoms(use_true_random=False))


def _numbered(drawn: list[LogEvent], random: object) -> list[LogEvent]:
    ids = [f"m{number:03}" for number in range(len(drawn))]
    random.shuffle(ids)
    return [event._replace(message_id=id_) for event, id_ in zip(drawn, ids, strict=True)]


def as_table(log: list[LogEvent]) -> pa.Table:
    """The log with the columns of `read_log`, in the order given."""
    columns = [LOG_SCHEMA.names, *zip(*log, strict=True)]
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns[1:], LOG_SCHEMA, strict=True)],
        schema=LOG_SCHEMA,
    )


def moment(text: str) -> datetime:
    """An instant of a test, in UTC unless it says otherwise."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def end_of(log: list[LogEvent]) -> datetime:
    """A while after the last event."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=max(e.at for e in log), hours=7)
