"""What a column's header says it holds: the words of HubSpot, Salesforce, Pipedrive, Zoho, Odoo and of people.

English and Spanish (with some Portuguese, as its exports mix with Spanish ones). A header is compared without case,
accents, punctuation and the words that products put around it (`Contact`, `Deal - `, `Primary`, `del cliente`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from entente.connectors.files.header_words import WORDS

AROUND: Final = re.compile(
    r"^(?:hs|crm|sf|zoho|hubspot|contact|lead|deal|person|opportunity|opp|record|customer|sales"
    r"|contacto|oportunidad|negocio|trato|dato|datos)\s+"
    r"|\s+(?:c|utc|gmt|local|eur|usd|mxn|deal|lead|contact|person|opportunity|persona"
    r"|(?:del?|de la|of|of the)\s+"
    r"(?:lead|contacto|contact|cliente|trato|negocio|oportunidad|prospecto|deal|opportunity))$"
)
COUNT: Final = re.compile(r"^(?:n|no|nr|nro|num|numero|number|total|count|cantidad)(?: of| de)? ")
TYPO: Final = 90


@dataclass(frozen=True, slots=True)
class Said:
    """What a header is taken to say, and how surely (0 to 1)."""

    meaning: str
    certainty: float


def normal(header: str) -> str:
    """Lower case, without accents and punctuation, `camelCase` and `snake_case` cut into words."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(character for character in text if not unicodedata.combining(character)).lower()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def _entries() -> dict[str, str]:
    entries: dict[str, str] = {}
    for meaning, words in WORDS.items():
        for word in words.split(";"):
            entries.setdefault(" ".join(word.split()), meaning)
    return entries


ENTRIES: Final = _entries()
LONG_ENTRIES: Final = tuple(entry for entry in ENTRIES if len(entry) >= 6)


@lru_cache(maxsize=4096)
def said_by(header: str) -> Said | None:
    """The meaning that a header names; None for one that is in no list, which makes its column a trait."""
    words = normal(header)
    for text, certainty in _forms(words):
        if text in ENTRIES:
            return Said(ENTRIES[text], certainty)
    counted = COUNT.sub("", words)
    if counted != words and ENTRIES.get(counted) == "touches":
        return Said("touches", 0.9)
    close = process.extractOne(words, LONG_ENTRIES, scorer=fuzz.ratio, score_cutoff=TYPO) if len(words) >= 6 else None
    return Said(ENTRIES[close[0]], 0.6) if close else None


def _forms(words: str) -> list[tuple[str, float]]:
    """The header itself, joined (`leadsource`), and without the words around it."""
    forms = [(words, 1.0)]
    joined = JOINED.get(words.replace(" ", ""))
    if joined:
        forms.append((joined, 0.95))
    bare = words
    for _ in range(2):
        bare = AROUND.sub("", bare).strip()
        if bare and bare != words:
            forms.append((bare, 0.8))
    return forms


JOINED: Final = {entry.replace(" ", ""): entry for entry in ENTRIES}


def says_date(header: str) -> bool:
    """Whether a header names a moment, in a list or by a word such as `date`, `fecha`, `at`."""
    words = normal(header)
    said = said_by(header)
    moments = {"created", "first_contact", "engaged", "first_touch", "last_touch", "accepted", "rejected", "won_date",
               "lost_date", "closed_date", "expected_close"}  # fmt: skip
    if said and said.meaning in moments:
        return True
    return bool(re.search(r"\b(date|fecha|datetime|timestamp|time|hora|dia|day)\b|\b(at|on|el)$", words))


IDENTIFIER: Final = re.compile(
    r"\b(id|ids|uuid|guid|key|code|codigo|zip|postal|postcode|cp|phone|folio|nro)\b"
    r"|\b(number|no|num|numero)\b(?! (of|de)\b)"
    r"|\b(number|no|num|numero) (of|de) (lead|cliente|contrato|pedido|factura|telefono|serie|oportunidad|cuenta)\b"
)


def says_identifier(header: str) -> bool:
    """Whether a header names a number or key, whose digits are no quantity (`Lead Number`, not `Number of calls`)."""
    return bool(IDENTIFIER.search(normal(header)))
