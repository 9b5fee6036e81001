"""Which words of a stage, a status or a yes/no column say that something was won, lost, or is still open."""

from __future__ import annotations

import re
from typing import Final

from entente.connectors.files.headers import normal

WON: Final = re.compile(
    r"\b(won|ganad[oa]s?|ganho|closedwon|win|customer|cliente|sold|vendid[oa]|signed|firmad[oa]|converted|convertid[oa]"
    r"|contratad[oa]|matriculad[oa]|enrolled|purchased|comprado|venta cerrada|sale closed|success|exito)\b"
)
LOST: Final = re.compile(
    r"\b(lost|perdid[oa]s?|closedlost|loss|unqualified|disqualified|descartad[oa]|descalificad[oa]|no calificad[oa]"
    r"|no cualificad[oa]|junk|dead|rejected|rechazad[oa]|not interested|no interesad[oa]|abandoned|abandonad[oa]"
    r"|cancelled|canceled|cancelad[oa]|archived|churned|declined|not converted|no convertid[oa]|lead basura|bad lead"
    r"|fracasad[oa]|recycled|duplicate|duplicad[oa]|spam|no compra|not won|no ganad[oa])\b"
)
NOT_YET: Final = re.compile(
    r"\b(negotiation|negociacion|proposal|propuesta|potential|potencial|posible|prospect|prospective|qualified to buy"
    r"|pre|not yet|aun no|win back|win-back)\b|\bno (?:es )?cliente\b|\bnon customer\b|\bnot (?:a )?customer\b"
)
YES: Final = frozenset({"yes", "y", "si", "s", "true", "t", "verdadero", "1", "x", "sim", "oui", "1 0", "ok"})
NO: Final = frozenset({"no", "n", "false", "f", "falso", "0", "nao", "non", "0 0"})


def outcome_of(word: str) -> str:
    """`won`, `lost` or `open` for a stage or status."""
    text = normal(word)
    if LOST.search(text):
        return "lost"
    if WON.search(text) and not NOT_YET.search(text):
        return "won"
    return "open"


def outcome_of_flag(word: str) -> str | None:
    """`won` for yes, `open` for no (it has not become one yet), the outcome where the word is one; None if neither."""
    text = normal(word)
    if text in YES:
        return "won"
    if text in NO:
        return "open"
    said = outcome_of(word)
    return (
        said if said != "open" or text in {"open", "abierto", "abierta", "pending", "pendiente", "en curso"} else None
    )


def speaks_of_outcome(words: list[str]) -> bool:
    """Whether some of a column's distinct values are clearly a win or a loss."""
    return len(words) <= 60 and any(outcome_of(word) != "open" for word in words)
