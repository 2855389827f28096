"""Ordering by program: the same rules, responses in JSON."""

import json
from typing import Any
from uuid import uuid4

import pytest

from orders.domain.events import CoffeeOrdered, PaymentStarted
from orders.menu.cache import menu_changed
from orders.menu.models import MenuItem
from orders.tests.guest import BOTH, Guest, facts_behind
from orders.tests.stock import sell_out

pytestmark = pytest.mark.django_db(databases=BOTH)


def wanted(**fields: Any) -> dict[str, Any]:
    items = [{"item": "cappuccino", "size": "large", "options": {"oat-milk": 1}, "quantity": 2}]
    return {"command_id": str(uuid4()), "items": items, "name": "Carla", **fields}


def send(guest: Guest, order: Any, **more: Any) -> Any:
    return guest.post("/api/orders/", json.dumps(order), content_type="application/json", **more)


def test_an_order_is_placed(carla: Guest) -> None:
    response = send(carla, wanted(note="no nuts"))
    assert response.status_code == 201
    said = response.json()
    assert said["url"] == response["Location"]
    event = facts_behind(said["url"])[0].event
    assert isinstance(event, CoffeeOrdered)
    assert (event.number, event.name, event.note) == (said["number"], "Carla", "no nuts")
    assert event.total == 2 * (480 + 60)


def test_the_same_order_sent_again_is_the_same(carla: Guest) -> None:
    order = wanted()
    first = send(carla, order)
    again = send(Guest(), order)
    assert again.status_code == 200
    assert again["Idempotent-Replayed"] == "true"
    assert {**again.json(), "replayed": False} == first.json()


def test_it_is_found_again_when_the_item_is_sold_out_since(carla: Guest) -> None:
    order = wanted()
    first = send(carla, order)
    sell_out("cappuccino")
    again = send(carla, order)
    assert again.status_code == 200
    assert again.json()["url"] == first.json()["url"]


def test_the_same_id_with_another_order_is_refused(carla: Guest) -> None:
    order = wanted()
    send(carla, order)
    response = send(carla, {**order, "name": "Helen"})
    assert response.status_code == 409
    assert response.json()["code"] == "command_id_reused"


@pytest.mark.parametrize(
    "other",
    [
        {"items": [{"item": "unicorn-latte"}]},
        {"items": [{"item": "cappuccino", "quantity": 1_000}]},
        {"items": []},
        {"note": "no nuts"},
        {"pay": "card", "card_token": "demo-approve"},
    ],
)
def test_the_same_id_with_other_contents_is_compared_before_anything_else(
    carla: Guest, other: dict[str, Any]
) -> None:
    order = wanted()
    url = send(carla, order).json()["url"]
    response = send(carla, {**order, **other})
    assert (response.status_code, response.json()["code"]) == (409, "command_id_reused")
    assert len(facts_behind(url)) == 1


def test_it_is_found_again_when_the_menu_calls_the_item_something_else(carla: Guest) -> None:
    order = wanted()
    first = send(carla, order)
    MenuItem.objects.filter(slug="cappuccino").update(name="Cappuccino di casa", price=999)
    menu_changed()
    again = send(carla, order)
    assert again.status_code == 200
    assert again.json()["number"] == first.json()["number"]


def test_paying_by_card_at_once(carla: Guest) -> None:
    url = send(carla, wanted(pay="card", card_token="demo-approve")).json()["url"]
    assert isinstance(facts_behind(url)[-1].event, PaymentStarted)


def line(**fields: Any) -> list[dict[str, Any]]:
    return [{"item": "cappuccino", **fields}]


@pytest.mark.parametrize(
    "tampered",
    [
        {"price": 1},
        {"total": 1},
        {"currency": "XXX"},
        {"discount": 100},
        {"items": line(price=0.01)},
        {"items": line(unit_price=-5)},
        {"items": line(quantity=-1)},
        {"items": line(quantity=0)},
        {"items": line(quantity=1_000_000_000)},
        {"items": line(quantity=1.5)},
        {"items": line(quantity="2")},
        {"items": line(options={"gold-leaf": 1})},
        {"items": line(options={"butter": 1})},
        {"items": line(options={"oat-milk": 2})},
        {"items": line(options={"oat-milk": 1, "soy-milk": 1})},
        {"items": line(options={"shot": -1})},
        {"items": line(options={"shot": 100})},
        {"items": line(size="bucket")},
        {"items": [{"item": "unicorn-latte"}]},
        {"items": [{"item": "'; DROP TABLE orders_menuitem; --"}]},
        {"items": []},
        {"items": "cappuccino"},
        {"command_id": "x"},
        {"name": "x" * 41},
        {"name": "x" * 10_000},
        {"note": "y" * 201},
        {"pay": "shells"},
        {"pay": "card", "card_token": "4111111111111111"},
    ],
)
def test_what_makes_no_sense_is_refused(carla: Guest, tampered: dict[str, Any]) -> None:
    response = send(carla, wanted(**tampered))
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "bad_input"


def test_a_sold_out_item_is_refused_with_its_name(carla: Guest) -> None:
    sell_out("cappuccino")
    response = send(carla, wanted())
    assert response.status_code == 422
    assert response.json()["detail"] == "Cappuccino is sold out."


def test_what_is_no_json(carla: Guest) -> None:
    for body in ("{", "[" * 10_000, "\x00"):
        response = carla.post("/api/orders/", body, content_type="application/json")
        assert response.status_code in (400, 422)
    response = carla.post("/api/orders/", wanted(items="x"))
    assert response.status_code == 415


@pytest.mark.parametrize("field", ["name", "note", "card_token", "command_id", "items"])
def test_text_that_is_not_utf_8(carla: Guest, field: str) -> None:
    order = json.dumps(wanted(**{field: "caf?"})).encode().replace(b"?", b"\xe9")
    response = carla.post("/api/orders/", order, content_type="application/json")
    assert response.status_code in (400, 422)
    assert response["Content-Type"] == "application/problem+json"


def test_a_body_that_is_too_large(carla: Guest) -> None:
    response = send(carla, wanted(note="z" * 70_000))
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_other_methods(carla: Guest) -> None:
    response = carla.get("/api/orders/")
    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"


def test_a_web_page_elsewhere_cannot_order_in_somebody_s_name(carla: Guest) -> None:
    carla.add()
    response = send(carla, wanted())
    event = facts_behind(response.json()["url"])[0].event
    assert isinstance(event, CoffeeOrdered)
    assert event.customer not in carla.cookies["guest"].value
    assert "guest" not in response.cookies


def test_while_the_log_is_away(closed_log: None) -> None:
    response = send(Guest(), wanted())
    assert response.status_code == 503
    assert response["Retry-After"]
    assert response.json()["code"] == "store_unavailable"
