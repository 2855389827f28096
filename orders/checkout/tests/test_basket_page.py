"""The basket: kept in the browser, signed, changed line by line."""

import random

import pytest

from orders.menu.models import Size
from orders.tests.guest import BOTH, Guest, words_of
from orders.tests.stock import sell_out

pytestmark = pytest.mark.django_db(databases=BOTH)


def test_an_empty_basket_leads_to_the_menu(carla: Guest) -> None:
    response = carla.get("/basket/")
    assert response.status_code == 200
    assert "Your basket is empty" in words_of(response)


def test_what_was_added_is_there_with_its_price(carla: Guest) -> None:
    carla.add("cappuccino", size="large", **{"one-milk": "oat-milk", "many-caramel": "2"})
    page = words_of(carla.get("/basket/"))
    assert "Cappuccino · large" in page
    assert "oat milk · 2 × extra caramel" in page
    assert "€6.40" in page


def test_a_doubled_click_adds_once(carla: Guest) -> None:
    for _ in range(5):
        carla.add("cappuccino", add_id="0f8fad5b-d9cb-469f-a165-70867728950e")
    page = words_of(carla.get("/basket/"))
    assert '<span class="out-of-sight">Quantity: </span>1<' in page


def test_the_same_again_raises_the_quantity(carla: Guest) -> None:
    carla.add("cappuccino")
    carla.add("cappuccino", quantity="2")
    page = words_of(carla.get("/basket/"))
    assert '<span class="out-of-sight">Quantity: </span>3<' in page
    assert page.count('class="basket-line') == 1


def test_a_line_changes_and_what_was_typed_stays(carla: Guest) -> None:
    carla.add("cappuccino")
    typed = {"name": "Helen", "note": "no nuts", "pay": "card", "quantity": "4"}
    response = carla.post("/basket/1/quantity/", typed)
    assert response.status_code == 303
    page = words_of(carla.get("/basket/"))
    assert '<span class="out-of-sight">Quantity: </span>4<' in page
    assert 'value="Helen"' in page
    assert "no nuts</textarea>" in page
    assert 'value="card" checked' in page


def test_removing_a_line_twice_removes_one(carla: Guest) -> None:
    carla.add("cappuccino")
    carla.add("bagel")
    carla.post("/basket/1/remove/")
    carla.post("/basket/1/remove/")
    page = words_of(carla.get("/basket/"))
    assert "Cappuccino" not in page
    assert "Bagel" in page


def test_nonsense_for_a_quantity_changes_nothing(carla: Guest) -> None:
    carla.add("cappuccino")
    for nonsense in ("-1", "x", "99999999999", "1e3", ""):
        assert carla.post("/basket/1/quantity/", {"quantity": nonsense}).status_code == 303
    assert '<span class="out-of-sight">Quantity: </span>1<' in words_of(carla.get("/basket/"))


def test_a_tampered_basket_is_an_empty_one(carla: Guest) -> None:
    carla.add("cappuccino")
    cookie = carla.cookies["basket"]
    carla.cookies["basket"] = cookie.value[:-3] + "abc"
    assert "Your basket is empty" in words_of(carla.get("/basket/"))


def test_a_line_that_sold_out_says_so_in_its_place(carla: Guest) -> None:
    carla.add("cappuccino")
    carla.add("bagel")
    sell_out("cappuccino")
    page = words_of(carla.get("/basket/"))
    assert 'href="#line-1"' in page
    assert "Cappuccino is sold out." in page


def test_a_new_price_is_shown_at_once(carla: Guest) -> None:
    carla.add("cappuccino", size="large")
    Size.objects.filter(item__slug="cappuccino", slug="large").update(price=999)
    from orders.menu.cache import menu_changed

    menu_changed()
    assert "€9.99" in words_of(carla.get("/basket/"))


def test_the_personal_pages_are_not_kept_by_anybody(carla: Guest) -> None:
    for address in ("/basket/", "/me/", "/register/"):
        assert "no-store" in carla.get(address)["Cache-Control"]


def test_changing_a_line_takes_a_post(carla: Guest) -> None:
    assert carla.get("/basket/1/quantity/").status_code == 405
    assert carla.get("/basket/1/remove/").status_code == 405


def test_the_page_works_while_the_log_is_away(closed_log: None) -> None:
    carla = Guest()
    carla.add("cappuccino")
    assert carla.get("/basket/").status_code == 200


def test_it_warns_of_what_is_chosen_and_of_nothing_that_was_exchanged(carla: Guest) -> None:
    carla.add("flat-white", **{"one-milk": "oat-milk"})
    carla.add("flat-white", **{"one-milk": "oat-milk"}, cup="Zoe")
    page = words_of(carla.get("/basket/"))
    assert "<span>Gluten <small>in Flat White</small>" in page
    assert "<span>Milk</span>" in page
    carla.add("bagel")
    page = words_of(carla.get("/basket/", headers={"Accept-Language": "ar"}))
    assert "في فلات وايت، " in page


def test_a_basket_larger_than_browsers_keep_says_that_it_is_full(carla: Guest) -> None:
    words = random.Random(1)

    def written(length: int) -> str:
        return "".join(chr(words.randint(0x4E00, 0x9FFF)) for _ in range(length))

    for count in range(1, 21):
        kept = carla.cookies["basket"].value if count > 1 else ""
        response = carla.add("flat-white", cup=written(20), note=written(60))
        if response.status_code == 422:
            break
    assert "Your basket is full. For more, please talk to us." in words_of(response)
    assert carla.cookies["basket"].value == kept
    assert 3_000 < len(kept) < 4_000
    assert words_of(carla.get("/basket/")).count("<bdi>") == 2 * (count - 1)
