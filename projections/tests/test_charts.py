"""Bar charts: letters of one size on any screen, and none that lie over others."""

import re
from itertools import pairwise

import pytest
from django.template import Context, Template

from projections.templatetags.charts import Bar

NAMES = ("Flat White", "English Breakfast", "Cream Cheese Bagel", "Caramel Macchiato")


def bars(count: int) -> list[Bar]:
    return [
        Bar(label=NAMES[number % 4], value=count - number, words=str(count - number))
        for number in range(count)
    ]


def drawn(tag: str, shown: list[Bar]) -> str:
    template = Template("{% load charts %}{% " + tag + ' bars "Best sellers" "Item" %}')
    return template.render(Context({"bars": shown}))


@pytest.mark.parametrize("tag", ["bar_chart", "bar_list"])
def test_nothing_makes_letters_smaller_on_a_small_screen(tag: str) -> None:
    html = drawn(tag, bars(3))

    assert "viewBox" not in html
    assert re.findall(r'<svg [^>]*width="([^"]+)"', html) == ["100%"]


def test_names_stand_one_below_the_other() -> None:
    html = drawn("bar_list", bars(12))

    labels = re.findall(r'class="label" x="(\w+)" y="(\d+)"', html)
    assert {x for x, _ in labels} == {"0"}
    heights = [int(y) for _, y in labels]
    assert min(b - a for a, b in pairwise(heights)) > 40
    widths = [
        float(width) for width in re.findall(r'<rect class="now" x="0".* width="(.+)%"', html)
    ]
    assert widths[0] == max(widths) < 90  # room for its words
    assert widths[5] == pytest.approx(widths[0] * 7 / 12, abs=0.1)


@pytest.mark.parametrize(
    ("count", "crowded"),
    [(4, ""), (5, "crowded-on-a-phone"), (12, "crowded-on-a-phone"), (13, "crowded")],
)
def test_words_that_have_no_room_stand_in_the_table_only(count: int, crowded: str) -> None:
    assert f'<svg class="{crowded}"' in drawn("bar_chart", bars(count))


def test_a_bar_is_as_high_as_its_value_beside_what_it_is_compared_with() -> None:
    html = drawn("bar_chart", [Bar(label="09", value=50, words="50", before=100)])

    height = re.search(r'class="now" .*height="([\d.]+)"', html)
    before = re.search(r'class="before" .*height="([\d.]+)"', html)
    assert height is not None
    assert before is not None
    assert float(before[1]) == pytest.approx(2 * float(height[1]))


@pytest.mark.parametrize("shown", [[], [Bar(label="a", value=0, words="")]])
def test_nothing_can_be_drawn_too(shown: list[Bar]) -> None:
    assert ("Nothing yet." in drawn("bar_list", shown)) == (not shown)
    assert ("Nothing yet." in drawn("bar_chart", shown)) == (not shown)
