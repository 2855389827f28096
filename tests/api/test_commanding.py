"""What programs have done: once for each key, refused with a code, never forged."""

from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from orders.domain.events import PreparationStarted
from orders.domain.streams import order_stream
from orders.event_codec import decode
from orders.event_store import event_store
from staff.roles import BARISTA, CASHIER, MANAGER
from tests.api.conftest import Program

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


def facts_of(order: dict[str, Any]) -> list[Any]:
    stored = event_store().read_stream(order_stream(UUID(order["order"])))
    return [fact for event in stored if (fact := decode(event)) is not None]


def bar(program: Program, order: dict[str, Any], button: str, body: Any = None, **more: Any) -> Any:
    return program.ask(f"/api/bar/{order['order']}/{button}/", body or {}, **more)


# --- once ----------------------------------------------------------------------------------------


def test_a_key_that_is_a_uuid_is_the_id_of_the_command(ada: Program) -> None:
    order, key = ada.ordered(), str(uuid4())
    bar(ada, order, "take", key=key)
    assert str(facts_of(order)[-1].command_id) == key


def test_the_same_key_again_does_nothing(ada: Program) -> None:
    order = ada.ordered()
    hold = {"reason": "waits for a friend", "minutes": 5}
    first = bar(ada, order, "hold", hold, key="17")
    bar(ada, order, "resume", key="18")
    again = bar(ada, order, "hold", hold, key="17")
    assert (first.json()["replayed"], again.json()["replayed"]) == (False, True)
    assert again["Idempotent-Replayed"] == "true"
    assert len(facts_of(order)) == 3
    other = bar(ada, order, "hold", {"reason": "something else"}, key="17")
    assert (other.status_code, other.json()["code"]) == (409, "command_id_reused")


def test_two_programs_and_two_orders_may_use_the_same_key(ada: Program) -> None:
    first, second = ada.ordered(), ada.ordered()
    other = Program(BARISTA)
    ids = set()
    for program, order in ((ada, first), (ada, second), (other, second)):
        bar(program, order, "take" if program is ada else "take-over", key="1")
        ids.add(facts_of(order)[-1].command_id)
    assert len(ids) == 3


def test_without_a_key_each_request_is_a_wish_of_its_own(ada: Program) -> None:
    assert ada.ordered()["order"] != ada.ordered()["order"]


def test_an_order_with_a_key_is_placed_once(open_shop: None) -> None:
    stranger, key = Program(), str(uuid4())
    body = {"items": [{"item": "espresso"}], "name": "Helen"}
    first = stranger.ask("/api/orders/", body, key=key)
    again = Program().ask("/api/orders/", body, key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["order"] == again.json()["order"]


@pytest.mark.parametrize("key", ["1", " ", "x" * 201])
def test_strangers_cannot_share_a_key_by_accident(open_shop: None, key: str) -> None:
    response = Program().ask("/api/orders/", {"items": [{"item": "espresso"}]}, key=key)
    assert (response.status_code, response.json()["code"]) == (422, "bad_input")


def test_a_stranger_cannot_work_out_the_id_behind_a_program_s_key(ada: Program) -> None:
    body = {"items": [{"item": "espresso"}], "name": "Helen"}
    key = UUID(int=0)
    first = ada.ask("/api/orders/", body, key="order-1").json()
    caller = User.objects.get(first_name="Ada's program").pk
    for namespace in (key, UUID("0d0b9e0e-1c55-5a1c-9c55-3a3f0c1f7a52")):
        guessed = uuid5(namespace, f"{caller} /api/orders/ order-1")
        stranger = Program().ask("/api/orders/", body, key=str(guessed))
        assert stranger.status_code == 201, "they were handed the program's order"
        assert stranger.json()["follow"] != first["follow"]


# --- who did it ----------------------------------------------------------------------------------


def test_what_a_program_does_is_noted_under_its_name(open_shop: None) -> None:
    display = Program(BARISTA, name="Kitchen display")
    order = display.ordered()
    bar(display, order, "take")
    event, actor = facts_of(order)[-1].event, facts_of(order)[-1].actor
    assert isinstance(event, PreparationStarted)
    assert event.barista == actor
    assert User.objects.get(pk=actor.removeprefix("staff-")).first_name == "Kitchen display"
    refused = bar(Program(BARISTA), order, "take")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_taken")
    assert refused.json()["detail"] == "Kitchen display has this order."


def test_a_program_has_the_permissions_of_its_roles(open_shop: None) -> None:
    order = Program().ordered()
    refused = Program(CASHIER).ask(f"/api/bar/{order['order']}/take/", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    stranger = Program().ask(f"/api/bar/{order['order']}/take/", {})
    assert (stranger.status_code, stranger.json()["code"]) == (401, "login_required")
    assert len(facts_of(order)) == 1


def test_paying_in_cash_may_hand_over_in_the_same_request(ada: Program) -> None:
    order = ada.ordered()
    bar(ada, order, "take")
    bar(ada, order, "ready")
    paid = {"given": 2055, "hand_over": True}
    assert ada.ask(f"/api/till/{order['order']}/cash/", paid).status_code == 200
    types = [fact.type_name for fact in facts_of(order)]
    assert types[-2:] == ["OrderPaid", "OrderServed"]
    assert facts_of(order)[-2].event.given == 2055


# --- forgeries -----------------------------------------------------------------------------------


def of_a_session(role: str) -> Client:
    user = User.objects.create_user(role)
    user.groups.set([Group.objects.get(name=role)])
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def test_a_session_needs_the_token_of_its_forms(ada: Program) -> None:
    order = ada.ordered()
    client = of_a_session(BARISTA)
    path = f"/api/bar/{order['order']}/take/"
    forged: Any = client.post(path, "{}", content_type="application/json")
    assert (forged.status_code, len(facts_of(order))) == (403, 1)
    client.cookies["csrf"] = "c" * 32
    own: Any = client.post(
        path, "{}", content_type="application/json", headers={"x-csrftoken": "c" * 32}
    )
    assert own.status_code == 200, own.content


def test_a_form_elsewhere_cannot_use_a_link_that_it_knows(open_shop: None) -> None:
    order = Program().ordered()
    forged = of_a_session(MANAGER).post(f"{order['follow']}cancel/", {"reason": "x"})
    assert forged.status_code == 415
    assert len(facts_of(order)) == 1


# --- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "body"),
    [
        ("take", {"barista": "staff-1"}),
        ("take", {"take_over": "yes"}),
        ("tick", {}),
        ("tick", {"line": 0}),
        ("tick", {"line": "1"}),
        ("hold", {"minutes": 5}),
        ("hold", {"reason": "", "minutes": 5}),
        ("hold", {"reason": "x" * 201}),
        ("hold", {"reason": "x", "minutes": -1}),
        ("rush", {"reason": "my friend"}),
        ("station-ready", {"station": "moon"}),
        ("bring-back", {"reason": "spilled", "lines": [1.5]}),
    ],
)
def test_what_makes_no_sense_is_refused(ada: Program, button: str, body: dict[str, Any]) -> None:
    order = ada.ordered()
    response = bar(ada, order, button, body)
    assert (response.status_code, response.json()["code"]) == (422, "bad_input")
    assert response["Content-Type"] == "application/problem+json"
    assert len(facts_of(order)) == 1


@pytest.mark.parametrize("order", ["x", "0" * 31])
def test_what_is_no_order_is_not_there(ada: Program, order: str) -> None:
    assert ada.ask(f"/api/bar/{order}/take/", {}).status_code == 404


def test_a_rule_of_the_shop_has_its_own_code(ada: Program) -> None:
    order = ada.ordered()
    for button, code in (("till/{}/serve", "not_ready"), ("bar/{}/release", "not_taken")):
        response = ada.ask(f"/api/{button.format(order['order'])}/", {})
        assert (response.status_code, response.json().get("code")) == (409, code)


def test_lines_are_brought_back_one_by_one(ada: Program) -> None:
    order = ada.ordered(items=[{"item": "espresso"}, {"item": "cappuccino"}])
    bar(ada, order, "take")
    bar(ada, order, "ready")
    assert all(line["ticked"] for line in ada.ask(order["follow"]).json()["lines"])
    again = {"reason": "spilled", "by_line": True, "lines": [2]}
    assert bar(ada, order, "bring-back", again).status_code == 200
    lines = ada.ask(order["follow"]).json()["lines"]
    assert [(line["line"], line["ticked"]) for line in lines] == [(1, True), (2, False)]


# --- changing an order ---------------------------------------------------------------------------


def changed(program: Program, order: dict[str, Any], **fields: Any) -> Any:
    body = {"items": [{"item": "cappuccino"}], "replaces": 0, **fields}
    return program.ask(f"{order['follow']}change/", body)


def test_an_order_is_changed_by_its_link(open_shop: None) -> None:
    stranger = Program()
    order = stranger.ordered()
    assert changed(stranger, order, note="no sugar").status_code == 200
    seen = stranger.ask(order["follow"]).json()
    assert [line["item"] for line in seen["lines"]] == ["cappuccino"]
    assert (seen["note"], seen["amendments"]) == ("no sugar", 1)


def test_nobody_changes_unseen_what_somebody_else_changed(open_shop: None) -> None:
    stranger = Program()
    order = stranger.ordered()
    changed(stranger, order)
    response = changed(stranger, order, items=[{"item": "espresso", "quantity": 2}])
    assert response.status_code == 409


def test_a_change_is_refused_as_an_order_would_be(open_shop: None) -> None:
    stranger = Program()
    order = stranger.ordered()
    for items in ([], [{"item": "unicorn"}], [{"item": "espresso", "price": 1}]):
        assert changed(stranger, order, items=items).status_code == 422
    assert len(facts_of(order)) == 1


def test_what_is_sold_out_comes_back(ada: Program) -> None:
    path = "/api/sold-out/item/espresso/"
    assert ada.ask(path, {"sold_out": "hour"}).status_code == 200
    refused = ada.ask("/api/orders/", {"items": [{"item": "espresso"}]})
    assert refused.json()["detail"] == "Espresso is sold out."
    assert ada.ask(path, {"sold_out": "no"}).status_code == 200
    ada.ordered()
    assert ada.ask("/api/sold-out/planet/espresso/", {"sold_out": "no"}).status_code == 404
    assert ada.ask("/api/sold-out/item/unicorn/", {"sold_out": "no"}).status_code == 422
