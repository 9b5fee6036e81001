"""How acts and facts are said: as the calls that a website, a mail system and a CRM would send.

A visitor is an anonymous id until they leave an address; from then on their calls carry the CRM's contact id too. Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from entente.demo import cast, names
from entente.demo.crowd import Crowd
from entente.demo.qualification import MAIL_TYPES, TRACKS
from entente.demo.sales import Story
from entente.demo.team import instant
from entente.demo.visits import FORMS, Act, Visits
from entente.events.types import NewEvent

GENERATION: Final = "g1"
"""Begins every message id; to be changed with whatever changes the world, so that two worlds never mix."""
LETTER: Final = {"source": "letter", "medium": "email"}
SPELLINGS: Final = ("{}, S.L.", "{} S.A.", "{}  Group")


class Happening(NamedTuple):
    """One row of `Visits`, with its number and the agreement's calendar day."""

    number: int
    at: int
    person: int
    kind: int
    detail: int
    session: int
    arriving: int
    day: int


class Speaker:
    """Knows everybody, and says of each what senders would know."""

    def __init__(self, crowd: Crowd, visits: Visits) -> None:
        self._crowd = crowd
        self._known_at: list[int] = visits.known_at.tolist()
        self._device_at: list[int] = visits.device_at.tolist()
        self._came_before: set[int] = set()

    def tell(self, act: Happening, end: datetime) -> NewEvent:
        """The event of an act; it is received within two seconds, and not after ``end``."""
        occurred_at = instant(act.at)
        known = 0 <= self._known_at[act.person] <= act.at
        name, path, properties, context = self._content(act)
        user = contact(act.person) if known else None
        on_site = act.kind < Act.MAIL_DELIVERED and not (act.kind == Act.IDENTIFY and act.detail in (1, 2))
        device = f"v-{act.person:05d}{'b' if act.at >= self._device_at[act.person] else ''}" if on_site else None
        return NewEvent(
            message_id=f"{GENERATION}-web-{act.number:07d}",
            type=TYPES[act.kind],
            occurred_at=occurred_at,
            received_at=min(occurred_at + timedelta(milliseconds=40 + act.number * 7919 % 1900), end),
            name=name,
            path=path,
            identity=f"user:{user}" if user else f"anon:{device}",
            user_id=user,
            anonymous_id=device,
            email=self._crowd.email[act.person] if act.kind == Act.IDENTIFY else None,
            group_id=self._domain(act.person) if act.kind == Act.GROUP else None,
            properties=properties,
            context=context,
            mark="machine" if act.kind == Act.MAIL_SCANNED else "",
        )

    def report(self, story: Story, step: int, end: datetime) -> NewEvent:
        """The event of one of a hand-off's facts, as the CRM sends it: within seconds, and not after ``end``."""
        fact = story.facts[step]
        return NewEvent(
            message_id=f"{GENERATION}-crm-{story.number:05d}-{step:02d}",
            type=fact.type,
            occurred_at=fact.at,
            received_at=min(fact.at + timedelta(seconds=1 + story.number % 20), end),
            identity=f"user:{contact(story.lead.person)}",
            user_id=contact(story.lead.person),
            email=self._crowd.email[story.lead.person],
            properties=fact.properties,
        )

    def traits(self, person: int) -> dict[str, Any]:
        """What a person says of themselves; some leave a field empty."""
        crowd = self._crowd
        campaign = cast.CAMPAIGNS[crowd.campaign[person]]
        traits: dict[str, Any] = {"email": crowd.email[person], "name": f"{crowd.given[person]} {crowd.family[person]}"}
        if crowd.has_title[person]:
            traits["title"] = crowd.title[person]
        if crowd.has_company[person]:
            traits["company"] = self._company_name(person)
        if crowd.has_country[person]:
            traits["country"] = crowd.country[person]
        if crowd.has_phone[person]:
            traits["phone"] = names.phone(crowd.country[person], person * 7_919)
        traits |= {
            "source": campaign.source,
            "language": "en" if crowd.speaks_english[person] else "es",
            "newsletter": bool(crowd.newsletter[person]),
            "uses_crm": "yes" if crowd.uses_crm[person] else "no",
            "how_heard": crowd.how_heard[person],
        }
        return traits | ({"campaign": campaign.name} if campaign.name else {})

    def account(self, person: int) -> dict[str, Any]:
        """What is known of the person's company; they have one."""
        companies, company = self._crowd.companies, int(self._crowd.company[person])
        return {
            "name": companies.name[company],
            "industry": companies.industry[company],
            "employees": int(companies.employees[company]),
            "country": companies.country[company],
        }

    def _content(self, act: Happening) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
        """Name, path, properties and context of the call."""
        match act.kind:
            case Act.PAGE:
                return self._page_view(act)
            case Act.FORM:
                form = FORMS[act.detail]
                return "", "", {"form": form, "fields": ["email", "name", "company"]}, {}
            case Act.IDENTIFY:
                return "", "", self._traits_again(act.person, act.detail), {}
            case Act.GROUP:
                return "", "", self.account(act.person), {}
            case Act.MAIL_DELIVERED | Act.MAIL_OPENED | Act.MAIL_CLICKED | Act.MAIL_SCANNED:
                url = {"url": f"{cast.SITE}/blog"} if act.kind >= Act.MAIL_CLICKED else {}
                return "", "", {"campaign": f"letter-{act.detail + 1}", **url}, {}
            case _:
                return TRACKS[act.kind], "", {}, {}

    def _page_view(self, act: Happening) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
        page = cast.PAGES[act.detail]
        properties = _page_properties(act.detail)
        if not act.arriving:
            return "", page.path, properties, {"sessionId": act.session}
        first = act.person not in self._came_before
        self._came_before.add(act.person)
        if act.arriving == 2:
            return "", page.path, properties, {"campaign": LETTER}
        context: dict[str, Any] = {"sessionId": act.session}
        campaign = cast.CAMPAIGNS[self._crowd.campaign[act.person]]
        if first and campaign.medium:
            named = {"name": campaign.name} if campaign.name else {}
            context["campaign"] = {"source": campaign.source, "medium": campaign.medium, **named}
        if first and campaign.referrer:
            properties = {**properties, "referrer": campaign.referrer}
        return "", page.path, properties, context

    def _traits_again(self, person: int, manner: int) -> dict[str, Any]:
        """What a form, an import or a link says of somebody (again), not always in the same spelling."""
        if manner == 1:
            return {"email": self._crowd.email[person].upper()}
        if manner == 2 and self._crowd.company[person] >= 0:
            return {"company": SPELLINGS[person % len(SPELLINGS)].format(self._company_name(person))}
        if manner == 3:
            return {"email": self._crowd.email[person]}
        return self.traits(person)

    def _company_name(self, person: int) -> str:
        company = int(self._crowd.company[person])
        return self._crowd.companies.name[company] if company >= 0 else f"{self._crowd.family[person]} & Co"

    def _domain(self, person: int) -> str:
        return self._crowd.companies.domain[int(self._crowd.company[person])]


TYPES: Final[dict[int, str]] = {
    Act.PAGE: "page",
    Act.FORM: "form_submitted",
    Act.IDENTIFY: "identify",
    Act.GROUP: "group",
    **dict.fromkeys(TRACKS, "track"),
    **MAIL_TYPES,
    Act.MAIL_SCANNED: "email_clicked",
}


def contact(person: int) -> str:
    """The CRM's id of a person."""
    return f"c-{person:05d}"


@lru_cache
def _page_properties(number: int) -> dict[str, Any]:
    page = cast.PAGES[number]
    return {"url": cast.SITE + page.path, "title": page.title}
