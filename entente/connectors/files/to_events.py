"""Rows to events: what happened to each lead and deal, each fact once, whatever file it stands in.

A message id is made of what the row is about and of what it says, never of where it stands. So the same rows in
another order or under another name give the same events, and a newer export adds only what it says anew. The id begins
with a digit, because facts of one instant are told in the order of their ids.

What a file does not date happened when the lead came, as far as anyone can tell; what a newer export changes happened
at the import that noticed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import polars as pl

from entente.connectors.files.facts import (
    ACCEPTED,
    CLOSED,
    GROUP,
    IDENTIFY,
    LAST_TOUCH,
    OPENED,
    OWNER,
    REJECTED,
    STAGE,
    TOUCH,
    Fact,
    events_of,
    key_digest,
)
from entente.connectors.files.known import Known
from entente.connectors.files.records import KEY, Records
from entente.connectors.files.rows import Refusal, prepared, refused
from entente.connectors.files.trait_names import account_trait, person_trait
from entente.connectors.files.typed import TRAIT
from entente.events.types import NewEvent

BATCH: Final = 25_000
PERSON_FIELDS: Final = {
    "person": "name", "first_name": "firstName", "last_name": "lastName", "email": "email", "phone": "phone",
    "company": "company", "source": "source", "campaign": "campaign", "product": "product", "segment": "segment",
    "sdr": "sdr",
}  # fmt: skip
"""Meanings to names of traits, as the Segment specification writes them where it knows them.

The stage and the number of touches are none: they tell what sales made of the lead, and would let a score look ahead.
"""

DEAL_FIELDS: Final = ("amount", "currency", "product", "owner", "stage", "reason", "competitor", "sdr")
AT_THE_END: Final = ("reason", "competitor", "stage")
"""What is known of a deal only when it ends, and so is not told of its beginning."""

STANDING: Final = ("deal", "stage", "amount", "product", "owner")
UNKNOWN_TOUCH: Final = "from an export that does not say how"


class Translator:
    """Turns `Records` into events of one source.

    ``known`` is what the log was told by this source before, None where that is nothing; ``refuse`` is called for each
    row that cannot go in. `now` is the time of the import: nothing happens later.
    """

    def __init__(
        self,
        records: Records,
        source: str,
        now: datetime,
        refuse: Callable[[Refusal], object],
        known: Known | None = None,
    ) -> None:
        self.records, self.source, self.now, self.refuse, self.known = records, source, now, refuse, known
        self.about_deals = bool({"deal", "amount", "closed_at"} & records.given) and records.deals is None

    def events(self, told: Callable[[int], object] = lambda rows: None) -> Iterator[NewEvent]:
        """All events; ``told`` is called with the number of rows after each batch of them."""
        yield from self._accounts()
        yield from self._batches(self.records.leads, self._of_leads, told)
        if self.records.deals is not None:
            yield from self._batches(self._deals_with_person(self.records.deals), self._of_deals, told)

    def _batches(
        self,
        frame: pl.DataFrame,
        facts_of: Callable[[pl.DataFrame], Iterator[Fact]],
        told: Callable[[int], object],
    ) -> Iterator[NewEvent]:
        for start in range(0, frame.height, BATCH):
            batch = prepared(frame.slice(start, BATCH), self.source, self.known)
            wrong, right = refused(batch, self.now)
            for refusal in wrong:
                self.refuse(refusal)
            for fact in facts_of(right):
                yield from events_of(fact, self.now, self.known)
            told(min(BATCH, frame.height - start))

    def _of_leads(self, rows: pl.DataFrame) -> Iterator[Fact]:
        yield from _moved(rows)
        yield Fact(IDENTIFY, "identify", rows, "#key", "#came", self._traits(rows), group=True)
        if "owner" in rows.columns:
            owned = rows.filter(pl.col("owner").is_not_null())
            yield Fact(OWNER, "owner_assigned", owned, "#key", "#came", {"owner": "owner"})
        yield from _touches(rows)
        yield from _answers(rows)
        if self.records.deals is None:
            yield from self._outcomes(rows)

    def _traits(self, rows: pl.DataFrame) -> dict[str, str]:
        """Name of each trait and its column; common names beside the headers."""
        named = {name: column for column, name in PERSON_FIELDS.items() if column in rows.columns}
        traits = {column[len(TRAIT) :]: column for column in rows.columns if column.startswith(TRAIT)}
        common = {name: column for header, column in traits.items() if (name := person_trait(header))}
        return {**common, **traits, **named}

    def _outcomes(self, rows: pl.DataFrame) -> Iterator[Fact]:
        """What became of leads that tell it themselves: a deal, or a stage, or that it was given up."""
        rows = rows.with_columns(pl.coalesce("deal", KEY) if "deal" in rows.columns else pl.col(KEY).alias("deal"))
        is_deal = pl.lit(value=True) if self.about_deals else pl.col("outcome") == "won"
        yield from self._deal_facts(rows.filter(is_deal))
        others = rows.filter(~is_deal)
        if "stage" in others.columns:
            staged = others.filter(pl.col("stage").is_not_null())
            yield Fact(STAGE, "stage_changed", staged, "#key", "#latest", {"stage": "stage"})
        given_up = others.filter(pl.col("outcome") == "lost")
        if "rejected_at" in given_up.columns:
            given_up = given_up.filter(pl.col("rejected_at").is_null())
        said = _present(given_up, by="owner", reason="reason")
        yield Fact(CLOSED, "recycled", given_up, "#key", "#ended", said, about=("reason",))

    def _of_deals(self, rows: pl.DataFrame) -> Iterator[Fact]:
        yield from self._deal_facts(rows)

    def _deal_facts(self, rows: pl.DataFrame) -> Iterator[Fact]:
        rows = rows.with_columns(pl.format("deal:{}", "deal").alias("#deal"))
        said = {"deal": "deal", **_present(rows, **{name: name for name in DEAL_FIELDS})}
        if self.records.deals is not None:
            said |= {name[len(TRAIT) :]: name for name in rows.columns if name.startswith(TRAIT)}
        yield from _standing(rows, said)
        start = {name: column for name, column in said.items() if name not in AT_THE_END}
        yield Fact(OPENED, "deal_opened", rows, "#deal", "#began", start, about=("deal",))
        yield from self._reopened(rows, start)
        for outcome, kind in (("won", "deal_won"), ("lost", "deal_lost")):
            yield from _ended(rows.filter(pl.col("outcome") == outcome), kind, said)

    def _reopened(self, rows: pl.DataFrame, said: dict[str, str]) -> Iterator[Fact]:
        """Deals that the log knows as ended, and that this export calls open."""
        if self.known is None:
            return
        again = rows.filter(pl.col("outcome") == "open")
        ends = [key_digest(CLOSED, key) for key in again["#deal"].to_list()]
        ended = self.known.among(ends)
        again = again.filter(pl.Series([end in ended for end in ends], dtype=pl.Boolean()))
        again = again.with_columns(pl.lit(value=True).alias("#reopened"))
        yield Fact(
            OPENED,
            "deal_opened",
            again,
            "#deal",
            "#latest",
            {**said, "reopened": "#reopened"},
            about=("deal", "reopened"),
        )

    def _accounts(self) -> Iterator[NewEvent]:
        """One group call a company, with what the rows tell of it, told of the first person of the company."""
        leads = self.records.leads
        if not {"company", "account_id"} & set(leads.columns):
            return
        columns = {f"#{common}": column for column in leads.columns if (common := self._of_the_account(column))}
        slim = leads.select(pl.exclude("^trait:.*$"), *(pl.col(c).alias(alias) for alias, c in columns.items()))
        ordered = slim.sort([name for name in ("created_at", KEY) if name in slim.columns], nulls_last=True)
        values = [pl.col(alias).drop_nulls().first() for alias in columns]
        others = [name for name in slim.columns if name not in columns]
        grouped = ordered.with_columns(_group_key(leads)).filter(pl.col("#account").is_not_null())
        first = grouped.group_by("#account", maintain_order=True).agg(pl.col(others).first(), *values)
        for start in range(0, first.height, BATCH):
            batch = prepared(first.slice(start, BATCH), self.source, self.known)
            _, right = refused(batch, self.now)
            right = right.with_columns(pl.format("account:{}", "#account").alias("#about"))
            said = {alias[1:]: alias for alias in columns} | {
                "name": "company" if "company" in right.columns else "#account"
            }
            yield from events_of(Fact(GROUP, "group", right, "#about", "#came", said, group=True), self.now, self.known)

    def _of_the_account(self, column: str) -> str | None:
        """The name that a company's trait gets; None for a column that is of the person."""
        if not column.startswith(TRAIT):
            return None
        header = column[len(TRAIT) :]
        return account_trait(header) or (header if column in self.records.of_accounts else None)

    def _deals_with_person(self, deals: pl.DataFrame) -> pl.DataFrame:
        """The deals with what is needed to find their lead's person, and when the lead came."""
        leads = self.records.leads
        wanted = [name for name in ("email", "person", "first_name", "last_name", "phone") if name in leads.columns]
        came = [pl.col("created_at").alias("#lead_came")] if "created_at" in leads.columns else []
        own = deals.drop([name for name in wanted if name in deals.columns])
        return own.join(leads.select(KEY, *wanted, *came), on=KEY, how="left", maintain_order="left")


def _moved(rows: pl.DataFrame) -> Iterator[Fact]:
    """A lead whose address is new to the log: its key is told of the old one and the new, so both are one person.

    That is told of the time when the lead came, so that the newer address is the later one.
    """
    moved = rows.filter("#moved")
    was = pl.col("#before").alias("#identity"), pl.col("#before").str.strip_prefix("email:").alias("#email")
    for found in (moved, moved.filter(pl.col("#before").is_not_null()).with_columns(was)):
        named = found.with_columns(pl.format("{} is {}", "#key", "#identity").alias("#tells"))
        yield Fact(IDENTIFY, "identify", named, "#tells", "#came", {}, by_key=True)


def _standing(rows: pl.DataFrame, said: dict[str, str]) -> Iterator[Fact]:
    """Where a deal stands, and what it is worth by now: told again when any of it changes."""
    if "stage" in said:
        standing = {name: column for name, column in said.items() if name in STANDING}
        yield Fact(STAGE, "stage_changed", rows.filter(pl.col("stage").is_not_null()), "#deal", "#latest", standing)


def _ended(rows: pl.DataFrame, kind: str, said: dict[str, str]) -> Iterator[Fact]:
    """The end of deals, at its date where there is one."""
    about = ("deal", "reason", "competitor")
    dated, undated = rows.filter(pl.col("closed_at").is_not_null()), rows.filter(pl.col("closed_at").is_null())
    yield Fact(CLOSED, kind, dated, "#deal", "closed_at", said, group=True, about=about, dated=True)
    yield Fact(CLOSED, kind, undated, "#deal", "#ended", said, group=True, about=about)


def _touches(rows: pl.DataFrame) -> Iterator[Fact]:
    """The first and the last known attempt; those between have no time and so are no events."""
    named = [pl.col(name) for name in ("owner", "sdr") if name in rows.columns]
    rows = rows.with_columns(pl.coalesce(*named, pl.lit("unknown")).alias("#by"), pl.lit(UNKNOWN_TOUCH).alias("#note"))
    said = {"by": "#by", "note": "#note"}
    first, last = "first_touch_at", "last_touch_at"
    if first in rows.columns:
        yield Fact(TOUCH, "call", rows.filter(pl.col(first).is_not_null()), "#key", first, said, dated=True)
    if last in rows.columns:
        another = pl.col(last) != pl.col(first) if first in rows.columns else pl.col(last).is_not_null()
        touched = rows.filter(another.fill_null(pl.col(last).is_not_null()))
        yield Fact(LAST_TOUCH, "call", touched, "#key", last, said, dated=True)


def _answers(rows: pl.DataFrame) -> Iterator[Fact]:
    if "accepted_at" in rows.columns:
        accepted = rows.filter(pl.col("accepted_at").is_not_null())
        yield Fact(ACCEPTED, "accepted", accepted, "#key", "accepted_at", _present(rows, by="owner"), dated=True)
    if "rejected_at" in rows.columns:
        rejected = rows.filter(pl.col("rejected_at").is_not_null())
        said = _present(rows, by="owner", reason="reason")
        yield Fact(REJECTED, "rejected", rejected, "#key", "rejected_at", said, dated=True)


def _present(rows: pl.DataFrame, **fields: str) -> dict[str, str]:
    """The properties whose columns are there."""
    return {name: column for name, column in fields.items() if column in rows.columns}


def _group_key(frame: pl.DataFrame) -> pl.Expr:
    named = [pl.col(name) for name in ("account_id", "company") if name in frame.columns]
    return pl.coalesce(named).str.strip_chars().str.to_lowercase().alias("#account")
