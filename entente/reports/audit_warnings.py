"""What to know about the files before believing a number of the audit, beyond what reading them showed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from entente.evidence.history import History, Warning
from entente.reports.audit_times import Spread

MOSTLY: Final = 0.98
"""A rep or a touch that only won leads have cannot be compared with anything."""


def warnings_of(history: History, days_to_won: Spread | None, now: datetime) -> list[Warning]:
    """The warnings of the files, then those of the audit."""
    leads = history.leads
    own = [
        *_no_losses(leads),
        *_only_for_won(leads),
        *_ended_without_date(leads),
        *_in_the_future(leads, now),
        *_recent(leads, days_to_won),
    ]
    known = {warning.code for warning in history.warnings}
    return [*history.warnings, *(warning for warning in own if warning.code not in known)]


def reps_known_for_won_only(leads: pl.DataFrame) -> bool:
    """Whether the files name a rep for hardly any lead but the won ones, so that a rep's conversion says nothing."""
    named = leads.filter(pl.col("owner").is_not_null())
    if named.height in (0, leads.height):
        return False
    return bool((named["outcome"] == "won").sum() >= MOSTLY * named.height)


def _no_losses(leads: pl.DataFrame) -> Iterator[Warning]:
    unended = leads.filter(pl.col("outcome") == "open")
    if unended.height and not (leads["outcome"] == "lost").any() and (leads["outcome"] == "won").any():
        yield Warning("losses_unknown", unended.height, f"'{unended['lead'][0]}' is neither won nor lost")


def _only_for_won(leads: pl.DataFrame) -> Iterator[Warning]:
    if reps_known_for_won_only(leads):
        without = leads.filter(pl.col("owner").is_null())
        yield Warning(
            "rep_of_won_only", without.height, f"'{without['lead'][0]}' has no sales rep, as all that are not won"
        )


def _ended_without_date(leads: pl.DataFrame) -> Iterator[Warning]:
    for outcome in ("won", "lost"):
        ended = leads.filter(pl.col("outcome") == outcome)
        silent = ended.filter(pl.col(f"{outcome}_at").is_null() & pl.col("closed_at").is_null())
        if 0 < silent.height < ended.height:
            yield Warning(
                f"{outcome}_without_date", silent.height, f"'{silent['lead'][0]}' is {outcome}, without a date"
            )


def _in_the_future(leads: pl.DataFrame, now: datetime) -> Iterator[Warning]:
    for name in ("created_at", "won_at", "lost_at"):
        late = leads.filter(pl.col(name) > now + timedelta(days=1))
        if late.height:
            text = f"'{late['lead'][0]}': {name.removesuffix('_at')} on {late[name][0]:%Y-%m-%d}, which is to come"
            yield Warning("dates_in_the_future", late.height, text)
            return


def _recent(leads: pl.DataFrame, days_to_won: Spread | None) -> Iterator[Warning]:
    """Open leads younger, at the end of the file, than nine in ten wins took: some will still be won."""
    last = leads.select(pl.max_horizontal(pl.col("created_at", "won_at", "lost_at", "closed_at").max())).item()
    if days_to_won is None or last is None:
        return
    young = leads.filter(
        (pl.col("outcome") == "open") & (pl.col("created_at") > last - timedelta(days=days_to_won.nine_tenths))
    )
    if young.height:
        text = f"'{young['lead'][0]}' came on {young['created_at'][0]:%Y-%m-%d}; the files end on {last:%Y-%m-%d}"
        yield Warning("still_open_and_recent", young.height, text)


IN_WORDS: Final = {
    "losses_unknown": "Leads that just end: neither won nor lost is recorded, so no win rate can be given",
    "rep_of_won_only": "Leads without a sales rep: only won leads name one, so reps cannot be compared by conversion",
    "won_without_date": "Won leads without a date",
    "lost_without_date": "Lost leads without a date",
    "dates_in_the_future": "Dates that are still to come",
    "still_open_and_recent": "Recent open leads, some to be won yet (the last months look worse than they are)",
    "dates_backwards": "Dates that run backwards",
    "empty_source": "Leads without a source",
    "empty_owner": "Leads without a sales rep",
    "empty_company": "Leads without a company",
    "unknown_product": "Products that the product list does not have",
    "near_duplicate_names": "Names that look like spellings of one another",
    "file_kind": "Files whose name says another kind",
    "bad_dates": "Cells that should be dates and are not",
    "bad_numbers": "Cells that should be numbers and are not",
    "bad_emails": "Cells that should be e-mail addresses and are not",
    "bad_rows": "Rows that could not be read",
    "ambiguous_dates": "Dates whose day and month could be the other way round",
    "ambiguous_numbers": "Numbers whose decimal mark is not sure",
    "mixed_date_formats": "Dates in more than one order",
    "mixed_currencies": "Amounts in more than one currency, added as they stand",
    "duplicate_header": "Columns with the same name",
}


def in_words(warning: Warning) -> str:
    """What a warning's code means to people."""
    return IN_WORDS.get(warning.code, warning.code.replace("_", " ").capitalize())
