"""Recipes on the bar, and what has run out: from a line of a card, in two taps."""

import pytest
from django.test import Client

from orders.domain.events import Line, StockKind
from orders.menu.cache import menu, menu_changed
from orders.menu.models import LONGEST_RECIPE, MenuItem
from orders.templatetags.shop_words import gone_of, needs, run_out_of, sold_out_now
from orders.tests.crew import Crew
from orders.tests.guest import BOTH, words_of
from orders.tests.stock import restock, sell_out

pytestmark = [
    pytest.mark.django_db(databases=BOTH),
    pytest.mark.usefixtures("open_shop"),
]


@pytest.fixture
def bao() -> Crew:
    return Crew("Bao", "barista")


def line(item: str, *choices: str) -> Line:
    return Line(
        line=1,
        item=item,
        name=item,
        size="",
        options=(),
        quantity=1,
        unit_price=1,
        choices=choices,
    )


def test_the_first_menu_has_a_recipe_for_everything() -> None:
    for section in menu().sections:
        for item in section.items:
            assert item.recipe, item.slug
            assert len(item.recipe) <= LONGEST_RECIPE


def test_a_line_opens_its_recipe_with_what_was_chosen_first(bao: Crew) -> None:
    page = words_of(bao.get("/bar/about/flat-white/?with=oat-milk,house-beans"))
    assert "2 ristretto shots (36 ml), 130 ml milk." in page
    assert "SUB oat milk" in page
    assert page.index("Oat milk") < page.index("Its other options") < page.index("Soy milk")


def test_what_the_owner_writes_is_text_and_nothing_else(bao: Crew) -> None:
    MenuItem.objects.filter(slug="flat-white").update(recipe="<script>1</script>\n2 shots")
    menu_changed()
    page = words_of(bao.get("/bar/about/flat-white/"))
    assert "<script>1" not in page
    assert "&lt;script&gt;1&lt;/script&gt;<br>2 shots" in page


def test_who_may_not_say_what_has_run_out_reads_the_recipe_only() -> None:
    page = words_of(Crew("Casey", "cashier").get("/bar/about/flat-white/"))
    assert "2 ristretto shots" in page
    assert "Until I say" not in page


def test_nobody_else_reads_it(client: Client) -> None:
    assert client.get("/bar/about/flat-white/").status_code == 302
    assert client.get("/bar/sold-out/now/").status_code == 302


def test_what_has_run_out_is_one_list_for_the_screens(bao: Crew) -> None:
    sell_out("oat-milk", StockKind.OPTION)
    sell_out("bagel")
    try:
        assert {(thing.key, thing.name) for thing in sold_out_now()} >= {
            ("option:oat-milk", "Oat milk"),
            ("item:bagel", "Cream Cheese Bagel"),
        }
        page = words_of(bao.get("/bar/sold-out/now/"))
        assert 'data-thing="option:oat-milk"' in page
        lines = [line("flat-white", "oat-milk", "house-beans"), line("bagel")]
        assert run_out_of(lines) == ["Oat milk", "Cream Cheese Bagel"]
        needed = needs([{"item": "flat-white", "choices": ["oat-milk"], "ticked": False}])
        assert needed == "item:flat-white option:oat-milk"
        assert gone_of(needed) == "oat milk"
    finally:
        restock("oat-milk", StockKind.OPTION)
        restock("bagel")
    assert run_out_of(lines) == []
    assert gone_of(needed) == ""


def test_what_is_made_needs_nothing_more() -> None:
    assert needs([{"item": "bagel", "choices": [], "ticked": True}]) == ""
