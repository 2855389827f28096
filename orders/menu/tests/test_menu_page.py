"""The menu: what is on it, what is sold out, and what the first view weighs."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from orders.domain.events import StockKind
from orders.menu.views import mark
from orders.tests.guest import BOTH, Guest, words_of
from orders.tests.shop_cast import envelope
from orders.tests.stock import sell_out

pytestmark = pytest.mark.django_db(databases=BOTH)

MOST_BYTES = 100 * 1024


def test_the_menu_shows_every_section_with_prices(carla: Guest) -> None:
    page = words_of(carla.get("/"))
    assert "Cappuccino" in page
    assert "€3.70" in page
    assert 'href="#coffee"' in page
    assert 'href="/menu/cappuccino/"' in page


def test_something_sold_out_stays_in_its_place_without_a_link(carla: Guest) -> None:
    sell_out("cappuccino")
    page = words_of(carla.get("/"))
    assert "Sold out" in page
    assert 'href="/menu/cappuccino/"' not in page


@pytest.mark.parametrize("second", [0, 1])
def test_what_is_off_for_today_says_so_and_not_at_which_minute_the_day_ends(
    carla: Guest, second: int
) -> None:
    now = timezone.now().replace(second=second, microsecond=1)
    mark(StockKind.ITEM, "cappuccino", "today", {**envelope(), "at": now})
    page = words_of(carla.get("/"))
    assert "Sold out today" in page
    assert "Sold out until" not in page


def test_the_bar_shows_what_is_in_the_basket(carla: Guest) -> None:
    assert "basket-bar" not in words_of(carla.get("/"))
    carla.add("cappuccino", size="large", quantity="2")
    page = words_of(carla.get("/"))
    assert "View order" in page
    assert "€9.60" in page


def test_the_menu_takes_no_post(carla: Guest) -> None:
    response = carla.post("/")
    assert response.status_code == 405
    assert "That is not how this page is used" in words_of(response)
    assert response["Allow"] == "GET, HEAD"


def test_the_first_view_is_light_and_all_from_here(carla: Guest) -> None:
    page = words_of(carla.get("/"))
    parts = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
    files = [Path(settings.BASE_DIR) / part.lstrip("/") for part in parts]
    weight = len(page) + sum(file.stat().st_size for file in files)
    assert weight < MOST_BYTES
    assert len(gzip.compress(page.encode())) < 10 * 1024
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_no_page_has_script_or_style_inside(carla: Guest) -> None:
    url = carla.placed()
    for address in ("/", "/menu/cappuccino/", "/basket/", "/register/", "/me/", url):
        page = words_of(carla.get(address))
        assert "<style" not in page
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]* src=)", page)
        assert not re.search(r"\son[a-z]+=", page)
    assert "default-src 'self'" in carla.get("/")["Content-Security-Policy"]
