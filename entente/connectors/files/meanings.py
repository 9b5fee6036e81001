"""What each column means: its header proposes, its cells must not contradict, and no two columns mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from entente.connectors.files.headers import normal, said_by
from entente.connectors.files.outcomes import outcome_of, outcome_of_flag, speaks_of_outcome
from entente.connectors.files.profile import Profile

MEANINGS: Final[dict[str, str]] = {
    "lead": "key of the lead or person",
    "deal": "key of the deal",
    "person": "full name of the person",
    "first_name": "first name",
    "last_name": "last name",
    "email": "e-mail address",
    "phone": "telephone number",
    "company": "name of the company",
    "account_id": "key of the company",
    "source": "channel that brought the lead",
    "campaign": "campaign that brought the lead",
    "created": "when the lead came, or the deal was opened",
    "owner": "sales representative who has it",
    "sdr": "who qualified it for sales",
    "stage": "stage or status in your words",
    "outcome": "won, lost or open; or whether it converted",
    "amount": "value of the deal",
    "currency": "currency of the value",
    "won_date": "when it was won",
    "lost_date": "when it was lost",
    "closed_date": "when it ended, either way",
    "first_touch": "when sales first tried to reach the person",
    "last_touch": "when sales last tried to reach the person",
    "touches": "number of attempts to reach the person",
    "accepted": "when sales accepted the lead",
    "rejected": "when sales rejected the lead",
    "reason": "why it was won, lost or rejected",
    "competitor": "to whom it was lost",
    "product": "what is being sold",
    "segment": "team, region or other way to cut the table",
    "trait": "anything else that may tell good from bad",
    "ignore": "left out",
}

DATES: Final = frozenset(
    {"created", "won_date", "lost_date", "closed_date", "first_touch", "last_touch", "accepted", "rejected"}
)
NUMBERS: Final = frozenset({"amount", "touches"})
KEYS: Final = frozenset({"lead", "deal", "email", "account_id", "company", "product", "owner", "sdr"})
SHARED: Final = frozenset({"trait", "ignore"})
"""Meanings that any number of columns may have."""

_VAGUE: Final = """
    date; fecha; id; name; nombre; status; estado; total; value; valor; user; usuario; medio; type; contact; customer;
    cliente; client; record; timestamp; code; codigo; first; last; reason; motivo; item; result; cantidad; presupuesto;
    expected revenue; ingreso esperado; ingresos esperados; ingreso estimado; weighted amount; account owner;
    lead origin channel; secondary email
"""
VAGUE: Final = frozenset(" ".join(words.split()) for words in _VAGUE.split(";"))
"""Headers that mean what they seem to only where no other column says it better."""

GENERIC_KEYS: Final = frozenset(
    {"id", "record id", "uuid", "codigo", "code", "folio", "nro", "id de registro", "external id"}
)
DEAL_WORDS: Final = (
    "deal",
    "opportunity",
    "oportunidad",
    "negocio",
    "trato",
    "close date",
    "fecha de cierre",
    "close value",
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A column's meaning, how surely (0 to 1), and on what grounds in words."""

    meaning: str
    certainty: float
    why: str


def guess_meanings(profiles: Mapping[str, Profile], fixed: Mapping[str, str] | None = None) -> dict[str, Guess]:
    """A meaning for every column. `fixed` are those that a person chose; the guess works around them."""
    fixed = fixed or {}
    guesses = {name: Guess(meaning, 1.0, "chosen") for name, meaning in fixed.items()}
    taken = {meaning for meaning in fixed.values() if meaning not in SHARED}
    proposals = [
        (certainty, -position, name, meaning, why)
        for position, name in enumerate(profiles)
        if name not in fixed
        for meaning, certainty, why in _proposals(profiles[name], profiles)
    ]
    for certainty, _, name, meaning, why in sorted(proposals, reverse=True):
        if name not in guesses and meaning not in taken:
            guesses[name] = Guess(meaning, round(min(1.0, certainty), 2), why)
            taken |= {meaning} - SHARED
    _created_from_the_only_date(profiles, guesses, taken)
    rest = Guess("trait", 0.5, "no list of headers knows it")
    return {name: guesses.get(name, rest) for name in profiles}


def _proposals(profile: Profile, profiles: Mapping[str, Profile]) -> Iterator[tuple[str, float, str]]:
    said = said_by(profile.name)
    if said and profile.kind == "empty":
        meaning = "created" if said.meaning in ("first_contact", "engaged") else said.meaning
        if meaning in MEANINGS:
            yield meaning, 0.2, f"the header says {meaning.replace('_', ' ')}, and all cells are empty"
    elif said:
        vague = 0.7 if normal(profile.name) in VAGUE else 1.0
        why = f"the header says {said.meaning.replace('_', ' ')}"
        for meaning, share in _readings(said.meaning, profile, profiles):
            fits = _fit(meaning, profile)
            if fits:
                yield meaning, said.certainty * vague * share + 0.1 * fits, why
    if profile.kind != "empty":
        yield from _by_content(profile)


def _readings(meaning: str, profile: Profile, profiles: Mapping[str, Profile]) -> Iterator[tuple[str, float]]:
    """What a header may stand for: the same word names different things in different exports."""
    words = normal(profile.name)
    if meaning == "first_contact":
        yield from (("created", 0.8), ("first_touch", 0.75))
    elif meaning == "engaged":
        yield from (("created", 0.75), ("accepted", 0.3))
    elif meaning == "lead" and words in GENERIC_KEYS and _is_about_deals(profiles):
        yield from (("deal", 0.95), ("lead", 0.4))
    elif meaning == "lead" and words in GENERIC_KEYS and _is_about_companies(profiles):
        yield from (("account_id", 0.95), ("lead", 0.4))
    elif meaning == "first_name" and not _has(profiles, "last_name"):
        yield from (("person", 0.9), ("first_name", 0.2))
    elif meaning == "stage" and _only_outcomes(profile):
        yield from (("outcome", 0.92), ("stage", 0.9))
    elif meaning in ("won_date", "outcome"):
        yield from (("won_date", 0.9), ("outcome", 0.9), ("stage", 0.5))
    elif meaning == "deal_name" and _has(profiles, "lead") is False:
        yield "deal", 0.3
    elif meaning in MEANINGS:
        yield meaning, 1.0


def _has(profiles: Mapping[str, Profile], meaning: str) -> bool:
    return any((said := said_by(name)) is not None and said.meaning == meaning for name in profiles)


def _is_about_deals(profiles: Mapping[str, Profile]) -> bool:
    names = [normal(name) for name in profiles]
    named = any(word in name for name in names for word in DEAL_WORDS)
    return _has(profiles, "deal_name") or (named and not _has(profiles, "email"))


def _is_about_companies(profiles: Mapping[str, Profile]) -> bool:
    persons = ("email", "person", "first_name", "stage", "outcome", "source")
    return _has(profiles, "company") and not any(_has(profiles, meaning) for meaning in persons)


def _only_outcomes(profile: Profile) -> bool:
    return 0 < len(profile.words) <= 8 and all(outcome_of_flag(word) for word in profile.words)


def _fit(meaning: str, profile: Profile) -> float:
    """From 0 (the cells contradict the meaning) to 1 (they confirm it)."""
    if meaning in DATES:
        return 1.0 if profile.kind == "date" else 0.0
    if meaning in NUMBERS:
        return 1.0 if profile.kind == "number" else 0.0
    fits = _FITS.get(meaning)
    if fits:
        return fits(profile)
    return 0.0 if profile.kind in ("date", "number", "bool") else 0.7


def _fits_email(profile: Profile) -> float:
    return profile.emails if profile.emails >= 0.5 else 0.0


def _fits_phone(profile: Profile) -> float:
    return 0.5 + profile.phones / 2 if profile.kind in ("text", "number") and not profile.emails else 0.0


def _fits_outcome(profile: Profile) -> float:
    words = profile.words
    if 0 < len(words) <= 12 and all(outcome_of_flag(word) for word in words):
        return 1.0
    return 0.6 if profile.kind == "text" and speaks_of_outcome(list(words)) else 0.0


def _fits_stage(profile: Profile) -> float:
    if profile.kind in ("date", "number", "bool"):
        return 0.0
    return 1.0 if speaks_of_outcome(list(profile.words)) else 0.5 if profile.words else 0.2


def _fits_key(profile: Profile) -> float:
    if profile.kind in ("date", "bool") or profile.emails > 0.5:
        return 0.0
    return 1.0 if profile.unique else 0.3


def _fits_reference(profile: Profile) -> float:
    return 0.0 if profile.kind in ("date", "bool") else 0.7


def _fits_name(profile: Profile) -> float:
    return 0.7 if profile.kind == "text" and profile.emails <= 0.5 else 0.0


_FITS: Final[dict[str, Callable[[Profile], float]]] = {
    "ignore": lambda profile: 1.0,
    "email": _fits_email,
    "phone": _fits_phone,
    "outcome": _fits_outcome,
    "stage": _fits_stage,
    **dict.fromkeys(("lead", "deal"), _fits_key),
    **dict.fromkeys(("owner", "sdr", "account_id", "product"), _fits_reference),
    **dict.fromkeys(("person", "company", "first_name", "last_name"), _fits_name),
}


def _by_content(profile: Profile) -> Iterator[tuple[str, float, str]]:
    if profile.emails >= 0.8:
        yield "email", 0.6 + (0.05 if profile.unique else 0.0), "the cells are e-mail addresses"
    outcomes = {outcome_of(word) for word in profile.words}
    if profile.kind == "text" and 1 < len(profile.words) <= 15 and {"won", "lost"} <= outcomes:
        yield "stage", 0.55, "the cells speak of won and lost"


def _created_from_the_only_date(profiles: Mapping[str, Profile], guesses: dict[str, Guess], taken: set[str]) -> None:
    free = [name for name, profile in profiles.items() if profile.kind == "date" and name not in guesses]
    dated = [name for name in guesses if guesses[name].meaning in DATES]
    unclaimed = [name for name in free if said_by(name) is None]
    if "created" not in taken and not dated and len(free) == 1 and unclaimed:
        guesses[free[0]] = Guess("created", 0.4, "the only date of the table")
