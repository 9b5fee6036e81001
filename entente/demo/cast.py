"""The fixed parts of the demo company: who works there, what its website holds, where its visitors come from.

Pure data. Ficticia sells planning software to companies that move goods, from Madrid and Mexico City.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

COMPANY: Final = "Ficticia"
SITE: Final = "https://www.ficticia.example"
SOURCE: Final = "demo"
"""The name of the source that all events of the demo come from."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A sales team in one place: its time zone, its holidays and the countries it looks after."""

    name: str
    zone: str
    holidays: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rep:
    """A sales representative. ``pace`` is the median of working minutes to their first touch."""

    email: str
    name: str
    desk: Desk
    pace: float
    share: float = 1.0


IBERIA: Final = Desk("Iberia", "Europe/Madrid", "ES-MD", ("ES", "PT", "FR"))
AMERICAS: Final = Desk("Americas", "America/Mexico_City", "MX", ("MX", "CO", "CL", "AR", "US", "BR"))
DESKS: Final = (IBERIA, AMERICAS)


def _rep(name: str, desk: Desk, pace: float, share: float = 1.0) -> Rep:
    return Rep(f"{name.lower().replace(' ', '.')}@ficticia.example", name, desk, pace, share)


REPS: Final = (
    _rep("Alba Crenevanto", IBERIA, 16),
    _rep("Bruno Maltrevo", IBERIA, 390),
    _rep("Clara Dovumbasanda", IBERIA, 22),
    _rep("Diego Jolaripando", IBERIA, 19),
    _rep("Elsa Norivagande", IBERIA, 25),
    _rep("Fabio Pelonirrano", IBERIA, 21),
    _rep("Nora Quinadofila", IBERIA, 18, 0.5),
    _rep("Gala Ostriadosanda", AMERICAS, 17),
    _rep("Hugo Yararivanto", AMERICAS, 24),
    _rep("Iris Lunumbacano", AMERICAS, 20),
    _rep("Joel Frimenexarte", AMERICAS, 23),
    _rep("Karen Brionitrevo", AMERICAS, 21),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One who signs in to the demo; ``password`` is fixed, since a demo is nobody's secret."""

    email: str
    name: str
    party: str
    role: str
    password: str
    timezone: str = "Europe/Madrid"


MEMBERS: Final = (
    Member("marta.ferroluvanto@ficticia.example", "Marta Ferroluvanto", "marketing", "manager", "tall-otter-4718-lamp"),
    Member(REPS[0].email, REPS[0].name, "sales", "member", "blue-kettle-2963-moss"),
    Member("sergio.walenequera@ficticia.example", "Sergio Walenequera", "sales", "manager", "warm-pebble-8305-reed"),
    Member("olga.xilumbando@ficticia.example", "Olga Xilumbando", "", "ops", "quiet-maple-5142-tide"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the website; ``kind`` groups pages that visitors look at with one thing in mind."""

    path: str
    title: str
    kind: str


PAGES: Final = (
    Page("/", "Ficticia: plan every journey", "home"),
    Page("/product/route", "Ficticia Route", "product"),
    Page("/product/fleet", "Ficticia Fleet", "product"),
    Page("/product/stock", "Ficticia Stock", "product"),
    Page("/pricing", "Pricing", "pricing"),
    Page("/pricing/enterprise", "Pricing for large fleets", "pricing"),
    Page("/customers/bralovara", "How Bralovara halved its empty miles", "case"),
    Page("/customers/tresko", "Tresko plans in minutes", "case"),
    Page("/customers/wesiluma", "Wesiluma delivers on the day", "case"),
    Page("/calculator", "What would you save?", "calculator"),
    Page("/demo", "See it with your own data", "demo"),
    Page("/contact", "Write to us", "contact"),
    Page("/guides/empty-miles", "Guide: fewer empty miles", "guide"),
    Page("/guides/driver-hours", "Guide: driving hours in practice", "guide"),
    Page("/blog/winter-tyres", "Winter tyres, by the numbers", "blog"),
    Page("/blog/last-mile", "What the last mile costs", "blog"),
    Page("/blog/dock-times", "Waiting at the dock", "blog"),
    Page("/blog/fuel-prices", "Planning while fuel prices move", "blog"),
    Page("/blog/route-planning-basics", "Route planning, from the start", "blog"),
    Page("/blog/returns", "The quiet cost of returns", "blog"),
    Page("/webinars/peak-season", "Webinar: ready for peak season", "webinar"),
    Page("/about", "About us", "about"),
    Page("/careers", "Work with us", "careers"),
    Page("/prize-draw", "Win a tablet", "prize"),
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """Where a visitor comes from the first time. ``weight`` of all visitors; ``known`` is the share that leaves an
    address; ``interest`` scales how much they look at."""

    name: str
    source: str
    medium: str
    landing: str
    weight: float
    known: float
    interest: float
    referrer: str = ""


CAMPAIGNS: Final = (
    Campaign("", "direct", "", "home", 0.17, 0.45, 1.1),
    Campaign("", "search", "organic", "blog", 0.27, 0.38, 1.0, "https://search.example/"),
    Campaign("brand-search", "search", "cpc", "product", 0.11, 0.52, 1.2, "https://search.example/"),
    Campaign("route-planning", "search", "cpc", "product", 0.09, 0.46, 1.0, "https://search.example/"),
    Campaign("empty-miles-guide", "social", "paid", "guide", 0.10, 0.55, 0.9, "https://social.example/"),
    Campaign("peak-season-webinar", "partner", "email", "webinar", 0.06, 0.58, 1.0, "https://partner.example/"),
    Campaign("trade-fair", "event", "offline", "demo", 0.04, 0.80, 1.2),
    Campaign("", "referral", "referral", "case", 0.07, 0.48, 1.2, "https://forum.example/logistics"),
    Campaign("prize-draw", "display", "banner", "prize", 0.09, 0.72, 0.95, "https://banner.example/"),
)

INTENTS: Final = {
    "browse": {"home": 0.3, "product": 0.25, "about": 0.12, "blog": 0.2, "careers": 0.06, "case": 0.07},
    "learn": {"blog": 0.62, "guide": 0.12, "webinar": 0.05, "product": 0.1, "case": 0.08, "careers": 0.03},
    "evaluate": {"product": 0.38, "case": 0.24, "pricing": 0.18, "calculator": 0.08, "home": 0.07, "about": 0.05},
    "buy": {"pricing": 0.42, "product": 0.18, "calculator": 0.13, "demo": 0.13, "contact": 0.04, "case": 0.1},
}
"""What a visit is for, and the share of each kind of page in it."""

TITLES: Final = {
    "decides": (
        "Chief Operating Officer",
        "VP Operations",
        "Head of Logistics",
        "Director of Purchasing",
        "Director de Operaciones",
        "Chief Financial Officer",
    ),
    "manages": ("Logistics Manager", "Fleet Manager", "Responsable de Tráfico", "Warehouse Manager", "IT Manager"),
    "does": ("Transport Planner", "Analyst", "Técnico de Compras", "Dispatcher", "Assistant", "Consultant"),
    "studies": ("Student", "Teacher", "Student of Logistics"),
}
TITLE_SHARES: Final = {"decides": 0.27, "manages": 0.36, "does": 0.31, "studies": 0.06}

COUNTRY_SHARES: Final = {
    "ES": 0.39, "PT": 0.08, "FR": 0.03, "MX": 0.27, "CO": 0.08, "CL": 0.05, "AR": 0.05, "US": 0.03, "BR": 0.02,
}  # fmt: skip
INDUSTRY_SHARES: Final = {
    "Logistics": 0.2, "Manufacturing": 0.18, "Retail": 0.17, "Food": 0.13, "Construction": 0.1, "Health": 0.08,
    "Education": 0.05, "Services": 0.09,
}  # fmt: skip
PRODUCTS: Final = {"Route": 9_000.0, "Fleet": 14_000.0, "Stock": 11_000.0}
"""Product and the middle of its yearly price, in euro."""
COMPETITORS: Final = {"Quimeria": 0.5, "Zarandela": 0.3, "Pangolo": 0.2}
REJECTIONS: Final = {
    "No need": 0.24, "Bad timing": 0.2, "Not the decision maker": 0.17, "Unreachable": 0.15, "Wrong contact data": 0.12,
    "Competitor": 0.06, "Duplicate": 0.06,
}  # fmt: skip
"""Shares of the reasons besides the rising one."""
JUNK_REJECTIONS: Final = {"No need": 0.4, "Wrong contact data": 0.3, "Unreachable": 0.2, "Not the decision maker": 0.1}
RECYCLES: Final = {"Bad timing": 0.4, "No budget": 0.25, "No need": 0.35}
LOSSES: Final = {"Price": 0.3, "Competitor": 0.3, "No decision": 0.25, "Missing feature": 0.15}
HOW_HEARD: Final = ("A colleague", "The press", "A fair", "Online", "I do not remember")
FORMS: Final = {"guide": 0.44, "webinar": 0.19, "newsletter": 0.2, "contact": 0.07, "demo": 0.1}
"""The form by which somebody leaves an address first, and its share; the prize draw has its own."""
