"""Bar charts as SVG, drawn on the server: no script, no style attribute, a table beside each.

Widths are percent of the page's, heights and letters are pixels: a phone reads the same letters.
Knows numbers and words, and nothing of sales.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()

HEIGHT = 260
FOOT = 34
HEAD = 26
"""Of an upright chart, in pixels: room for the labels below and the words above."""

WIDEST_BAR = 7.2
SHARE_OF_ROOM = 0.62
AROUND = 0.5
"""Of an upright chart, in percent: a bar, its share of its room, what it is compared with."""

ROW = 46
LONGEST = 80
"""Of a lying chart: pixels a row, and percent of the longest bar; its words stand behind it."""

MOST_WITH_WORDS, MOST_WITH_WORDS_ON_A_PHONE = 12, 4
"""Bars that have room for the words above them; of more only the table tells."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: its value, what stands with it, and the value it is compared with."""

    label: str
    value: int
    words: str
    before: int = 0
    before_words: str = ""


@dataclass(frozen=True, kw_only=True)
class Upright:
    """A standing bar with its place: left, width and middle in percent, the rest in pixels."""

    bar: Bar
    left: str
    width: str
    middle: str
    top: float
    height: float
    above: float
    before_left: str
    before_width: str
    before_top: float
    before_height: float


@dataclass(frozen=True, kw_only=True)
class Lying:
    """A lying bar with its place: width in percent, the rest in pixels."""

    bar: Bar
    width: str
    label_at: int
    top: int
    words_at: int


@register.inclusion_tag("manage/_bar_chart.html")
def bar_chart(bars: Sequence[Bar], title: str, first: str, before: str = "") -> dict[str, Any]:
    """Bars side by side, for short labels like hours. `first` heads the labels in the table,
    `before` the compared values.
    """
    highest = max((max(bar.value, bar.before) for bar in bars), default=0)
    return {
        "title": title,
        "first": first,
        "before": before,
        "drawn": [_upright(bar, place, len(bars), highest) for place, bar in enumerate(bars)],
        "crowded": _crowded(len(bars)),
        "height": HEIGHT,
        "floor": HEIGHT - FOOT,
        "label_at": HEIGHT - 10,
    }


@register.inclusion_tag("manage/_bar_list.html")
def bar_list(bars: Sequence[Bar], title: str, first: str) -> dict[str, Any]:
    """Bars one below the other, each under its label: for names."""
    highest = max((bar.value for bar in bars), default=0)
    return {
        "title": title,
        "first": first,
        "drawn": [_lying(bar, place, highest) for place, bar in enumerate(bars)],
        "height": ROW * len(bars),
    }


def _crowded(count: int) -> str:
    if count > MOST_WITH_WORDS:
        return "crowded"
    return "crowded-on-a-phone" if count > MOST_WITH_WORDS_ON_A_PHONE else ""


def _upright(bar: Bar, place: int, count: int, highest: int) -> Upright:
    room = 100 / count
    width = min(WIDEST_BAR, room * SHARE_OF_ROOM)
    middle = room * (place + 0.5)
    height, before_height = _height(bar.value, highest), _height(bar.before, highest)
    floor = HEIGHT - FOOT
    return Upright(
        bar=bar,
        left=_percent(middle - width / 2),
        width=_percent(width),
        middle=_percent(middle),
        top=round(floor - height, 1),
        height=round(height, 1),
        above=round(floor - max(height, before_height) - 8, 1),
        before_left=_percent(middle - width / 2 - AROUND),
        before_width=_percent(width + 2 * AROUND),
        before_top=round(floor - before_height, 1),
        before_height=round(before_height, 1),
    )


def _lying(bar: Bar, place: int, highest: int) -> Lying:
    top = place * ROW
    share = max(bar.value, 0) / highest if highest > 0 else 0.0
    return Lying(
        bar=bar,
        width=_percent(share * LONGEST),
        label_at=top + 15,
        top=top + 21,
        words_at=top + 34,
    )


def _height(value: int, highest: int) -> float:
    return max(value, 0) / highest * (HEIGHT - FOOT - HEAD) if highest > 0 else 0.0


def _percent(number: float) -> str:
    return f"{number:.2f}%"
