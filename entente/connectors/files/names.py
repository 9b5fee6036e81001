"""Names that are probably the same, written differently: a warning, never a repair.

Work is bounded: only columns with few distinct values are compared, by rapidfuzz in C.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Final

from rapidfuzz import fuzz, process

MOST_NAMES: Final = 1_500
SIMILAR: Final = 88
SHORTEST: Final = 6

COMMON_WORDS: Final = """
    technology; medical; retail; software; entertainment; marketing; telecommunications; finance; employment; services;
    education; healthcare; manufacturing; construction; insurance; banking; hospitality; logistics; transportation;
    agriculture; automotive; pharmaceuticals; consulting; government; real estate; media; energy; utilities; tourism;
    biotechnology; electronics; engineering; advertising; nonprofit; wholesale; tecnología; educación; salud;
    industria; construcción; seguros; banca; hostelería; logística; transporte; agricultura; automoción; farmacéutica;
    consultoría; administración; inmobiliaria; turismo; energía; electrónica; ingeniería; publicidad; alimentación;
    comercio; servicios; finanzas; telecomunicaciones; organic search; paid search; direct traffic; referral;
    social media
"""


@lru_cache(maxsize=1)
def known_words() -> tuple[str, ...]:
    """Industries and channels as CRMs offer them, and the names of countries (from the time zone database)."""
    table = (resources.files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8")
    countries = [line.split("\t")[1].lower() for line in table.splitlines() if line and not line.startswith("#")]
    return tuple(dict.fromkeys([" ".join(word.split()) for word in COMMON_WORDS.split(";")] + countries))


def near_duplicates(counts: Mapping[str, int]) -> Iterator[tuple[str, str, int]]:
    """Pairs (rarer name, name that it resembles, rows of the rarer one), within a column of names and their counts."""
    names = [name for name in counts if len(name) >= SHORTEST and not _is_code(name)]
    if len(names) > MOST_NAMES:
        return
    scores = process.cdist(
        [n.lower() for n in names], [n.lower() for n in names], scorer=fuzz.ratio, score_cutoff=SIMILAR
    )
    for one, other in zip(*scores.nonzero(), strict=True):
        rarer, commoner = names[one], names[other]
        if (
            one != other
            and (counts[rarer], rarer) < (counts[commoner], commoner)
            and _differ_by_letters(rarer, commoner)
        ):
            yield rarer, commoner, counts[rarer]


def misspelt(counts: Mapping[str, int]) -> Iterator[tuple[str, str, int]]:
    """The same for names that resemble a common word of CRMs without being it."""
    known = known_words()
    for name in list(counts)[:MOST_NAMES]:
        word = name.lower().replace("_", " ")
        if len(word) < SHORTEST or word in known or _is_code(name) or word.rstrip("s") in known:
            continue
        close = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=90)
        if close and close[0].rstrip("s") != word.rstrip("s") and _differ_by_letters(word, close[0]):
            yield name, close[0], counts[name]


def _is_code(name: str) -> bool:
    digits = sum(character.isdigit() for character in name)
    return digits > len(name) * 0.3 or "@" in name


def _differ_by_letters(one: str, other: str) -> bool:
    """`Plan 1` and `Plan 2`, `Area North` and `Area South` are different names; `technolgy` is not."""
    digits = ["".join(c for c in name if c.isdigit()) for name in (one, other)]
    if digits[0] != digits[1]:
        return False
    words = [name.lower().split() for name in (one, other)]
    if len(words[0]) != len(words[1]):
        return True
    return all(_misspelling(a, b) for a, b in zip(*words, strict=True) if a != b)


def _misspelling(one: str, other: str) -> bool:
    """`technolgy` of `technology`; but `non-marketing` says more than `marketing`, it is not a slip."""
    short, long = sorted((one, other), key=len)
    if short in long and len(long) - len(short) > 2:
        return False
    return fuzz.ratio(one, other) >= 75 and len(short) >= 4
