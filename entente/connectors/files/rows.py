"""A batch of rows made ready to be told: who each is about, when it came and ended, and which cannot go in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

import polars as pl

from entente.connectors.files.known import Known
from entente.connectors.files.records import KEY
from entente.connectors.files.table import ROW
from entente.connectors.files.typed import TABLE
from entente.events.identifiers import clean_email, clean_identifier, is_role_mailbox

MOMENTS: Final = (
    "created_at", "first_touch_at", "accepted_at", "rejected_at", "last_touch_at", "won_at", "lost_at", "closed_at",
)  # fmt: skip
DESCRIBING: Final = ("person", "first_name", "last_name", "phone")
INSTANT: Final = pl.Datetime("us", "UTC")
WHO: Final = {"#identity": pl.String(), "#anon": pl.String(), "#moved": pl.Boolean(), "#before": pl.String()}
NOBODY: Final = "nothing in it tells who the lead is: no key, no valid e-mail, no name or telephone"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that gives no events, and why."""

    table: str
    row: int
    reason: str


def prepared(rows: pl.DataFrame, source: str, known: Known | None) -> pl.DataFrame:
    """The rows with what every fact about them needs.

    #key       what the row is about, the same in every export
    #identity  the identifier that its person is found by; null where there is none
    #email     the normalised address
    #anon      the row's key as an identifier of this source
    #moved     whether the log knows the key under other identities than the row's address
    #before    one such address, if any
    #group     key of the company
    #came      when the lead came; #latest: the last that is known of it; #began, #ended: of its deal
    """
    emails = [clean_email(email) for email in _cells(rows, "email")]
    keys = _keys(rows, emails)
    before = known.identities(keys) if known else [frozenset[str]()] * rows.height
    people = [_who(source, *told) for told in zip(keys, emails, before, strict=True)]
    names = [name for name in ("account_id", "company") if name in rows.columns]
    group = [pl.col(name) for name in names] or [pl.lit(None, dtype=pl.String)]
    who = pl.DataFrame(people, schema=WHO, orient="row")
    rows = rows.with_columns(
        pl.Series("#key", keys, dtype=pl.String()),
        pl.Series("#email", emails, dtype=pl.String()),
        *who.get_columns(),
        pl.coalesce(group).str.strip_chars().str.to_lowercase().alias("#group"),
    )
    return _timed(rows)


def _cells(rows: pl.DataFrame, name: str) -> Iterable[str | None]:
    return rows[name].to_list() if name in rows.columns else [None] * rows.height


def _who(
    source: str, key: str | None, email: str | None, before: frozenset[str]
) -> tuple[str | None, str | None, bool, str | None]:
    """Identity, own identifier in this source, whether the person has moved, and the address of before.

    The address alone finds a person, and faster than two identifiers that have to be joined. The row's own key is told
    of it only where the log knows that key under another identity.
    """
    if email and not is_role_mailbox(email):
        identity = f"email:{email}"
        if not before or identity in before:
            return identity, None, False, None
        own = _own(source, key) if key != email else None
        return identity, own, own is not None, min((one for one in before if one.startswith("email:")), default=None)
    own = _own(source, key) if key != email else None
    identity_by_key = f"anon:{own}" if own else None
    if before and identity_by_key not in before:
        return min(before), own, False, None
    return identity_by_key, own, False, None


def _own(source: str, key: str | None) -> str | None:
    return clean_identifier(f"{source}:{key}") if key is not None else None


def _keys(rows: pl.DataFrame, emails: list[str | None]) -> list[str | None]:
    """The row's own key; where it has only its place in the file, its address, else a digest of name and telephone."""
    place = pl.format("{}:{}", pl.col(TABLE), pl.col(ROW))
    given = [pl.col("#given")] if "#given" in rows.columns else []
    described = [pl.col(name).str.to_lowercase().fill_null("") for name in DESCRIBING if name in rows.columns]
    frame = rows.select(
        pl.when(pl.col(KEY) != place).then(pl.col(KEY)).alias("own"),
        pl.coalesce(*given, pl.lit(None, dtype=pl.String)).alias("given"),
        (pl.concat_str(described, separator="|") if described else pl.lit("")).alias("described"),
        (pl.col("deal") if "deal" in rows.columns else pl.lit(None, dtype=pl.String)).alias("deal"),
    )
    return [
        own or given or email or _digest_of(described) or (f"deal:{deal}" if deal else None)
        for (own, given, described, deal), email in zip(frame.iter_rows(), emails, strict=True)
    ]


def _digest_of(described: str) -> str | None:
    return f"~{blake2b(described.encode(), digest_size=9).hexdigest()}" if described.strip("|") else None


def _timed(rows: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=INSTANT)
    known = [pl.col(name) for name in MOMENTS if name in rows.columns]
    first = pl.min_horizontal(known) if known else nothing
    last = pl.max_horizontal(known) if known else nothing
    created = pl.col("created_at") if "created_at" in rows.columns else nothing
    lead_came = pl.col("#lead_came") if "#lead_came" in rows.columns else nothing
    came = pl.coalesce(created, lead_came, first)
    ended = pl.coalesce(pl.col("closed_at"), last)
    return rows.with_columns(
        came.alias("#came"),
        pl.coalesce(pl.col("closed_at"), last, came).alias("#latest"),
        ended.alias("#ended"),
        pl.when(pl.col("closed_at") < came).then(pl.col("closed_at")).otherwise(came).alias("#began"),
    )


def refused(rows: pl.DataFrame, now: datetime) -> tuple[list[Refusal], pl.DataFrame]:
    """The rows that cannot go in, with the reason, and the others."""
    known = [name for name in MOMENTS if name in rows.columns and name != "closed_at"]
    late = [
        pl.when(pl.col(name) > now).then(
            pl.format(
                "{} is in the future ({})", pl.lit(name[:-3].replace("_", " ")), pl.col(name).dt.strftime("%Y-%m-%d")
            )
        )
        for name in known
    ]
    nobody = pl.when(pl.col("#identity").is_null()).then(pl.lit(NOBODY))
    rows = rows.with_columns(pl.coalesce(nobody, *late).alias("#reason"))
    if not rows["#reason"].count():
        return [], rows
    wrong = rows.filter(pl.col("#reason").is_not_null()).select(TABLE, ROW, "#reason")
    return [Refusal(*row) for row in wrong.iter_rows()], rows.filter(pl.col("#reason").is_null())
