"""Charts of the pages: Altair specifications, drawn on the server as SVG that takes the page's own colours.

A chart is drawn twice, for a wide and for a narrow screen, so that its letters keep their size; it works without
script and breaks no Content-Security-Policy. Its colours are written as the tokens of the style sheet, so one drawing
serves light and dark. Every chart comes with its numbers as a table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any, Final

import altair as alt
import vl_convert
from django.core.cache import caches
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

WIDE: Final = 680
NARROW: Final = 320
HEIGHT: Final = 200
TABLE_ROWS: Final = 40
ROOM: Final = {"left": 2, "top": 6, "right": 28, "bottom": 2}
"""Around the drawing: the letters of the page may be wider than those that Vega measures with."""

# Vega wants colours it can read; these stand for tokens of `web/static/web/tokens.css` and are exchanged afterwards.
TOKENS: Final = {
    "#0a0b01": "var(--accent)",
    "#0a0b02": "var(--marketing)",
    "#0a0b03": "var(--sales)",
    "#0a0b04": "var(--ink-3)",
    "#0a0b05": "var(--line)",
    "#0a0b06": "var(--ink-2)",
    "#0a0b07": "var(--warn)",
    "#0a0b08": "var(--bad)",
    "#0a0b09": "var(--surface)",
}
ACCENT, MARKETING, SALES, FAINT, LINE, INK, WARN, BAD, SURFACE = TOKENS


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing, wide and narrow, with the rows that it shows."""

    title: str
    wide: SafeString
    narrow: SafeString
    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    places: int = 0


def _kept(draw: Callable[..., Chart]) -> Callable[..., Chart]:
    """Draw the same numbers in the same language once an hour; drawing costs some 50 ms."""

    @wraps(draw)
    def kept(values: Sequence[Any], **how: Any) -> Chart:
        asked = repr((draw.__name__, list(values), sorted(how.items()), get_language()))
        key = "chart:" + hashlib.sha256(asked.encode()).hexdigest()
        found = caches["charts"].get(key)
        if isinstance(found, Chart):
            return found
        drawn = draw(values, **how)
        caches["charts"].set(key, drawn)
        return drawn

    return kept


@_kept
def bars(
    values: Sequence[tuple[str, float]],
    *,
    name: str,
    title: str,
    colour: str = ACCENT,
    target: float | None = None,
) -> Chart:
    """One bar for each (label, value), in the order given; ``target`` is a line across, with its number."""
    agreed = [] if target is None else [{"y": target, "text": _("agreed: %(n)s") % {"n": f"{target:,.0f}"}}]
    rows = [{"x": label, "y": value, "says": f"{label}: {value:,.0f}"} for label, value in values]
    return _draw(_bars(colour), {"rows": rows, "rule": agreed}, title, (_("Month"), name), values)


@_kept
def course(
    values: Sequence[tuple[datetime, float]],
    *,
    name: str,
    title: str,
    threshold: float | None = None,
    marks: Sequence[tuple[datetime, str]] = (),
) -> Chart:
    """A value that decays and jumps through time, with its threshold and the moments that matter."""
    line = [] if threshold is None else [{"y": threshold, "text": _("qualified: %(n)s") % {"n": f"{threshold:g}"}}]
    data = {
        "rows": [{"x": _milliseconds(at), "y": round(value, 3)} for at, value in values],
        "rule": line,
        "marks": [{"x": _milliseconds(at), "says": says} for at, says in marks],
    }
    told = [(at, round(value, 1)) for at, value in values]
    return _draw(_course(), data, title, (_("When"), name), told[:: max(1, len(told) // TABLE_ROWS)], places=1)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


# Altair makes each specification once; its rows are named, and given when it is drawn.


@lru_cache
def _bars(colour: str) -> dict[str, Any]:
    labels = alt.Axis(labelAngle=0, labelOverlap="greedy", domain=True, ticks=False)
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("x:N", sort=None, title=None, axis=labels), y=alt.Y("y:Q", title=None), description="says:N"
    )
    mark = base.mark_bar(color=colour, cornerRadiusEnd=3, width=alt.RelativeBandSize(0.68))
    return _specification(mark + _rule())


@lru_cache
def _course() -> dict[str, Any]:
    x = alt.X("x:T", title=None, axis=alt.Axis(tickCount=6, grid=False, labelFlush=True))
    base = alt.Chart(alt.NamedData(name="rows")).encode(x=x, y=alt.Y("y:Q", title=None, stack=None))
    area = base.mark_area(color=ACCENT, opacity=0.12)
    line = base.mark_line(color=ACCENT, strokeWidth=2, strokeJoin="round")
    marks = alt.Chart(alt.NamedData(name="marks")).encode(x=x, description="says:N")
    return _specification(area + line + marks.mark_rule(color=WARN, strokeDash=[3, 3], strokeWidth=1.5) + _rule())


def _rule() -> Any:
    base = alt.Chart(alt.NamedData(name="rule")).encode(y="y:Q")
    label = base.mark_text(align="left", dx=6, color=INK, fontWeight=600, fontSize=11)
    return base.mark_rule(color=INK, strokeDash=[5, 4]) + label.encode(x=alt.value("width"), text="text:N")


def _specification(chart: Any) -> dict[str, Any]:
    axis = alt.AxisConfig(
        aria=False,  # in English only; the table beside the chart says the same in the reader's language
        labelColor=FAINT,
        labelFontSize=11,
        gridColor=LINE,
        domainColor=LINE,
        tickColor=LINE,
        domain=False,
        labelPadding=6,
    )
    styled = chart.properties(height=HEIGHT, padding=ROOM, background="transparent").configure(
        view=alt.ViewConfig(stroke=None), axis=axis, axisY=alt.AxisConfig(tickCount=4, ticks=False)
    )
    made: dict[str, Any] = styled.to_dict()
    return made


def _draw(
    specification: dict[str, Any],
    data: dict[str, Any],
    title: str,
    head: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    places: int = 0,
) -> Chart:
    wide, narrow = (_svg({**specification, "datasets": data, "width": width}, title) for width in (WIDE, NARROW))
    return Chart(title, wide, narrow, head, tuple(rows), places)


def _svg(specification: dict[str, Any], title: str) -> SafeString:
    unique = hashlib.sha256(repr((title, specification)).encode()).hexdigest()[:8]
    svg = vl_convert.vegalite_to_svg(specification, vl_version="6.4")
    return mark_safe(_in_our_colours(svg, title, unique))  # noqa: S308 - Vega escapes every text of a drawing


def _in_our_colours(svg: str, title: str, unique: str) -> str:
    for stand_in, token in TOKENS.items():
        svg = svg.replace(stand_in, token)
    svg = re.sub(r'(id="|url\(#)', rf"\g<1>c{unique}-", svg)
    svg = re.sub(r'(<g class="[^"]*") role="graphics-symbol"[^>]*/>', r"\1/>", svg)  # a symbol of nothing
    svg = re.sub(r' (?:width|height)="\d+"', "", svg, count=2)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
