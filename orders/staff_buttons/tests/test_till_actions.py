"""The till's buttons: money in, money back, hand over; and in which words they refuse."""

from uuid import UUID, uuid4

import pytest
from django.test import Client

from orders.domain.events import OrderPaid
from orders.domain.refused import BadInput
from orders.domain.streams import order_stream
from orders.event_codec import decode
from orders.event_store import event_store
from orders.staff_buttons.buttons import TILL, cents_of
from orders.tests.crew import Crew, an_order, event_types_of
from orders.tests.guest import BOTH

pytestmark = [
    pytest.mark.django_db(databases=BOTH),
    pytest.mark.usefixtures("open_shop"),
]


@pytest.fixture
def casey() -> Crew:
    """A cashier."""
    return Crew("Casey", "cashier")


def made_ready(order: UUID) -> None:
    bao = Crew("Bao", "barista")
    bao.press(f"/bar/{order.hex}/take/")
    bao.press(f"/bar/{order.hex}/ready/")


def payment_of(order: UUID) -> OrderPaid:
    facts = [decode(stored) for stored in event_store().read_stream(order_stream(order))]
    return next(f.event for f in facts if f is not None and isinstance(f.event, OrderPaid))


@pytest.mark.parametrize(
    ("text", "cents"), [("5", 500), ("5.2", 520), ("5,20", 520), (" 12.05 ", 1205), ("0", 0)]
)
def test_money_is_read_as_people_write_it(text: str, cents: int) -> None:
    assert cents_of(text) == cents


@pytest.mark.parametrize("text", ["", "five", "-5", "5.123", "1e3", "5.", "٥", "9999999"])
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        cents_of(text)


def test_cash_with_change(casey: Crew) -> None:
    order = an_order(2)
    response = casey.press(f"/till/{order.hex}/cash/", given="10.00")
    assert response.status_code == 200
    assert response.json()["url"] == f"/till/?order={order.hex}"
    paid = payment_of(order)
    assert (paid.amount, paid.given, paid.change, paid.tender) == (800, 1000, 200, "cash")


def test_too_little_cash_says_how_much_is_missing(casey: Crew) -> None:
    order = an_order()
    refused = casey.press(f"/till/{order.hex}/cash/", given="3.00")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_enough_cash")
    assert "€1.00" in refused.json()["detail"]
    assert event_types_of(order) == []


def test_the_same_tap_twice_takes_the_money_once(casey: Crew) -> None:
    order, tap = an_order(), uuid4()
    casey.press(f"/till/{order.hex}/cash/", command_id=tap, given="5")
    again = casey.press(f"/till/{order.hex}/cash/", command_id=tap, given="5")
    assert again.json()["replayed"] is True
    assert event_types_of(order) == ["OrderPaid"]


def test_another_tap_reads_that_it_is_paid_already(casey: Crew) -> None:
    order = an_order()
    casey.press(f"/till/{order.hex}/card-by-hand/")
    refused = casey.press(f"/till/{order.hex}/cash/", given="5")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_paid")


@pytest.mark.parametrize("action", ["cash", "card-by-hand"])
def test_paid_and_handed_over_is_one_press(casey: Crew, action: str) -> None:
    order, tap = an_order(), uuid4()
    made_ready(order)
    fields = {"given": "5", "hand_over": "1"}
    for _ in range(2):
        response = casey.press(f"/till/{order.hex}/{action}/", command_id=tap, **fields)
        assert response.status_code == 200
    assert event_types_of(order)[-2:] == ["OrderPaid", "OrderServed"]


def test_what_is_not_ready_is_paid_and_not_handed_over(casey: Crew) -> None:
    order = an_order()
    response = casey.press(f"/till/{order.hex}/cash/", given="5", hand_over="1")
    assert response.status_code == 200
    assert event_types_of(order) == ["OrderPaid"]


def test_a_card_is_only_started_here(casey: Crew) -> None:
    order = an_order()
    response = casey.press(f"/till/{order.hex}/card/", card_token="demo-approve")
    assert response.status_code == 200
    assert event_types_of(order) == ["PaymentStarted"]
    second = casey.press(f"/till/{order.hex}/card/", card_token="demo-approve")
    assert second.json()["code"] == "payment_under_way"


def test_an_unpaid_order_is_not_handed_over(casey: Crew) -> None:
    order = an_order()
    made_ready(order)
    refused = casey.press(f"/till/{order.hex}/serve/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_paid")
    casey.press(f"/till/{order.hex}/cash/", given="4")
    assert casey.press(f"/till/{order.hex}/serve/").status_code == 200


def test_a_cancelled_paid_order_gets_its_cash_back(casey: Crew) -> None:
    order = an_order()
    casey.press(f"/till/{order.hex}/cash/", given="4")
    assert casey.press(f"/till/{order.hex}/cancel/", reason="no milk").status_code == 200
    assert casey.press(f"/till/{order.hex}/refund/", reason="no milk").json()["code"] == (
        "not_paid_by_card"
    )
    assert casey.press(f"/till/{order.hex}/give-back/").status_code == 200
    assert event_types_of(order) == ["OrderPaid", "OrderCancelled", "PaymentRefunded"]


@pytest.mark.parametrize("action", ["cancel", "write-off"])
def test_the_shop_has_to_say_why(casey: Crew, action: str) -> None:
    order = an_order()
    for reason in ("", "   ", "x" * 201):
        assert casey.press(f"/till/{order.hex}/{action}/", reason=reason).status_code == 422
    assert casey.press(f"/till/{order.hex}/{action}/", reason="walked away").status_code == 200


def test_nobody_came(casey: Crew) -> None:
    order = an_order()
    assert casey.press(f"/till/{order.hex}/not-collected/").json()["code"] == "not_ready"
    made_ready(order)
    assert casey.press(f"/till/{order.hex}/not-collected/").status_code == 200


def test_without_script_a_press_leads_back_to_the_order(casey: Crew) -> None:
    order = an_order()
    form = {"command_id": str(uuid4()), "given": "4.00"}
    response = casey.post(f"/till/{order.hex}/cash/", form)
    assert response.status_code == 303
    assert response["Location"].startswith(f"/till/?order={order.hex}&after=")


@pytest.mark.parametrize("action", TILL)
def test_only_post_presses_a_button(casey: Crew, action: str) -> None:
    assert casey.get(f"/till/{an_order().hex}/{action}/").status_code == 405


@pytest.mark.parametrize("action", TILL)
def test_a_barista_presses_nothing_at_the_till(action: str) -> None:
    order = an_order()
    response = Crew("Bao", "barista").press(f"/till/{order.hex}/{action}/", given="5", reason="x")
    assert response.status_code == 403
    assert event_types_of(order) == []


@pytest.mark.parametrize("action", TILL)
def test_strangers_are_asked_to_log_in(action: str) -> None:
    path, stranger = f"/till/{an_order().hex}/{action}/", Client()
    assert stranger.post(path, {}).status_code == 302
    assert stranger.post(path, {}, headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("path", ["/till/no-order/cash/", f"/till/{'0' * 32}/tip/"])
def test_what_does_not_exist_is_not_found(casey: Crew, path: str) -> None:
    assert casey.press(path, given="5").status_code == 404


def test_an_order_is_taken_at_the_counter(casey: Crew) -> None:
    page = casey.get("/till/new/").content.decode()
    assert 'action="/till/new/add/"' in page
    casey.post("/till/new/add/", {"item": "espresso", "add_id": str(uuid4())})
    form = {"command_id": str(uuid4()), "name": "Pia", "note": ""}
    response = casey.post("/till/new/order/", form)
    assert response.status_code == 303
    order = UUID(hex=response["Location"].partition("order=")[2][:32])
    ordered = decode(event_store().read_stream(order_stream(order))[0])
    assert ordered is not None
    assert ordered.actor == casey.actor
    assert "The … beside it" in casey.get("/till/new/").content.decode()


def test_the_same_order_form_twice_is_one_order(casey: Crew) -> None:
    casey.post("/till/new/add/", {"item": "espresso", "add_id": str(uuid4())})
    cookies = casey.cookies.output()
    form = {"command_id": str(uuid4()), "name": "Pia"}
    first = casey.post("/till/new/order/", form)["Location"]
    casey.cookies.load(cookies.replace("Set-Cookie: ", ""))
    second = casey.post("/till/new/order/", form)["Location"]
    assert first.partition("&")[0] == second.partition("&")[0]


def test_the_order_form_sent_again_finds_its_order_though_the_basket_is_gone(casey: Crew) -> None:
    casey.post("/till/new/add/", {"item": "espresso", "add_id": str(uuid4())})
    form = {"command_id": str(uuid4()), "name": "Pia"}
    json = {"Accept": "application/json"}
    first = casey.post("/till/new/order/", form, headers=json)
    again = casey.post("/till/new/order/", form, headers=json)
    other = casey.post("/till/new/order/", {**form, "name": "Mia"}, headers=json)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json()["number"] == first.json()["number"]


def test_an_empty_basket_is_no_order(casey: Crew) -> None:
    response = casey.post("/till/new/order/", {"command_id": str(uuid4()), "name": "Pia"})
    assert response.status_code == 422
    assert "The basket is empty." in response.content.decode()
    as_program = casey.press("/till/new/order/", name="Pia")
    assert as_program.status_code == 422
    assert as_program["Content-Type"] == "application/problem+json"


def test_a_line_leaves_the_counters_basket(casey: Crew) -> None:
    casey.post("/till/new/add/", {"item": "espresso", "add_id": str(uuid4())})
    assert "Take out Espresso" in casey.get("/till/new/").content.decode()
    assert casey.post("/till/new/line/1/", {"quantity": "many"}).status_code == 422
    casey.post("/till/new/line/1/", {"quantity": "0"})
    assert "Take out Espresso" not in casey.get("/till/new/").content.decode()


def test_the_counter_is_for_those_who_may_order_there() -> None:
    bao = Crew("Bao", "barista")
    assert bao.get("/till/new/").status_code == 403
    assert bao.post("/till/new/add/", {"item": "espresso"}).status_code == 403
    assert Client().get("/till/new/").status_code == 302
    assert Client().get("/till/new/item/espresso/").status_code == 302


def test_an_item_of_the_counter_has_its_choices(casey: Crew) -> None:
    assert "Size" in casey.get("/till/new/item/caffe-latte/").content.decode()
    assert casey.get("/till/new/item/unicorn-latte/").status_code == 404


def test_a_key_says_what_the_item_costs_as_it_usually_comes(casey: Crew) -> None:
    page = casey.get("/till/new/").content.decode()
    casey.post("/till/new/add/", {"item": "caffe-latte", "add_id": str(uuid4())})
    with_latte = casey.get("/till/new/").content.decode()
    total = with_latte.partition("Order · ")[2].partition("</button>")[0]
    assert f"Caffè Latte <small>{total}</small>" in page
