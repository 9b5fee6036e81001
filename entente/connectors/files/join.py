"""How several tables belong together, found by their keys.

One table is the main one: leads, or deals where there are no leads. Others are deals of those leads, lists that
explain a name (accounts, products, people of a team), or more rows of the same kind. A join never multiplies rows: the
side that is looked up must have each key once. A name that is only written differently (`GTXPro`, `GTX Pro`) is found
by its letters and digits, and told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

from entente.connectors.files.headers import normal, says_identifier
from entente.connectors.files.meanings import GENERIC_KEYS, KEYS
from entente.connectors.files.read import ReadTable

Role = Literal["main", "deals", "lookup", "unused"]

RECORD_KEYS: Final = ("lead", "deal", "email")
"""Keys of one lead or deal: two tables that share one speak of the same records."""

ENOUGH: Final = 0.3
LOOKUP_LIMIT: Final = 200_000


@dataclass(frozen=True, slots=True)
class Link:
    """Rows of table `left` find one row of table `right` where the two columns agree."""

    left: int
    left_column: str
    right: int
    right_column: str
    meaning: str
    share: float

    @property
    def joins_records(self) -> bool:
        """Whether it joins records of one lead or deal, not a list that explains a name."""
        return self.meaning in RECORD_KEYS


@dataclass(frozen=True, slots=True)
class DealsOf:
    """Each row of table `deals` belongs to the lead of table `main` whose column agrees."""

    deals: int
    deals_column: str
    main: int
    main_column: str


@dataclass(slots=True)
class Plan:
    """What each table is for, and by which links the main table and the deals reach the others."""

    roles: list[Role]
    main: int
    deals: DealsOf | None = None
    lookups: list[Link] = field(default_factory=list)


def key(column: str) -> pl.Expr:
    """A key as it is compared: without case and blanks, `12.0` is `12`; of several (`7;8`) the first."""
    text = pl.col(column).str.split_exact(";", 1).struct.field("field_0")
    return text.str.strip_chars().str.to_lowercase().str.replace(r"^(\d+)\.0$", "$1")


def letters(column: str) -> pl.Expr:
    """A name by its letters and digits alone."""
    plain = pl.col(column).str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    return plain.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")


def stacked(reads: Sequence[ReadTable]) -> list[list[ReadTable]]:
    """Tables with the same columns are parts of one (a file a month, a sheet a region)."""
    groups: list[list[ReadTable]] = []
    for read in reads:
        headers = {normal(name) for name in read.table.columns}
        for group in groups:
            if {normal(name) for name in group[0].table.columns} == headers and len(headers) > 1:
                group.append(read)
                break
        else:
            groups.append([read])
    return groups


def plan(reads: Sequence[ReadTable]) -> Plan:
    """Decide what each table is for."""
    links = _links(reads)
    deals = _deals(reads, [link for link in links if link.joins_records])
    looked_up = {link.right for link in links if not link.joins_records}
    facts = [index for index in range(len(reads)) if index not in looked_up] or list(range(len(reads)))
    main = deals.main if deals else max(facts, key=lambda index: _weight(reads[index]))
    used = {main} | ({deals.deals} if deals else set())
    lookups = _lookups(links, used)
    roles: list[Role] = ["unused"] * len(reads)
    for link in lookups:
        roles[link.right] = "lookup"
    if deals:
        roles[deals.deals] = "deals"
    roles[main] = "main"
    return Plan(roles, main, deals, lookups)


def _lookups(links: list[Link], used: set[int]) -> list[Link]:
    """One link to each list, from the table where most of its names are known; keys before names."""
    chosen: dict[int, Link] = {}
    for link in sorted(links, key=lambda link: (link.meaning == "trait", -link.share)):
        if link.left in used and link.right not in used:
            chosen.setdefault(link.right, link)
    return list(chosen.values())


def _links(reads: Sequence[ReadTable]) -> list[Link]:
    found: list[Link] = []
    for right, target in enumerate(reads):
        keys = [name for name in target.table.columns if _is_key(target, name)]
        for left, origin in enumerate(reads):
            if left != right:
                found += [
                    Link(left, one, right, other, meaning, share)
                    for other in keys
                    for one in origin.table.columns
                    if (meaning := _link_meaning(origin, one, target, other))
                    if (share := _share(origin, one, target, other)) >= ENOUGH
                ]
    return found


def _is_key(read: ReadTable, name: str) -> bool:
    profile = read.profiles[name]
    whole = profile.filled >= 0.9 * read.table.frame.height
    return whole and profile.unique and profile.distinct > 1 and profile.kind in ("text", "number")


def _meaning(read: ReadTable, name: str) -> str:
    return read.guesses[name].meaning


def _link_meaning(origin: ReadTable, one: str, target: ReadTable, other: str) -> str | None:
    """What two columns have in common: the meaning of both, `trait` where only their names agree; None for nothing."""
    if origin.profiles[one].kind not in ("text", "number"):
        return None
    mine, theirs = _meaning(origin, one), _meaning(target, other)
    if mine == theirs and mine in KEYS:
        return mine
    if _names_the_list(one, target, other):
        return "trait"
    return "trait" if normal(one) == normal(other) and not {mine, theirs} & KEYS else None


def _names_the_list(header: str, target: ReadTable, other: str) -> bool:
    """`owner_id` refers to the `id` of `owners.csv`."""
    if normal(other) not in GENERIC_KEYS or not says_identifier(header):
        return False
    stem = {_singular(word) for word in normal(target.table.file.rsplit(".", 1)[0]).split()}
    return bool(stem & {_singular(word) for word in normal(header).split()} - {"id"})


def _singular(word: str) -> str:
    return re.sub(r"ies$", "y", word) if word.endswith("ies") else re.sub(r"(?<=\w{3})e?s$", "", word)


def _share(origin: ReadTable, one: str, target: ReadTable, other: str) -> float:
    """Share of the left side's distinct keys that the right side has."""
    left = origin.table.frame.select(key(one).alias("k")).drop_nulls().unique()
    right = target.table.frame.select(key(other).alias("k")).drop_nulls().unique()
    if not left.height or not right.height:
        return 0.0
    return left.join(right, on="k", how="semi").height / left.height


def _deals(reads: Sequence[ReadTable], links: list[Link]) -> DealsOf | None:
    """Of two tables of the same records, which are the leads and which the deals that came of them."""
    if not links:
        return None
    best = max(links, key=lambda link: (link.meaning != "email", *_right_is_main(reads, link), link.share))
    if best.meaning == "deal" and _weight(reads[best.left]) > _weight(reads[best.right]):
        return DealsOf(best.right, best.right_column, best.left, best.left_column)
    return DealsOf(best.left, best.left_column, best.right, best.right_column)


def _right_is_main(reads: Sequence[ReadTable], link: Link) -> tuple[bool, int]:
    """Several deals of one lead settle it; else there are more leads than deals."""
    left, right = reads[link.left], reads[link.right]
    return not left.profiles[link.left_column].unique, right.table.frame.height - left.table.frame.height


def _weight(read: ReadTable) -> tuple[float, int]:
    """How much a table looks like the leads themselves."""
    meanings = {guess.meaning for guess in read.guesses.values()}
    weight = {"lead": 2, "deal": 1, "created": 2, "source": 1.5, "email": 1, "phone": 0.5, "stage": 1, "outcome": 1,
              "won_date": 1, "amount": 0.5, "closed_date": 0.5, "person": 0.5, "first_name": 0.5}  # fmt: skip
    return sum(weight.get(meaning, 0.0) for meaning in meanings), read.table.frame.height
