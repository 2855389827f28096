"""Changing an order: by the holder of its link, while nobody has started it."""

import html
import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from orders.checkout.pick_up import offer
from orders.command_handler import handle
from orders.domain import preparation
from orders.domain.events import CoffeeOrdered, OrderAmended
from orders.domain.streams import order_stream
from orders.event_codec import forget
from orders.tests.guest import BOTH, Guest, facts_behind, order_behind, words_of
from orders.tests.stock import restock, sell_out

pytestmark = pytest.mark.django_db(databases=BOTH)


def opened(guest: Guest, url: str) -> str:
    """The order as a basket."""
    response = guest.get(f"{url}change/?start=1")
    assert response.status_code == 303
    return words_of(guest.get(response["Location"]))


def sent(guest: Guest, url: str, **fields: Any) -> Any:
    return guest.post(f"{url}change/", {"command_id": str(uuid4()), "note": "", **fields})


def press(guest: Guest, url: str, what: str, **fields: Any) -> None:
    assert guest.post(f"{url}change/{what}/", fields).status_code == 303


def add(guest: Guest, url: str, item: str, **fields: Any) -> None:
    press(guest, url, "add", item=item, quantity="1", add_id=str(uuid4()), **fields)


def amended(url: str) -> OrderAmended:
    event = facts_behind(url)[-1].event
    assert isinstance(event, OrderAmended)
    return event


def order_customer(url: str) -> str:
    event = facts_behind(url)[0].event
    assert isinstance(event, CoffeeOrdered)
    return event.customer


def bao_takes(url: str) -> None:
    bao = User.objects.create_user(username="bao", first_name="Bao")
    take = preparation.StartPreparation(
        command_id=uuid4(), at=timezone.now(), actor=f"staff-{bao.pk}", barista=f"staff-{bao.pk}"
    )
    handle(order_stream(order_behind(url)), take)


def test_the_order_is_opened_as_it_is(carla: Guest) -> None:
    carla.add("flat-white", quantity="2", **{"one-milk": "oat-milk"})
    url = carla.placed(note="extra hot")
    page = opened(carla, url)
    assert "Flat White" in page
    assert "oat milk" in page
    assert "Cappuccino" in page
    assert ">extra hot</textarea>" in page
    assert "Your order keeps its place." in page


def test_other_lines_are_had_at_the_menus_price_and_the_page_says_what_they_cost(
    carla: Guest,
) -> None:
    url = carla.placed()
    before = facts_behind(url)[0].event
    assert isinstance(before, CoffeeOrdered)
    opened(carla, url)
    press(carla, url, "1/quantity", quantity="2")
    add(carla, url, "butter-croissant")
    assert "There is more to make" in words_of(carla.get(f"{url}change/"))
    response = sent(carla, url, note="one for Max")
    assert response.status_code == 303
    assert response["Location"].startswith(url)
    now = amended(url)
    assert [(line.item, line.quantity) for line in now.lines] == [
        ("cappuccino", 2),
        ("butter-croissant", 1),
    ]
    assert now.note == "one for Max"
    assert now.lines[0].unit_price == before.lines[0].unit_price
    assert now.promised_seconds == before.promised_seconds + 120  # a minute for each thing more
    page = words_of(carla.get(response["Location"]))
    assert "Butter Croissant" in page
    assert "You changed your order" in page


def test_no_more_to_make_keeps_the_promise(carla: Guest) -> None:
    carla.add("butter-croissant")
    url = carla.placed()
    before = facts_behind(url)[0].event
    assert isinstance(before, CoffeeOrdered)
    opened(carla, url)
    press(carla, url, "1/remove")
    sent(carla, url)
    assert amended(url).promised_seconds == before.promised_seconds
    assert [line.item for line in amended(url).lines] == ["cappuccino"]


def test_the_choices_about_a_line_are_opened_and_replaced(carla: Guest) -> None:
    carla.add("flat-white", **{"one-milk": "oat-milk"})
    url = carla.placed()
    opened(carla, url)
    page = words_of(carla.get(f"{url}change/item/flat-white/?line=1"))
    (oat,) = re.findall(r'<input[^>]*value="oat-milk"[^>]*>', page)
    assert "checked" in oat
    fields = {"item": "flat-white", "line": "1", "quantity": "1", "one-milk": "whole-milk"}
    press(carla, url, "add", **fields)
    sent(carla, url)
    assert len(amended(url).lines) == 2
    assert "SUB oat milk" not in amended(url).lines[0].options


def test_who_takes_it_first_makes_it_as_it_was(carla: Guest) -> None:
    url = carla.placed()
    opened(carla, url)
    press(carla, url, "1/quantity", quantity="2")
    bao_takes(url)
    response = sent(carla, url)
    assert response.status_code == 409
    assert "Bao has just started your order." in html.unescape(words_of(response))
    assert not [f for f in facts_behind(url) if isinstance(f.event, OrderAmended)]
    for began in ("change/", "change/?start=1"):
        late = carla.get(url + began)
        assert late.status_code == 409
        assert "Bao has just started your order." in html.unescape(words_of(late))


def test_a_browser_that_keeps_nothing_is_not_sent_round_and_round(carla: Guest) -> None:
    url = carla.placed()
    carla.cookies.clear()
    page = carla.get(f"{url}change/")
    assert page.status_code == 200
    assert "Cappuccino" in words_of(page)
    assert carla.cookies["change"].value


def test_it_warns_of_what_the_chosen_milk_contains(carla: Guest) -> None:
    carla.add("flat-white", **{"one-milk": "almond-milk"})
    url = carla.placed()
    page = opened(carla, url)
    for allergen, names in (("Nuts", "Flat White"), ("Milk", "Cappuccino")):
        assert f"<span>{allergen} <small>in {names}</small>" in page


def test_the_words_of_who_was_forgotten_are_not_sent_again(carla: Guest) -> None:
    """Else the order would lose that somebody must not have something."""
    url = carla.placed(allergies=["nuts"])
    opened(carla, url)
    forgotten = carla.post("/me/forget/", {"command_id": str(uuid4()), "sure": "yes"})
    assert forgotten.status_code == 303
    assert carla.cookies["change"].value == ""
    forget(order_customer(url))
    page = words_of(carla.get(url))
    assert "Must not have" not in page
    assert "forgotten" not in page
    late = carla.get(f"{url}change/?start=1")
    assert late.status_code == 409
    assert "can only be changed by us" in words_of(late)


def test_two_phones_do_not_overwrite_one_another(carla: Guest, another_guest: Guest) -> None:
    url = carla.placed()
    for guest in (carla, another_guest):
        opened(guest, url)
        add(guest, url, "butter-croissant")
    assert sent(carla, url).status_code == 303
    response = sent(another_guest, url)
    assert response.status_code == 409
    assert "changed since you opened it" in words_of(response)


def test_the_same_form_counts_once_and_nothing_new_is_no_change(carla: Guest) -> None:
    url = carla.placed(note="hot")
    opened(carla, url)
    assert sent(carla, url, note="hot").status_code == 303
    assert len(facts_behind(url)) == 1
    opened(carla, url)
    add(carla, url, "butter-croissant")
    basket = carla.cookies["change"].value
    again = str(uuid4())
    for _ in range(2):
        carla.cookies["change"] = basket
        assert sent(carla, url, command_id=again).status_code == 303
    assert len(facts_behind(url)) == 2


def test_what_was_seen_is_what_is_paid(carla: Guest) -> None:
    url = carla.placed()
    opened(carla, url)
    add(carla, url, "butter-croissant")
    response = sent(carla, url, seen_total="1")
    assert response.status_code == 422
    assert "A price or your basket has changed" in words_of(response)
    assert len(facts_behind(url)) == 1


def test_a_refusal_is_said_in_the_language_of_the_page(carla: Guest) -> None:
    url = carla.placed()
    opened(carla, url)
    form = {"command_id": str(uuid4()), "note": "", "seen_total": "1"}
    add(carla, url, "butter-croissant")
    response = carla.post(f"{url}change/", form, headers={"Accept-Language": "de"})
    assert "Ein Preis oder Ihr Warenkorb" in words_of(response)


def test_what_has_run_out_has_to_go(carla: Guest) -> None:
    carla.add("butter-croissant")
    url = carla.placed()
    opened(carla, url)
    sell_out("butter-croissant")
    try:
        response = sent(carla, url, note="quickly")
        assert response.status_code == 422
        assert "Croissant is sold out." in words_of(response)
        press(carla, url, "1/remove")
        assert sent(carla, url, note="quickly").status_code == 303
    finally:
        restock("butter-croissant")
    assert [line.item for line in amended(url).lines] == ["cappuccino"]


def test_an_emptied_order_is_no_order(carla: Guest) -> None:
    url = carla.placed()
    opened(carla, url)
    press(carla, url, "1/remove")
    assert "Nothing is left." in words_of(carla.get(f"{url}change/"))
    assert sent(carla, url).status_code == 422


def test_a_basket_of_another_order_changes_nothing(carla: Guest) -> None:
    first, second = carla.placed(), carla.placed()
    opened(carla, first)
    add(carla, first, "butter-croissant")
    assert sent(carla, second).status_code == 303
    assert len(facts_behind(second)) == 1
    assert "Croissant</span>" not in opened(carla, second)


def test_without_the_signature_there_is_nothing(carla: Guest) -> None:
    order = order_behind(carla.placed())
    for path in ("", "add/", "1/quantity/", "1/remove/"):
        assert carla.post(f"/o/{order.hex}.forged/change/{path}", {}).status_code == 404
    assert carla.get(f"/o/{order.hex}.forged/change/item/croissant/").status_code == 404


def test_a_form_without_an_id_is_refused(carla: Guest) -> None:
    url = carla.placed()
    opened(carla, url)
    add(carla, url, "butter-croissant")
    assert sent(carla, url, command_id="").status_code == 422
    assert len(facts_behind(url)) == 1


def test_a_change_makes_no_large_order_of_a_small_one(carla: Guest) -> None:
    url = carla.placed()
    opened(carla, url)
    for item in ("butter-croissant", "bagel"):
        press(carla, url, "add", item=item, quantity="20", add_id=str(uuid4()))
    response = sent(carla, url)
    assert response.status_code == 422
    assert "There is no room for more in this order." in words_of(response)
    assert len(facts_behind(url)) == 1


def test_an_order_for_later_may_become_less_and_not_more(carla: Guest) -> None:
    carla.add("butter-croissant")
    slot = next(s for s in offer([], timezone.now()).slots if not s.is_full)
    url = carla.placed(pick_up="slot", slot=slot.value)
    opened(carla, url)
    add(carla, url, "bagel")
    assert "There is no room for more" in words_of(sent(carla, url))
    press(carla, url, "3/remove")
    press(carla, url, "1/remove")
    assert sent(carla, url).status_code == 303
    assert len(amended(url).lines) == 1
