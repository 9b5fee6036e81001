"""Cells that say that nothing is known: words for "no value" in the products that export them, English and Spanish."""

from __future__ import annotations

from typing import Final

import polars as pl

WORDS: Final = frozenset(
    """
    - -- --- — – . ? ?? n/a n.a. n.a #n/a #na na/ null <null> (null) none (none) <none> nil nan #nan undefined \\n
    select (select) select... -select- --select-- --none-- -none- (blank) (empty) [empty] unspecified
    (vacío) (vacio) seleccionar seleccione (seleccione) seleccione... -seleccione- n/d s/d
    ninguno/a (ninguno) (ninguna) --ninguno-- --ninguna-- #ref! #value! #¡valor! #valor! #div/0! #¡div/0! #name?
    #¿nombre? #num! #¡num! #null! 0000-00-00 00/00/0000
    """.split()
) | frozenset(
    {
        "not set", "not specified", "not available", "no value", "(no value)", "(not set)", "(not provided)",
        "[object object]", "sin especificar", "(sin especificar)", "no especificado", "no especificada",
        "sin definir", "sin datos", "sin dato", "sin valor", "(en blanco)", "en blanco", "no disponible",
        "0000-00-00 00:00:00", "please select", "choose one", "select one", "-- select --", "- select -",
        "-- none --", "- none -", "selecciona una opción", "seleccione una opción", "elige una opción",
    }
)  # fmt: skip
"""In lower case. `unknown` is not among them: a company that writes it says something else than one that writes nothing."""

SHORT_CODES: Final = r"^[A-Z]{2}$"


def blank_missing(frame: pl.DataFrame, columns: list[str], words: frozenset[str] = WORDS) -> pl.DataFrame:
    """The frame with such cells null. `NA` is one too, except in a column of two-letter codes (Namibia)."""
    longest = max((len(word) for word in words), default=0)
    plain = [
        _blank(pl.col(name), words | ({"na"} if not _holds_codes(frame[name]) else set()), longest) for name in columns
    ]
    return frame.with_columns(plain)


def _blank(cell: pl.Expr, words: frozenset[str] | set[str], longest: int) -> pl.Expr:
    short = cell.str.len_chars() <= longest
    return pl.when(short & cell.str.to_lowercase().is_in(sorted(words))).then(None).otherwise(cell).name.keep()


def _holds_codes(cells: pl.Series) -> bool:
    some = cells.drop_nulls().head(5000)
    return bool(some.len()) and (some.str.contains(SHORT_CODES).mean() or 0) >= 0.95 and some.n_unique() > 2  # type: ignore[operator]
