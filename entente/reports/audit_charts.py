"""Charts as Vega-Lite specifications, made with Altair, and the same as SVG.

Every chart is about as wide as a phone, so that its words stay readable there; pages lay several beside each other.
Colours are the few of `Ink`; a page that knows light and dark repaints them by these values. A chart never stands
without the table that it draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from entente.evidence.lift import Lift
    from entente.evidence.scorecard import Cut
    from entente.reports.audit_tables import Row

Spec = dict[str, Any]

WIDTH: Final = 300
"""Of the drawing itself, in pixels; the words beside it come on top."""

ROW: Final = 24
NAME: Final = 150
SHOWN: Final = 10


class Ink:
    """The colours of all charts: text, lines, marketing and sales."""

    text: Final = "#1f2a37"
    muted: Final = "#6b7686"
    grid: Final = "#e3e8ee"
    marketing: Final = "#0f766e"
    sales: Final = "#c2560c"
    pale: Final = "#b9ddd8"


def months(rows: Sequence[Row], unit: str = "leads") -> Spec:
    """Leads by month, with those won inside them, and below the share won with its interval."""
    import altair as alt

    data = [
        {
            "month": row.value,
            "leads": row.leads,
            "won": row.won,
            "share": row.conversion.value,
            "low": row.conversion.low,
            "high": row.conversion.high,
        }
        for row in rows
        if row.value
    ]
    x = alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-90, labelOverlap=True))
    bare = alt.X("month:O", title=None, axis=alt.Axis(labels=False))
    top = min(1.0, 1.5 * max(row.conversion.value for row in rows))  # the interval of four leads must not set the scale
    base = alt.Chart(alt.Data(values=data))
    came = base.mark_bar(color=Ink.pale).encode(x=bare, y=alt.Y("leads:Q", title=f"{unit}, won inside"))
    won = base.mark_bar(color=Ink.marketing).encode(x=bare, y="won:Q")
    band = base.mark_area(color=Ink.sales, opacity=0.15, clip=True).encode(
        x=x, y=alt.Y("low:Q", title="share won", scale=alt.Scale(domain=[0, top or 1])), y2="high:Q"
    )
    line = base.mark_line(color=Ink.sales, point=alt.OverlayMarkDef(color=Ink.sales, size=24)).encode(
        x=x, y=alt.Y("share:Q", axis=alt.Axis(format="%"))
    )
    counts = (came + won).properties(width=WIDTH + 60, height=120)
    shares = (band + line).properties(width=WIDTH + 60, height=90)
    return _finished(alt.vconcat(counts, shares, spacing=8))


def shares(rows: Sequence[Row], overall: float, empty: str) -> Spec:
    """The share won of each row as a dot with its interval, and the share of all as a line."""
    import altair as alt

    data = [
        {
            "value": row.value or empty,
            "share": row.conversion.value,
            "low": row.conversion.low,
            "high": row.conversion.high,
        }
        for row in rows[:SHOWN]
    ]
    y = alt.Y("value:N", title=None, sort=[str(each["value"]) for each in data])
    base = alt.Chart(alt.Data(values=data))
    x = alt.X("low:Q", title="share won, with its interval", axis=alt.Axis(format="%"), scale=alt.Scale(zero=True))
    spans = base.mark_rule(color=Ink.marketing, strokeWidth=3, opacity=0.35).encode(y=y, x=x, x2="high:Q")
    dots = base.mark_circle(color=Ink.marketing, size=70, opacity=1).encode(y=y, x="share:Q")
    return _finished(_line_at(overall) + spans + dots, height=ROW * len(data))


def lifts(found: Sequence[Lift], empty: str) -> Spec:
    """How many times as often leads with a value were won: a dot with its interval on a logarithmic scale."""
    import altair as alt

    data = [
        {
            "value": f"{_cut(lift.trait, 22)}: {_cut(lift.value or empty, 20)}",
            "lift": _within(lift.lift),
            "low": _within(lift.low),
            "high": _within(lift.high),
            "side": "more" if lift.lift > 1 else "less",
        }
        for lift in found
    ]
    colour = alt.Color(
        "side:N", legend=None, scale=alt.Scale(domain=["more", "less"], range=[Ink.marketing, Ink.sales])
    )
    y = alt.Y("value:N", title=None, sort=[str(each["value"]) for each in data])
    scale = alt.Scale(type="log", nice=False)
    x = alt.X(
        "low:Q",
        title="times as often as the others",
        scale=scale,
        axis=alt.Axis(values=_TICKS, format="~g", labelOverlap="greedy"),
    )
    base = alt.Chart(alt.Data(values=data))
    spans = base.mark_rule(strokeWidth=3, opacity=0.35).encode(y=y, x=x, x2="high:Q", color=colour)
    dots = base.mark_circle(size=70, opacity=1).encode(y=y, x=alt.X("lift:Q", scale=scale), color=colour)
    return _finished(_line_at(1) + spans + dots, height=ROW * len(data), names=200, width=WIDTH - 90)


_TICKS: Final = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]


def days_to_win(days: Sequence[float], at_most: float) -> Spec:
    """The share of wins that had come after so many days, up to `at_most`."""
    import altair as alt

    ordered = sorted(max(0.0, day) for day in days)
    by_then = {day: (place + 1) / len(ordered) for place, day in enumerate(ordered) if day <= at_most}
    data = _thinned([{"days": day, "share": reached} for day, reached in by_then.items()])
    line = (
        alt.Chart(alt.Data(values=[{"days": 0.0, "share": 0.0}, *data]))
        .mark_area(interpolate="step-after", color=Ink.pale, line={"color": Ink.marketing}, opacity=0.5)
        .encode(
            x=alt.X("days:Q", title="days from the beginning", axis=alt.Axis(tickCount=6)),
            y=alt.Y(
                "share:Q",
                title="wins that had come",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
                stack=False,
            ),
        )
    )
    return _finished(line, height=170, width=WIDTH + 60)


def thresholds(cuts: Sequence[Cut], chosen: int) -> Spec:
    """What each threshold keeps: the share of all wins, the share of all leads, and the share won among those kept."""
    import altair as alt

    names = {"share_of_wins": "of all wins", "share_of_leads": "of all leads", "win_rate": "won of those kept"}
    data = [
        {"threshold": cut.threshold, "share": getattr(cut, key), "what": name}
        for cut in cuts
        for key, name in names.items()
    ]
    colour = alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=list(names.values()), range=[Ink.marketing, Ink.muted, Ink.sales]),
        legend=alt.Legend(orient="top", columns=3),
    )
    lines = (
        alt.Chart(alt.Data(values=data))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("threshold:Q", title="threshold in points", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            color=colour,
        )
    )
    return _finished(_line_at(chosen) + lines, height=180, width=WIDTH + 60)


def counts(rows: Sequence[tuple[str, int]], title: str) -> Spec:
    """Plain bars: reasons, competitors."""
    import altair as alt

    data = [{"value": name, "count": count} for name, count in rows[:SHOWN]]
    y = alt.Y("value:N", title=None, sort=[name for name, _ in rows[:SHOWN]])
    bars = (
        alt.Chart(alt.Data(values=data))
        .mark_bar(color=Ink.sales, height=14)
        .encode(y=y, x=alt.X("count:Q", title=title))
    )
    return _finished(bars, height=ROW * len(data))


def as_svg(spec: Spec) -> str:
    """The chart as one `<svg>` element without a background, in the page's own font size."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg


def _line_at(number: float) -> Any:
    import altair as alt

    return (
        alt.Chart(alt.Data(values=[{"at": number}]))
        .mark_rule(color=Ink.muted, strokeDash=[3, 3])
        .encode(x=alt.X("at:Q"))
    )


_PADDING: Final = {"left": 18, "top": 4, "right": 12, "bottom": 4}
"""The reader's letters may be wider than those that the chart was measured with."""


def _finished(chart: Any, height: int | None = None, names: int = NAME, width: int = WIDTH) -> Spec:
    if height is not None:
        chart = chart.properties(width=width, height=height)
    styled = (
        chart.configure(background="transparent", font="system-ui, sans-serif", padding=_PADDING)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=Ink.text, titleColor=Ink.muted, titleFontWeight="normal", gridColor=Ink.grid, domain=False,
            ticks=False, labelPadding=6, labelFontSize=12, titleFontSize=12, labelLimit=names,
        )
        .configure_legend(labelColor=Ink.text, labelFontSize=12, symbolType="stroke", symbolStrokeWidth=3)
    )  # fmt: skip
    spec: Spec = styled.to_dict()
    return spec


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}\u2026"


def _within(lift: float) -> float:
    """A lift that a logarithmic scale can draw."""
    return min(100.0, max(0.01, lift))


def _thinned(points: list[dict[str, float]]) -> list[dict[str, float]]:
    """At most some hundred points: more cannot be seen."""
    step = max(1, len(points) // 150)
    return points if step == 1 else [*points[::step], points[-1]]
