"""What a column can mean, in the reader's language; the keys are those of `files.meanings.MEANINGS`."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEANING_LABELS: Final[dict[str, str | Promise]] = {
    "lead": _("key of the lead or person"),
    "deal": _("key of the deal"),
    "person": _("full name of the person"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "email": _("e-mail address"),
    "phone": _("telephone number"),
    "company": _("name of the company"),
    "account_id": _("key of the company"),
    "source": _("channel that brought the lead"),
    "campaign": _("campaign that brought the lead"),
    "created": _("when the lead came, or the deal was opened"),
    "owner": _("sales representative who has it"),
    "sdr": _("who qualified it for sales"),
    "stage": _("stage or status in your words"),
    "outcome": _("won, lost or open; or whether it converted"),
    "amount": _("value of the deal"),
    "currency": _("currency of the value"),
    "won_date": _("when it was won"),
    "lost_date": _("when it was lost"),
    "closed_date": _("when it ended, either way"),
    "first_touch": _("when sales first tried to reach the person"),
    "last_touch": _("when sales last tried to reach the person"),
    "touches": _("number of attempts to reach the person"),
    "accepted": _("when sales accepted the lead"),
    "rejected": _("when sales rejected the lead"),
    "reason": _("why it was won, lost or rejected"),
    "competitor": _("to whom it was lost"),
    "product": _("what is being sold"),
    "segment": _("team, region or other way to cut the table"),
    "trait": _("anything else that may tell good from bad"),
    "ignore": _("left out"),
}
ROLE_LABELS: Final[dict[str, str | Promise]] = {
    "main": _("one row a lead"),
    "deals": _("one row a deal"),
    "lookup": _("looked up by its key"),
    "unused": _("left out: no key that the others know"),
}
STEP_LABELS: Final[dict[str, str | Promise]] = {
    "reading": _("Reading the files"),
    "writing": _("Writing into the log"),
    "persons": _("Finding people, scores and hand-offs"),
}
WARNING_LABELS: Final[dict[str, str | Promise]] = {
    "bad_dates": _("cells that are no dates"),
    "bad_emails": _("cells that are no e-mail addresses"),
    "bad_numbers": _("cells that are no numbers"),
    "bad_rows": _("rows that cannot be cut into cells"),
    "repeated_rows": _("rows that stand there twice"),
    "dates_backwards": _("rows that end before they begin"),
    "dates_in_the_future": _("dates that have not come yet"),
    "ambiguous_dates": _("dates that fit both orders of day and month"),
    "mixed_date_formats": _("dates with day and month the other way round"),
    "ambiguous_numbers": _("numbers that fit both decimal marks"),
    "mixed_currencies": _("amounts in another currency, not converted"),
    "near_duplicate_names": _("names that look like another, misspelt"),
    "duplicate_leads": _("leads that stand there twice"),
    "duplicate_deals": _("deals that stand there twice"),
    "deals_without_lead": _("deals of leads that the files do not know"),
    "file_not_joined": _("rows of a file that shares no key with the others"),
    "file_kind": _("files under a name of another kind"),
    "duplicate_header": _("headers that stand there twice"),
    "unclosed_quote": _("quotation marks that are not closed"),
    "empty_source": _("leads without a source"),
    "empty_owner": _("leads without an owner"),
    "empty_created_at": _("leads without a beginning"),
    "empty_amount": _("deals without an amount"),
    "empty_stage": _("leads without a stage"),
    "unknown_product": _("products that no list knows"),
    "no_header": _("there is no header; the columns are called by their position"),
    "header_row": _("the header is not in the first row; what stands above it is left out"),
    "footer": _("totals or a footer at the end are left out"),
    "empty_columns": _("columns without anything in them"),
}
"""What a warning or a note is about; one that is not here is told by its example alone."""

WRITTEN_LABELS: Final[dict[str, str | Promise]] = {
    "year-month-day": _("year-month-day"),
    "day/month/year": _("day/month/year"),
    "month/day/year": _("month/day/year"),
    "month by name": _("month by name"),
    "spreadsheet day number": _("a spreadsheet's number of the day"),
    "seconds since 1970": _("seconds since 1970"),
    "milliseconds since 1970": _("milliseconds since 1970"),
    "time": _("time"),
    "offset": _("offset"),
    "decimal comma": _("decimal comma"),
    "decimal point": _("decimal point"),
    "percent": _("percent"),
    "yes or no": _("yes or no"),
    "nothing": _("nothing"),
    "text": _("text"),
}
"""How the cells of a column are written, part by part."""


def written_in_words(written: str) -> str:
    """A preview's description of a column's cells in the reader's language."""
    parts = written.replace(" with ", ", ").replace(" and ", ", ").split(", ")
    return ", ".join(str(WRITTEN_LABELS.get(part, part)) for part in parts)
