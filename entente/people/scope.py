"""The part of the identity graph that new links may have changed: its links, and what is stored of its identifiers.

Most components of it are one person at a glance (at most one user id, no alias call, no device with many e-mails):
those are told apart here with array operations, so that importing a million leads takes seconds. Pure: no Django here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from entente.people.identity import BELONGS, JOINS, MOST_MET


@dataclass(frozen=True, slots=True)
class Scope:
    """``links``: a, b, kind, at, message_id, source; ``nodes``: value, first_seen, seen, shared, person. Times in µs.

    ``person`` is null for an identifier that is new.
    """

    links: pl.DataFrame
    nodes: pl.DataFrame

    def split(self) -> tuple[pl.DataFrame, Scope]:
        """The identifiers of plain components (value, component, person), and the scope of the others."""
        nodes = self.nodes.with_columns(component=self._components())
        plain = nodes.group_by("component").agg(_is_plain()).filter("plain").select("component")
        plain = plain.join(self._hard(nodes), on="component", how="anti")
        plain = plain.join(_claimed_twice(nodes), on="component", how="anti")
        easy = nodes.join(plain, on="component").select("value", "component", "person")
        rest = nodes.join(plain, on="component", how="anti").drop("component")
        return easy, Scope(self.links.join(rest, left_on="a", right_on="value", how="semi"), rest)

    def _components(self) -> pl.Series:
        number = self.nodes.select("value").with_row_index("n")
        a = self.links.select("a").join(number, left_on="a", right_on="value", maintain_order="left")["n"].to_numpy()
        b = self.links.select("b").join(number, left_on="b", right_on="value", maintain_order="left")["n"].to_numpy()
        graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(number), len(number)))
        _, labels = connected_components(graph, directed=False)
        return pl.Series(labels)

    def _hard(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Components with an alias call, or a device that met many."""
        crowded = self.links.filter(pl.col("kind") == BELONGS).group_by("b").len().filter(pl.col("len") > MOST_MET)
        unusual = self.links.filter(~pl.col("kind").is_in([BELONGS, JOINS])).select(value="b")
        hard = pl.concat([crowded.select(value="b"), unusual])
        return nodes.join(hard, on="value", how="semi").select("component").unique()


def _is_plain() -> pl.Expr:
    one_user = pl.col("value").str.starts_with("user:").sum() <= 1
    one_person = pl.col("person").drop_nulls().n_unique() <= 1
    return (one_user & one_person & ~pl.col("shared").any() & pl.col("seen").all()).alias("plain")


def _claimed_twice(nodes: pl.DataFrame) -> pl.DataFrame:
    """Components that share a stored person with another: it is being divided."""
    persons = nodes.drop_nulls("person").group_by("person").agg(pl.col("component").unique())
    return persons.filter(pl.col("component").list.len() > 1).explode("component").select("component").unique()
