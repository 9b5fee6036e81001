"""The people and companies of the demo: who comes when, from where, and what they are like.

Drawn for the whole horizon at once from one seed, so that a world that is cut later holds the earlier one: a demo can
be topped up without moving its past. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from entente.demo import cast, names

HORIZON_DAYS: Final = 30 * 31
"""Days from the start for which the world exists: 18 months of history and a year to top it up with."""
PERSONS_IN_18_MONTHS: Final = 20_000
PEOPLE_PER_COMPANY: Final = 2.2

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Companies:
    """One entry a company. ``scans_mail``: its mail system follows every link in a mail by itself."""

    name: list[str]
    domain: list[str]
    industry: list[str]
    country: list[str]
    employees: Ints
    scans_mail: Flags


@dataclass(frozen=True, slots=True)
class Crowd:
    """One entry a person, in order of arrival. Times are microseconds since the epoch, UTC.

    ``company`` is an index into `companies`, -1 for who has none; ``form`` names the form by which a person who
    ``leaves_address`` does so, at their visit number ``known_at_visit`` (from 0).
    """

    companies: Companies
    arrives: Ints
    campaign: Ints
    company: Ints
    country: list[str]
    leaves_address: Flags
    known_at_visit: Ints
    form: list[str]
    interest: Floats
    given: list[str]
    family: list[str]
    email: list[str]
    title: list[str]
    decides: Flags
    free_mail: Flags
    role_mailbox: Flags
    has_title: Flags
    has_phone: Flags
    has_company: Flags
    has_country: Flags
    newsletter: Flags
    uses_crm: Flags
    speaks_english: Flags
    how_heard: list[str]
    changes_device: Flags

    def __len__(self) -> int:
        return len(self.arrives)


def draw_crowd(seed: int, start: datetime) -> Crowd:
    """Everybody who comes within the horizon after ``start`` (aware, UTC)."""
    rng = np.random.default_rng([seed, 1])
    arrives = _arrivals(rng, start)
    count = len(arrives)
    campaign = choose(rng, [one.weight for one in cast.CAMPAIGNS], count)
    known = rng.random(count) < np.array([one.known for one in cast.CAMPAIGNS])[campaign]
    junk = np.array([one.landing == "prize" for one in cast.CAMPAIGNS])[campaign]
    companies = _draw_companies(rng, int(count * 0.5 / PEOPLE_PER_COMPANY))
    company = _draw_company_of_each(rng, count, len(companies.name))
    free_mail = rng.random(count) < np.where(junk, 0.5, 0.14)
    company[free_mail & (rng.random(count) < 0.7)] = -1
    country = _countries(rng, companies, company)
    level = choose(rng, list(cast.TITLE_SHARES.values()), count)
    given, family = zip(*names.person_names(rng, count), strict=True)
    role_mailbox = (rng.random(count) < 0.02) & ~free_mail & (company >= 0)
    free_mail |= company < 0
    return Crowd(
        companies=companies,
        arrives=arrives,
        campaign=campaign,
        company=company,
        country=country,
        leaves_address=known,
        known_at_visit=np.minimum(rng.geometric(0.55, count) - 1, 4),
        form=_forms(rng, junk),
        interest=rng.gamma(1.6, 1 / 1.6, count) * np.array([one.interest for one in cast.CAMPAIGNS])[campaign],
        given=list(given),
        family=list(family),
        email=_addresses(
            rng, given, family, companies=companies, company=company, free_mail=free_mail, role_mailbox=role_mailbox
        ),
        title=_titles(rng, level),
        decides=level == 0,
        free_mail=free_mail,
        role_mailbox=role_mailbox,
        has_title=rng.random(count) < 0.95,
        has_phone=rng.random(count) < np.where(junk, 0.55, 0.93),
        has_company=rng.random(count) < np.where(junk, 0.8, 0.97),
        has_country=rng.random(count) < 0.97,
        newsletter=rng.random(count) < 0.4,
        uses_crm=rng.random(count) < 0.55,
        speaks_english=rng.random(count) < 0.35,
        how_heard=[cast.HOW_HEARD[i] for i in rng.integers(len(cast.HOW_HEARD), size=count).tolist()],
        changes_device=rng.random(count) < 0.1,
    )


def _arrivals(rng: np.random.Generator, start: datetime) -> Ints:
    """More come with time, fewer at weekends, in August and in December; sorted."""
    days = [start + timedelta(days=day) for day in range(HORIZON_DAYS)]
    season = {8: 0.6, 12: 0.75}
    weights = np.array([season.get(day.month, 1.0) * (0.25 if day.weekday() >= 5 else 1.0) for day in days])
    weights *= 1 + 0.5 * np.minimum(np.arange(HORIZON_DAYS) / 540, 1)
    weights *= PERSONS_IN_18_MONTHS / weights[:548].sum()
    day = np.repeat(np.arange(HORIZON_DAYS), rng.poisson(weights))
    return np.int64(start.timestamp() * 1e6) + day * 86_400_000_000


def _draw_companies(rng: np.random.Generator, count: int) -> Companies:
    industry = _named(rng, cast.INDUSTRY_SHARES, count)
    name, domain = zip(*names.company_names(rng, industry), strict=True)
    return Companies(
        name=list(name),
        domain=list(domain),
        industry=industry,
        country=_named(rng, cast.COUNTRY_SHARES, count),
        employees=np.maximum(np.exp(rng.normal(4.6, 1.6, count)), 1).astype(np.int64),
        scans_mail=rng.random(count) < 0.12,
    )


def _draw_company_of_each(rng: np.random.Generator, persons: int, companies: int) -> Ints:
    """Some companies send many people, most send one or two."""
    weight = rng.gamma(0.8, size=companies)
    return rng.choice(companies, size=persons, p=weight / weight.sum())


def _countries(rng: np.random.Generator, companies: Companies, company: Ints) -> list[str]:
    alone = _named(rng, cast.COUNTRY_SHARES, len(company))
    return [companies.country[of] if of >= 0 else alone[i] for i, of in enumerate(company.tolist())]


def _forms(rng: np.random.Generator, junk: Flags) -> list[str]:
    forms = _named(rng, cast.FORMS, len(junk))
    return ["prize-draw" if is_junk else form for form, is_junk in zip(forms, junk.tolist(), strict=True)]


def _titles(rng: np.random.Generator, level: Ints) -> list[str]:
    titles = list(cast.TITLES.values())
    which = rng.random(len(level))
    return [titles[of][int(part * len(titles[of]))] for of, part in zip(level.tolist(), which.tolist(), strict=True)]


def _addresses(
    rng: np.random.Generator,
    given: Sequence[str],
    family: Sequence[str],
    *,
    companies: Companies,
    company: Ints,
    free_mail: Flags,
    role_mailbox: Flags,
) -> list[str]:
    """An address for each, no two alike but the role mailboxes, which colleagues share."""
    taken: dict[str, int] = {}
    role = rng.integers(len(names.ROLE_MAILBOXES), size=len(company)).tolist()
    addresses = []
    for i, of in enumerate(company.tolist()):
        if role_mailbox[i]:
            addresses.append(f"{names.ROLE_MAILBOXES[role[i]]}@{companies.domain[of]}")
            continue
        host, joint = (names.FREE_MAIL, "_") if free_mail[i] else (companies.domain[of], ".")
        wanted = f"{names.mailbox(given[i], family[i], 0, joint)}@{host}"
        number = taken[wanted] = taken.get(wanted, 0) + 1
        addresses.append(f"{names.mailbox(given[i], family[i], number if number > 1 else 0, joint)}@{host}")
    return addresses


def _named(rng: np.random.Generator, shares: Mapping[str, float], count: int) -> list[str]:
    keys = list(shares)
    return [keys[i] for i in choose(rng, list(shares.values()), count).tolist()]


def choose(rng: np.random.Generator, shares: list[float], count: int) -> Ints:
    """``count`` positions in ``shares``, each as often as its share says."""
    return np.searchsorted(np.cumsum(shares), rng.random(count) * sum(shares), side="right").clip(0, len(shares) - 1)
