"""Hypothesis strategies that make whole agreements, for the laws of this room and of those that run agreements.

`agreements()` draws an Agreement; `documents()` the plain data of one, as JSON holds it, in spellings that people use.
The words that conditions look at come from small pools (PATHS, TRACKS, TYPES, TRAITS, VALUES), so that a test which
makes events from the same pools hits the rules often.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from entente.agreements.document import Agreement, from_data

Data = dict[str, Any]

GLOBS = ("/pricing*", "/blog/*", "/", "*demo*", "/a/*/b", "/docs", "*")
PATHS = ("/", "/pricing", "/pricing/", "/pricing/eu", "/blog/one", "/blog/", "/a/x/y/b", "/docs", "/Docs", "/book-demo")
TRACKS = ("Demo Requested", "Quote Viewed", "Unsubscribed", "demo requested")
TYPES = ("email_opened", "form_submitted", "call", "stage_changed")
PROPERTIES = ("amount", "plan", "trial", "when")
TRAITS = ("title", "country", "employees", "since", "vip")
ACCOUNT_VALUES = ("domain", "employees", "industry")
PATTERNS = ("chief|vp", "^a", "o$", r"\d+", "student|teacher", "(head|lead) of", "é")
TEXTS = ("ES", " es ", "PT", "NO", "Chief of ops", "student", "", "10", "10.5", "-3", "2026-03-01", "null", "José", "a")
VALUES = (*TEXTS, 0, 1, 10, 10.5, -3, 10000, True, False)
TIMEZONES = ("Europe/Madrid", "America/New_York", "Asia/Kolkata", "UTC", "Australia/Lord_Howe")

names = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\u061c"),
    min_size=1,
    max_size=12,
).filter(lambda name: name.strip() != "")


def agreements(*, with_routing: bool = True) -> st.SearchStrategy[Agreement]:
    """Whole agreements."""
    return documents(with_routing=with_routing).map(from_data)


def definitions() -> st.SearchStrategy[Agreement]:
    """Agreements of which only the time zone and the definition vary: enough for scores."""
    return st.fixed_dictionaries(
        {
            "format": st.just(1),
            "name": st.just("Drawn"),
            "effective": st.just("2020-01-01"),
            "timezone": st.sampled_from(TIMEZONES),
            "definition": definition_data(),
        }
    ).map(from_data)


def documents(*, with_routing: bool = True) -> st.SearchStrategy[Data]:
    """The data of whole agreements; parts that have defaults are sometimes left out."""
    routing = {"routing": routing_data()} if with_routing else {}
    return st.fixed_dictionaries(
        {
            "format": st.just(1),
            "name": names,
            "effective": st.dates(date(2015, 1, 1), date(2035, 12, 31)).map(date.isoformat),
            "timezone": st.sampled_from(TIMEZONES),
            "definition": definition_data(),
        },
        optional={
            "currency": st.sampled_from(("EUR", "USD", "MXN")),
            "business_time": business_time_data(),
            "stages": stages_data(),
            "commitments": commitments_data(),
            "review": review_data(),
            **routing,
        },
    )


def conditions(leaf: st.SearchStrategy[Data]) -> st.SearchStrategy[Data]:
    """Conditions over the leaves, joined to a small depth."""
    return st.recursive(leaf, _joined, max_leaves=4)


def _joined(part: st.SearchStrategy[Data]) -> st.SearchStrategy[Data]:
    parts = st.lists(part, min_size=1, max_size=3)
    return st.one_of(
        parts.map(lambda conditions: {"all": conditions}),
        parts.map(lambda conditions: {"any": conditions}),
        part.map(lambda condition: {"not": condition}),
    )


values = st.sampled_from([value for value in VALUES if value != ""])
bounds = st.one_of(
    st.tuples(st.integers(-10, 20000), st.integers(0, 20000)).map(lambda ends: (ends[0], ends[0] + ends[1])),
    st.tuples(st.floats(-50, 50), st.floats(0, 50)).map(lambda e: (round(e[0], 3), round(e[0] + e[1] + 0.001, 3))),
    st.lists(st.dates(date(2025, 1, 1), date(2027, 1, 1)).map(date.isoformat), min_size=2, max_size=2).map(sorted),
)
value_tests = st.one_of(
    values.map(lambda value: {"is": value}),
    st.lists(values, min_size=1, max_size=3).map(lambda several: {"in": several}),
    st.lists(values, min_size=1, max_size=3).map(lambda several: {"not_in": several}),
    st.sampled_from(PATTERNS).map(lambda pattern: {"matches": pattern}),
    bounds.map(lambda ends: {"from": ends[0], "to": ends[1]}),
    bounds.map(lambda ends: {"from": ends[0]}),
    bounds.map(lambda ends: {"to": ends[1]}),
    st.booleans().map(lambda exists: {"exists": exists}),
    st.tuples(st.sampled_from(PATTERNS), values).map(lambda both: {"matches": both[0], "not_in": [both[1]]}),
)
behaviour_leaves = st.builds(
    lambda kind, where: {**kind, **({"where": where} if where else {})},
    st.one_of(
        st.sampled_from(GLOBS).map(lambda glob: {"page": glob}),
        st.sampled_from(TRACKS).map(lambda name: {"track": name}),
        st.sampled_from(TYPES).map(lambda type_: {"event": type_}),
    ),
    st.one_of(st.just({}), st.dictionaries(st.sampled_from(PROPERTIES), value_tests, max_size=2)),
)
person_leaves = st.one_of(
    st.builds(lambda name, test: {"trait": name, **test}, st.sampled_from(TRAITS), value_tests),
    st.builds(lambda name, test: {"account": name, **test}, st.sampled_from(ACCOUNT_VALUES), value_tests),
)
person_conditions = conditions(person_leaves)
behaviour_conditions = st.one_of(
    conditions(behaviour_leaves),
    st.builds(lambda deed, who: {"all": [deed, who]}, behaviour_leaves, person_conditions),
)


def definition_data() -> st.SearchStrategy[Data]:
    """A definition; its rules have names of their own."""
    return st.builds(_definition, *_rule_lists(), _groups, _rest_of_definition)


def _rule_lists() -> tuple[st.SearchStrategy[list[Data]], ...]:
    points = st.integers(-40, 60)
    fit = st.fixed_dictionaries({"points": points, "when": person_conditions})
    engagement = st.fixed_dictionaries(
        {"points": points, "when": behaviour_conditions},
        optional={"limit": st.integers(1, 4).map("{} per day".format), "group": st.integers(0, 2)},
    )
    disqualify = st.fixed_dictionaries({"when": person_conditions})
    return st.lists(fit, max_size=4), st.lists(engagement, max_size=6), st.lists(disqualify, max_size=2)


_groups = st.dictionaries(names.map(str.strip), st.fixed_dictionaries({"at_most": st.integers(1, 60)}), max_size=3)
_rest_of_definition = st.fixed_dictionaries(
    {"threshold": st.one_of(st.integers(1, 100), st.sampled_from((0.5, 12.25)))},
    optional={
        "required": st.lists(st.sampled_from(("email", "company", "phone")), unique=True),
        "requalify_after": st.integers(0, 60).map("{} days".format),
    },
)
_half_lives = st.sampled_from(("30 days", "1 day", "12 hours", "90 minutes", "2 weeks", "365 days"))


def _definition(fit: list[Data], engagement: list[Data], disqualify: list[Data], groups: Data, rest: Data) -> Data:
    rules = [*fit, *engagement, *disqualify]
    named = [{"rule": f"Rule {number}", **rule} for number, rule in enumerate(rules, 1)]
    first, second = len(fit), len(fit) + len(engagement)
    return {
        **rest,
        "fit": named[:first],
        "engagement": {"groups": groups, "rules": [_in_group(rule, list(groups)) for rule in named[first:second]]},
        "disqualify": named[second:],
    }


def _in_group(rule: Data, groups: list[str]) -> Data:
    """The rule with the number of its group replaced by a name, or without one."""
    number = rule.get("group")
    rest = {key: value for key, value in rule.items() if key != "group"}
    return rest if number is None or number >= len(groups) else {**rest, "group": groups[number]}


def business_time_data() -> st.SearchStrategy[Data]:
    return st.fixed_dictionaries(
        {},
        optional={
            "hours": st.sampled_from(
                (
                    {"mon-thu": "09:00-18:00", "fri": "09:00-15:00"},
                    {"mon-fri": ["09:00-14:00", "16:00-19:30"]},
                    {"sun-thu": "8:00-17:00"},
                    {"mon-sun": "00:00-24:00"},
                    {"wednesday": "22:00-24:00", "sat": "00:00-02:15"},
                )
            ),
            "holidays": st.sampled_from(("ES-MD", "ES", "US-CA", "MX", "none")),
            "closed": st.lists(st.dates(date(2025, 1, 1), date(2027, 1, 1)).map(date.isoformat), max_size=3),
        },
    )


def stages_data() -> st.SearchStrategy[list[Data]]:
    facts = st.sampled_from(("known", "qualified", "accepted", "deal_opened", "deal_won"))
    entered = st.lists(st.one_of(facts, behaviour_conditions), min_size=1, max_size=4)
    return entered.map(lambda each: [{"name": f"Stage {n}", "entered_when": when} for n, when in enumerate(each, 1)])


def durations() -> st.SearchStrategy[str]:
    units = st.sampled_from(("minute", "minutes", "hour", "hours", "day", "days", "weeks"))
    return st.builds("{} {}".format, st.integers(1, 40), units)


def percents() -> st.SearchStrategy[str]:
    return st.one_of(st.integers(1, 100).map("{}%".format), st.integers(1, 999).map(lambda n: f"{n / 10} %"))


def commitments_data() -> st.SearchStrategy[Data]:
    within, at_least = durations(), percents()
    share = st.fixed_dictionaries({"share": st.sampled_from(("complete_at_handoff", "accepted")), "at_least": at_least})
    count = st.fixed_dictionaries(
        {"count": st.just("qualified"), "at_least": st.integers(1, 500), "per": st.sampled_from(("week", "month"))}
    )
    touches = st.fixed_dictionaries({"touches": st.integers(1, 8), "within": within, "at_least": at_least})
    clocks = st.dictionaries(
        st.sampled_from(("first_touch", "feedback")),
        st.fixed_dictionaries({"within": within, "at_least": at_least}, optional={"warn_at": percents()}),
    )
    others = st.lists(st.one_of(share, count, touches), max_size=4)
    return st.builds(
        _commitments,
        others,
        clocks,
        st.lists(names.map(str.strip), unique_by=str.casefold, max_size=4).map(_reasons),
        st.fixed_dictionaries({}, optional={"reassign_after": within, "on_warning": st.sampled_from(("rep", ["ops"]))}),
    )


def _reasons(several: list[str]) -> list[Any]:
    """Some as a name alone, some with all that can be said of a reason."""
    return [
        name if n % 2 else {"reason": name, "gives_credit": n % 4 == 0, "after_touches": n}
        for n, name in enumerate(several)
    ]


def _commitments(others: list[Data], clocks: Data, reasons: list[Any], escalation: Data) -> Data:
    promises = others + [{"clock": clock, **rest} for clock, rest in clocks.items()]
    named = [{"promise": f"Promise {number}", **promise} for number, promise in enumerate(promises, 1)]
    return {
        "marketing": named[::2],
        "sales": named[1::2],
        "escalation": dict.fromkeys(clocks, escalation),
        "rejection_reasons": reasons,
        "pause_at_most": "3 days",
    }


def routing_data() -> st.SearchStrategy[Data]:
    rep = st.sampled_from(("ana@acme.example", "luis@acme.example", "maria@acme.example"))
    share = st.sampled_from((0.5, 0.25, 1, 2))
    reps = st.dictionaries(rep, st.one_of(st.none(), share), min_size=1).map(
        lambda shares: [who if part is None else {"rep": who, "share": part} for who, part in shares.items()]
    )
    team = st.fixed_dictionaries({"reps": reps}, optional={"when": person_conditions})
    time = st.fixed_dictionaries(
        {},
        optional={
            "timezone": st.sampled_from(TIMEZONES),
            "hours": st.sampled_from(({"mon-fri": "08:00-17:00"}, {"sat": ["09:00-12:00", "20:00-24:00"]})),
            "holidays": st.sampled_from(("MX", "US-CA", "none")),
        },
    )
    # One business time for all teams of one agreement: the same reps may be in several of them.
    teams = st.builds(
        lambda several, own: [{"team": f"Team {n}", **each, **own} for n, each in enumerate(several)],
        st.lists(team, max_size=3),
        time,
    )
    return st.fixed_dictionaries(
        {"teams": teams},
        optional={
            "keep_account_with_its_rep": st.booleans(),
            "at_most": st.integers(1, 99).map("{} open per rep".format),
            "when_nobody": st.sampled_from(("wait", "assign_anyway")),
        },
    )


def review_data() -> st.SearchStrategy[Data]:
    return st.fixed_dictionaries(
        {
            "every": st.sampled_from(("week", "2 weeks", "month", "quarter")),
            "on": st.sampled_from(("monday", "friday")),
            "at": st.sampled_from(("10:00", "9:30")),
        }
    )
