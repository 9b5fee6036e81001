"""Cells that say that nothing is known: words for "no value" in the products that export them, English and Spanish."""

from __future__ import annotations

from typing import Final

import polars as pl

TOKENS: Final = """
    - -- --- \u2014 \u2013 . ? ?? n/a n.a. n.a #n/a #na na/ null <null> (null) none (none) <none> nil nan #nan undefined
    \\n select (select) select... -select- --select-- --none-- -none- (blank) (empty) [empty] unspecified
    (vacío) (vacio) seleccionar seleccione (seleccione) seleccione... -seleccione-
    n/d s/d ninguno/a (ninguno) (ninguna) --ninguno--
    --ninguna-- #ref! #value! #¡valor! #valor! #div/0! #¡div/0! #name? #¿nombre? #num! #¡num! #null!
    0000-00-00 00/00/0000
"""
PHRASES: Final = """
    not set; not specified; not available; no value; (no value); (not set); (not provided); [object object];
    sin especificar; (sin especificar); no especificado; no especificada; sin definir; sin datos; sin dato; sin valor;
    (en blanco); en blanco; no disponible; 0000-00-00 00:00:00; please select; choose one; select one; -- select --;
    - select -; -- none --; - none -; selecciona una opción; seleccione una opción; elige una opción
"""
WORDS: Final = frozenset(TOKENS.split()) | frozenset(" ".join(phrase.split()) for phrase in PHRASES.split(";"))
"""In lower case. `unknown` is not among them: to write it says something else than to write nothing."""

SHORT_CODES: Final = r"^[A-Z]{2}$"


def blank_missing(frame: pl.DataFrame, columns: list[str], words: frozenset[str] = WORDS) -> pl.DataFrame:
    """The frame with such cells null. `NA` is one too, except in a column of two-letter codes (Namibia).

    Column by column, and only those that have such cells, so that a large frame is never held twice.
    """
    longest = max((len(word) for word in words), default=0)
    for name in columns:
        cells = frame[name]
        wanted = sorted(words if _holds_codes(cells) else words | {"na"})
        says_nothing = (cells.str.len_bytes() <= 2 * longest) & cells.str.to_lowercase().is_in(wanted)
        if says_nothing.any():
            frame = frame.with_columns(pl.when(~says_nothing).then(cells).alias(name))
    return frame


def _holds_codes(cells: pl.Series) -> bool:
    some = cells.drop_nulls().head(5000)
    return some.len() > 0 and int(some.str.contains(SHORT_CODES).sum()) >= 0.95 * some.len() and some.n_unique() > 2
