"""What each column means: its header proposes, its cells must not contradict, and no two columns mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

VAGUE: Final = frozenset(
    "date fecha id name nombre status estado total value valor user usuario medio expected revenue type contact "
    "customer cliente client record timestamp code codigo first last reason motivo item result cantidad".split()
) | {"expected revenue", "ingreso esperado", "ingresos esperados", "account owner", "weighted amount", "ingreso estimado",
     "lead origin channel", "presupuesto", "secondary email"}  # fmt: skip
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
    if profile.kind == "empty":
        return
    said = said_by(profile.name)
    if said:
        vague = 0.7 if normal(profile.name) in VAGUE else 1.0
        why = f"the header says {said.meaning.replace('_', ' ')}"
        for meaning, share in _readings(said.meaning, profile, profiles):
            fits = _fit(meaning, profile)
            if fits:
                yield meaning, said.certainty * vague * share + 0.1 * fits, why
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


def _only_outcomes(profile: Profile) -> bool:
    return 0 < len(profile.words) <= 8 and all(outcome_of_flag(word) for word in profile.words)


def _fit(meaning: str, profile: Profile) -> float:
    """From 0 (the cells contradict) to 1 (they confirm)."""
    kind = profile.kind
    if meaning in DATES:
        return 1.0 if kind == "date" else 0.0
    if meaning == "email":
        return profile.emails if profile.emails >= 0.5 else 0.0
    if meaning == "phone":
        return 0.5 + profile.phones / 2 if kind in ("text", "number") and not profile.emails else 0.0
    if meaning in NUMBERS:
        return 1.0 if kind == "number" else 0.0
    if meaning == "outcome":
        flag = bool(profile.words) and len(profile.words) <= 12 and all(outcome_of_flag(w) for w in profile.words)
        return 1.0 if flag else 0.6 if kind == "text" and speaks_of_outcome(list(profile.words)) else 0.0
    if meaning == "stage":
        confirms = speaks_of_outcome(list(profile.words))
        return 0.0 if kind in ("date", "number", "bool") else 1.0 if confirms else 0.5 if profile.words else 0.2
    if meaning in ("lead", "deal"):
        return 0.0 if kind in ("date", "bool") or profile.emails > 0.5 else 1.0 if profile.unique else 0.3
    if meaning in ("owner", "sdr", "account_id", "product"):
        return 0.0 if kind in ("date", "bool") else 0.7
    if meaning in ("person", "company", "first_name", "last_name"):
        return 0.7 if kind == "text" and not profile.emails > 0.5 else 0.0
    return 0.0 if kind in ("date", "number", "bool") else 0.7


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
