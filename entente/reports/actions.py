"""Following people through the stages: the one thing that reports store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from entente.agreements.document import Agreement
from entente.agreements.queries import version_in_force
from entente.agreements.stages import STAGES, Stage
from entente.events.planning import few
from entente.people.queries import read_log
from entente.reports.models import Followed
from entente.reports.stages import Entries, entries_of

SEGMENT_TRAITS: Final = ("segment", "team", "region", "industry")
"""Traits that cut the market, the person's before the account's; the first that is told counts."""

ONE_FOLLOWER: Final = 78_210
"""The advisory lock under which journeys are written, so that two workers take turns."""


@transaction.atomic
def follow_journeys(now: datetime, persons: Iterable[int] | None = None) -> int:
    """Derive the journeys of ``persons`` anew, of all when None, under the agreement in force; returns how many.

    Before there is an agreement, the stages are those that an agreement has by default. When the version in force is
    not the one that was followed last, everybody is followed anew.
    """
    version = version_in_force(now)
    number = version.number if version else None
    with connection.cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_FOLLOWER])
        last = Followed.objects.first()
        if last is None or last.version_id != number:
            persons = None
        count = _write(sql, _stages(version.agreement if version else None), persons)
        if persons is None:
            Followed.objects.all().delete()
            Followed.objects.create(version_id=number, at=now)
    return count


def are_followed(now: datetime) -> bool:
    """Whether the journeys that are stored are those of the version in force."""
    version, last = version_in_force(now), Followed.objects.first()
    return last is not None and last.version_id == (version.number if version else None)


def _stages(agreement: Agreement | None) -> tuple[Stage, ...]:
    return agreement.stages if agreement else STAGES


def _write(sql: Any, stages: tuple[Stage, ...], persons: Iterable[int] | None) -> int:
    chosen = None if persons is None else list(persons)
    asks_the_log = any(not isinstance(stage.entered_when, str) for stage in stages)
    log = read_log(persons=chosen) if asks_the_log else None
    entries = [entries_of(stage.entered_when, log, chosen) for stage in stages]
    if chosen is None:
        sql.execute("DELETE FROM reports_journey")
    else:
        sql.execute("DELETE FROM reports_journey WHERE person_id = ANY(%s)", [chosen])
    given = [] if chosen is None else [chosen]
    parameters = [*given, *(parameter for entry in entries for parameter in entry.parameters), *given]
    with few(None if chosen is None else len(chosen)):
        sql.execute(_insert(entries, all_persons=chosen is None), parameters)
    return int(sql.rowcount)


def _insert(entries: list[Entries], *, all_persons: bool) -> str:
    """One statement for all persons: a left join for each stage, and the lists made of what they found."""
    moments = [f"stage{n}.at" for n in range(len(entries))]
    reached = [f"least({', '.join(moments[n:])})" for n in range(len(entries))]
    position = " ".join(f"WHEN {moment} IS NOT NULL THEN {n}" for n, moment in reversed(list(enumerate(moments))))
    joins = "\n".join(
        f"LEFT JOIN ({entry.sql}) stage{n} ON stage{n}.person_id = p.id" for n, entry in enumerate(entries)
    )
    told = [f"nullif(btrim({who}.traits ->> '{trait}'), '')" for who in ("p", "a") for trait in SEGMENT_TRAITS]
    chosen = "" if all_persons else "AND person_id = ANY(%s)"
    return f"""
        INSERT INTO reports_journey (person_id, source, segment, rep, entered, reached, position)
        SELECT p.id, coalesce(btrim(p.traits ->> 'source'), ''), coalesce({", ".join(told)}, ''),
               coalesce(owner.rep, ''),
               ARRAY[{", ".join(moments)}]::timestamptz[], ARRAY[{", ".join(reached)}]::timestamptz[],
               CASE {position} ELSE -1 END
        FROM people_person p
        LEFT JOIN people_account a ON a.id = p.account_id
        LEFT JOIN (SELECT DISTINCT ON (person_id) person_id, rep FROM handoffs_handoff WHERE rep <> '' {chosen}
                   ORDER BY person_id, opened_at DESC) owner ON owner.person_id = p.id
        {joins}
        WHERE p.joined_into_id IS NULL {"" if all_persons else "AND p.id = ANY(%s)"}
    """  # noqa: S608 - made of our own constants; every value is a parameter
