"""Each item of the menu has a drawing: its own, its category's, or the one its owner chose."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from orders.menu.cache import menu, menu_changed
from orders.menu.drawings import ANYTHING, DRAWN, drawing_choices, drawing_of
from orders.menu.models import Category, MenuItem

SPRITE = settings.BASE_DIR / "static" / "img" / "drawings.svg"
MOST_BYTES = 2_000

pytestmark = pytest.mark.django_db


def symbols() -> dict[str, str]:
    return dict(re.findall(r'<symbol id="([\w-]+)".*?>(.*)</symbol>', Path(SPRITE).read_text()))


def test_what_can_be_chosen_is_drawn_and_what_is_drawn_can_be_chosen() -> None:
    assert set(symbols()) == set(DRAWN)
    assert [name for name, _ in drawing_choices()] == list(DRAWN)


def test_a_drawing_is_light_and_has_the_colours_of_the_page() -> None:
    for name, drawn in symbols().items():
        assert 200 <= len(drawn) <= MOST_BYTES, name
        assert not re.search(r"#[0-9a-f]{3}|style=|rgb", drawn), name  # they work in the dark, too


def test_every_item_of_the_first_menu_has_a_drawing_of_its_own() -> None:
    items = [item for section in menu().sections for item in section.items]
    assert [item.slug for item in items if item.drawing != item.slug] == []
    drawn = [symbols()[item.drawing] for item in items]
    assert len(set(drawn)) == len(items) >= 19


@pytest.mark.parametrize(
    ("chosen", "item", "category", "drawn"),
    [
        ("", "flat-white", "coffee", "flat-white"),
        ("bagel", "flat-white", "coffee", "bagel"),
        ("", "ristretto", "coffee", "coffee"),
        ("", "bottled-water", "fridge", ANYTHING),
        ("no-longer-drawn", "flat-white", "coffee", "flat-white"),
    ],
)
def test_what_is_not_drawn_has_the_next_best(
    chosen: str, item: str, category: str, drawn: str
) -> None:
    assert drawing_of(chosen, item, category) == drawn


def test_the_owner_chooses_a_drawing_and_menu_and_item_page_show_it() -> None:
    coffee = Category.objects.get(slug="coffee")
    MenuItem.objects.create(
        slug="ristretto", name="Ristretto", bar_name="Rist", category=coffee, price=260
    )
    menu_changed()
    assert drawings_of(Client().get("/").content.decode())["/menu/ristretto/"] == "coffee"
    MenuItem.objects.filter(slug="ristretto").update(drawing="espresso")
    menu_changed()
    assert drawings_of(Client().get("/").content.decode())["/menu/ristretto/"] == "espresso"
    page = Client().get("/menu/ristretto/").content.decode()
    assert "img/drawings.svg#espresso" in page


def drawings_of(html: str) -> dict[str, str]:
    """The drawing of each item of the menu page, by the address of the item."""
    return dict(re.findall(r'<a class="item" href="([^"]+)">\s*<svg.*?#([\w-]+)"', html))
