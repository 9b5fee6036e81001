"""What is read about persons: the log by person, and a person by whatever they are known as."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import connection
from django.db.models import F

from entente.events.frames import Schema, micros, read_frame
from entente.events.identifiers import clean_email
from entente.people.gathering import IN_BATCH, Batch
from entente.people.models import Person

LOG_SCHEMA = pa.schema(
    [
        ("person", pa.int64()), ("occurred_at", pa.timestamp("us", "UTC")), ("message_id", pa.string()),
        ("source", pa.string()), ("type", pa.string()), ("name", pa.string()), ("path", pa.string()),
        ("group_id", pa.string()), ("email", pa.string()), ("properties", pa.string()), ("mark", pa.string()),
    ]
)  # fmt: skip


def read_log(
    upto: datetime | None = None, persons: Iterable[int] | None = None, batch: Batch | None = None
) -> pa.Table:
    """The log as columns (`LOG_SCHEMA`), sorted by person, then time, message id and source.

    ``upto`` leaves out what occurred later; ``persons`` and ``batch`` (of `Resolved`) take only theirs. Events that
    identify nobody are not in it. ``properties`` is JSON text. ``email`` is given where it tells the person's e-mail:
    in identify calls, and where it is the person's identifier.
    """
    query = LOG
    parameters: dict[str, Any] = {}
    if upto is not None:
        query, parameters["upto"] = query + " AND e.occurred_at <= %(upto)s", upto
    if persons is not None:
        query, parameters["persons"] = query + " AND i.person_id = ANY(%(persons)s)", list(persons)
    if batch is not None:
        query += f" AND {IN_BATCH}"
        parameters |= {"first": batch.first, "last": batch.last, "arrivals": batch.arrivals}
    with connection.cursor() as sql:
        frame = read_frame(sql, query, _SCHEMA, parameters)
    ordered = frame.sort("person", "occurred_at", "message_id", "source")
    return ordered.to_arrow().cast(LOG_SCHEMA)


def find_person(text: str) -> Person | None:
    """The person with this number, user id, e-mail or identifier (`user:…`, `email:…`, `anon:…`); None when unknown.

    The number of a person who was joined into another finds that other.
    """
    text = text.strip()
    values = [text, f"user:{text}", f"anon:{text}"]
    if email := clean_email(text):
        values.insert(2, f"email:{email}")
    found = {person.found_by: person for person in _by_identifier(values)}
    for value in values:
        if value in found:
            return found[value]
    return _by_number(text) or (Person.objects.filter(email=email).order_by("first_seen").first() if email else None)


def _by_identifier(values: list[str]) -> Iterable[Any]:
    people = Person.objects.filter(identifiers__value__in=values)
    return people.annotate(found_by=F("identifiers__value"))


def _by_number(text: str) -> Person | None:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    person = Person.objects.select_related("joined_into").filter(pk=int(text)).first()
    return person and (person.joined_into or person)


_SCHEMA: Schema = {
    "person": pl.Int64, "occurred_at": pl.Int64, "message_id": pl.String, "source": pl.String, "type": pl.String,
    "name": pl.String, "path": pl.String, "group_id": pl.String, "email": pl.String, "properties": pl.String,
    "mark": pl.String,
}  # fmt: skip
LOG = f"""
    SELECT i.person_id, {micros("e.occurred_at")}, e.message_id, s.name, e.type, e.name, e.path, e.group_id,
           CASE WHEN e.type = 'identify' OR e.identity ^@ 'email:' THEN e.email END, e.properties::text, e.mark
    FROM events_event e JOIN people_identifier i ON i.value = e.identity JOIN events_source s ON s.id = e.source_id
    WHERE e.mark <> 'set_aside'
"""  # noqa: S608 (the column is our own)
