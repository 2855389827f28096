"""The menu of the first day, what a line costs, and that a change is seen."""

from datetime import timedelta
from typing import Any

import pytest

from orders.domain.events import Line, StockKind
from orders.domain.refused import BadInput
from orders.menu.cache import back_in_stock, menu, menu_changed
from orders.menu.card import Selection, SoldOut, priced_line
from orders.menu.models import MenuItem, Size
from orders.tests.shop_cast import NOON
from orders.tests.stock import choose, restock, sell_out, sell_out_for

pytestmark = pytest.mark.django_db


def price_line(line: int = 1, **chosen: Any) -> Line:
    """A line of today's menu."""
    return priced_line(menu(), line, Selection(**chosen))


def test_a_new_shop_has_drinks_and_something_to_eat() -> None:
    sections = {section.slug: section.items for section in menu().sections}

    assert len(sections["to-eat"]) >= 4
    assert sum(len(items) for slug, items in sections.items() if slug != "to-eat") >= 12


def test_everything_on_the_menu_can_be_ordered_as_it_comes() -> None:
    for section in menu().sections:
        for item in section.items:
            line = price_line(line=1, item=item.slug, options={})
            assert line.unit_price > 0
            assert line.options == ()


def test_the_article_s_coffee_costs_what_it_did() -> None:
    line = price_line(line=1, item="iced-caffe-latte", size="regular", options={})

    assert (line.name, line.size, line.unit_price) == ("Iced Caffè Latte", "regular", 520)


def test_a_large_coffee_with_extra_cream_but_no_sugar_in_the_bar_s_words() -> None:
    line = price_line(
        line=2,
        item="caffe-latte",
        size="large",
        options={"cream": 1, "no-sugar": 1, "oat-milk": 1, "shot": 2, "vanilla": 0},
        quantity=3,
    )

    assert line.options == ("SUB oat milk", "2 × EXTRA shot", "EXTRA cream", "NO sugar")
    assert line.unit_price == 510 + 60 + 2 * 80 + 60
    assert (line.line, line.quantity) == (2, 3)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"item": "gold"}, "not on the menu"),
        ({"item": "caffe-latte", "size": "bucket"}, "choose a size"),
        ({"item": "flat-white", "size": "large"}, "one size"),
        ({"item": "caffe-latte", "options": {"oat-milk": 1, "soy-milk": 1}}, "choose one"),
        ({"item": "caffe-latte", "options": {"oat-milk": 2}}, "choose one"),
        ({"item": "caffe-latte", "options": {"shot": 4}}, "1 to 3"),
        ({"item": "caffe-latte", "options": {"shot": -1}}, "1 to 3"),
        ({"item": "caffe-latte", "options": {"butter": 1}}, "does not come with"),
    ],
)
def test_what_is_not_on_the_menu_cannot_be_ordered(wanted: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        price_line(**wanted)


def test_the_shop_chooses_how_many_changes_one_drink_may_have() -> None:
    eight = {"shot": 3, "cream": 2, "vanilla": 2, "oat-milk": 1}
    assert price_line(item="caffe-latte", options=eight).quantity == 1
    with pytest.raises(BadInput, match="At most 8 changes"):
        price_line(item="caffe-latte", options={**eight, "caramel": 1})

    choose("most_changes", "9")

    assert price_line(item="caffe-latte", options={**eight, "caramel": 1}).quantity == 1


def test_what_is_sold_out_cannot_be_ordered_until_it_is_back() -> None:
    sell_out("cold-brew")
    with pytest.raises(SoldOut, match="Cold Brew is sold out"):
        price_line(line=1, item="cold-brew", options={})

    restock("cold-brew")
    assert price_line(line=1, item="cold-brew", options={}).unit_price == 450


def test_a_milk_that_has_run_out_is_in_no_drink() -> None:
    sell_out("oat-milk", StockKind.OPTION)

    with pytest.raises(SoldOut, match="Oat milk is sold out"):
        price_line(line=1, item="cappuccino", options={"oat-milk": 1})
    assert price_line(line=1, item="cappuccino", options={}).unit_price


def test_a_time_that_is_over_brings_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [NOON]
    monkeypatch.setattr("orders.menu.cache.timezone.now", lambda: now[0])
    sell_out_for("cold-brew", 60)
    assert is_sold_out("cold-brew")

    now[0] += timedelta(minutes=59)
    assert is_sold_out("cold-brew")
    now[0] += timedelta(minutes=1)
    assert not is_sold_out("cold-brew")


def test_what_was_sold_out_before_that_was_a_fact_stays_so_until_it_is_back() -> None:
    MenuItem.objects.filter(slug="cold-brew").update(sold_out_before=True)
    menu_changed()
    assert is_sold_out("cold-brew")

    back_in_stock("cold-brew")
    assert not is_sold_out("cold-brew")


def is_sold_out(slug: str) -> bool:
    item = menu().item(slug)
    assert item is not None
    return item.sold_out


def test_the_picture_is_kept_until_something_changes() -> None:
    before = menu()
    assert menu() is before

    size = Size.objects.get(item__slug="cold-brew", slug="small")
    size.price = 410
    size.save()

    assert menu() is not before
    assert price_line(line=1, item="cold-brew", size="small", options={}).unit_price == 410


def test_a_group_of_options_taken_off_an_item_is_gone() -> None:
    menu()
    MenuItem.objects.get(slug="cold-brew").option_groups.clear()

    with pytest.raises(BadInput):
        price_line(line=1, item="cold-brew", options={"no-ice": 1})
