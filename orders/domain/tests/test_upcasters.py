"""The article's three events, and events from the future."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.domain.upcasters import BrokenPayload, Payload, UnknownVersion, upcast

LUNCH = datetime(2019, 3, 7, 12, 30, tzinfo=UTC)
ORDER = {"order_number": "323", "type": "Iced Caffe Latte", "size": "regular", "price": 5.2}


def test_the_coffee_of_the_article_is_an_order_of_one_line() -> None:
    name, payload = upcast("coffee ordered", 0, dict(ORDER), occurred_at=LUNCH)

    assert name == "CoffeeOrdered"
    assert (payload["number"], payload["day"], payload["currency"]) == (323, "2019-03-07", "EUR")
    assert (payload["customer"], payload["name"], payload["note"]) == ("", "", "")
    assert payload["promised_seconds"] == 0  # nobody had promised anything
    assert payload["lines"] == [
        {
            "line": 1,
            "item": "iced-caffe-latte",
            "name": "Iced Caffe Latte",
            "size": "regular",
            "options": [],
            "quantity": 1,
            "unit_price": 520,
            "bar_name": "",
            "usual_size": False,
            "choices": [],
            "station": "bar",
        }
    ]


def test_the_payment_of_the_article_has_no_amount() -> None:
    paid = upcast("coffee order payed", 0, {"payment_method": "credit card"}, occurred_at=LUNCH)

    assert paid == (
        "OrderPaid",
        {"payment": "", "amount": None, "tender": "card", "given": 0, "change": 0},
    )


def test_the_coffee_of_the_article_waits_at_its_desk() -> None:
    prepared = upcast("coffee prepared", 0, {"serving-desk": 3}, occurred_at=LUNCH)

    assert prepared == ("CoffeePrepared", {"desk": 3, "at_closing": False})


@pytest.mark.parametrize(
    ("price", "cents"),
    [
        (5.2, 520),
        ("5.20", 520),
        (Decimal("5.2"), 520),
        (4, 400),
        (0.1, 10),
        (1.1, 110),
        (2.675, 268),
    ],
)
def test_prices_become_exact_cents(price: object, cents: int) -> None:
    _, payload = upcast("coffee ordered", 0, {**ORDER, "price": price}, occurred_at=LUNCH)

    assert payload["lines"][0]["unit_price"] == cents


def test_names_become_slugs() -> None:
    _, payload = upcast(
        "coffee ordered", 0, {**ORDER, "type": " Caffè Crème 2! "}, occurred_at=LUNCH
    )

    assert payload["lines"][0]["item"] == "caffe-creme-2"


def test_what_was_written_is_not_touched() -> None:
    written = dict(ORDER)

    upcast("coffee ordered", 0, written, occurred_at=LUNCH)

    assert written == ORDER


def test_an_event_of_today_is_read_as_it_is() -> None:
    assert upcast("LinePrepared", 1, {"line": 3}, occurred_at=LUNCH) == (
        "LinePrepared",
        {"line": 3},
    )


def test_a_type_that_nobody_knows_is_left_alone() -> None:
    assert upcast("TipGiven", 7, {"amount": 50}, occurred_at=LUNCH) == ("TipGiven", {"amount": 50})


@pytest.mark.parametrize("schema", [0, 3, 99])
def test_a_version_without_a_way_to_today_is_refused(schema: int) -> None:
    with pytest.raises(UnknownVersion, match="CoffeePrepared"):
        upcast("CoffeePrepared", schema, {"desk": 3}, occurred_at=LUNCH)


@pytest.mark.parametrize(
    ("type_name", "payload"),
    [
        ("coffee ordered", {"order_number": "323"}),
        ("coffee ordered", {**ORDER, "price": "much"}),
        ("coffee ordered", {**ORDER, "order_number": None}),
        ("coffee order payed", {"payment_method": "shells"}),
        ("coffee prepared", {}),
    ],
)
def test_an_old_event_that_lacks_its_fields_is_broken(type_name: str, payload: Payload) -> None:
    with pytest.raises(BrokenPayload, match=type_name):
        upcast(type_name, 0, payload, occurred_at=LUNCH)
