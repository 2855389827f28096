"""The page of an item: its choices, and what happens to a form that makes no sense."""

from typing import Any

import pytest

from orders.checkout.basket import MOST_BASKET_LINES
from orders.tests.guest import BOTH, Guest, words_of
from orders.tests.stock import sell_out

pytestmark = pytest.mark.django_db(databases=BOTH)


def test_an_item_has_its_choices_in_fieldsets(carla: Guest) -> None:
    page = words_of(carla.get("/menu/cappuccino/"))
    for title in ("Size", "Milk", "Extras", "Sugar"):
        assert f'<span class="name">{title}</span>' in page
    assert 'name="size" value="regular" data-price="420" checked' in page
    assert "Contains gluten, milk, egg." in words_of(carla.get("/menu/butter-croissant/"))


def test_a_refused_form_follows_what_is_sold_out_by_the_items_own_page(carla: Guest) -> None:
    """It stands at the basket's address, which says nothing about the item."""
    refused = carla.add("cappuccino", size="bucket")
    assert refused.status_code == 422
    assert 'data-news-from="/menu/cappuccino/"' in words_of(refused)


def test_an_unknown_item_is_not_found(carla: Guest) -> None:
    assert carla.get("/menu/unicorn-latte/").status_code == 404
    assert carla.add("unicorn-latte").status_code == 404


def test_the_page_of_an_item_takes_no_post(carla: Guest) -> None:
    assert carla.post("/menu/cappuccino/").status_code == 405


def test_adding_leads_back_to_the_menu_where_one_was(carla: Guest) -> None:
    response = carla.add("cappuccino")
    assert response.status_code == 303
    assert response["Location"] == "/#coffee"


@pytest.mark.parametrize(
    "nonsense",
    [
        {"size": "bucket"},
        {"one-milk": "motor-oil"},
        {"one-milk": "shot"},
        {"many-shot": "4"},
        {"many-shot": "-1"},
        {"many-shot": "1.5"},
        {"many-gold-leaf": "1"},
        {"one-colour": "blue"},
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "21"},
        {"quantity": "1000000000"},
        {"quantity": "1.5"},
        {"quantity": "²"},
        {"quantity": "two"},
        {"quantity": ""},
    ],
)
def test_nonsense_is_refused_beside_what_was_chosen(carla: Guest, nonsense: Any) -> None:
    chosen = {"size": "large", "many-caramel": "2", "quantity": "3"} | nonsense
    response = carla.add("cappuccino", **chosen)
    page = words_of(response)
    assert response.status_code == 422
    assert 'id="problems"' in page
    if "size" not in nonsense:
        assert 'name="size" value="large" data-price="480" checked' in page
    assert "basket-bar" not in words_of(carla.get("/"))


def test_a_program_is_told_what_is_wrong_in_its_own_form(carla: Guest) -> None:
    form = {"item": "cappuccino", "quantity": "0"}
    response = carla.post("/basket/", form, headers={"Accept": "application/json"})
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == "How many: 1 to 20, please."


def test_what_is_sold_out_does_not_get_into_the_basket(carla: Guest) -> None:
    sell_out("cappuccino")
    response = carla.add("cappuccino")
    assert response.status_code == 422
    assert "Cappuccino is sold out." in words_of(response)


def test_a_full_basket_says_so(carla: Guest) -> None:
    sorts = [
        {"size": size, "one-sugar": sugar, "one-milk": milk}
        for size in ("small", "regular", "large")
        for sugar in ("", "no-sugar", "one-sugar")
        for milk in ("", "oat-milk", "soy-milk")
    ]
    for sort in sorts[:MOST_BASKET_LINES]:
        assert carla.add("cappuccino", **sort).status_code == 303
    response = carla.add("cappuccino", **sorts[MOST_BASKET_LINES])
    assert response.status_code == 422
    assert "Your basket is full" in words_of(response)


def test_markup_in_what_comes_back_is_escaped(carla: Guest) -> None:
    response = carla.add("cappuccino", quantity='"><script>alert(1)</script>')
    assert response.status_code == 422
    assert "<script>alert" not in words_of(response)
