"""Invented names: of companies, their domains, and people. Nobody is called so.

Family names and companies are put together from syllables; domains lie under ``.example``, which belongs to nobody
(RFC 2606). Free-mail addresses must lie at a provider that lists of such providers know; they carry an underscore,
which Gmail has never allowed in a mailbox, so that none of them can exist. Telephone numbers begin with 000.
Pure.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN_NAMES: Final = _words(
    "Ada Alba Aldo Alma Ana Ariel Aura Basilio Berta Bruno Carla Celia Ciro Clara Dalia Darío Delia Diego Elba Elena "
    "Elías Elsa Emma Ernesto Eva Fabio Félix Flora Gala Gema Gina Greta Hugo Ida Inés Irene Iris Iván Jaime Jana "
    "Joel Julia Karen Laia Laura León Lía Lola Lucas Luis Luna Mara Marco Mario Marta Mateo Mía Mila Mirta Nadia "
    "Nico Noa Nora Olga Óscar Pablo Paula Pilar Quim Rafael Raúl Rita Rosa Sara Saúl Sergio Sofía Tania Teo Tomás "
    "Úrsula Vera Víctor Yago Zoe"
)
FIRST_SYLLABLES: Final = _words(
    "Bral Cren Dov Estro Frim Glau Hespe Iru Jol Krei Lun Mal Nor Ostri Pel Quin Rus Sil Tre Uln Vel Wes Xil Yar Zan "
    "Ambo Bri Cal Dri Ferr"
)
MIDDLE_SYLLABLES: Final = _words("a e i o u ado ene iva olo umba ari eri oni uli")
LAST_SYLLABLES: Final = _words(
    "bante cano dero fila gande jarte lquist mbria nquil pando quera rrano sanda trevo vanto xarte zuela lmonte rdaño "
    "stilla"
)
STEM_ENDINGS: Final = _words(
    "lto nda rix sko tema vara zal bio dex fina goro luma mera nexo pola renta silo tilla vento quilo fera drona"
)
TRADES: Final = {
    "Logistics": ("Logistics", "Transportes", "Freight", "Cargo"),
    "Manufacturing": ("Manufacturing", "Industrias", "Works", "Fábricas"),
    "Retail": ("Retail", "Tiendas", "Stores", "Mercados"),
    "Food": ("Foods", "Alimentos", "Bodegas", "Harvest"),
    "Construction": ("Construction", "Obras", "Builders", "Estructuras"),
    "Health": ("Health", "Salud", "Clinics", "Laboratorios"),
    "Education": ("Academy", "Formación", "Learning", "Escuelas"),
    "Services": ("Services", "Consultores", "Partners", "Gestión"),
}
FREE_MAIL: Final = "gmail.com"
ROLE_MAILBOXES: Final = ("info", "ventas", "compras", "office")
CALLING_CODES: Final = {
    "ES": "34", "PT": "351", "FR": "33", "MX": "52", "CO": "57", "CL": "56", "AR": "54", "US": "1", "BR": "55",
}  # fmt: skip


def company_names(rng: np.random.Generator, industries: list[str]) -> list[tuple[str, str]]:
    """A (name, domain) for each industry given; no domain comes twice."""
    names: list[tuple[str, str]] = []
    taken: set[str] = set()
    while len(names) < len(industries):
        stem = "".join(_pick(rng, part) for part in (FIRST_SYLLABLES, MIDDLE_SYLLABLES, STEM_ENDINGS))
        stem += _pick(rng, MIDDLE_SYLLABLES) if stem in taken else ""
        if stem in taken:
            continue
        taken.add(stem)
        trade = _pick(rng, TRADES[industries[len(names)]])
        names.append((f"{stem} {trade}", f"{plain(stem)}.example"))
    return names


def person_names(rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """``count`` pairs of a given and a family name."""
    parts = [
        rng.integers(len(of), size=count) for of in (GIVEN_NAMES, FIRST_SYLLABLES, MIDDLE_SYLLABLES, LAST_SYLLABLES)
    ]
    return [
        (GIVEN_NAMES[given], FIRST_SYLLABLES[first] + MIDDLE_SYLLABLES[middle] + LAST_SYLLABLES[last])
        for given, first, middle, last in zip(*(part.tolist() for part in parts), strict=True)
    ]


def is_invented_family_name(name: str) -> bool:
    """Whether the name is one of those that this module puts together."""
    return any(
        name == first + middle + last
        for first in FIRST_SYLLABLES
        if name.startswith(first)
        for middle in MIDDLE_SYLLABLES
        for last in LAST_SYLLABLES
    )


def mailbox(given: str, family: str, number: int, joint: str) -> str:
    """The part of an address before the @; ``number`` keeps it apart from that of a namesake."""
    return f"{plain(given)}{joint}{plain(family)}{number or ''}"


def phone(country: str, number: int) -> str:
    """A number that no exchange gives out, since it begins with 000."""
    return f"+{CALLING_CODES[country]} 000 {number % 1_000_000:06d}"


def plain(text: str) -> str:
    """In lower case and without accents."""
    folded = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in folded if letter.isalnum())


def _pick(rng: np.random.Generator, of: tuple[str, ...]) -> str:
    return of[int(rng.integers(len(of)))]
