"""Bar charts as SVG, drawn on the server: no script, no style attribute, a table beside each.

Knows numbers and words, and nothing of sales.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()

WIDTH = 1000
HEIGHT = 260
FOOT = 34
HEAD = 26


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: its value, what stands above it, and the value it is compared with."""

    label: str
    value: int
    words: str
    before: int = 0
    before_words: str = ""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A bar with its place in the picture, in the units of the view box."""

    bar: Bar
    left: float
    top: float
    width: float
    height: float
    middle: float
    above: float
    before_top: float
    before_height: float
    before_left: float
    before_width: float


@register.inclusion_tag("manage/_bar_chart.html")
def bar_chart(bars: Sequence[Bar], title: str, first: str, before: str = "") -> dict[str, Any]:
    """A bar chart with its table. `first` heads the labels, `before` the compared values."""
    highest = max((max(bar.value, bar.before) for bar in bars), default=0)
    return {
        "title": title,
        "first": first,
        "before": before,
        "drawn": [_drawn(bar, place, len(bars), highest) for place, bar in enumerate(bars)],
        "width": WIDTH,
        "height": HEIGHT,
        "floor": HEIGHT - FOOT,
        "label_at": HEIGHT - 10,
    }


def _drawn(bar: Bar, place: int, count: int, highest: int) -> Drawn:
    room = WIDTH / count
    width = min(72.0, room * 0.62)
    middle = room * (place + 0.5)
    height = _height(bar.value, highest)
    before_height = _height(bar.before, highest)
    floor = HEIGHT - FOOT
    return Drawn(
        bar=bar,
        left=round(middle - width / 2, 1),
        top=round(floor - height, 1),
        width=round(width, 1),
        height=round(height, 1),
        middle=round(middle, 1),
        above=round(floor - max(height, before_height) - 8, 1),
        before_top=round(floor - before_height, 1),
        before_height=round(before_height, 1),
        before_left=round(middle - width / 2 - 5, 1),
        before_width=round(width + 10, 1),
    )


def _height(value: int, highest: int) -> float:
    return max(value, 0) / highest * (HEIGHT - FOOT - HEAD) if highest > 0 else 0.0
