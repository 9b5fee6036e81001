"""Fair dealing against weighted round robin and least-loaded, over 100,000 leads of very unequal value.

Twenty reps of unequal shares; five kinds of lead that 20, 12, 8, 6 or 3 of them can take; each rep away six times;
lognormal values. Writes a chart of how far the reps strayed from their due: bench-results/dealing.svg, and .html.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.measure import Measurement, stopwatch
from entente.routing.fair import Ledger

LEADS, REPS = 100_000, 20
CHART = Path("bench-results/dealing.svg")
SMOOTH = "round robin by who is there"
PROMISED = 2.0
"""How far a rep may be from their due: in leads, and in the largest single lead so far."""
Chooser = Callable[[str, float, Mapping[str, float]], str]


class Floats(defaultdict[str, float]):
    """Sums by name, from zero."""

    def __init__(self) -> None:
        super().__init__(float)


@dataclass
class Course:
    """How far the reps strayed from their due under one way of dealing: the worst so far, and points for the chart."""

    got_count: Floats = field(default_factory=Floats)
    got_value: Floats = field(default_factory=Floats)
    worst_count: float = 0.0
    worst_value: float = 0.0
    points: list[tuple[int, float, float]] = field(default_factory=list)


def run(large: bool) -> list[Measurement]:
    values, eligible = world(seed=7)
    ledger, robin, loads = Ledger(), WeightedRoundRobin(), LeastLoaded()
    with stopwatch() as watch:
        courses = {
            "fair dealing": follow(lambda lead, value, reps: ledger.deal(lead, value, reps).rep, values, eligible)
        }
    courses["weighted round robin"] = follow(robin, values, eligible)
    courses[SMOOTH] = follow(SmoothRoundRobin(), values, eligible)
    courses["least loaded"] = follow(loads, values, eligible)
    draw(courses)
    return [
        _compare(courses, "count", "leads", lambda course: course.worst_count),
        _compare(courses, "value", "of the largest lead", lambda course: course.worst_value),
        Measurement(
            name="fair dealing: one decision among 20 reps, and following it",
            value=watch.seconds / LEADS * 1e6,
            unit="µs",
            limit=500,
        ),
    ]


def _compare(courses: dict[str, Course], what: str, unit: str, worst: Callable[[Course], float]) -> Measurement:
    figures = {way: worst(course) for way, course in courses.items()}
    fair = figures.pop("fair dealing")
    return Measurement(
        name=f"fair dealing: furthest a rep's {what} was from its due",
        value=fair,
        unit=unit,
        limit=min(PROMISED, figures["weighted round robin"], figures[SMOOTH] + 0.1),
        note="; ".join(f"{way} {figure:,.2f}" for way, figure in figures.items()),
    )


def world(seed: int) -> tuple[np.ndarray, list[dict[str, float]]]:
    """Values of the leads, and for each who can take it with their shares."""
    random = np.random.default_rng(seed)
    shares = random.choice([0.25, 0.5, 0.75, 1.0, 1.0, 1.5, 2.0], REPS)
    values = random.lognormal(8, 1.2, LEADS)
    able = np.zeros((5, REPS), bool)
    for kind, size in enumerate((20, 12, 8, 6, 3)):
        able[kind, random.choice(REPS, size, replace=False)] = True
    kinds = random.choice(5, LEADS, p=[0.4, 0.2, 0.15, 0.15, 0.1])
    here = np.ones((LEADS, REPS), bool)
    for rep in range(REPS):
        for start in random.integers(0, LEADS, 6):
            here[start : start + random.integers(500, 4000), rep] = False
    now = able[kinds] & here
    now[~now.any(axis=1)] = able[kinds][~now.any(axis=1)]
    names = [f"rep {n:02}" for n in range(REPS)]
    return values, [{names[rep]: float(shares[rep]) for rep in np.flatnonzero(row)} for row in now]


def follow(choose: Chooser, values: np.ndarray, eligible: list[dict[str, float]]) -> Course:
    """Deal every lead by ``choose`` and keep how far each rep's count and value are from what they were due."""
    course, due_count, due_value, largest = Course(), Floats(), Floats(), 0.0
    for number, (value, reps) in enumerate(zip(values.tolist(), eligible, strict=True)):
        largest, whole = max(largest, value), sum(reps.values())
        for rep, share in reps.items():
            due_count[rep] += share / whole
            due_value[rep] += value * share / whole
        taker = choose(str(number), value, reps)
        course.got_count[taker] += 1
        course.got_value[taker] += value
        count = max(abs(course.got_count[rep] - due_count[rep]) for rep in due_count)
        worth = max(abs(course.got_value[rep] - due_value[rep]) for rep in due_value) / largest
        course.worst_count, course.worst_value = max(course.worst_count, count), max(course.worst_value, worth)
        if number % 500 == 0:
            course.points.append((number, count, worth))
    return course


class WeightedRoundRobin:
    """Turns in proportion to shares, counted from the start; who is away is passed over and catches up later."""

    def __init__(self) -> None:
        self.turns: Counter[str] = Counter()

    def __call__(self, lead: str, value: float, reps: Mapping[str, float]) -> str:
        rep = min(reps, key=lambda name: ((self.turns[name] + 1) / reps[name], name))
        self.turns[rep] += 1
        return rep


class SmoothRoundRobin:
    """The round robin of web servers: credit grows by share while a rep is there; the most credit takes the turn."""

    def __init__(self) -> None:
        self.credit: dict[str, float] = {}

    def __call__(self, lead: str, value: float, reps: Mapping[str, float]) -> str:
        whole = sum(reps.values())
        for rep, share in reps.items():
            self.credit[rep] = self.credit.get(rep, 0.0) + share / whole
        rep = max(reps, key=lambda name: (self.credit[name], name))
        self.credit[rep] -= 1
        return rep


class LeastLoaded:
    """Whoever has the least value so far for their share."""

    def __init__(self) -> None:
        self.loads: dict[str, float] = {}

    def __call__(self, lead: str, value: float, reps: Mapping[str, float]) -> str:
        rep = min(reps, key=lambda name: (self.loads.get(name, 0.0) / reps[name], name))
        self.loads[rep] = self.loads.get(rep, 0.0) + value
        return rep


def draw(courses: dict[str, Course]) -> None:
    """The chart: how far the worst-off or best-off rep was from its due, in leads and in value, as dealing went on."""
    import altair as alt
    import polars as pl

    rows = [
        {"leads dealt": number, "way": way, "measure": measure, "away from due": max(away, 0.01)}
        for way, course in courses.items()
        for number, count, worth in course.points
        for measure, away in (("leads", count), ("value, in largest leads", worth))
    ]
    lines = (
        alt.Chart()
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("leads dealt:Q", axis=alt.Axis(format="~s")),
            y=alt.Y("away from due:Q", scale=alt.Scale(type="log"), title="furthest that a rep is from their due"),
            color=alt.Color("way:N", sort=list(courses), title=None),
            strokeDash=alt.StrokeDash("way:N", sort=list(courses), legend=None),
        )
    )
    # Drawn from one row for each half of the chart: a rule for each of the data's rows would be as heavy as the data.
    promised = (
        alt.Chart()
        .mark_rule(color="#888", strokeDash=[2, 2])
        .transform_filter("datum['leads dealt'] == 0 && datum.way == 'fair dealing'")
        .encode(y=alt.datum(PROMISED))
    )
    chart = (
        alt.layer(lines, promised, data=pl.DataFrame(rows))
        .properties(width=380, height=260)
        .facet(column=alt.Column("measure:N", title=None))
        .properties(title="100,000 leads among 20 reps of unequal shares; the dotted line is what is promised")
        .configure_legend(orient="bottom")
    )
    CHART.parent.mkdir(exist_ok=True)
    chart.save(CHART)
    chart.save(CHART.with_suffix(".html"), inline=True)
